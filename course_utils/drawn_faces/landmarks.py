"""The landmarks of a face, and how far each parameter moves them.

After CANDIDE-3 (Ahlberg, 2001, "CANDIDE-3: an updated parameterised face", Linköping University):
a resting face, and for each parameter the distance by which it moves each landmark. A face's points
are then a weighted sum, and thousands of faces are one matrix product.

Lengths are in half pictures: x runs from -1 (left edge) to 1, y from -1 (top) to 1, z towards the
viewer. `LANDMARKS` lists the half face with positive x; the other half mirrors it.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

LANDMARKS = {
    "brow_inner": (0.12, -0.37),
    "brow_arch": (0.31, -0.45),
    "brow_outer": (0.51, -0.37),
    "eye_inner": (0.16, -0.17),
    "eye_upper": (0.31, -0.255),
    "eye_outer": (0.46, -0.185),
    "eye_lower": (0.31, -0.105),
    "pupil": (0.31, -0.185),
    "nose_root": (0.07, -0.20),
    "nose_side": (0.075, 0.06),
    "nostril": (0.125, 0.20),
    "nose_base": (0.0, 0.235),
    "fold_top": (0.19, 0.17),
    "fold_middle": (0.30, 0.30),
    "fold_end": (0.37, 0.47),
    "cheek": (0.42, 0.16),
    "mouth_corner": (0.27, 0.49),
    "upper_lip_peak": (0.06, 0.415),
    "upper_lip_edge": (0.0, 0.485),
    "lower_lip_edge": (0.0, 0.485),
    "lower_lip_base": (0.0, 0.585),
    "chin": (0.0, 0.92),
    "jaw": (0.34, 0.82),
    "jaw_angle": (0.60, 0.45),
    "cheekbone": (0.70, 0.02),
    "temple": (0.69, -0.35),
    "crown_side": (0.48, -0.86),
    "crown": (0.0, -1.02),
}

# What each parameter moves, and how far (right, down) when it is one above its resting value.
MOVES: dict[str, dict[str, tuple[float, float]]] = {
    "AU1": {"brow_inner": (0, -0.19), "brow_arch": (0, -0.06), "brow_outer": (0, 0.02)},
    "AU2": {"brow_outer": (0, -0.10), "brow_arch": (0, -0.12), "brow_inner": (0, -0.02)},
    "AU4": {
        "brow_inner": (-0.045, 0.14),
        "brow_arch": (-0.02, 0.09),
        "brow_outer": (0, 0.01),
        "eye_upper": (0, 0.005),
    },
    "AU5": {"eye_upper": (0, -0.10), "eye_lower": (0, 0.02)},
    "AU6": {
        "eye_lower": (0, -0.035),
        "cheek": (0, -0.07),
        "eye_outer": (0, 0.01),
        "brow_outer": (0, 0.015),
    },
    "AU7": {"eye_upper": (0, 0.025), "eye_lower": (0, -0.045)},
    "AU9": {
        "nostril": (0.03, -0.065),
        "nose_base": (0, -0.05),
        "nose_side": (0.02, -0.04),
        "upper_lip_peak": (0.03, -0.07),
        "upper_lip_edge": (0, -0.055),
        "brow_inner": (-0.02, 0.07),
        "brow_arch": (0, 0.04),
        "eye_lower": (0, -0.03),
        "eye_upper": (0, 0.02),
        "fold_top": (0.01, -0.06),
        "fold_middle": (0.02, -0.04),
        "cheek": (0, -0.04),
    },
    "AU12": {
        "mouth_corner": (0.13, -0.14),
        "upper_lip_peak": (0.01, 0.02),
        "lower_lip_base": (0, 0.01),
        "lower_lip_edge": (0, 0.02),
        "upper_lip_edge": (0, 0.02),
        "fold_middle": (0.05, -0.02),
        "fold_end": (0.10, -0.05),
        "cheek": (0.02, -0.05),
    },
    "AU15": {
        "mouth_corner": (0.02, 0.15),
        "fold_end": (0.0, 0.08),
        "lower_lip_base": (0, 0.01),
    },
    "AU17": {
        "lower_lip_edge": (0, -0.045),
        "lower_lip_base": (0, -0.055),
        "upper_lip_edge": (0, -0.045),
        "upper_lip_peak": (0, -0.03),
        "mouth_corner": (-0.01, 0.02),
        "chin": (0, -0.03),
    },
    "AU20": {
        "mouth_corner": (0.15, 0.06),
        "fold_end": (0.08, 0.03),
        "upper_lip_peak": (0.03, 0.02),
        "lower_lip_base": (0, -0.01),
    },
    "AU23": {
        "mouth_corner": (-0.10, 0),
        "upper_lip_peak": (-0.01, 0.045),
        "lower_lip_base": (0, -0.055),
    },
    "AU25": {
        "upper_lip_edge": (0, -0.02),
        "upper_lip_peak": (0, -0.02),
        "lower_lip_edge": (0, 0.07),
        "lower_lip_base": (0, 0.055),
    },
    "AU26": {
        "mouth_corner": (-0.06, 0.06),
        "lower_lip_edge": (0, 0.23),
        "lower_lip_base": (0, 0.22),
        "chin": (0, 0.10),
        "jaw": (0, 0.07),
        "fold_end": (-0.02, 0.05),
    },
    "eye_distance": dict.fromkeys(
        [name for name in LANDMARKS if name.startswith(("brow", "eye", "pupil"))], (1, 0)
    ),
    "eye_size": {
        "eye_inner": (-0.12, 0),
        "eye_outer": (0.12, 0),
        "eye_upper": (0, -0.07),
        "eye_lower": (0, 0.07),
    },
    "brow_height": dict.fromkeys(("brow_inner", "brow_arch", "brow_outer"), (0, -1)),
    "nose_length": dict.fromkeys(("nose_side", "nostril", "nose_base", "fold_top"), (0, 1)),
    "nose_width": {"nostril": (1, 0), "nose_side": (0.5, 0), "fold_top": (0.7, 0)},
    "mouth_width": {"mouth_corner": (1, 0), "fold_end": (0.8, 0)},
    "lip_thickness": {"upper_lip_peak": (0, -0.5), "lower_lip_base": (0, 0.6)},
    "jaw_width": {"jaw": (1, 0), "jaw_angle": (0.6, 0)},
}


def move_landmarks(
    parameters: Mapping[str, NDArray[np.floating]],
) -> dict[str, NDArray[np.floating]]:
    """Return each landmark of `n` faces, (n, 1, 2), before the head is turned."""
    names = list(LANDMARKS)
    effects = np.array(
        [[MOVES[parameter].get(name, (0, 0)) for name in names] for parameter in MOVES]
    )
    amounts = np.stack([parameters[parameter] for parameter in MOVES], axis=1)  # (n, parameters)
    points = np.array(list(LANDMARKS.values())) + np.tensordot(amounts, effects, axes=1)
    marks = {name: points[:, [i]] for i, name in enumerate(names)}
    for upper, lower, gap in (
        ("eye_upper", "eye_lower", 0.035),
        ("upper_lip_peak", "upper_lip_edge", 0.02),
        ("upper_lip_edge", "lower_lip_edge", 0.0),
        ("lower_lip_edge", "lower_lip_base", 0.03),
    ):
        marks[lower][..., 1] = np.maximum(marks[lower][..., 1], marks[upper][..., 1] + gap)
    return marks
