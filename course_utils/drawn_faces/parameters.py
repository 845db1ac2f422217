"""The parameters of a drawn face: what they mean, and how a data set sets them at random.

The expression is set by action units, the visible movements of single facial muscles (Ekman &
Friesen 1978, "Facial Action Coding System"). Which units make which expression is taken from EMFACS
(Friesen & Ekman 1983, "EMFACS-7", unpublished manual, University of California) and from Table 1 of
Du, Tao & Martinez 2014, "Compound facial expressions of emotion", PNAS 111(15), doi
10.1073/pnas.1322355111, which also gives the share of people who use a unit where it is not
everybody. Blends of two expressions follow the same paper.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from course_utils.drawn_faces.geometry import HAIR_STYLES
from course_utils.emotions import EMOTIONS


@dataclass(frozen=True)
class Parameter:
    """One number that a face is drawn from: its value at rest, its range, and what it does."""

    resting: float
    lowest: float
    highest: float
    meaning: str


PARAMETERS: Mapping[str, Parameter] = MappingProxyType(
    {
        "AU1": Parameter(0, 0, 1, "inner brow raiser"),
        "AU2": Parameter(0, 0, 1, "outer brow raiser"),
        "AU4": Parameter(0, 0, 1, "brow lowerer"),
        "AU5": Parameter(0, 0, 1, "upper lid raiser"),
        "AU6": Parameter(0, 0, 1, "cheek raiser"),
        "AU7": Parameter(0, 0, 1, "lid tightener"),
        "AU9": Parameter(0, 0, 1, "nose wrinkler"),
        "AU12": Parameter(0, 0, 1, "lip corner puller"),
        "AU15": Parameter(0, 0, 1, "lip corner depressor"),
        "AU17": Parameter(0, 0, 1, "chin raiser"),
        "AU20": Parameter(0, 0, 1, "lip stretcher"),
        "AU23": Parameter(0, 0, 1, "lip tightener"),
        "AU25": Parameter(0, 0, 1, "lips part"),
        "AU26": Parameter(0, 0, 1, "jaw drop"),
        "face_width": Parameter(0, -0.15, 0.15, "wider than average, as a share"),
        "face_length": Parameter(0, -0.12, 0.12, "longer than average, as a share"),
        "jaw_width": Parameter(0, -0.12, 0.12, "in half pictures, as the next six"),
        "eye_distance": Parameter(0, -0.04, 0.05, "from the middle of the face"),
        "brow_height": Parameter(0, -0.03, 0.05, "brows further up"),
        "nose_length": Parameter(0, -0.06, 0.06, "nose further down"),
        "nose_width": Parameter(0, -0.03, 0.05, "half the nose"),
        "mouth_width": Parameter(0, -0.07, 0.07, "half the mouth"),
        "lip_thickness": Parameter(0, -0.04, 0.06, "both lips"),
        "eye_size": Parameter(0, -0.4, 0.4, "larger than average, as a share"),
        "brow_thickness": Parameter(0.06, 0.03, 0.10, "in half pictures"),
        "iris_grey": Parameter(60, 25, 130, "grey level of the iris"),
        "skin_tone": Parameter(4, 1, 10, "Monk scale, 1 is the lightest"),
        "hair_style": Parameter(1, 0, len(HAIR_STYLES) - 1, ", ".join(HAIR_STYLES)),
        "hair_grey": Parameter(50, 15, 210, "grey level of hair, brows and beard"),
        "beard": Parameter(0, 0, 1, "0 is shaven, 1 is thick"),
        "age_lines": Parameter(0, 0, 1, "depth of the lines that stay at rest"),
        "glasses": Parameter(0, 0, 1, "0 or 1"),
        "roll": Parameter(0, -40, 40, "head tilted to its shoulder, degrees"),
        "yaw": Parameter(0, -30, 30, "head turned to the right of the picture, degrees"),
        "pitch": Parameter(0, -20, 20, "head bowed, degrees"),
        "zoom": Parameter(1, 0.7, 1.4, "size in the picture"),
        "shift_x": Parameter(0, -0.4, 0.4, "to the right, in half pictures"),
        "shift_y": Parameter(0, -0.4, 0.4, "down, in half pictures"),
        "background": Parameter(120, 0, 255, "grey level"),
        "light_direction": Parameter(-120, -180, 180, "0 from the right, -90 from above, degrees"),
        "light_strength": Parameter(0.5, 0, 1, "0 is even light, 1 is a single lamp"),
        "hand": Parameter(0, 0, 1, "how far a hand reaches over the face"),
        "hand_direction": Parameter(
            60, -180, 180, "where the hand comes from, 90 from below, degrees"
        ),
        "blur": Parameter(0, 0, 3, "in pixels of a 48-pixel picture"),
        "noise": Parameter(0, 0, 60, "standard deviation in grey levels"),
        "noise_seed": Parameter(0, 0, 2**31 - 1, "which noise"),
    }
)
ACTION_UNITS = tuple(name for name in PARAMETERS if name.startswith("AU"))
_WHOLE = ("skin_tone", "hair_style", "glasses", "noise_seed")

# The units of each expression, with how often each takes part: always (1) where EMFACS or Du et al.
# (2014) have it in the prototype, else the share of people whom Du et al. saw use it. Two choices
# are ours: the lip corners of disgust, in EMFACS alone, take part half of the time, and the raised
# lid of anger, in EMFACS alone too, is left out: in a small picture it hides the tightened one.
EXPRESSIONS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "angry": {"AU4": 1, "AU7": 1, "AU23": 1, "AU17": 0.52},
        "disgust": {"AU9": 1, "AU17": 1, "AU15": 0.5, "AU4": 0.31},
        "fear": {"AU1": 1, "AU4": 1, "AU5": 1, "AU20": 1, "AU25": 1, "AU2": 0.57, "AU26": 0.33},
        "happy": {"AU12": 1, "AU25": 1, "AU6": 0.51},
        "neutral": {},
        "sad": {"AU1": 1, "AU4": 1, "AU15": 1, "AU6": 0.5, "AU17": 0.67},
        "surprise": {"AU1": 1, "AU2": 1, "AU25": 1, "AU26": 1, "AU5": 0.66},
    }
)

# How `sample_expressions` draws at random. Ranges are uniform.
INTENSITIES = (0.35, 1.0)
STRENGTHS = (0.7, 1.0)  # of a unit that takes part, at full intensity
BLENDED = 0.3  # the share of faces that mix in a second expression
SHARES = (0.1, 0.5)  # of the second expression
RESTING_SIGMA = 0.04  # standard deviation: a resting face is never quite at rest

# Standard deviations of what varies around a resting face.
_SPREADS = {
    "face_width": 0.06,
    "face_length": 0.05,
    "jaw_width": 0.05,
    "eye_distance": 0.02,
    "brow_height": 0.02,
    "nose_length": 0.025,
    "nose_width": 0.015,
    "mouth_width": 0.03,
    "lip_thickness": 0.02,
    "eye_size": 0.18,
    "roll": 8.0,
    "yaw": 8.0,
    "pitch": 4.0,
    "shift_x": 0.08,
    "shift_y": 0.08,
}


def sample_expressions(drawn: NDArray[np.integer], rng: np.random.Generator) -> pd.DataFrame:
    """Return intensity, blend and action units for faces of the classes `drawn`, (n,)."""
    n = len(drawn)
    second = (drawn + rng.integers(1, len(EMOTIONS), n)) % len(EMOTIONS)
    share = (rng.random(n) < BLENDED) * rng.uniform(*SHARES, n)
    second[share == 0] = EMOTIONS.index("neutral")
    intensity = rng.uniform(*INTENSITIES, n)
    units = (1 - share)[:, None] * _sample_units(drawn, rng)
    units += share[:, None] * _sample_units(second, rng)
    units = intensity[:, None] * units + np.abs(rng.normal(0, RESTING_SIGMA, units.shape))
    table = pd.DataFrame(np.clip(units, 0, 1).round(3), columns=list(ACTION_UNITS))
    return table.assign(
        intensity=(intensity * (drawn != EMOTIONS.index("neutral"))).round(3),
        second_emotion=np.array(EMOTIONS)[second],
        second_share=share.round(3),
    )


def _sample_units(classes: NDArray[np.integer], rng: np.random.Generator) -> NDArray[Any]:
    """Return action units at full intensity, (n, units), each present as often as it should."""
    probabilities = np.array(
        [[EXPRESSIONS[e].get(unit, 0.0) for unit in ACTION_UNITS] for e in EMOTIONS]
    )
    shape = (len(classes), len(ACTION_UNITS))
    takes_part = rng.random(shape) < probabilities[classes]
    return np.where(takes_part, rng.uniform(*STRENGTHS, shape), 0.0)


def sample_conditions(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return everything but the expression, at random and independent of it."""

    def sometimes(probability: float, values: NDArray[np.floating]) -> NDArray[Any]:
        return values * (rng.random(n) < probability)

    parameters: dict[str, NDArray[Any]] = {
        name: rng.normal(0, spread, n) for name, spread in _SPREADS.items()
    }
    parameters |= {
        "brow_thickness": rng.uniform(0.035, 0.09, n),
        "iris_grey": rng.uniform(30, 120, n),
        "skin_tone": rng.integers(1, 11, n),
        "hair_style": rng.integers(0, len(HAIR_STYLES), n),
        "hair_grey": 15 + 195 * rng.random(n) ** 2,
        "beard": sometimes(0.2, rng.uniform(0.2, 1, n)),
        "age_lines": 0.8 * rng.random(n) ** 2,
        "glasses": sometimes(0.15, np.ones(n)),
        "zoom": rng.uniform(1.0, 1.2, n),
        "background": rng.uniform(20, 230, n),
        "light_direction": rng.uniform(-180, 180, n),
        "light_strength": rng.uniform(0, 0.8, n),
        "hand": sometimes(0.08, rng.uniform(0.2, 1, n)),
        "hand_direction": rng.uniform(10, 170, n),
        "blur": rng.uniform(0, 0.8, n),
        "noise": rng.uniform(0, 12, n),
        "noise_seed": rng.integers(0, 2**31, n),
    }
    # Three decimals survive a CSV file, so a row of the manifest draws its face again exactly.
    table = pd.DataFrame(
        {
            name: np.clip(values, PARAMETERS[name].lowest, PARAMETERS[name].highest).round(3)
            for name, values in parameters.items()
        }
    )
    return table.astype(dict.fromkeys(_WHOLE, np.int64))
