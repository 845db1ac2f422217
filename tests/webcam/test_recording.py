"""What is kept can be read again, complete and at the right speed, and nothing is lost."""

import cv2
import numpy as np
import pandas as pd
import pytest

from course_utils.webcam.recording import CODECS, TableRecorder, VideoRecorder, fit


def grey(level: int, size: tuple[int, int] = (48, 64)) -> np.ndarray:
    return np.full((*size, 3), level, np.uint8)


def levels(path) -> list[int]:
    capture = cv2.VideoCapture(str(path))
    found = []
    while (frame := capture.read())[0]:
        found.append(int(frame[1].mean().round()))
    return found


@pytest.mark.parametrize("suffix", CODECS)
def test_a_video_comes_back_as_it_was(tmp_path, suffix):
    path = tmp_path / f"film{suffix}"
    with VideoRecorder(path, 10) as video:
        for index, level in enumerate((20, 90, 160, 230)):
            video.write(grey(level), index / 10)
    assert levels(path) == pytest.approx([20, 90, 160, 230], abs=6)
    capture = cv2.VideoCapture(str(path))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(10)


def test_a_video_runs_as_fast_as_life_did(tmp_path):
    """A frame is repeated until the next one's time has come; two at once are one."""
    path = tmp_path / "film.avi"
    with VideoRecorder(path, 10) as video:
        for level, seconds in ((20, 0.0), (90, 0.3), (160, 0.31), (230, 0.4)):
            video.write(grey(level), seconds)
    assert levels(path) == pytest.approx([20, 90, 90, 90, 230], abs=6)


def test_a_video_keeps_red_first(tmp_path):
    with VideoRecorder(tmp_path / "red.avi", 10) as video:
        video.write(np.full((48, 64, 3), (240, 10, 10), np.uint8), 0)
    _, frame = cv2.VideoCapture(str(tmp_path / "red.avi")).read()
    assert frame[..., 2].mean() > 200  # OpenCV reads BGR


def test_a_size_that_changes_is_fitted_into_the_first(tmp_path):
    path = tmp_path / "film.avi"
    with VideoRecorder(path, 10) as video:
        video.write(grey(200, (49, 65)), 0)  # odd: most codecs want even numbers
        video.write(grey(200, (100, 50)), 0.1)
        video.write(grey(200, (1, 1)), 0.2)
    capture = cv2.VideoCapture(str(path))
    shapes = []
    while (frame := capture.read())[0]:
        shapes.append(frame[1].shape)
    assert shapes == [(50, 66, 3)] * 3


def test_a_tall_picture_stands_between_black_bars():
    fitted = fit(grey(255, (100, 50)), (64, 48))
    assert fitted.shape == (48, 64, 3)
    columns = np.flatnonzero(fitted[24, :, 0])
    assert (columns.min(), columns.max()) == (20, 43)
    np.testing.assert_array_equal(fit(grey(9), (64, 48)), grey(9))


def test_what_exists_is_not_written_over(tmp_path):
    path = tmp_path / "mine.mp4"
    path.write_text("precious", encoding="utf-8")
    for make in (lambda: VideoRecorder(path, 10), lambda: TableRecorder(path, ("a",))):
        with pytest.raises(FileExistsError, match=r"mine\.mp4 exists already"):
            make()
    assert path.read_text(encoding="utf-8") == "precious"


def test_a_missing_folder_and_a_wrong_suffix_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        VideoRecorder(tmp_path / "gone" / "film.mp4", 10)
    with pytest.raises(ValueError, match=r"\.mp4, \.avi, \.webm, not in '\.mov'"):
        VideoRecorder(tmp_path / "film.mov", 10)


def test_a_video_without_a_frame_is_no_file(tmp_path):
    with VideoRecorder(tmp_path / "film.mp4", 10):
        pass
    assert not (tmp_path / "film.mp4").exists()


def test_every_row_is_on_disk_at_once(tmp_path):
    path = tmp_path / "faces.csv"
    table = TableRecorder(path, ("a", "b"))
    table.write([{"a": 1, "b": "x, y"}])
    assert pd.read_csv(path).to_dict("list") == {"a": [1], "b": ["x, y"]}
    table.write([])
    table.write([{"a": 2, "b": ""}, {"a": 3, "b": "ü"}])
    table.close()
    assert pd.read_csv(path, keep_default_na=False)["b"].tolist() == ["x, y", "", "ü"]
