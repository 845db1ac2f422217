"""Face detectors to compare: each returns the boxes of the faces in a frame.

Usage: python -m research.detectors NAME FRAMES.npy

It reads numbers of frames from standard input, one a line, and replies to each with a line of JSON:
the boxes, and the milliseconds that passed and that the processor worked. `compare_detectors.py`
starts one such process for each detector, because their packages exclude each other.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]  # x, y, width, height
Detector = Callable[[NDArray[np.uint8]], list[Box]]


def blazeface() -> Detector:
    """Return the course's own detector, on BlazeFace's networks."""
    from course_utils.webcam.face_detection import detect_faces

    return lambda frame: [face.box for face in detect_faces(frame)]


def blazeface_once() -> Detector:
    """Return the course's detector before it looked twice."""
    return lambda frame: [face.box for face in one_look(frame)]


def one_look(frame: NDArray[np.uint8]) -> list[Any]:
    """Return the faces that both networks find in one look at the whole frame, full range first."""
    import cv2

    from course_utils.webcam.blazeface import FULL_RANGE, MAXIMUM_OVERLAP, SHORT_RANGE, detect_with

    found = [face for network in (FULL_RANGE, SHORT_RANGE) for face in detect_with(network, frame)]
    ranks = np.arange(len(found), 0, -1).astype(float).tolist()
    kept = cv2.dnn.NMSBoxes([face.box for face in found], ranks, 0.0, MAXIMUM_OVERLAP)
    return [found[index] for index in np.asarray(kept, dtype=int).ravel()]


def full_range() -> Detector:
    """Return BlazeFace's network for faces at some distance, alone."""
    from course_utils.webcam.blazeface import FULL_RANGE, detect_with

    return lambda frame: [face.box for face in detect_with(FULL_RANGE, frame)]


def short_range() -> Detector:
    """Return BlazeFace's network for faces that fill the frame, alone."""
    from course_utils.webcam.blazeface import SHORT_RANGE, detect_with

    return lambda frame: [face.box for face in detect_with(SHORT_RANGE, frame)]


def haar_cascade() -> Detector:
    """Return OpenCV 4's frontal face cascade with its default settings, as older courses use it."""
    import cv2

    if not cv2.__version__.startswith("4."):
        sys.exit(f"OpenCV {cv2.__version__} has no Haar cascades: put OpenCV 4 before it.")
    # The types at hand are those of OpenCV 5, which has neither.
    opencv: Any = cv2
    cascade = opencv.CascadeClassifier(
        opencv.data.haarcascades + "haarcascade_frontalface_default.xml"
    )

    def detect(frame: NDArray[np.uint8]) -> list[Box]:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        return [(x, y, width, height) for x, y, width, height in cascade.detectMultiScale(grey)]

    return detect


def lbp_cascade() -> Detector:
    """Return scikit-image's cascade, with the settings of its own example but faces of any size."""
    from skimage import data, feature

    cascade = feature.Cascade(data.lbp_frontal_face_cascade_filename())
    sizes = {"min_size": (40, 40), "max_size": (480, 480)}

    def detect(frame: NDArray[np.uint8]) -> list[Box]:
        found = cascade.detect_multi_scale(frame, scale_factor=1.2, step_ratio=1, **sizes)
        return [(box["c"], box["r"], box["width"], box["height"]) for box in found]

    return detect


def hog_detector() -> Detector:
    """Return dlib's frontal face detector, on histograms of oriented gradients."""
    import dlib

    detector = dlib.get_frontal_face_detector()
    return lambda frame: [
        (box.left(), box.top(), box.width(), box.height()) for box in detector(frame)
    ]


def mtcnn() -> Detector:
    """Return three networks one after the other (Zhang et al. 2016, arXiv:1604.02878)."""
    from mtcnn import MTCNN

    detector = MTCNN()
    return lambda frame: [tuple(face["box"]) for face in detector.detect_faces(frame)]


DETECTORS: dict[str, Callable[[], Detector]] = {
    "the course's": blazeface,
    "BlazeFace, both, one look": blazeface_once,
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
    """Reply for frame after frame."""
    name, path = sys.argv[1:]
    frames = np.load(path, mmap_mode="r")
    detect = DETECTORS[name]()
    for line in sys.stdin:
        frame = np.array(frames[int(line)])
        wall, work = time.perf_counter(), time.process_time()
        boxes = detect(frame)
        reply: dict[str, Any] = {"boxes": [[float(value) for value in box] for box in boxes]}
        reply["milliseconds"] = 1000 * (time.perf_counter() - wall)
        reply["processor"] = 1000 * (time.process_time() - work)
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
