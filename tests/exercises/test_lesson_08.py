"""What an exercise of lesson 08 says of the report that it shows holds."""

import numpy as np
import pytest

from course_utils.exercises import lesson_08
from tests.exercises.mutants import run


def test_the_report_turns_the_sign():
    faces = lesson_08.like_with_like.cases()[0]
    labels, predicted, is_dark = faces
    right = labels == predicted
    assert right[is_dark].mean() == 0.76 and right[~is_dark].mean() == 0.58
    assert is_dark.sum() == 100 == (~is_dark).sum()
    for emotion in np.unique(labels):
        of_class = labels == emotion
        assert right[of_class & is_dark].mean() < right[of_class & ~is_dark].mean()
    faulty = run(lesson_08.like_with_like.text.start, "like_with_like")
    assert faulty(*faces) == pytest.approx(-0.18)
    assert lesson_08.like_with_like.reference(*faces) == pytest.approx(0.075)
