"""The expressions in a video over time: one row for each face of each frame.

A row tells how strangers would label a face at that moment, and not what the person felt.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from course_utils.classifier import Classifier
from course_utils.emotions import EMOTIONS
from course_utils.webcam.face_detection import detect_faces
from course_utils.webcam.sources import Frame, FrameSource, open_source
from course_utils.webcam.tracking import DetectedFace, FaceTracker, Smoother, detect_emotions

COLUMNS = (
    "seconds",
    "frame",
    "track_id",
    "x",
    "y",
    "width",
    "height",
    "score",
    "emotion",
    *EMOTIONS,
)


def read_faces(
    source: FrameSource, classifier: Classifier | None = None
) -> Iterator[tuple[Frame, list[DetectedFace]]]:
    """Yield each frame of a source with its faces, numbered.

    In a video and before a camera a face keeps its `track_id` from frame to frame, and its
    probabilities are smoothed by a `Smoother`. Single pictures are read alone, and their faces
    numbered anew in each.

    Args:
        source: of `sources.open_source`.
        classifier: the network to ask, or None for the shipped weights for photographs.

    Raises:
        OSError: the camera has stopped.
    """
    smoother = Smoother()
    detect = FaceTracker().detect if source.has_time else detect_faces
    for frame in source:
        if not source.has_time:
            smoother = Smoother()
        faces = detect_emotions(frame.pixels, classifier, detect)
        yield frame, smoother.update(faces, frame.seconds if source.has_time else 0.0)


def as_rows(frame: Frame, faces: list[DetectedFace]) -> list[dict[str, Any]]:
    """Return a table's row for each face of a frame, by the names in `COLUMNS`."""
    return [_as_row(frame, face) for face in faces]


def _as_row(frame: Frame, face: DetectedFace) -> dict[str, Any]:
    x, y, width, height = face.box
    seconds = None if np.isnan(frame.seconds) else round(frame.seconds, 3)
    return {
        **{"seconds": seconds, "frame": frame.name, "track_id": face.track_id},
        **{"x": x, "y": y, "width": width, "height": height},
        **{"score": round(face.score, 3), "emotion": face.emotion or ""},
        **dict(zip(EMOTIONS, face.probabilities.astype(float).round(4).tolist())),
    }


def emotion_timeline(where: str | Path, classifier: Classifier | None = None) -> pd.DataFrame:
    """Read all faces of a video, and show how far it is.

    Args:
        where: a video file. A folder of pictures gives the same table, without times.
        classifier: the network to ask, or None for the shipped weights for photographs.

    Returns:
        One row for each face of each frame: `seconds` since the first frame; `frame`, its number
        or file name; `track_id`, the same for the same face; `x`, `y`, `width` and `height` of
        its box in pixels; `score` of the detector; `emotion`, "" where the network is unsure; and
        the probability of each emotion. It is the table of `python -m course_utils.webcam --csv`.

    Raises:
        FileNotFoundError, ValueError: as `open_source` says, or it is a camera, which never ends.
    """
    rows: list[dict[str, Any]] = []
    with open_source(where) as source:
        if source.is_live:
            raise ValueError("A camera never ends: record it first, and give the video file.")
        frames = tqdm(read_faces(source, classifier), total=source.length, unit=" frames")
        for frame, faces in frames:
            rows += as_rows(frame, faces)
    return as_table(pd.DataFrame(rows, columns=list(COLUMNS)))


def read_timeline(path: Path) -> pd.DataFrame:
    """Read a CSV of `python -m course_utils.webcam --csv` as the table of `emotion_timeline`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no such table.
    """
    table = pd.read_csv(path, dtype={"frame": str}, keep_default_na=False)
    if missing := [name for name in COLUMNS if name not in table]:
        raise ValueError(f"{path} is no table of faces: it has no column {', '.join(missing)}.")
    return as_table(table)


def as_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its seconds as numbers: NaN where a picture has none."""
    return table.assign(seconds=pd.to_numeric(table["seconds"]))


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Sum a timeline up: one row for each face, the one seen longest first.

    Args:
        table: as `emotion_timeline` returns it, of a video.

    Returns:
        Index `track_id`; `from` and `to` in seconds, `frames`, and for each emotion, and for
        "unsure", the share of these frames, in 0 to 1.
    """
    named = table.assign(emotion=table["emotion"].replace("", "unsure"))
    shares = pd.crosstab(named["track_id"], named["emotion"], normalize="index")
    shares = shares.reindex(columns=[*EMOTIONS, "unsure"], fill_value=0.0)
    seen = named.groupby("track_id").agg(
        **{"from": ("seconds", "min"), "to": ("seconds", "max"), "frames": ("frame", "size")}
    )
    joined = seen.join(shares).rename_axis(columns=None)
    return joined.sort_values("frames", ascending=False, kind="stable")
