"""How older courses go from a frame to emotions: a Haar cascade, then Keras's `predict`.

Usage: python -m research.haar_baseline FRAMES.npy

It needs OpenCV 4, and reads numbers of frames from standard input, one a line. Each reply is a line
of JSON: how many faces it found, the milliseconds of detector and classifier, and how long the
processor worked. The network has `seed_baseline`'s random weights: time does not depend on them.
"""

import json
import sys
import time

import cv2
import numpy as np

from course_utils.models import build_model
from research.detectors import haar_cascade


def main() -> None:
    """Reply for frame after frame."""
    frames = np.load(sys.argv[1], mmap_mode="r")
    detect = haar_cascade()
    model = build_model("seed_baseline")
    for line in sys.stdin:
        frame = np.array(frames[int(line)])
        start, work = time.perf_counter(), time.process_time()
        boxes = detect(frame)
        found = time.perf_counter()
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        for x, y, width, height in np.array(boxes, dtype=int).reshape(-1, 4):
            crop = cv2.resize(grey[y : y + height, x : x + width], (48, 48)) / 255.0
            model.predict(crop.reshape(1, 48, 48, 1), verbose=0)
        end = time.perf_counter()
        reply = {"faces": len(boxes), "detector": 1000 * (found - start)}
        reply["classifier"] = 1000 * (end - found)
        reply["processor"] = 1000 * (time.process_time() - work)
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
