"""Face detectors to compare: each answers for a frame with boxes.

Usage: python -m research.detectors NAME FRAMES.npy FOLDER

It reads numbers of frames from standard input, one a line, and answers each with a line of JSON:
the boxes, and the milliseconds that passed and that the processor worked. `compare_detectors.py`
starts one such process for each detector, because their packages exclude each other, and puts
these packages into FOLDER.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Box = tuple[float, float, float, float]  # x, y, width, height
Detector = Callable[[np.ndarray], list[Box]]


def the_courses(folder: Path) -> Detector:
    """Return the course's own detector: both networks of BlazeFace."""
    from course_utils.webcam.face_detection import detect_faces

    return lambda frame: [face.box for face in detect_faces(frame)]


def full_range(folder: Path) -> Detector:
    """Return BlazeFace's network for faces at some distance, alone."""
    from course_utils.webcam.face_detection import FULL_RANGE, detect_with

    return lambda frame: [face.box for face in detect_with(FULL_RANGE, frame)]


def short_range(folder: Path) -> Detector:
    """Return BlazeFace's network for faces that fill the frame, alone."""
    from course_utils.webcam.face_detection import SHORT_RANGE, detect_with

    return lambda frame: [face.box for face in detect_with(SHORT_RANGE, frame)]


def haar_cascade(folder: Path) -> Detector:
    """Return OpenCV 4's frontal face cascade with its default settings, as older courses use it."""
    import cv2

    if not cv2.__version__.startswith("4."):
        sys.exit(f"OpenCV {cv2.__version__} has no Haar cascades: put OpenCV 4 before it.")
    # The types at hand are those of OpenCV 5, which has neither.
    opencv: Any = cv2
    cascade = opencv.CascadeClassifier(
        opencv.data.haarcascades + "haarcascade_frontalface_default.xml"
    )

    def detect(frame: np.ndarray) -> list[Box]:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        return [(x, y, width, height) for x, y, width, height in cascade.detectMultiScale(grey)]

    return detect


def lbp_cascade(folder: Path) -> Detector:
    """Return scikit-image's cascade, with the settings of its own example but faces of any size."""
    from skimage import data, feature

    cascade = feature.Cascade(data.lbp_frontal_face_cascade_filename())
    sizes = {"min_size": (40, 40), "max_size": (480, 480)}

    def detect(frame: np.ndarray) -> list[Box]:
        found = cascade.detect_multi_scale(frame, scale_factor=1.2, step_ratio=1, **sizes)
        return [(box["c"], box["r"], box["width"], box["height"]) for box in found]

    return detect


def hog_detector(folder: Path) -> Detector:
    """Return dlib's frontal face detector, on histograms of oriented gradients."""
    import dlib

    detector = dlib.get_frontal_face_detector()
    return lambda frame: [
        (box.left(), box.top(), box.width(), box.height()) for box in detector(frame)
    ]


def mtcnn(folder: Path) -> Detector:
    """Return three networks one after the other (Zhang et al. 2016, arXiv:1604.02878)."""
    from mtcnn import MTCNN

    detector = MTCNN()
    return lambda frame: [tuple(face["box"]) for face in detector.detect_faces(frame)]


DETECTORS: dict[str, Callable[[Path], Detector]] = {
    "BlazeFace, both (the course's)": the_courses,
    "BlazeFace, full range": full_range,
    "BlazeFace, short range": short_range,
    "Haar cascade, OpenCV 4": haar_cascade,
    "LBP cascade, scikit-image": lbp_cascade,
    "HOG, dlib": hog_detector,
    "MTCNN": mtcnn,
}
# What each needs besides the course's own packages, for pip.
PACKAGES = {
    "Haar cascade, OpenCV 4": ["opencv-python-headless==4.14.0.94"],
    "HOG, dlib": ["dlib-bin==20.0.1.post1"],
    "MTCNN": ["mtcnn==1.0.0", "lz4"],
}


def main() -> None:
    """Answer for frame after frame."""
    name, frames, folder = sys.argv[1:]
    pixels = np.load(frames, mmap_mode="r")
    detect = DETECTORS[name](Path(folder))
    for line in sys.stdin:
        frame = np.array(pixels[int(line)])
        wall, work = time.perf_counter(), time.process_time()
        boxes = detect(frame)
        answer: dict[str, Any] = {"boxes": [[float(value) for value in box] for box in boxes]}
        answer["milliseconds"] = 1000 * (time.perf_counter() - wall)
        answer["processor"] = 1000 * (time.process_time() - work)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
