"""The shape of a face: landmarks joined to curves, wrapped on a head, turned, placed.

Lengths are in half pictures: x runs from -1 (left edge) to 1, y from -1 (top) to 1, z towards the
viewer.
"""
# ruff: noqa: RUF005 - what looks like joined tuples shifts arrays

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.drawn_faces.landmarks import LANDMARKS, move_landmarks

# Hair: where the hairline runs at the side and in the middle, how far the hair stands off the
# head, and how far down it hangs behind.
HAIR_STYLES = {
    "bald": (-0.90, -1.00, 0.00, -0.9),
    "short": (-0.42, -0.74, 0.05, -0.2),
    "fringe": (-0.35, -0.58, 0.08, 0.0),
    "receding": (-0.48, -0.86, 0.03, -0.2),
    "long": (-0.25, -0.72, 0.09, 1.3),
    "curly": (-0.38, -0.66, 0.20, 0.1),
}
_HAIR = np.array(list(HAIR_STYLES.values()))

# The outline of the head from crown to chin, with the depth at which each landmark lies.
_OUTLINE = {
    "crown": -0.10,
    "crown_side": -0.10,
    "temple": -0.05,
    "cheekbone": 0.0,
    "jaw_angle": 0.10,
    "jaw": 0.30,
    "chin": 0.38,
}
_HEAD_RADII = (0.82, 1.25, 0.62)  # of the ellipsoid on which the features are wrapped

Parameters = Mapping[str, NDArray[Any]]
Shapes = dict[str, NDArray[Any]]


def shape_faces(parameters: Parameters) -> Shapes:
    """Return every line and polygon of `n` faces, by name.

    Args:
        parameters: for each name in `drawn_faces.PARAMETERS` an array (n,).

    Returns:
        Float arrays (n, parts, points, 2) in half pictures: two eyes are two parts, and so on.
    """
    marks = move_landmarks(parameters)
    flat = _eyes(marks) | _mouth(marks, parameters) | _creases(marks) | _glasses(marks)
    turned = {name: _turn(_wrap(points), parameters) for name, points in flat.items()}
    for name, points in _nose(marks).items():
        turned[name] = _turn(_wrap(points, lift=0.22), parameters)
    placed = {name: _place(points, parameters) for name, points in turned.items()}
    for name, points in (_head(marks) | _hair(marks, parameters)).items():
        placed[name] = _place(_turn(points, parameters, silhouette=True), parameters)
    return placed | _beard(placed) | _hand(parameters)


def _eyes(marks: Shapes) -> Shapes:
    inner, outer = marks["eye_inner"], marks["eye_outer"]
    upper = _arc(inner, marks["eye_upper"], outer)
    lower = _arc(inner, marks["eye_lower"], outer)

    def disc(radius: float) -> NDArray[Any]:
        angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        x, y = np.split(
            marks["pupil"] + radius * np.stack([np.cos(angles), np.sin(angles)], -1), 2, -1
        )
        t = np.clip((x - inner[..., :1]) / (outer - inner)[..., :1], 0, 1)
        lids = [
            _parabola(t, inner, marks[lid], outer)[..., 1:] for lid in ("eye_upper", "eye_lower")
        ]
        return np.concatenate([x, np.clip(y, *lids)], axis=-1)

    top = _arc(marks["brow_inner"], marks["brow_arch"], marks["brow_outer"])
    return {
        "eyes": _both(np.concatenate([upper, lower[:, ::-1]], axis=1)),
        "irises": _both(disc(0.085)),
        "pupils": _both(disc(0.04)),
        "glints": _both(marks["pupil"] + (0.0, -0.035), mirrored=False),
        "upper_lids": _both(upper),
        "lower_lids": _both(lower),
        "lid_creases": _both(_arc(inner, marks["eye_upper"], outer) + (0.01, -0.05)),
        "brows": _both(top),
    }


def _nose(marks: Shapes) -> Shapes:
    nostril, base = marks["nostril"], marks["nose_base"]
    root, side = marks["nose_root"], marks["nose_side"]
    wing = _arc(nostril + (-0.01, -0.07), nostril + (0.025, -0.02), nostril + (-0.02, 0.03))
    wrinkle = _arc(side * (-1.5, 0), side * (0, 0), side * (1.5, 0)) + (0, 1) * side
    return {
        "nose_ridge": _one(_arc(root * (0, 1), 0.5 * (root + base) * (0, 1), base + (0, -0.08))),
        "nose_sides": _both(_arc(root, side + (-0.02, -0.10), side)),
        "nose_wings": _both(wing),
        "nose_base": _one(_arc(nostril * (-0.6, 1), base + (0, 0.015), nostril * (0.6, 1))),
        "nostrils": _both(
            _arc(nostril + (-0.085, 0.02), nostril + (-0.05, -0.012), nostril + (-0.02, 0.012))
        ),
        "nose_wrinkles": np.stack([wrinkle + (0, dy) for dy in (-0.22, -0.15, -0.08)], axis=1),
    }


