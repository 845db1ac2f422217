"""The table of a video: one row for each face of each frame, the same from Python and from CSV."""

import cv2
import numpy as np
import pandas as pd
import pytest
import skimage.data
from PIL import Image

from course_utils import load_pretrained
from course_utils.emotions import EMOTIONS
from course_utils.webcam.timeline import COLUMNS, emotion_timeline, read_timeline, summarise
from course_utils.webcam.tracking import detect_emotions


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """Eileen Collins, photographed by NASA; in the public domain, bundled with scikit-image."""
    return cv2.resize(skimage.data.astronaut()[:384], (320, 240), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def film(portrait, tmp_path_factory):
    """Four frames with her, two without anyone, two with her again."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (320, 240))
    for is_there in (1, 1, 1, 1, 0, 0, 1, 1):
        writer.write(cv2.cvtColor(portrait * np.uint8(is_there), cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_a_video_becomes_a_table(film, portrait):
    table = emotion_timeline(film)
    assert tuple(table.columns) == COLUMNS
    assert table["frame"].tolist() == ["0", "1", "2", "3", "6", "7"]
    assert table["seconds"].tolist() == pytest.approx([0, 0.05, 0.1, 0.15, 0.3, 0.35])
    assert set(table["track_id"]) == {1}
    (face,) = detect_emotions(portrait)
    for column, value in zip(("x", "y", "width", "height"), face.box):
        assert np.abs(table[column] - value).max() <= 4
    np.testing.assert_allclose(table[list(EMOTIONS)].sum(axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(table[list(EMOTIONS)].iloc[-1], face.probabilities, atol=0.05)


def test_pictures_are_judged_alone_and_have_no_time(portrait, tmp_path):
    for name in ("b.png", "a.png"):
        Image.fromarray(portrait).save(tmp_path / name)
    table = emotion_timeline(tmp_path)
    assert table["frame"].tolist() == ["a.png", "b.png"]
    assert table["track_id"].tolist() == [1, 1]
    assert table["seconds"].isna().all()
    rows = table[list(EMOTIONS)].to_numpy()
    np.testing.assert_array_equal(rows[0], rows[1])


def test_a_camera_is_refused(monkeypatch):
    class LiveSource:
        is_live = True

        def __enter__(self):
            return self

        def __exit__(self, *problem):
            pass

    monkeypatch.setattr("course_utils.webcam.timeline.open_source", lambda where: LiveSource())
    with pytest.raises(ValueError, match="record it first"):
        emotion_timeline("0")


def test_a_network_of_your_own_is_asked(film):
    drawn = load_pretrained("drawn_faces")
    own, shipped = emotion_timeline(film, drawn), emotion_timeline(film)
    assert np.abs(own[list(EMOTIONS)] - shipped[list(EMOTIONS)]).to_numpy().max() > 0.01


def rows(*seen: tuple[float, int, str]) -> pd.DataFrame:
    table = pd.DataFrame(seen, columns=["seconds", "track_id", "emotion"])
    rest = {name: 0.0 for name in COLUMNS if name not in table}
    return table.assign(**rest)[list(COLUMNS)]


def test_a_table_comes_back_from_its_file(tmp_path):
    table = rows((0.0, 1, "happy"), (0.5, 2, "")).assign(frame=["0", "1"])
    table.to_csv(tmp_path / "faces.csv", index=False)
    pd.testing.assert_frame_equal(
        read_timeline(tmp_path / "faces.csv"), table, check_dtype=False, check_exact=True
    )


def test_pictures_without_times_come_back_too(tmp_path):
    table = rows((np.nan, 1, "happy")).assign(frame="a.png")
    table.to_csv(tmp_path / "faces.csv", index=False)
    found = read_timeline(tmp_path / "faces.csv")
    assert np.isnan(found["seconds"].iloc[0]) and found["frame"].iloc[0] == "a.png"


def test_another_table_is_refused(tmp_path):
    (tmp_path / "other.csv").write_text("seconds,frame\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.csv is no table of faces.*track_id, x"):
        read_timeline(tmp_path / "other.csv")


def test_the_summary_by_hand():
    table = rows((0.0, 4, "sad"), (0.0, 7, ""), (0.1, 7, "happy"), (0.2, 7, "happy"), (0.9, 7, ""))
    summary = summarise(table)
    assert summary.index.tolist() == [7, 4]
    assert summary.loc[7, ["from", "to", "frames"]].tolist() == [0.0, 0.9, 4]
    assert summary.loc[7, ["happy", "unsure", "sad"]].tolist() == [0.5, 0.5, 0.0]
    assert summary.loc[4, "sad"] == 1
    assert summary[[*EMOTIONS, "unsure"]].sum(axis=1).tolist() == pytest.approx([1, 1])


def test_a_film_without_faces_has_an_empty_table(tmp_path):
    Image.fromarray(np.zeros((20, 20), np.uint8)).save(tmp_path / "dark.png")
    table = emotion_timeline(tmp_path)
    assert len(table) == 0 and tuple(table.columns) == COLUMNS
    assert len(summarise(table)) == 0
