"""Time this course's path from a frame to emotions against the one of older courses.

Usage: python -m research.benchmark_frames

Both get the same frames of 640 by 480 pixels in turn, with one face and with five, from NASA's
portrait of Eileen Collins, which is in the public domain. The older path is
`research/haar_baseline.py`, in a process of its own with OpenCV 4, which is installed into
`runs/packages/`.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pandas as pd
import skimage.data
from numpy.typing import NDArray
from tqdm import tqdm

from course_utils.classifier import Classifier, load_pretrained
from course_utils.files import runs_folder
from course_utils.webcam.face_detection import crop_face, detect_faces
from research.detectors import PACKAGES
from research.isolated_process import IsolatedProcess, packages_folder
from research.scenes import HEIGHT, WIDTH
from research.tables import to_markdown

ROUNDS = 40
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


def time_course(frame: NDArray[np.uint8], classifier: Classifier) -> dict[str, float]:
    """Do what `detect_emotions` does, and time its two halves."""
    start, work = time.perf_counter(), time.process_time()
    faces = detect_faces(frame)
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


def main() -> None:
    """Measure and print."""
    pixels = frames()
    classifier = load_pretrained("photographs")
    rows = []
    packages = packages_folder(PACKAGES["Haar cascade, OpenCV 4"])
    with TemporaryDirectory(dir=runs_folder()) as folder:
        path = Path(folder) / "frames.npy"
        np.save(path, pixels)
        with IsolatedProcess("research.haar_baseline", [str(path)], packages) as baseline:
            for index in (0, 1):
                baseline.request(str(index))  # the first call loads and compiles
                time_course(pixels[index], classifier)
            for _ in tqdm(range(ROUNDS), unit=" rounds"):
                for index, scene in enumerate(SCENES):
                    rows.append({"frame": scene, "path": "older", **baseline.request(str(index))})
                    own = time_course(pixels[index], classifier)
                    rows.append({"frame": scene, "path": "this course's", **own})
    table = pd.DataFrame(rows).assign(both=lambda t: t["detector"] + t["classifier"])
    medians = table.groupby(["frame", "path"]).median().reindex(SCENES, level="frame")
    print(to_markdown(medians.round(1).reset_index()))
    for scene in SCENES:
        older, own = medians.loc[(scene, "older")], medians.loc[(scene, "this course's")]
        print(
            f"\nWith {scene}, the older path takes {older['both'] / own['both']:.1f} times as long "
            f"and {older['processor'] / own['processor']:.1f} times as much of the processor."
        )
    print(f"\nMilliseconds, medians of {ROUNDS}.")


if __name__ == "__main__":
    main()