def _mouth(marks: Shapes, parameters: Parameters) -> Shapes:
    right = marks["mouth_corner"]
    left = right * _MIRROR
    peak = marks["upper_lip_peak"]
    upper = _arc(left, marks["upper_lip_edge"], right)
    droop = parameters["AU26"][:, None, None]
    lower, base = (
        _arc(left, marks[name], right) * (1 - droop)
        + _half_ellipse(left, marks[name], right) * droop
        for name in ("lower_lip_edge", "lower_lip_base")
    )
    opening = (marks["lower_lip_edge"] - marks["upper_lip_edge"])[..., 1:]
    smile = 0.03 + 0.09 * parameters["AU12"] + 0.06 * parameters["AU20"] + 0.05 * parameters["AU9"]
    shown = np.clip(smile[:, None, None] / np.maximum(opening, 0.001), 0, 0.8)
    dip = peak * (0, 1) + (0, 0.018)
    top = _spline(np.concatenate([left, peak * _MIRROR, dip, peak, right], axis=1))
    return {
        "lips": _one(np.concatenate([top, base[:, ::-1]], axis=1)),
        "mouth": _one(np.concatenate([upper, lower[:, ::-1]], axis=1)),
        "teeth": _one(np.concatenate([upper, (upper + shown * (lower - upper))[:, ::-1]], axis=1)),
        "lip_line": _one(upper),
        "mouth_corners": _both(
            _arc(right + (0.03, -0.05), right + (0.045, 0.0), right + (0.03, 0.05))
        ),
        "under_lip": _one(_arc(left, marks["lower_lip_base"], right)[:, 2:-2] + (0, 0.035)),
        "chin_creases": np.stack(
            [
                _arc(
                    marks["lower_lip_base"] + (-0.15, dy + 0.05),
                    marks["lower_lip_base"] + (0, dy),
                    marks["lower_lip_base"] + (0.15, dy + 0.05),
                )
                for dy in (0.06, 0.12)
            ],
            axis=1,
        ),
        "chin_boss": _one(marks["lower_lip_base"] + (0, 0.17)),
    }


def _creases(marks: Shapes) -> Shapes:
    inner, outer = marks["brow_inner"], marks["eye_outer"]
    frown = _arc(
        inner * (0.45, 1) + (0, -0.04), inner * (0.35, 1) + (0, 0.04), inner * (0.5, 1) + (0, 0.13)
    )
    feet = [
        _arc(outer + (0.05, dy), outer + (0.11, 1.6 * dy), outer + (0.17, 3 * dy))
        for dy in (-0.025, 0.005, 0.035)
    ]
    raised = 0.5 * (marks["brow_arch"] - LANDMARKS["brow_arch"])[..., 1:] * (0, 1)
    lines = [
        _arc(np.array([[-0.34, y + 0.02]]), np.array([[0, y]]), np.array([[0.34, y + 0.02]]))
        + raised
        for y in (-0.53, -0.60, -0.67)
    ]
    lower = _arc(marks["eye_inner"], marks["eye_lower"], outer)
    return {
        "folds": _both(_arc(marks["fold_top"], marks["fold_middle"], marks["fold_end"])),
        "frown_lines": _both(frown),
        "crows_feet": np.concatenate([_both(foot) for foot in feet], axis=1),
        "forehead_lines": np.stack(lines, axis=1),
        "eye_bags": _both(lower + (0, 0.055)),
        "cheeks": _both(marks["cheek"]),
        "sockets": _both(marks["eye_inner"] + (0.03, -0.02)),
    }


def _glasses(marks: Shapes) -> Shapes:
    centre = 0.5 * (marks["eye_inner"] + marks["eye_outer"]) + (0.01, 0.02)
    angles = np.linspace(0, 2 * np.pi, 25)
    rim = centre + np.stack([0.215 * np.cos(angles), 0.165 * np.sin(angles)], axis=-1)
    nose_side = centre - (0.215, 0.02)
    bridge = _arc(nose_side * _MIRROR, nose_side * (0, 1) + (0, -0.03), nose_side)
    side = centre + (0.215, -0.03)
    return {
        "rims": _both(rim),
        "bridge": _one(bridge),
        "temples": _both(_arc(side, side + (0.1, -0.01), side + (0.2, -0.02))),
    }


