"""`python -m course_utils.webcam` as its user meets it: with a screen, without, and stopped."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

import course_utils.webcam.__main__ as command
from course_utils.webcam.__main__ import main
from course_utils.webcam.sources import Frame, FrameSource
from course_utils.webcam.timeline import read_timeline
from course_utils.webcam.window import Window


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """Eileen Collins, photographed by NASA; in the public domain, bundled with scikit-image."""
    return cv2.resize(skimage.data.astronaut()[:384], (320, 240), interpolation=cv2.INTER_AREA)


def write_film(path: Path, portrait: np.ndarray, frames: int) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for _ in range(frames):
        writer.write(cv2.cvtColor(portrait, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def count_frames(path: Path) -> int:
    capture, count = cv2.VideoCapture(str(path)), 0
    while capture.read()[0]:
        count += 1
    return count


def test_a_video_becomes_a_video_a_table_and_a_plot(portrait, tmp_path, capsys):
    film = write_film(tmp_path / "film.avi", portrait, 5)
    files = {kind: tmp_path / f"out.{kind}" for kind in ("mp4", "csv", "png")}
    options = ["--video", files["mp4"], "--csv", files["csv"], "--plot", files["png"]]
    assert main([str(film), "--no-window", *map(str, options)]) == 0
    shown = capsys.readouterr()
    assert "5 frames, 5 faces in all." in shown.out
    assert all(f"Written: {path}" in shown.out for path in files.values())
    assert "100%" in shown.err, "no progress was shown"
    assert count_frames(files["mp4"]) == 5
    table = read_timeline(files["csv"])
    assert table["frame"].tolist() == list("01234") and set(table["track_id"]) == {1}
    assert Image.open(files["png"]).width > 800
    # The annotated picture differs from the film around the box, and there alone.
    _, drawn = cv2.VideoCapture(str(files["mp4"])).read()
    difference = np.abs(drawn[..., ::-1].astype(int) - portrait).max(axis=2) > 90
    left, top = table.loc[0, ["x", "y"]]
    assert difference[:, : int(left) - 30].mean() < 0.01 < difference.mean()
    assert difference[int(top) - 5 : int(top) + 5].any()


def test_a_folder_of_pictures(portrait, tmp_path, capsys):
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.fromarray(portrait).save(folder / "a.png")
    Image.fromarray(portrait[::2, ::2]).save(folder / "b.jpg")
    options = ["--no-window", "--csv", str(tmp_path / "faces.csv")]
    assert main([str(folder), *options, "--video", str(tmp_path / "show.avi")]) == 0
    assert read_timeline(tmp_path / "faces.csv")["frame"].tolist() == ["a.png", "b.jpg"]
    assert "2 pictures, 2 faces" in capsys.readouterr().out
    assert count_frames(tmp_path / "show.avi") == 2


def test_one_picture_is_counted_as_one(portrait, tmp_path, capsys):
    Image.fromarray(portrait).save(tmp_path / "a.png")
    assert main([str(tmp_path / "a.png"), "--no-window"]) == 0
    assert capsys.readouterr().out.startswith("1 picture, 1 face in all. ")


def test_a_picture_that_cannot_be_read_is_named_and_the_others_are_read(portrait, tmp_path, capsys):
    for name in ("a.jpg", "c.png"):
        (tmp_path / name).touch()
    Image.fromarray(portrait).save(tmp_path / "b.png")
    assert main([str(tmp_path), "--no-window"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("1 picture, 1 face in all. ")
    for name in ("a.jpg", "c.png"):
        assert f"warning: {tmp_path / name} cannot be read and is left out" in shown.err
    assert ".py" not in shown.err  # where in the code it was found helps nobody


@pytest.mark.parametrize("content", [b"", b"no picture"])
@pytest.mark.parametrize(
    ("names", "asked", "says"),
    [
        (["a.jpg"], "a.jpg", "a.jpg cannot be read as a picture"),
        (["a.jpg", "b.png"], "", "holds no picture that can be read"),
        (["a.mp4"], "a.mp4", "a.mp4 is no video that OpenCV can read"),
    ],
)
def test_where_nothing_can_be_read_it_fails(names, asked, says, content, tmp_path, capsys):
    for name in names:
        (tmp_path / name).write_bytes(content)
    assert main([str(tmp_path / asked), "--no-window"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    last = shown.err.splitlines()[-1]
    assert last.startswith("error: ") and says in last


def test_nothing_is_written_unasked(portrait, tmp_path, monkeypatch):
    film = write_film(tmp_path / "film.avi", portrait, 2)
    monkeypatch.chdir(tmp_path)
    assert main([str(film), "--no-window"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["film.avi"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["gone.mp4"], "There is no 'gone.mp4'"),
        (["gone.mp4"], "a video file, a picture or a folder of pictures"),
        (["{film}", "--csv", "{film}"], "exists already"),
        (["{film}", "--plot", "plot.png"], "name a file for that"),
        (["{film}", "--video", "out.mov"], "not in '.mov'"),
        (["{folder}", "--csv", "faces.csv", "--plot", "plot.png"], "have no time"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(arguments, says, portrait, tmp_path, capsys):
    film = write_film(tmp_path / "film.avi", portrait, 1)
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.fromarray(portrait).save(folder / "a.png")
    before = sorted(tmp_path.rglob("*"))
    names = {"film": film, "folder": folder}
    assert main([*(text.format(**names) for text in arguments), "--no-window"]) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith("error: ") and says in shown.err
    assert sorted(tmp_path.rglob("*")) == before


class Stream(FrameSource):
    """A camera for a test, which fails after some frames."""

    name, is_live = "stream", True

    def __init__(self, pictures: list, failure: BaseException) -> None:
        self.pictures, self.failure = pictures, failure

    def __iter__(self):
        for index, pixels in enumerate(self.pictures):
            yield Frame(pixels, index / 25, str(index))
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "status", "says"),
    [
        (KeyboardInterrupt(), 0, "Stopped."),
        (TimeoutError("The stream has sent no picture for 5 seconds."), 1, "no picture"),
    ],
)
def test_what_a_camera_showed_before_it_stopped_is_kept(
    failure, status, says, portrait, tmp_path, monkeypatch, capsys
):
    """Also where the stream changes its size half-way."""
    pictures = [portrait, portrait, np.zeros((1, 1, 3), np.uint8), portrait[::2, ::2]]
    monkeypatch.setattr(command, "open_source", lambda where: Stream(pictures, failure))
    video, table = tmp_path / "out.avi", tmp_path / "out.csv"
    assert main(["--no-window", "--video", str(video), "--csv", str(table)]) == status
    shown = capsys.readouterr()
    assert says in shown.err and "4 frames, 3 faces" in shown.out
    assert count_frames(video) == 4
    assert read_timeline(table)["frame"].tolist() == ["0", "1", "3"]


def start(*arguments: str, **environment: str) -> subprocess.Popen:
    own = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    return subprocess.Popen(
        [sys.executable, "-m", "course_utils.webcam", *arguments],
        env={**own, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path, size: int) -> None:
    deadline = time.monotonic() + 120
    while not (path.is_file() and path.stat().st_size > size):
        assert time.monotonic() < deadline, f"{path} does not grow"
        time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_with_complete_files(stop, portrait, tmp_path):
    film = write_film(tmp_path / "film.avi", portrait, 3000)
    video, table = tmp_path / "out.mp4", tmp_path / "out.csv"
    process = start(str(film), "--video", str(video), "--csv", str(table))
    wait_for(table, 1000)
    process.send_signal(stop)
    shown, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "Stopped." in told and "Traceback" not in told and "frames," in shown
    frames = count_frames(video)
    assert 0 < frames < 3000
    assert abs(len(read_timeline(table)) - frames) <= 1


def test_a_broken_film_is_told_by_our_sentence_alone(portrait, tmp_path):
    film = write_film(tmp_path / "film.mp4", portrait, 20)
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])  # its index is at its end
    process = start(str(film), "--no-window")
    _, told = process.communicate(timeout=120)
    assert process.returncode == 1
    assert told.startswith(f"error: {film} is no video") and told.count("\n") == 1


def test_a_film_with_a_hole_brings_no_line_of_ffmpeg(portrait, tmp_path):
    film = write_film(tmp_path / "film.avi", portrait, 20)
    content = bytearray(film.read_bytes())
    third = len(content) // 3
    content[third : third + 3000] = bytes(3000)
    film.write_bytes(content)
    process = start(str(film), "--no-window")
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0 and "mjpeg @" not in told


@pytest.mark.skipif(sys.platform != "linux", reason="only here is a screen optional")
def test_without_a_screen_it_says_so_and_goes_on(portrait, tmp_path):
    film = write_film(tmp_path / "film.avi", portrait, 2)
    process = start(str(film))
    shown, told = process.communicate(timeout=120)
    assert process.returncode == 0 and "2 frames, 2 faces" in shown
    assert "There is no screen" in told or "no Tk" in told


@pytest.fixture(scope="module")
def display():
    """The name of a screen in memory, one for all tests.

    Tk stays connected to a screen after its windows are closed, and ends Python where the screen
    goes first. So this one goes by itself, with its last client.
    """
    pytest.importorskip("tkinter")
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed, so there is no screen to open a window on")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-terminate"]
    subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:
        return f":{answer.readline().strip()}"


@pytest.fixture
def screen(display, monkeypatch):
    """A screen in memory, as the one that programs find."""
    monkeypatch.setenv("DISPLAY", display)


def test_the_window_shows_the_frame_and_fits_the_screen(screen):
    window = Window("test")
    window.show(np.full((1000, 4000, 3), (250, 5, 5), np.uint8))
    root = window._root
    assert root.winfo_width() <= 0.9 * 800 + 2
    assert root.winfo_width() / root.winfo_height() == pytest.approx(4, rel=0.05)
    photo = window._label.photo
    assert photo._PhotoImage__photo.get(3, 3) == (250, 5, 5)
    window.close()
    window.close()
    assert not window.is_open


@pytest.mark.parametrize("key", ["<q>", "<Escape>"])
def test_a_key_closes_the_window(screen, key):
    window = Window("test")
    window.show(np.zeros((20, 20, 3), np.uint8))
    window._root.after(50, lambda: window._root.event_generate(key))
    window._root.focus_force()
    window.wait(20)
    assert not window.is_open


def test_pictures_wait_for_a_key(screen):
    window = Window("test")
    window.show(np.zeros((20, 20, 3), np.uint8))
    window._root.focus_force()
    window._root.after(300, lambda: window._root.event_generate("<space>"))
    started = time.monotonic()
    window.wait_until_pressed()
    assert window.is_open and time.monotonic() - started > 0.2
    window.close()


def test_closing_the_window_ends_the_command(screen, portrait, tmp_path, monkeypatch):
    film = write_film(tmp_path / "film.avi", portrait, 500)
    shown = []

    class ClosedSoon(Window):
        def show(self, pixels):
            super().show(pixels)
            shown.append(pixels)
            if len(shown) == 3:
                self.close()

    monkeypatch.setattr(command, "Window", ClosedSoon)
    assert main([str(film), "--csv", str(tmp_path / "out.csv")]) == 0
    assert len(shown) == 3
    assert read_timeline(tmp_path / "out.csv")["frame"].nunique() == 3
