"""The command `python -m course_utils.webcam`: a camera, a video or pictures, read face by face."""

import argparse
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
from tqdm import tqdm

from course_utils.webcam.annotation import annotate, caption
from course_utils.webcam.recording import Recorder, TableRecorder, VideoRecorder
from course_utils.webcam.sources import Frame, FrameSource, open_source
from course_utils.webcam.timeline import COLUMNS, as_rows, read_faces, read_timeline
from course_utils.webcam.tracking import DetectedFace
from course_utils.webcam.window import Window
from course_utils.wording import counted

SECONDS_PER_PICTURE = 1.0  # in a video made of single pictures
STOPPED = 130  # what a shell reports after Ctrl-C


class Session:
    """One run of the command: frames go in, and on to the window and the files.

    Args:
        source: where the frames come from.
        window: where they are shown, or None.
        video: where they are kept, or None.
        table: where the faces are kept, or None.
    """

    def __init__(
        self,
        source: FrameSource,
        window: Window | None = None,
        video: VideoRecorder | None = None,
        table: TableRecorder | None = None,
    ) -> None:
        self.source, self.window, self.video, self.table = source, window, video, table
        self.frames = 0
        self.counts: Counter[str] = Counter()
        self._started = 0.0

    def run(self) -> None:
        """Read frame by frame, until the source ends or the window is closed.

        Raises:
            OSError: the camera has stopped, or a file cannot be written.
        """
        unit = " frames" if self.source.has_time else " pictures"
        total, name = self.source.length, self.source.name
        with tqdm(total=total, unit=unit, desc=name, mininterval=0.5) as progress:
            for frame, faces in read_faces(self.source):
                self._started = self._started or time.monotonic()
                self._take(frame, faces)
                progress.set_postfix_str(", ".join(map(caption, faces)), refresh=False)
                progress.update()
                if self.window and not self.window.is_open:
                    break

    def _take(self, frame: Frame, faces: list[DetectedFace]) -> None:
        if self.table:
            self.table.write(as_rows(frame, faces))
        drawn = annotate(frame.pixels, faces) if self.video or self.window else frame.pixels
        if self.video:
            has_time = self.source.has_time
            self.video.write(
                drawn, frame.seconds if has_time else self.frames * SECONDS_PER_PICTURE
            )
        self.frames += 1
        self.counts.update(face.emotion or "unsure" for face in faces)
        if self.window:
            self.window.show(drawn)
            self._wait(self.window, frame)

    def _wait(self, window: Window, frame: Frame) -> None:
        """Let a video run as fast as life did, and a picture wait for whoever looks at it."""
        if not self.source.has_time:
            window.wait_until_pressed()
        elif not self.source.is_live:
            window.wait(frame.seconds - (time.monotonic() - self._started))

    def summary(self) -> str:
        """Return what was read, as one line."""
        faces = self.counts.total()
        shares = [f"{name} {count / faces:.0%}" for name, count in self.counts.most_common()]
        frames = counted(self.frames, "frame" if self.source.has_time else "picture")
        return f"{frames}, {counted(faces, 'face')} in all. {', '.join(shares)}".rstrip()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status."""
    arguments = _parser().parse_args(argv)
    # The course's own sentences say the same, and what to do.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    # Whoever stops it from outside wants the files complete, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            return _run(arguments)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _show_warning(message: Warning | str, *place: Any, **options: Any) -> None:
    """Print a warning as one line, above the progress and without the line of code."""
    tqdm.write(f"warning: {message}", file=sys.stderr)


def _run(arguments: argparse.Namespace) -> int:
    status = 0
    with ExitStack() as stack:
        session = _open(arguments, stack)
        try:
            session.run()
        except KeyboardInterrupt:
            # A camera ends in no other way; anything else was not read to its end.
            status = 0 if session.source.is_live else STOPPED
            print("Stopped.", file=sys.stderr)
        finally:
            if session.frames:
                print(session.summary())
    if arguments.plot and session.counts:
        from course_utils import plots  # seconds to import, and seldom needed

        plots.emotion_timeline(read_timeline(arguments.csv)).save(arguments.plot)
    for path in filter(None, (arguments.video, arguments.csv, arguments.plot)):
        print(f"Written: {path}" if path.exists() else f"Nothing to write into {path}.")
    return status


def _open(arguments: argparse.Namespace, stack: ExitStack) -> Session:
    """Open what was asked for; `stack` closes it again."""
    if arguments.plot and not arguments.csv:
        raise ValueError("--plot draws the table of --csv: name a file for that, too.")
    if arguments.plot and find_spec("matplotlib") is None:
        raise ValueError(
            "--plot needs more packages: pip install 'emotion-detection-course[train]'."
        )
    source = stack.enter_context(open_source(arguments.source))
    if arguments.plot and not source.has_time:
        raise ValueError("--plot draws what changes over time, and single pictures have no time.")
    if arguments.plot:
        Recorder(arguments.plot)  # refuses what cannot be written, now and not at the end
    rate = source.rate if source.has_time else 1 / SECONDS_PER_PICTURE
    video = stack.enter_context(VideoRecorder(arguments.video, rate)) if arguments.video else None
    table = stack.enter_context(TableRecorder(arguments.csv, COLUMNS)) if arguments.csv else None
    window = None if arguments.no_window else _open_window(source.name, stack)
    return Session(source, window, video, table)


def _open_window(title: str, stack: ExitStack) -> Window | None:
    try:
        window = Window(title)
    except OSError as error:
        print(f"{error} Going on without one; --video FILE keeps the picture.", file=sys.stderr)
        return None
    stack.callback(window.close)
    return window


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m course_utils.webcam",
        description="Find the faces in what a camera sees, in a video or in pictures, and name "
        "their expressions. Nothing leaves this computer, and nothing is written unless a file is "
        "named. Ctrl-C, or q in the window, ends it, and what was written until then is complete.",
    )
    parser.add_argument(
        "source",
        nargs="?",
        default="0",
        help="a camera's number (0, the first), a video file, a picture or a folder of pictures",
    )
    parser.add_argument(
        "--video", type=Path, metavar="FILE", help="keep the annotated video: .mp4, .avi or .webm"
    )
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="keep time, face, box and seven probabilities"
    )
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw the probabilities over time: .png"
    )
    parser.add_argument("--no-window", action="store_true", help="show no window")
    return parser


if __name__ == "__main__":
    sys.exit(main())
