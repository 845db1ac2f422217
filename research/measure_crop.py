"""Print how large FER2013's photographs are in face boxes, and what cutting them anew costs.

Usage: COURSE_DATA=... python -m research.measure_crop [--keep 700] [--photographs 1000]

Each photograph is enlarged and laid on a black frame of 640 by 480. The boxes found there give the
margin of `face_detection.crop_face`; the crops, what the network loses on them. The margin comes
from Training photographs, the loss from validation images that the network has not learned from.
"""

import argparse
import sys
from dataclasses import replace

import numpy as np
from scipy.stats import bootstrap
from tqdm import tqdm

from course_utils.classifier import load_pretrained
from course_utils.dataset.loading import load_dataset
from course_utils.training.fitting import move_to_training
from course_utils.webcam.face_detection import (
    FULL_RANGE,
    SHORT_RANGE,
    BlazeFace,
    Face,
    crop_face,
    detect_faces,
    detect_with,
)
from research.scenes import HEIGHT, USUAL_SIDE, WIDTH, is_found, paste

CENTRE = (WIDTH / 2, HEIGHT / 2)
# As the network draws its boxes, without the course's correction.
RAW = {"full range": FULL_RANGE, "short range": replace(SHORT_RANGE, box_scale=1, box_shift=0)}


def on_black(photograph: np.ndarray) -> np.ndarray:
    """Return a frame with one grey photograph, enlarged, in its middle."""
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    paste(frame, photograph, CENTRE, USUAL_SIDE, 0.0)
    return frame


def its_face(faces: list[Face]) -> Face | None:
    """Return the face that shows the photograph, or None."""
    shown = (face for face in faces if is_found((*CENTRE, USUAL_SIDE), face.box))
    return next(shown, None)


def measure(photographs: np.ndarray, network: BlazeFace) -> np.ndarray:
    """Return for each photograph its side, and how far it lies above the box, in boxes, (n, 2).

    NaN where the network does not find the face.
    """
    rows = []
    for photograph in tqdm(photographs, desc=network.file, unit=" photographs"):
        face = its_face(detect_with(network, on_black(photograph)))
        if face is None:
            rows.append((np.nan, np.nan))
            continue
        _, y, width, height = face.box
        side = max(width, height)
        rows.append((USUAL_SIDE / side, (y + height / 2 - CENTRE[1]) / side))
    return np.array(rows)


def quartiles(values: np.ndarray) -> str:
    """Return the median and the quartiles of what is not NaN, as text."""
    low, middle, high = np.nanquantile(values, [0.25, 0.5, 0.75])
    return f"{middle:.3f} (quartiles {low:.3f} and {high:.3f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the crop.")
    parser.add_argument("--keep", type=int, default=700, help="validation images not learned from")
    parser.add_argument("--photographs", type=int, default=1000, help="for the margin (1000)")
    asked = parser.parse_args()
    data = load_dataset()
    if data.source != "photographs":
        sys.exit((__doc__ or "").strip())

    measured = {
        name: measure(data.train.images[: asked.photographs], network)
        for name, network in RAW.items()
    }
    for name, rows in measured.items():
        found = np.isfinite(rows[:, 0])
        print(f"{name}: found {found.sum():,} of {len(rows):,} faces")
        print(f"  a photograph is wide, in boxes: {quartiles(rows[:, 0])}")
        print(f"  its centre lies above the box's by: {quartiles(rows[:, 1])}")
    full, short = measured.values()
    scale = full[:, 0] / short[:, 0]  # the short-range box's width in full-range boxes
    print(f"short-range boxes in full-range ones: {quartiles(scale)}")
    print(f"  and they lie lower by: {quartiles(scale * short[:, 1] - full[:, 1])}")

    _, kept = move_to_training(data.train, data.validation, asked.keep)
    frames = [on_black(image) for image in kept.images]
    faces = [its_face(detect_faces(frame)) for frame in tqdm(frames, unit=" photographs")]
    found = np.array([face is not None for face in faces])
    crops = np.stack([crop_face(frame, face) for frame, face in zip(frames, faces) if face])
    classifier = load_pretrained("photographs")
    labels = kept.labels[found]
    before = classifier.predict_proba(kept.images[found]).argmax(axis=1) == labels
    after = classifier.predict_proba(crops).argmax(axis=1) == labels
    lost = before.astype(float) - after
    interval = bootstrap([lost], np.mean, rng=0).confidence_interval
    print(f"Both networks together find {found.sum()} of {len(kept)} validation faces.")
    print(
        f"Accuracy on these: {before.mean():.1%} as they are, {after.mean():.1%} cut anew; lost "
        f"{lost.mean():.1%} (95 % interval {interval.low:.1%} to {interval.high:.1%})"
    )


if __name__ == "__main__":
    main()
