"""Paint the shapes of a face: skin, features, light, hand, blur and noise.

Painted at four times the size with anti-aliased edges and averaged down; light is then added at the
final size from an ellipsoid's surface and a blurred relief of nose, cheeks and brows.
"""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from course_utils.drawn_faces.geometry import shape_faces

OVERSAMPLING = 4
_SUBPIXEL_BITS = 4  # OpenCV reads coordinates in sixteenths of a pixel
_RELIEF_BITS = _SUBPIXEL_BITS + 2  # the relief is painted at the final size, a quarter of it

# The ten skin tones of the Monk scale (Monk 2019, skintone.google), lightest first, as sRGB.
MONK_COLOURS = (
    (246, 237, 228),
    (243, 231, 219),
    (247, 234, 208),
    (234, 218, 186),
    (215, 189, 150),
    (160, 126, 86),
    (130, 92, 67),
    (96, 65, 52),
    (58, 49, 42),
    (41, 36, 32),
)
# As luma (ITU-R BT.601), brightened towards the middle as a camera's exposure would.
_SKIN_GREY = 45 + 0.70 * np.array(MONK_COLOURS) @ (0.299, 0.587, 0.114)


def paint_faces(parameters: dict[str, NDArray[Any]], size: int) -> NDArray[np.uint8]:
    """Return faces as uint8 (n, size, size), for parameters given as arrays (n,)."""
    scale = size * OVERSAMPLING * 2**_SUBPIXEL_BITS / 2
    offset = scale - 2**_SUBPIXEL_BITS / 2
    shapes = {
        name: np.rint(points * scale + offset).astype(np.int32)
        for name, points in shape_faces(parameters).items()
    }
    rows = zip(*(values.tolist() for values in parameters.values()), strict=True)
    painters = [
        _Painter(
            dict(zip(parameters, row)), {name: points[i] for name, points in shapes.items()}, size
        )
        for i, row in enumerate(rows)
    ]
    painted = np.stack([painter.paint() for painter in painters])
    lit = painted * _light(painters, parameters, size)
    return _photograph(lit, parameters, size)


class _Painter:
    """One face on an image four times the final size."""

    def __init__(
        self, parameter: dict[str, float], shape: dict[str, NDArray[Any]], size: int
    ) -> None:
        self.parameter, self.shape, self.size = parameter, shape, size
        side = size * OVERSAMPLING
        self.image = np.full((side, side), round(parameter["background"]), np.uint8)
        self.skin = float(np.interp(parameter["skin_tone"], range(1, 11), _SKIN_GREY))
        self.hair = parameter["hair_grey"]

    def paint(self) -> NDArray[np.uint8]:
        self.paint_head()
        self.paint_creases()
        self.paint_eyes()
        self.paint_nose()
        self.paint_mouth()
        self.paint_hair()
        if self.parameter["glasses"]:
            self.paint_glasses()
        if self.parameter["hand"]:
            self.paint_hand()
        size = (self.size, self.size)
        return np.asarray(cv2.resize(self.image, size, interpolation=cv2.INTER_AREA), np.uint8)

    def fill(self, name: str, grey: float) -> None:
        polygons = list(self.shape[name])
        cv2.fillPoly(self.image, polygons, round(grey), cv2.LINE_AA, _SUBPIXEL_BITS)

    def line(self, name: str | list[NDArray[Any]], grey: float, width: float) -> None:
        pixels = max(1, round(width * self.image.shape[0] / 2))
        lines = list(self.shape[name]) if isinstance(name, str) else name
        cv2.polylines(self.image, lines, False, round(grey), pixels, cv2.LINE_AA, _SUBPIXEL_BITS)

    def crease(self, name: str, depth: float, width: float = 0.022) -> None:
        if depth > 0.04:
            self.line(name, self.skin * (1 - 0.5 * min(depth, 1)), width)

    def paint_head(self) -> None:
        if self.parameter["hair_style"]:
            self.fill("hair_behind", 0.85 * self.hair)
        self.fill("neck", 0.75 * self.skin)
        self.fill("ears", 0.88 * self.skin)
        self.fill("head", self.skin)
        beard = self.parameter["beard"]
        if beard > 0.05:
            self.fill(
                "beard", (1 - 0.8 * beard) * self.skin + 0.8 * beard * min(self.hair, self.skin)
            )

    def paint_creases(self) -> None:
        parameter, age = self.parameter, self.parameter["age_lines"]
        smile, sneer = parameter["AU12"], parameter["AU9"]
        self.crease(
            "folds", 0.10 + 0.4 * age + 0.6 * smile + 0.6 * sneer + 0.25 * parameter["AU15"], 0.03
        )
        self.crease("forehead_lines", 0.5 * age + 0.6 * max(parameter["AU1"], parameter["AU2"]))
        self.crease("frown_lines", 0.15 * age + 0.9 * parameter["AU4"] + 0.4 * sneer, 0.03)
        self.crease("crows_feet", 0.5 * age + 0.6 * parameter["AU6"])
        self.crease(
            "eye_bags", 0.12 + 0.5 * age + 0.4 * parameter["AU6"] + 0.3 * parameter["AU7"], 0.03
        )

    def paint_eyes(self) -> None:
        self.line("lid_creases", 0.72 * self.skin, 0.02)
        self.fill("eyes", min(245, 90 + 0.65 * self.skin))
        self.fill("irises", self.parameter["iris_grey"])
        self.fill("pupils", 12)
        self.line("lower_lids", 0.6 * self.skin, 0.015)
        self.line("upper_lids", 0.22 * self.skin, 0.035)
        self.line("brows", min(self.hair, 0.5 * self.skin), self.parameter["brow_thickness"])

    def paint_nose(self) -> None:
        self.crease("nose_wrinkles", 1.0 * self.parameter["AU9"], 0.025)
        self.line("nose_wings", 0.68 * self.skin, 0.02)
        self.line("nose_base", 0.68 * self.skin, 0.02)
        self.line("nostrils", 0.30 * self.skin, 0.035)

    def paint_mouth(self) -> None:
        parameter = self.parameter
        self.crease(
            "mouth_corners",
            0.5 * parameter["AU12"] + 0.5 * parameter["AU15"] + 0.4 * parameter["AU23"],
        )
        self.crease("chin_creases", 0.8 * parameter["AU17"], 0.025)
        self.crease("under_lip", 0.25 + 0.3 * parameter["AU17"], 0.03)
        self.fill("lips", 0.70 * self.skin)
        self.fill("mouth", 22)
        self.fill("teeth", min(250, 120 + 0.55 * self.skin))
        self.line("lip_line", 0.22 * self.skin, 0.028)

    def paint_hair(self) -> None:
        if self.parameter["hair_style"]:
            self.fill("hair", self.hair)

    def paint_glasses(self) -> None:
        for name in ("rims", "bridge", "temples"):
            self.line(name, 30, 0.035)

    def paint_hand(self) -> None:
        self.fill("palm", 0.92 * self.skin)
        for finger in self.shape["fingers"]:
            self.line([finger], 0.45 * self.skin, 0.185)
            self.line([finger], 0.92 * self.skin, 0.15)

    def head(self) -> NDArray[np.uint8]:
        """Return 1 on the head and 0 elsewhere, uint8 (size, size)."""
        head = np.zeros((self.size, self.size), np.uint8)
        cv2.fillPoly(head, list(self.shape["head"]), 1, cv2.LINE_8, _RELIEF_BITS)
        return head

    def relief(self) -> NDArray[np.float32]:
        """Return the height of the skin, float32 (size, size): nose and cheeks up, sockets down."""
        size, shape = self.size, self.shape
        relief = np.zeros((size, size), np.float32)

        def dots(name: str, height: float, radius: float) -> None:
            for point in shape[name][:, 0]:
                units = round(radius * size / 2 * 2**_RELIEF_BITS)
                cv2.circle(relief, point.tolist(), units, height, -1, cv2.LINE_8, _RELIEF_BITS)

        def ridge(name: str, height: float, width: float) -> None:
            pixels = max(1, round(width * size / 2))
            cv2.polylines(
                relief, list(shape[name]), False, height, pixels, cv2.LINE_8, _RELIEF_BITS
            )

        dots("cheeks", 0.3 + 0.45 * max(self.parameter["AU6"], self.parameter["AU12"]), 0.17)
        dots("chin_boss", 0.3 + 0.45 * self.parameter["AU17"], 0.14)
        dots("sockets", -0.45, 0.11)
        ridge("brows", 0.3, 0.10)
        ridge("nose_ridge", 0.65, 0.10)
        return np.asarray(cv2.GaussianBlur(relief, (0, 0), 1.6 * size / 48), dtype=np.float32)


