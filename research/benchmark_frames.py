"""Time this course's path from a frame to emotions against older ones.

Usage: python -m research.benchmark_frames

All get the same frames of 640 by 480 pixels in turn, with one face and with five, from NASA's
portrait of Eileen Collins, which is in the public domain. The path of older courses is
`research/haar_baseline.py`, in a process of its own with OpenCV 4, which is installed into
`runs/packages/`. "One look" is this course's before it looked twice. The film moves by three pixels
from frame to frame.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import pandas as pd
import skimage.data
from numpy.typing import NDArray
from tqdm import tqdm

from course_utils.classifier import Classifier, load_pretrained
from course_utils.files import runs_folder
from course_utils.webcam.blazeface import Face
from course_utils.webcam.face_detection import crop_face, detect_faces
from course_utils.webcam.tracking import FaceTracker
from research.detectors import PACKAGES, one_look
from research.isolated_process import IsolatedProcess, packages_folder
from research.scenes import HEIGHT, WIDTH
from research.tables import to_markdown

ROUNDS, WARM_UP = 48, 2
ONE_LOOK = "one look"
SCENES = ("one face", "five faces")


def frames() -> NDArray[np.uint8]:
    """Return a frame with one face, and one with five, uint8 (2, 480, 640, 3)."""
    portrait = skimage.data.astronaut()[:384]
    one = cv2.resize(portrait, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    head = cv2.resize(portrait[:240, 124:324], (200, 240), interpolation=cv2.INTER_AREA)
    five = cv2.resize(skimage.data.coffee(), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    for left, top in ((10, 0), (220, 0), (430, 0), (115, 240), (325, 240)):
        five[top : top + 240, left : left + 200] = head
    return np.stack([one, five])


def time_path(
    detect: Callable[[NDArray[np.uint8]], list[Face]],
    frame: NDArray[np.uint8],
    classifier: Classifier,
) -> dict[str, float]:
    """Do what `detect_emotions` does, and time its two halves."""
    start, work = time.perf_counter(), time.process_time()
    faces = detect(frame)
    found = time.perf_counter()
    crops = np.stack([crop_face(frame, face) for face in faces])
    classifier.predict_proba(crops)
    end = time.perf_counter()
    return {
        "faces": len(faces),
        "detector": 1000 * (found - start),
        "classifier": 1000 * (end - found),
        "processor": 1000 * (time.process_time() - work),
    }


def time_rounds(
    pixels: NDArray[np.uint8], haar: Callable[[int], dict[str, float]]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each path, scene and round; the first rounds load and compile."""
    classifier = load_pretrained("photographs")
    trackers = [FaceTracker() for _ in SCENES]
    for number in tqdm(range(-WARM_UP, ROUNDS), unit=" rounds"):
        for index, scene in enumerate(SCENES):
            film = np.roll(pixels[index], 3 * (number % 12), axis=1)
            rows = {
                "Haar cascade and Keras": haar(index),
                ONE_LOOK: time_path(one_look, pixels[index], classifier),
                "this course's": time_path(detect_faces, pixels[index], classifier),
                "this course's, in a film": time_path(trackers[index].detect, film, classifier),
            }
            if number >= 0:
                yield from ({"frame": scene, "path": path, **row} for path, row in rows.items())


def main() -> None:
    """Measure and print."""
    pixels = frames()
    packages = packages_folder(PACKAGES["Haar cascade, OpenCV 4"])
    with TemporaryDirectory(dir=runs_folder()) as folder:
        path = Path(folder) / "frames.npy"
        np.save(path, pixels)
        with IsolatedProcess("research.haar_baseline", [str(path)], packages) as baseline:
            rows = list(time_rounds(pixels, lambda index: baseline.request(str(index))))
    table = pd.DataFrame(rows).assign(both=lambda t: t["detector"] + t["classifier"])
    means = table.groupby(["frame", "path"], sort=False).mean()
    print(to_markdown(means.round(1).reset_index()))
    for scene in SCENES:
        ratio = means.loc[scene, "both"] / means.loc[(scene, ONE_LOOK), "both"]
        print(f"\nWith {scene}, in times of one look: {ratio.round(2).to_dict()}")
    print(f"\nMilliseconds, means of {ROUNDS}: of a film, some frames are searched and most not.")


if __name__ == "__main__":
    main()
