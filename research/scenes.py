"""Scenes with faces at known places, made from the photographs, and scenes without a face.

They stay in memory or in `runs/`: no photograph of a person is passed on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 480
GROUNDS = (
    *("brick.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "gravel.png"),
    *("hubble_deep_field.jpg", "motorcycle_left.png", "page.png", "rocket.jpg", "text.png"),
)
USUAL_SIDE = 200
# Each condition: the photograph's side in pixels, the angles it may lean by, and the light.
CONDITIONS = {
    "64 pixels": (64, (0,), 1.0),
    "100 pixels": (100, (0,), 1.0),
    "200 pixels": (USUAL_SIDE, (0,), 1.0),
    "400 pixels": (400, (0,), 1.0),
    "200, leaning 15°": (USUAL_SIDE, (-15, 15), 1.0),
    "200, leaning 30°": (USUAL_SIDE, (-30, 30), 1.0),
    "200, leaning 45°": (USUAL_SIDE, (-45, 45), 1.0),
    "200, 3/10 of the light": (USUAL_SIDE, (0,), 0.3),
    "200, 1/10 of the light": (USUAL_SIDE, (0,), 0.1),
}
NO_FACE = "no face"


@dataclass(frozen=True)
class Scene:
    """A frame whose faces are known.

    Attributes:
        pixels: uint8 RGB (480, 640, 3).
        faces: (x, y, side) of each photograph in it: its centre and its side, in pixels.
        condition: how the faces look, a name in `CONDITIONS`, or `NO_FACE`.
    """

    pixels: NDArray[np.uint8]
    faces: tuple[tuple[float, float, float], ...]
    condition: str


def make_scenes(
    photographs: NDArray[np.uint8], of_each: int, without: int, seed: int = 0
) -> Iterator[Scene]:
    """Yield `of_each` scenes of each condition with one face, and `without` that have none.

    Args:
        photographs: uint8 (n, 48, 48), grey; each is used once, so n is at least the number of
            scenes with a face.
        of_each: scenes of each condition.
        without: scenes without a face.
        seed: of places, backgrounds and angles.
    """
    rng = np.random.default_rng(seed)
    left = iter(photographs)
    for condition, (side, angles, light) in CONDITIONS.items():
        for _ in range(of_each):
            reach = side * (0.5 if angles == (0,) else 0.71)  # all of it stays inside the frame
            centre = _place(rng, WIDTH, reach), _place(rng, HEIGHT, reach)
            pixels = background(rng)
            paste(pixels, next(left), centre, side, float(rng.choice(angles)))
            yield Scene((pixels * light).astype(np.uint8), ((*centre, side),), condition)
    for _ in range(without):
        yield Scene(background(rng), (), NO_FACE)


def _place(rng: np.random.Generator, length: int, reach: float) -> float:
    return float(rng.uniform(reach, length - reach)) if length > 2 * reach else length / 2


def background(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a random part of one of scikit-image's pictures without a person, RGB (480, 640, 3).

    It is mirrored at random, and not larger than the picture allows.
    """
    name = str(rng.choice(GROUNDS))
    path = Path(skimage.data.__file__).parent / name
    picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert picture is not None, f"{path} is no picture"
    most = min(picture.shape[0] / HEIGHT, picture.shape[1] / WIDTH)
    scale = most * rng.uniform(0.5, 1)
    height, width = int(scale * HEIGHT), int(scale * WIDTH)
    top = rng.integers(0, picture.shape[0] - height + 1)
    left = rng.integers(0, picture.shape[1] - width + 1)
    part = cv2.resize(picture[top : top + height, left : left + width], (WIDTH, HEIGHT))
    return np.ascontiguousarray(part[:, ::-1] if rng.random() < 0.5 else part)


def paste(
    pixels: NDArray[np.uint8],
    photograph: NDArray[np.uint8],
    centre: tuple[float, float],
    side: float,
    angle: float,
) -> None:
    """Draw a grey photograph into a frame, enlarged to `side` pixels and leaning by `angle`."""
    size = photograph.shape[0]
    turn = cv2.getRotationMatrix2D(((size - 1) / 2, (size - 1) / 2), angle, side / size)
    turn[:, 2] += np.array(centre) - (size - 1) / 2
    frame = pixels.shape[1], pixels.shape[0]
    turned = cv2.warpAffine(photograph, turn, frame, flags=cv2.INTER_CUBIC)
    inside = cv2.warpAffine(np.full_like(photograph, 255), turn, frame, flags=cv2.INTER_NEAREST)
    pixels[inside > 0] = turned[inside > 0, np.newaxis]


def is_found(face: Sequence[float], box: Sequence[float]) -> bool:
    """Say whether a box (x, y, width, height) shows a face that was pasted at (x, y, side).

    Detectors draw boxes of different sizes. A box counts whose centre lies within a quarter of the
    photograph's side from its centre, and whose side is 0.4 to 1.5 times the photograph's.
    """
    x, y, side = face
    distance = np.hypot(box[0] + box[2] / 2 - x, box[1] + box[3] / 2 - y)
    return bool(distance <= side / 4 and 0.4 <= max(box[2], box[3]) / side <= 1.5)
