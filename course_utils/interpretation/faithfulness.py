"""Do the maps of `interpretation` tell the truth? On drawn faces the truth is known.

A drawn face can be drawn again without one of its action units, and with everything else as it was.
Two things follow: which pixels the unit has drawn, and how much the network's answer hangs on it.

Usage: python -m course_utils.interpretation.faithfulness [FACES]
"""

import sys

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, sobel
from tqdm.auto import tqdm

from course_utils import drawn_faces
from course_utils.classifier import Classifier, load_pretrained
from course_utils.drawn_faces.generator import redraw
from course_utils.drawn_faces.parameters import ACTION_UNITS
from course_utils.emotions import EMOTIONS
from course_utils.evaluation.intervals import wilson_interval
from course_utils.interpretation.attribution import METHODS, class_scores, randomise
from course_utils.split import IMAGE_SIZE, Split

DRAWN = 0.2  # what a face at rest never reaches
VISIBLE = 10  # grey levels
AROUND = np.ones((1, 3, 3), bool)  # one pixel to each side counts as the same place
FACES = 200


def changed_pixels(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where two versions of each image differ visibly, with one pixel around it.

    Args:
        before: uint8 (n, 48, 48).
        after: uint8 (n, 48, 48).

    Returns:
        bool (n, 48, 48).
    """
    difference = np.abs(before.astype(np.int16) - after)
    return np.asarray(binary_dilation(difference > VISIBLE, AROUND))


def decisive_units(model: keras.Model, faces: Split) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Find for each face the action unit on which the score of its class hangs most.

    Each face is drawn again without each of its units in turn. What counts is the drop of the score
    before the softmax.

    Args:
        model: from images to probabilities, float32 (n, 7).
        faces: drawn faces, with the knobs in their table.

    Returns:
        A row per face with `unit` and `drop`, and the pixels that this unit drew, bool (n, 48, 48).

    Raises:
        ValueError: a face has no visible action unit, as neutral ones do.
    """
    whole = class_scores(model, faces.images, faces.labels)
    drops = pd.DataFrame(-np.inf, index=range(len(faces)), columns=list(ACTION_UNITS))
    places = np.zeros((len(ACTION_UNITS), len(faces), IMAGE_SIZE, IMAGE_SIZE), bool)
    for place, unit in zip(places, ACTION_UNITS):
        rows = np.flatnonzero(faces.table[unit] > DRAWN)
        if not len(rows):
            continue
        without = redraw(faces.table.iloc[rows], **{unit: 0})
        scores = class_scores(model, without, faces.labels[rows])
        drops.loc[rows, unit] = whole[rows] - scores
        place[rows] = changed_pixels(faces.images[rows], without)
    if np.isinf(drops.max(axis=1)).any():
        raise ValueError("A face has no visible action unit: choose faces that are not neutral.")
    decisive = drops.to_numpy().argmax(axis=1)
    table = pd.DataFrame({"unit": drops.idxmax(axis=1), "drop": drops.max(axis=1)})
    return table, places[decisive, np.arange(len(faces))]


def pointing_game(maps: NDArray[np.floating], places: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell for each map whether its largest value lies in the right place.

    Zhang et al. (2018), "Top-down neural attention by excitation backprop", arXiv:1608.00507.

    Args:
        maps: float (n, h, w).
        places: bool (n, h, w), the pixels that count as right.

    Returns:
        bool (n,).

    Raises:
        ValueError: the shapes differ.
    """
    if maps.shape != places.shape or maps.ndim != 3:
        raise ValueError(f"Maps {maps.shape} and places {places.shape} must both be (n, h, w).")
    largest = maps.reshape(len(maps), -1).argmax(axis=1)
    return np.asarray(places.reshape(len(places), -1)[np.arange(len(maps)), largest])


def edges(images: NDArray[np.uint8]) -> NDArray[np.floating]:
    """Return how strongly the grey changes at each pixel, float (n, h, w), without a network."""
    grey = images.astype(float)
    return np.asarray(np.hypot(sobel(grey, axis=1), sobel(grey, axis=2)))


def measure(model: keras.Model, faces: Split) -> pd.DataFrame:
    """Let every method play the pointing game for the decisive units, and what knows nothing too.

    Args:
        model: from images to probabilities, float32 (n, 7).
        faces: drawn faces that are not neutral.

    Returns:
        A row per method, the first two without a network: `hits`, the share of maps that point at
        the unit, the ends of its 95 % interval as `low` and `high`, and `untrained`, the share for
        the same network with new random weights. A random pixel's hits are an expectation.

    Raises:
        ValueError: as `decisive_units`.
    """
    _, places = decisive_units(model, faces)
    untrained = randomise(model)
    nan = float("nan")
    rows = {
        "random pixel": (places.mean(), nan, nan, nan),
        "edges": (*_share(pointing_game(edges(faces.images), places)), nan),
    }
    for name, method in tqdm(METHODS.items(), desc="Methods", leave=False):
        hits = pointing_game(method(model, faces.images, faces.labels), places)
        blind = pointing_game(method(untrained, faces.images, faces.labels), places)
        rows[name] = (*_share(hits), blind.mean())
    columns = ["hits", "low", "high", "untrained"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def clear_faces(classifier: Classifier, n: int, seed: int = 0) -> Split:
    """Draw `n` faces of one emotion, not neutral, that the classifier reads correctly."""
    drawn = drawn_faces.make_dataset(6 * n, seed)
    right = classifier.predict_proba(drawn.images).argmax(axis=1) == drawn.labels
    pure = (drawn.table["second_share"] == 0) & (drawn.table["intensity"] > 0.5)
    rows = np.flatnonzero(right & pure & (drawn.labels != EMOTIONS.index("neutral")))
    if len(rows) < n:
        raise ValueError(f"The classifier reads only {len(rows)} of the faces rightly, not {n}.")
    return drawn.take(rows[:n])


def _share(hits: NDArray[np.bool_]) -> tuple[float, float, float]:
    return (float(hits.mean()), *wilson_interval(int(hits.sum()), len(hits)))


def main() -> None:
    """Print the table for the shipped network of the drawn faces."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FACES
    keras.utils.set_random_seed(0)
    classifier = load_pretrained("drawn_faces")
    faces = clear_faces(classifier, count)
    print(f"Pointing at the decisive action unit of {count} drawn faces, with 95 % intervals")
    print(measure(classifier.model, faces).round(3).to_string(na_rep=""))


if __name__ == "__main__":
    main()