def _head(marks: Shapes) -> Shapes:
    half = np.concatenate([_deepen(marks[name], depth) for name, depth in _OUTLINE.items()], axis=1)
    outline = np.concatenate([half, half[:, -2:0:-1] * (-1, 1, 1)], axis=1)
    ear = _deepen(marks["cheekbone"] + (0.03, -0.06), -0.15)
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    oval = np.stack([0.10 * np.cos(angles), 0.17 * np.sin(angles), 0 * angles], axis=-1)
    throat = _deepen(marks["jaw"] + (0.06, -0.1), 0.1)
    return {
        "head": _one(_spline(outline, closed=True)),
        "ears": _both(ear + oval),
        "neck": _one(
            np.concatenate(
                [
                    throat,
                    throat + (0.02, 0.6, 0),
                    (throat + (0.02, 0.6, 0)) * (-1, 1, 1),
                    throat * (-1, 1, 1),
                ],
                axis=1,
            )
        ),
    }


def _hair(marks: Shapes, parameters: Parameters) -> Shapes:
    side, middle, volume, drop = _HAIR[parameters["hair_style"].astype(int)].T[..., None]
    zero = np.zeros_like(side)

    def points(*half: tuple[NDArray[Any] | float, ...]) -> NDArray[Any]:
        rows = np.stack(
            [np.concatenate([zero + value for value in row], axis=1) for row in half], 1
        )
        return np.concatenate([rows, rows[:, -2::-1] * (-1, 1, 1)], axis=1)

    temple = marks["temple"][..., 0]
    outer = points(
        (temple + 0.3 * volume, side, -0.05),
        (temple + volume, -0.5, -0.1),
        (0.50 + volume, -0.87 - volume, -0.1),
        (0.0, -1.03 - volume, -0.1),
    )
    hairline = points(
        (temple - 0.04, side, 0.0),
        (temple - 0.10, 0.5 * side + 0.5 * middle, 0.1),
        (0.36, middle, 0.2),
        (0.0, middle - 0.03, 0.25),
    )
    behind = points(
        (temple + 0.5 * volume, drop, -0.2),
        (temple + volume, -0.4, -0.2),
        (0.54 + volume, -0.88 - volume, -0.2),
        (0.0, -1.05 - volume, -0.2),
    )
    return {
        "hair": _one(np.concatenate([_spline(outer), _spline(hairline)[:, ::-1]], axis=1)),
        "hair_behind": _one(_spline(behind)),
    }


def _beard(placed: Shapes) -> Shapes:
    """Join the lower part of the outline to the fold beside the mouth and the upper lip."""
    outline = placed["head"][:, 0]
    lower = outline[:, 10:31]  # four points for each landmark, from the crown's side round
    right, left = placed["folds"][:, 0], placed["folds"][:, 1]
    moustache = 0.5 * (placed["nose_base"][:, 0] + placed["lips"][:, 0, 4:13])
    top = np.concatenate([left[:, ::-1][:, :5], moustache, right[:, 4:]], axis=1)
    return {"beard": _one(np.concatenate([lower, top], axis=1))}


def _hand(parameters: Parameters) -> Shapes:
    angle = np.deg2rad(parameters["hand_direction"])[:, None]
    outward = np.stack([np.cos(angle), np.sin(angle)], axis=-1)  # (n, 1, 2)
    across = outward[..., ::-1] * _MIRROR
    tip = (0.0, 0.25) + outward * (1.05 - 0.85 * parameters["hand"][:, None, None])
    fingers = []
    for place, shortfall in ((-0.24, 0.06), (-0.08, 0.0), (0.08, 0.02), (0.24, 0.12)):
        start = tip + place * across + shortfall * outward
        fingers.append(np.concatenate([start, start + 0.55 * outward], axis=1))
    return {
        "fingers": np.stack(fingers, axis=1),
        "palm": _one(
            np.concatenate(
                [
                    tip + 0.5 * outward - 0.3 * across,
                    tip + 0.5 * outward + 0.3 * across,
                    tip + 2 * outward + 0.25 * across,
                    tip + 2 * outward - 0.25 * across,
                ],
                axis=1,
            )
        ),
    }


