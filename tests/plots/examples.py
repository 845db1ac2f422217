"""One example of each figure, and how tests look into it."""

import base64
import io
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pandas as pd
from PIL import Image

from course_utils import EMOTIONS, plots

GREY = np.random.default_rng(0).integers(0, 256, (12, 48, 48), dtype=np.uint8)
LABELS = np.array([0, 0, 0, 2, 3, 3, 3, 3, 4, 5, 6, 6])
SURE = np.array([0.02, 0.02, 0.02, 0.88, 0.02, 0.02, 0.02])


def image_tag(figure: plots.FigureWithText) -> dict[str, str]:
    """Return the attributes of the figure's HTML image, as a browser reads them."""
    found: list[dict[str, str]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append({"tag": tag, **dict(attributes)})
    parser.feed(figure._repr_mimebundle_()["text/html"])
    assert len(found) == 1
    return found[0]


def decode(figure: plots.FigureWithText) -> Image.Image:
    header, content = image_tag(figure)["src"].split(",")
    assert header in ("data:image/png;base64", "data:image/jpeg;base64")
    return Image.open(io.BytesIO(base64.b64decode(content)))


def panels(figure: plots.FigureWithText) -> list:
    return [axes for axes in figure.figure.axes if axes.get_visible()]


def bar_widths(axes) -> list[float]:
    return [bar.get_width() for bar in sorted(axes.patches, key=lambda bar: bar.get_y())]


def score_table() -> pd.DataFrame:
    scores = np.linspace(0.3, 0.9, 7)
    columns = {}
    for name, values in {"precision": scores, "recall": scores[::-1], "f1": scores}.items():
        columns[name] = values
        columns[f"{name}_low"], columns[f"{name}_high"] = values - 0.1, values + 0.1
    return pd.DataFrame({**columns, "support": 10}, index=list(EMOTIONS))


def published() -> pd.DataFrame:
    columns = ["parameters", "accuracy", "low", "high", "measured_on", "chosen_on"]
    rows = {
        "chance": (0, 1 / 7, np.nan, np.nan, "test", "nothing"),
        "small": (60_000, 0.66, 0.64, 0.68, "test", "validation"),
        "peeked": (70_000, 0.68, 0.66, 0.70, "test", "test"),
        "silent": (80_000, 0.67, np.nan, np.nan, "test", "not found"),
        "unsized": (pd.NA, 0.71, 0.69, 0.73, "test", "test"),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.astype({"parameters": "Int64"})


POINTS = np.random.default_rng(3).normal(size=(12, 2))
VOTES = pd.DataFrame(0, index=[5, 9], columns=[*EMOTIONS, "unknown"])
VOTES.loc[5, ["happy", "sad"]] = [7, 3]
VOTES.loc[9, ["angry", "unknown"]] = [4, 6]
ACCURACIES = pd.DataFrame(
    {"accuracy": [0.9, 0.2], "low": [0.85, 0.15], "high": [0.95, 0.25]}, index=["wrong", "right"]
)
FACE = SimpleNamespace(box=(4, 20, 16, 18), probabilities=SURE, emotion="happy")
UNSURE = SimpleNamespace(box=(30, 2, 10, 12), probabilities=np.full(7, 1 / 7), emotion=None)
FRAME = np.random.default_rng(1).integers(0, 256, (60, 80, 3), dtype=np.uint8)

RANKED = np.random.default_rng(2).dirichlet(np.ones(7), 12)
SEEN = pd.DataFrame({"seconds": np.arange(20) / 10, "track_id": 1, "emotion": "happy"})
SEEN.loc[5:9, "emotion"] = ""
SEEN = pd.concat([SEEN, SEEN[10:15].assign(track_id=4, emotion="sad")])
SEEN[list(EMOTIONS)] = SURE
MAPS = np.zeros((2, 48, 48), np.float32)
MAPS[0, 10, 20], MAPS[1, 30, 5] = 1, 2
PLACES = np.zeros((2, 48, 48), bool)
PLACES[:, 8:14, 15:25] = True
POINTING = pd.DataFrame(
    [[0.1, np.nan, np.nan, np.nan], [0.8, 0.7, 0.88, 0.2]],
    index=["random pixel", "a method"],
    columns=["hits", "low", "high", "untrained"],
)

WORSE = pd.DataFrame(
    {"accuracy": [0.8, 0.4, 0.7, 0.6], "low": [0.7, 0.3, 0.6, 0.5], "high": [0.9, 0.5, 0.8, 0.7]},
    index=pd.MultiIndex.from_product([["blur", "noise"], [1, 3]], names=["corruption", "severity"]),
)
LEVELS = pd.DataFrame(
    {"accuracy": [0.9, 0.6, 0.8], "low": [0.85, 0.5, 0.7], "high": [0.95, 0.7, 0.9]},
    index=pd.MultiIndex.from_tuples(
        [("glasses", "none"), ("glasses", "worn"), ("hand", "none")], names=["factor", "level"]
    ),
)
GAPS = pd.DataFrame(
    {"light": [0.6, 0.5], "dark": [0.2, 0.45], "gap": [0.4, 0.05], "low": [0.35, -0.01]},
    index=["skewed", "repaired"],
).assign(high=[0.45, 0.1])
TRADE = pd.DataFrame(
    {"risk": [0.1, 0.2, 0.3, 0.4], "low": [0.05, 0.15, 0.25, 0.35], "high": [0.2, 0.3, 0.4, 0.5]},
    index=pd.Index([0.25, 0.5, 0.75, 1.0], name="coverage"),
)

FIGURES = {
    "show_faces": lambda: plots.show_faces(GREY, [EMOTIONS[label] for label in LABELS]),
    "faces_by_class": lambda: plots.faces_by_class(np.stack([GREY[:, ::8, ::8]] * 7)),
    "embedding": lambda: plots.embedding(POINTS, LABELS),
    "votes": lambda: plots.votes(GREY[:2], VOTES, np.array([3, 0])),
    "accuracies": lambda: plots.accuracies(ACCURACIES),
    "per_class": lambda: plots.per_class(score_table()),
    "probabilities": lambda: plots.probabilities(np.vstack([SURE, SURE])),
    "detections": lambda: plots.detections(FRAME, [FACE, UNSURE]),
    "emotion_timeline": lambda: plots.emotion_timeline(SEEN),
    "feature_maps": lambda: plots.feature_maps(np.random.default_rng(0).random((6, 6, 10))),
    "receptive_field": lambda: plots.receptive_field(GREY[0], (3, 4, 7, 7)),
    "heat_maps": lambda: plots.heat_maps(GREY[:2], {"one": MAPS, "two": MAPS}, ["a", "b"], PLACES),
    "pointing_game": lambda: plots.pointing_game(POINTING),
    "corruption_curves": lambda: plots.corruption_curves(WORSE, 0.85),
    "factor_levels": lambda: plots.factor_levels(LEVELS),
    "gaps": lambda: plots.gaps(GAPS),
    "risk_coverage": lambda: plots.risk_coverage(TRADE),
    "accuracy_against_parameters": lambda: plots.accuracy_against_parameters(published()),
}