def _light(
    painters: list[_Painter], parameters: dict[str, NDArray[Any]], size: int
) -> NDArray[np.float32]:
    """Return how bright each pixel is lit, float32 (n, size, size), about 1 on average."""
    angle = np.deg2rad(parameters["light_direction"])
    right, down, strength = (
        values.astype(np.float32)[:, np.newaxis, np.newaxis]
        for values in (np.cos(angle), np.sin(angle), parameters["light_strength"])
    )
    x, y = _grid(size)
    relief = np.stack([painter.relief() for painter in painters])
    slope_x = np.stack([cv2.Sobel(one, cv2.CV_32F, 1, 0, ksize=3) for one in relief])
    slope_y = np.stack([cv2.Sobel(one, cv2.CV_32F, 0, 1, ksize=3) for one in relief])
    head = np.stack([painter.head() for painter in painters])
    slope = head * (right * slope_x + down * slope_y) * (-size / 48 / 2.6)
    field = 0.97 + strength * (0.45 * (right * x + down * y) + slope) - 0.2 * (x * x + 0.6 * y * y)
    field += head * 0.17 * relief
    return np.asarray(np.clip(field, 0.15, 1.7))


def _photograph(
    images: NDArray[np.float32], parameters: dict[str, NDArray[Any]], size: int
) -> NDArray[np.uint8]:
    """Add what the camera does: blur, then noise. float32 (n, size, size) becomes uint8."""
    for i in np.flatnonzero(parameters["blur"] > 0.2):
        images[i] = cv2.GaussianBlur(images[i], (0, 0), parameters["blur"][i] * size / 48)
    for i in np.flatnonzero(parameters["noise"]):
        rng = np.random.default_rng(int(parameters["noise_seed"][i]))
        noise = rng.standard_normal((size, size), np.float32)
        images[i] += np.float32(parameters["noise"][i]) * noise
    return np.asarray(np.clip(np.rint(images), 0, 255), dtype=np.uint8)


@lru_cache(maxsize=4)
def _grid(size: int) -> tuple[NDArray[Any], NDArray[Any]]:
    places = (np.arange(size, dtype=np.float32) * 2 + 1) / size - 1
    x, y = np.meshgrid(places, places)
    return x, y
