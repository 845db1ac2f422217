"""Print how much memory the path from a frame to emotions holds, over many frames.

Usage: python tools/measure_memory.py [--frames 10000]

Frames with one face, with two and with none, of three sizes, take turns.
"""

import argparse
from itertools import cycle

import cv2
import numpy as np
import psutil
import skimage.data
from tqdm import tqdm

from course_utils.webcam.tracking import Smoother, detect_emotions

WARM_UP = 500
STEPS = 10


def frames() -> list[np.ndarray]:
    """Return frames from NASA's portrait of Eileen Collins, which is in the public domain."""
    portrait = skimage.data.astronaut()[:384]
    pair = np.hstack([portrait, portrait[:, ::-1]])
    shown = [portrait, pair, skimage.data.coffee()]
    sizes = [(320, 240), (640, 480), (480, 640)]
    return [
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        for picture in shown
        for size in sizes
    ]


def megabytes() -> float:
    """Return the memory that this process holds."""
    return psutil.Process().memory_info().rss / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure memory over many frames.")
    parser.add_argument("--frames", type=int, default=10_000)
    asked = parser.parse_args()
    smoother, seen = Smoother(), 0
    held = []
    for index, frame in zip(tqdm(range(asked.frames), unit=" frames"), cycle(frames())):
        seen += len(smoother.update(detect_emotions(frame), index / 30))
        if index + 1 == WARM_UP or (index + 1) % (asked.frames // STEPS) == 0:
            held.append((index + 1, megabytes()))
    print(f"{asked.frames:,} frames, {seen:,} faces. Megabytes held after so many frames:")
    for count, size in held:
        print(f"{count:>7,}: {size:.0f}")


if __name__ == "__main__":
    main()
