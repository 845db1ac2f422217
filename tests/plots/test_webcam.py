"""The figure of a video's expressions: every probability in its place, and a text that says so."""

import numpy as np
import pandas as pd
import pytest

from course_utils import EMOTIONS, plots


def seen(times: list[float], face: int = 1, emotion: str = "happy", sure: float = 0.7):
    table = pd.DataFrame({"seconds": times, "track_id": face, "emotion": emotion})
    table[list(EMOTIONS)] = (1 - sure) / 6
    return table.assign(**{emotion or "sad": sure})


def meshes(figure: plots.FigureWithText) -> list[np.ndarray]:
    panels = [axes for axes in figure.figure.axes if axes.get_title().startswith("face")]
    return [np.ma.filled(axes.collections[0].get_array(), np.nan) for axes in panels]


def test_each_frame_has_its_column_and_gaps_stay_empty():
    table = pd.concat([seen([0.0, 0.1, 0.2]), seen([0.4, 0.5], emotion="sad", sure=0.9)])
    (values,) = meshes(plots.emotion_timeline(table))
    assert values.shape == (8, 6)
    happy, sad = values[EMOTIONS.index("happy")], values[EMOTIONS.index("sad")]
    np.testing.assert_allclose(happy, [0.7, 0.7, 0.7, np.nan, 0.1 / 6, 0.1 / 6])
    np.testing.assert_allclose(sad, [0.05, 0.05, 0.05, np.nan, 0.9, 0.9])


def test_a_long_video_is_drawn_by_means():
    times = np.arange(4000) / 20
    table = seen(times.tolist())
    table.loc[1::2, "happy"] = 0.5
    table.loc[:, "emotion"] = np.where(np.arange(4000) % 4 == 0, "", "happy")
    (values,) = meshes(plots.emotion_timeline(table))
    assert values.shape == (8, 160)
    np.testing.assert_allclose(values[EMOTIONS.index("happy")], 0.6, atol=0.01)
    np.testing.assert_allclose(values[7], 0.25, atol=0.03)


def test_the_three_faces_seen_longest_are_drawn():
    table = pd.concat([seen([0.0, 0.1][: 1 + face % 2], face=face) for face in range(1, 6)])
    figure = plots.emotion_timeline(table)
    titles = [axes.get_title() for axes in figure.figure.axes if axes.get_title()]
    assert titles == ["face 1", "face 3", "face 5"]
    assert "Left out: 2 faces seen in fewer frames." in figure.text


def test_a_face_that_was_there_for_a_moment_gets_no_panel():
    person, moment = seen((np.arange(50) / 10).tolist()), seen([1.0, 1.1, 1.2], face=2)
    second = seen((np.arange(10) / 10).tolist(), face=3)
    figure = plots.emotion_timeline(pd.concat([person, moment, second]))
    assert len(meshes(figure)) == 2
    assert "Face 2" not in figure.text and "Face 3" in figure.text
    words = "Left out: 1 face seen for less than a second."
    assert words in figure.text
    assert figure.figure.axes[1].get_xlabel() == f"seconds\n{words}"


def test_moments_are_drawn_where_there_is_nothing_else():
    figure = plots.emotion_timeline(pd.concat([seen([0.0, 0.1]), seen([0.1], face=2)]))
    assert len(meshes(figure)) == 2 and "Left out" not in figure.text


def test_the_text_says_who_was_seen_when_as_what():
    table = pd.concat([seen([0.0, 0.1, 0.2]), seen([0.3], emotion="", sure=0.3)])
    text = plots.emotion_timeline(table).text
    assert "from second 0.0 to 0.4" in text
    assert "Face 1, seen from 0.0 to 0.3 s in 4 frames: happy 75 %, unsure 25 %." in text


def test_a_single_frame_is_drawn():
    (values,) = meshes(plots.emotion_timeline(seen([2.0])))
    assert values.shape == (8, 1)


@pytest.mark.parametrize("times", [[], [float("nan")]])
def test_a_table_without_times_is_refused(times):
    with pytest.raises(ValueError, match="nothing to draw"):
        plots.emotion_timeline(seen(times))
