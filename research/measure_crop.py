"""Print how large FER2013's photographs are in face boxes, and what cutting them anew costs.

Usage: COURSE_DATA=... python -m research.measure_crop [--photographs 1000]

Each photograph is enlarged and laid on a black frame of 640 by 480. The boxes found there give the
margin of `face_detection.crop_face`; the crops, what the network loses on them. The margin comes
from Training, the loss from PublicTest, which the network has not learned from.
"""

import argparse
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap
from tqdm import tqdm

from course_utils.classifier import load_pretrained
from course_utils.split import Split
from course_utils.webcam.blazeface import FULL_RANGE, SHORT_RANGE, BlazeFace, Face, detect_with
from course_utils.webcam.face_detection import crop_face, detect_faces
from research.data import load_official_splits
from research.scenes import HEIGHT, USUAL_SIDE, WIDTH, is_found, paste

CENTRE = (WIDTH / 2, HEIGHT / 2)
# As the network draws its boxes, without the course's correction.
RAW = {"full range": FULL_RANGE, "short range": replace(SHORT_RANGE, box_scale=1, box_shift=0)}


def on_black(photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a frame with one grey photograph, enlarged, in its middle."""
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    paste(frame, photograph, CENTRE, USUAL_SIDE, 0.0)
    return frame


def face_of_photograph(faces: list[Face]) -> Face | None:
    """Return the face that shows the photograph, or None."""
    shown = (face for face in faces if is_found((*CENTRE, USUAL_SIDE), face.box))
    return next(shown, None)


def measure(photographs: NDArray[np.uint8], network: BlazeFace) -> NDArray[np.float64]:
    """Return for each photograph its side, and how far it lies above the box, in boxes, (n, 2).

    NaN where the network does not find the face.
    """
    rows = []
    for photograph in tqdm(photographs, desc=network.file, unit=" photographs"):
        face = face_of_photograph(detect_with(network, on_black(photograph)))
        if face is None:
            rows.append((np.nan, np.nan))
            continue
        _, y, width, height = face.box
        side = max(width, height)
        rows.append((USUAL_SIDE / side, (y + height / 2 - CENTRE[1]) / side))
    return np.array(rows)


def quartiles(values: NDArray[np.float64]) -> str:
    """Return the median and the quartiles of what is not NaN, as text."""
    low, middle, high = np.nanquantile(values, [0.25, 0.5, 0.75])
    return f"{middle:.3f} (quartiles {low:.3f} and {high:.3f})"


def print_margins(photographs: NDArray[np.uint8]) -> None:
    """Print how large photographs are in the boxes of both networks."""
    measured = {name: measure(photographs, network) for name, network in RAW.items()}
    for name, rows in measured.items():
        is_found = np.isfinite(rows[:, 0])
        print(f"{name}: found {is_found.sum():,} of {len(rows):,} faces")
        print(f"  a photograph is wide, in boxes: {quartiles(rows[:, 0])}")
        print(f"  its centre lies above the box's by: {quartiles(rows[:, 1])}")
    full, short = measured.values()
    scale = full[:, 0] / short[:, 0]  # the short-range box's width in full-range boxes
    print(f"short-range boxes in full-range ones: {quartiles(scale)}")
    print(f"  and they lie lower by: {quartiles(scale * short[:, 1] - full[:, 1])}")


def print_loss(validation: Split) -> None:
    """Print what cutting photographs out anew costs in accuracy."""
    frames = [on_black(image) for image in validation.images]
    faces = [face_of_photograph(detect_faces(frame)) for frame in tqdm(frames, unit=" photographs")]
    is_found = np.array([face is not None for face in faces])
    crops = np.stack([crop_face(frame, face) for frame, face in zip(frames, faces) if face])
    classifier = load_pretrained("photographs")
    labels = validation.labels[is_found]
    before = classifier.predict_proba(validation.images[is_found]).argmax(axis=1) == labels
    after = classifier.predict_proba(crops).argmax(axis=1) == labels
    lost = before.astype(float) - after
    interval = bootstrap([lost], np.mean, rng=0).confidence_interval
    print(f"Both networks together find {is_found.sum()} of {len(validation)} PublicTest faces.")
    print(
        f"Accuracy on these: {before.mean():.1%} as they are, {after.mean():.1%} cut anew; lost "
        f"{lost.mean():.1%} (95 % interval {interval.low:.1%} to {interval.high:.1%})"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the crop.")
    parser.add_argument("--photographs", type=int, default=1000, help="for the margin (1000)")
    arguments = parser.parse_args()
    training, validation = load_official_splits()
    print_margins(training.images[: arguments.photographs])
    print_loss(validation)


if __name__ == "__main__":
    main()