def _turn(
    points: NDArray[np.floating], parameters: Parameters, silhouette: bool = False
) -> NDArray[Any]:
    """Turn points (n, parts, k, 3) by yaw and pitch and drop the depth.

    The outline of a turned ellipsoid keeps its width: a silhouette shifts without narrowing.
    """
    yaw, pitch = (np.deg2rad(parameters[name])[:, None, None] for name in ("yaw", "pitch"))
    x, y, z = np.moveaxis(points, -1, 0)
    if silhouette:
        return np.stack([x + z * np.sin(yaw), y + z * np.sin(pitch)], axis=-1)
    x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    return np.stack([x, y * np.cos(pitch) + z * np.sin(pitch)], axis=-1)


def _place(points: NDArray[np.floating], parameters: Parameters) -> NDArray[Any]:
    """Widen, roll, enlarge and shift points (n, parts, k, 2) within the picture."""

    def column(name: str) -> NDArray[Any]:
        return parameters[name][:, None, None]

    x, y = points[..., 0] * (1 + column("face_width")), points[..., 1] * (1 + column("face_length"))
    roll = np.deg2rad(column("roll"))
    x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    zoom = column("zoom")
    return np.stack([x * zoom + column("shift_x"), y * zoom + column("shift_y")], axis=-1)


def _wrap(points: NDArray[np.floating], lift: float = 0.0) -> NDArray[Any]:
    """Give flat points the depth of the head's ellipsoid below them, plus `lift`."""
    across, down, depth = _HEAD_RADII
    inside = 1 - (points[..., 0] / across) ** 2 - (points[..., 1] / down) ** 2
    return np.concatenate(
        [points, (depth * np.sqrt(np.maximum(inside, 0.02)) + lift)[..., None]], -1
    )


def _deepen(points: NDArray[np.floating], depth: float) -> NDArray[Any]:
    return np.concatenate([points, np.full((*points.shape[:-1], 1), depth)], axis=-1)


def _parabola(
    t: NDArray[Any],
    start: NDArray[np.floating],
    middle: NDArray[np.floating],
    end: NDArray[np.floating],
) -> NDArray[Any]:
    ends = (1 - t) * (1 - 2 * t) * start + t * (2 * t - 1) * end
    return np.asarray(ends + 4 * t * (1 - t) * middle)


def _arc(
    start: NDArray[np.floating], middle: NDArray[np.floating], end: NDArray[np.floating]
) -> NDArray[Any]:
    """Return a parabola through three points (n, 1, 2) as a line (n, 9, 2)."""
    return _parabola(np.linspace(0, 1, 9)[:, None], start, middle, end)


def _half_ellipse(
    start: NDArray[np.floating], middle: NDArray[np.floating], end: NDArray[np.floating]
) -> NDArray[Any]:
    """Return half an ellipse through three points (n, 1, 2) as a line (n, 9, 2)."""
    angle = np.linspace(np.pi, 0, 9)[:, None]
    centre = 0.5 * (start + end)
    across = 0.5 * (end - start) * np.cos(angle)
    return np.asarray(centre + across + (middle - centre) * np.sin(angle))


def _spline(points: NDArray[np.floating], closed: bool = False) -> NDArray[Any]:
    """Return a Catmull-Rom spline through points (n, k, d), four steps for each."""
    if not closed:
        points = np.concatenate([points[:, :1], points, points[:, -1:]], axis=1)
    before, here, after, later = (np.roll(points, -i, axis=1)[:, :, None] for i in range(4))
    t = np.linspace(0, 1, 4, endpoint=False)[:, None]
    pieces = here + 0.5 * (
        t * (after - before)
        + t**2 * (2 * before - 5 * here + 4 * after - later)
        + t**3 * (3 * here - before - 3 * after + later)
    )
    if not closed:
        pieces = pieces[:, :-3]
    line = pieces.reshape(len(points), -1, points.shape[-1])
    return line if closed else np.concatenate([line, points[:, -1:]], axis=1)


def _one(points: NDArray[np.floating]) -> NDArray[Any]:
    return points[:, None]


def _both(points: NDArray[np.floating], mirrored: bool = True) -> NDArray[Any]:
    """Return the part at positive x and its mirror image as two parts."""
    mirror = np.array([-1.0, 1.0, 1.0][: points.shape[-1]])
    return np.stack([points, points * mirror], axis=1)


_MIRROR = np.array([-1.0, 1.0])
