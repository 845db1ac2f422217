"""The seven classes: their order, colours and markers. Nothing else lists them."""

from types import MappingProxyType

EMOTIONS: tuple[str, ...] = (
    "angry",
    "disgust",
    "fear",
    "happy",
    "neutral",
    "sad",
    "surprise",
)

# Okabe & Ito (2008), "Color Universal Design": hues that stay apart for colour-blind readers. The
# grey is chosen with them: `tools/palette.py` prints the least distance between any two.
COLOURS = MappingProxyType(
    {
        "angry": "#D55E00",
        "disgust": "#009E73",
        "fear": "#CC79A7",
        "happy": "#E69F00",
        "neutral": "#5C5C5C",
        "sad": "#0072B2",
        "surprise": "#56B4E9",
    }
)

# The second cue beside colour, as matplotlib names its markers.
MARKERS = MappingProxyType(
    {
        "angry": "v",
        "disgust": "X",
        "fear": "D",
        "happy": "o",
        "neutral": "s",
        "sad": "P",
        "surprise": "^",
    }
)
