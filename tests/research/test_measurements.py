"""The commands that measure count what they say they count."""

import importlib
import sys
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from research import benchmark_training
from research.choose_threshold import best_threshold
from research.compare_detectors import judge
from research.scenes import CONDITIONS, NO_FACE, Scene, is_found, make_scenes


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


def test_found_faces_and_false_boxes_by_hand():
    scene = Scene(np.zeros((480, 640, 3), np.uint8), ((100, 100, 100), (400, 300, 80)), "both")
    right, wrong = [60.0, 60.0, 80.0, 80.0], [300.0, 10.0, 50.0, 50.0]
    assert judge(scene, [right, wrong]) == {"condition": "both", "found": 1, "false": 1}
    assert judge(scene, []) == {"condition": "both", "found": 0, "false": 0}
    assert judge(Scene(scene.pixels, (), NO_FACE), [wrong]) | {"condition": ""} == {
        "condition": "",
        "found": 0,
        "false": 1,
    }


def test_the_threshold_is_where_right_names_exceed_wrong_ones_by_most():
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    right = np.array([True, True, False, True, False, False])
    # Naming from 0.9: +1; from 0.8: +2; 0.7: +1; 0.6: +2; 0.5: +1; 0.4: 0. The first best counts.
    assert best_threshold(confidence, right) == 0.8
    right[2] = True
    assert best_threshold(confidence[::-1], right[::-1]) == 0.6


def test_the_threshold_of_a_calibrated_network_is_one_half():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.2, 1, 200_000)
    right = rng.random(200_000) < confidence
    assert best_threshold(confidence, right) == pytest.approx(0.5, abs=0.04)


def test_the_peak_memory_is_no_less_than_what_is_held_now():
    held = psutil.Process().memory_info().rss / 1e9
    assert 0.95 * held < benchmark_training.peak_gigabytes() < 20 * held


def test_windows_counts_the_peak_memory_too(monkeypatch):
    """Windows has no module `resource`."""
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.delitem(sys.modules, "research.benchmark_training", raising=False)
    benchmark = importlib.import_module("research.benchmark_training")
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(peak_wset=2_500_000_000))
    monkeypatch.setattr(benchmark.psutil, "Process", lambda: process)
    monkeypatch.setattr(sys, "platform", "win32")
    assert benchmark.peak_gigabytes() == 2.5
