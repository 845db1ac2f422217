"""Frames come in order and on time, and what ends, freezes or is damaged is told."""

import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from course_utils.webcam import sources
from course_utils.webcam.sources import Camera, Pictures, VideoFile, open_source


def write_video(path: Path, levels: list[int], rate: float = 20, size: tuple = (64, 48)) -> Path:
    """Write a video whose frames are of one grey level each."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, size)
    for level in levels:
        writer.write(np.full((size[1], size[0], 3), level, np.uint8))
    writer.release()
    return path


class FakeCapture:
    """A camera as OpenCV shows it, that sends the given frames and then does what it is told."""

    def __init__(self, frames: list, at_the_end: str = "ends", opens: bool = True) -> None:
        self.frames, self.at_the_end, self.opens = list(frames), at_the_end, opens
        self.released = False
        self.hold = threading.Event()
        self.step = threading.Semaphore(0)

    def __call__(self, number: int) -> "FakeCapture":
        self.track_id = number
        return self

    def isOpened(self) -> bool:  # noqa: N802  (OpenCV names it so)
        return self.opens

    def get(self, wanted: int) -> float:
        return 0.0

    def read(self) -> tuple:
        if self.frames:
            self.step.acquire()
            return True, self.frames.pop(0)
        if self.at_the_end == "freezes":
            self.hold.wait(5)
        return False, None

    def release(self) -> None:
        self.released = True


def bgr(*colour: int, size: tuple = (4, 6)) -> np.ndarray:
    return np.full((*size, 3), colour, np.uint8)


@pytest.fixture
def camera(monkeypatch):
    def plug_in(capture: FakeCapture) -> FakeCapture:
        monkeypatch.setattr(sources.cv2, "VideoCapture", capture)
        monkeypatch.setattr(sources, "SECONDS_OF_PATIENCE", 0.2)
        return capture

    return plug_in


def test_a_video_gives_every_frame_at_its_time(tmp_path):
    levels = [10, 60, 120, 180, 240]
    path = write_video(tmp_path / "film.avi", levels)
    with open_source(path) as source:
        assert isinstance(source, VideoFile)
        assert (source.length, source.rate, source.has_time, source.is_live) == (5, 20, True, False)
        frames = list(source)
    assert [round(frame.pixels.mean()) for frame in frames] == pytest.approx(levels, abs=3)
    assert [frame.seconds for frame in frames] == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])
    assert [frame.name for frame in frames] == ["0", "1", "2", "3", "4"]


def test_a_video_keeps_red_first(tmp_path):
    writer = cv2.VideoWriter(
        str(tmp_path / "red.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48)
    )
    writer.write(bgr(10, 10, 240, size=(48, 64)))
    writer.release()
    (frame,) = open_source(tmp_path / "red.avi")
    assert frame.pixels[..., 0].mean() > 200 and frame.pixels[..., 2].mean() < 60


def test_times_never_run_backwards(tmp_path, monkeypatch):
    """Some files state no times at all: every frame then comes a 25th of a second later."""
    path = write_video(tmp_path / "film.avi", [1, 2, 3, 4])
    source = VideoFile(path)
    real = source._capture

    class WithoutTimes:
        read, release = real.read, real.release

        def get(self, wanted: int) -> float:
            return 0.0

    source._capture = WithoutTimes()
    assert [frame.seconds for frame in source] == pytest.approx([0, 0.05, 0.1, 0.15])


def test_a_video_that_was_cut_off_is_told(tmp_path):
    path = write_video(tmp_path / "cut.avi", [50] * 40, size=(320, 240))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    source = open_source(path)
    source.length = 40  # the file's index, which would say so, is cut off as well
    with pytest.warns(UserWarning, match=r"cut\.avi ends after \d+ of 40 frames"):
        assert 0 < len(list(source)) < 36


def test_a_whole_video_brings_no_warning(tmp_path, recwarn):
    assert len(list(open_source(write_video(tmp_path / "film.avi", [9] * 12)))) == 12
    assert len(recwarn) == 0


def test_what_is_no_video_is_named(tmp_path):
    (tmp_path / "notes.txt").write_text("no video", encoding="utf-8")
    with pytest.raises(ValueError, match=r"notes\.txt is no video"):
        open_source(tmp_path / "notes.txt")


def test_nothing_of_that_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="number of a camera"):
        open_source(tmp_path / "gone.mp4")


def test_pictures_come_by_name_and_upright(tmp_path):
    tall = np.zeros((20, 10, 3), np.uint8)
    tall[:10] = 255  # the upper half is white
    Image.fromarray(tall).save(tmp_path / "b.png")
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held upright: turn it by 90 degrees clockwise
    Image.fromarray(np.rot90(tall)).save(tmp_path / "a.jpg", exif=turned, quality=95)
    (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
    source = open_source(tmp_path)
    assert isinstance(source, Pictures) and source.length == 2 and not source.has_time
    first, second = source
    assert (first.name, second.name) == ("a.jpg", "b.png")
    assert first.pixels.shape == second.pixels.shape == (20, 10, 3)
    assert np.abs(first.pixels.astype(int) - second.pixels).max() < 40
    assert np.isnan(first.seconds)


def test_one_picture_is_a_source_too(tmp_path):
    Image.fromarray(np.full((5, 5), 77, np.uint8)).save(tmp_path / "grey.png")
    (frame,) = open_source(tmp_path / "grey.png")
    assert frame.pixels.shape == (5, 5, 3) and (frame.pixels == 77).all()


def test_a_damaged_picture_is_named_and_left_out(tmp_path):
    Image.fromarray(np.zeros((5, 5), np.uint8)).save(tmp_path / "b.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "b.png").read_bytes()[:30])
    with pytest.warns(UserWarning, match=r"a\.png cannot be read"):
        assert [frame.name for frame in open_source(tmp_path)] == ["b.png"]


def test_a_folder_without_pictures_is_named(tmp_path):
    with pytest.raises(ValueError, match="holds no picture"):
        open_source(tmp_path)


def test_a_camera_gives_its_newest_frame(camera):
    capture = camera(FakeCapture([bgr(0, 0, red) for red in (10, 20, 30)]))
    with open_source("1") as source:
        assert isinstance(source, Camera) and source.is_live and capture.track_id == 1
        frames = iter(source)
        capture.step.release()
        first = next(frames)
        capture.step.release(2)  # two more come while the first one is looked at
        deadline = time.monotonic() + 5
        while capture.frames and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(OSError, match="camera 1 has stopped"):
            while True:
                next(frames)
    assert first.pixels[0, 0].tolist() == [10, 0, 0] and first.seconds == 0
    assert capture.released


def test_frames_that_nobody_fetches_are_skipped(camera):
    capture = camera(FakeCapture([bgr(0, 0, red) for red in (10, 20, 30)], "freezes"))
    with open_source("0") as source:
        capture.step.release(3)
        deadline = time.monotonic() + 5
        while capture.frames and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05)
        frame = next(iter(source))
        assert frame.pixels[0, 0].tolist() == [30, 0, 0]
        capture.hold.set()


def test_a_camera_that_freezes_is_told(camera):
    capture = camera(FakeCapture([bgr(1, 2, 3)], "freezes"))
    with open_source("0") as source:
        frames = iter(source)
        capture.step.release()
        next(frames)
        with pytest.raises(TimeoutError, match=r"no picture for 0\.2 seconds"):
            next(frames)
        capture.hold.set()


def test_a_camera_that_repeats_itself_is_told_once(camera):
    capture = camera(FakeCapture([bgr(7, 7, 7)] * 13))
    with open_source("0") as source:
        frames = iter(source)
        with pytest.warns(UserWarning, match="very same picture") as told:
            for _ in range(12):
                capture.step.release()
                next(frames)
                time.sleep(0.04)
        capture.step.release()
    assert len(told) == 1


def test_a_camera_may_change_its_size(camera):
    capture = camera(FakeCapture([bgr(1, 1, 1), bgr(1, 1, 1, size=(8, 10)), bgr(1, 1, 1)]))
    with open_source("0") as source:
        shapes = []
        frames = iter(source)
        for _ in range(2):
            capture.step.release()
            shapes.append(next(frames).pixels.shape)
        capture.step.release()
    assert shapes == [(4, 6, 3), (8, 10, 3)]


def test_a_camera_that_does_not_open_is_told(camera):
    camera(FakeCapture([], opens=False))
    with pytest.raises(OSError, match=r"Camera 0 does not open.*another program"):
        open_source("0")
