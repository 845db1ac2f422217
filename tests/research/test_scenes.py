"""Scenes hold their faces where they say, and boxes are compared with those places."""

import numpy as np
import pytest

from research.scenes import CONDITIONS, NO_FACE, is_found, make_scenes


def photographs(count: int) -> np.ndarray:
    """White pictures, which no ground of a scene holds."""
    return np.full((count, 48, 48), 255, np.uint8)


def test_scenes_hold_the_photograph_where_they_say():
    scenes = list(make_scenes(photographs(18), of_each=2, without=3))
    assert [scene.condition for scene in scenes[::2][:9]] == list(CONDITIONS)
    assert [scene.condition for scene in scenes[-3:]] == [NO_FACE] * 3
    for scene in scenes:
        assert scene.pixels.shape == (480, 640, 3) and scene.pixels.dtype == np.uint8
        for x, y, side in scene.faces:
            _, _, light = CONDITIONS[scene.condition]
            reach = round(side / 2 * 0.6)
            inside = scene.pixels[
                round(y) - reach : round(y) + reach, round(x) - reach : round(x) + reach
            ]
            assert inside.min() == inside.max() == int(255 * light)


def test_the_same_seed_makes_the_same_scenes():
    first, again, other = (
        next(iter(make_scenes(photographs(9), 1, 0, seed))).pixels for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((60, 60, 80, 80), True),  # the photograph is 100 wide, around (100, 100)
        ((84, 60, 80, 80), True),
        ((86, 60, 80, 80), False),  # 26 to the right
        ((80, 80, 40, 40), True),
        ((81, 81, 38, 38), False),
        ((25, 25, 150, 150), True),
        ((24, 24, 152, 152), False),
    ],
)
def test_a_box_shows_a_face_or_not(box, expected):
    assert is_found((100, 100, 100), box) == expected
