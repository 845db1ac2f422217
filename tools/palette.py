"""Print how far apart the colours of the classes stay, also for colour-blind readers.

Usage: python tools/palette.py
"""

from collections.abc import Mapping
from itertools import combinations

import colour
import numpy as np

from course_utils import COLOURS

# Machado, Oliveira & Fernandes (2009), doi 10.1109/TVCG.2009.113: the matrix at full severity.
VISIONS = {
    "full colour vision": None,
    "protanopia": "Protanomaly",
    "deuteranopia": "Deuteranomaly",
    "tritanopia": "Tritanomaly",
}


def as_seen(colours: Mapping[str, str], vision: str) -> np.ndarray:
    """Return the colours as one kind of vision sees them, sRGB in 0 to 1, float (n, 3).

    Args:
        colours: by name, as "#RRGGBB".
        vision: one of `VISIONS`.
    """
    linear = colour.cctf_decoding(colour.notation.HEX_to_RGB(list(colours.values())))
    kind = VISIONS[vision]
    if kind is not None:
        linear = linear @ colour.matrix_cvd_Machado2009(kind, 1).T
    return np.asarray(colour.cctf_encoding(np.clip(linear, 0, 1)))


def distances(colours: Mapping[str, str], vision: str) -> dict[tuple[str, str], float]:
    """Return the CIEDE2000 distance of each pair of colours as one kind of vision sees them."""
    lab = colour.XYZ_to_Lab(colour.sRGB_to_XYZ(as_seen(colours, vision)))
    pairs = combinations(range(len(colours)), 2)
    names = list(colours)
    return {(names[i], names[j]): float(colour.delta_E(lab[i], lab[j])) for i, j in pairs}


def main() -> None:
    """Print the least distance for each kind of vision."""
    print("| vision | least distance | between |\n|---|---|---|")
    for vision in VISIONS:
        pair, least = min(distances(COLOURS, vision).items(), key=lambda item: item[1])
        print(f"| {vision} | {least:.1f} | {' and '.join(pair)} |")


if __name__ == "__main__":
    main()
