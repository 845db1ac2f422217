"""Research reads FER2013's official parts by their rows, whatever roles lessons give them."""

import numpy as np
import pytest

from course_utils.dataset.loading import Dataset
from course_utils.split import Split
from research import data
from research.data import load_official_splits, load_splits
from tests.helpers import striped_faces


def of_rows(*rows: int) -> Split:
    """Images of these rows: pixels and label depend on the row alone."""
    faces = striped_faces(len(rows), seed=1)
    numbers = np.array(rows, dtype=np.int64)
    images = np.broadcast_to(numbers[:, None, None] % 100, (len(rows), 48, 48))
    return Split(images.astype(np.uint8), numbers % 7, faces.table.assign(row=rows))


def at_hand(monkeypatch, train, validation, test, source="photographs") -> None:
    dataset = Dataset(train, validation, test, source, "")
    monkeypatch.setattr(data, "load_dataset", lambda: dataset)


def test_the_slice_that_lessons_hold_out_goes_back_to_training(monkeypatch):
    at_hand(monkeypatch, of_rows(28_708, 7, 2), of_rows(5, 0), of_rows(32_297, 28_709))
    training, validation = load_official_splits()
    assert training.table["row"].tolist() == [0, 2, 5, 7, 28_708]
    assert validation.table["row"].tolist() == [28_709, 32_297]
    for split in (training, validation):
        np.testing.assert_array_equal(split.images[:, 0, 0], split.table["row"] % 100)
        np.testing.assert_array_equal(split.labels, split.table["row"] % 7)


def test_private_test_is_left_out(monkeypatch):
    at_hand(monkeypatch, of_rows(3, 1), of_rows(30_000, 29_000), of_rows(32_298, 35_886))
    training, validation = load_official_splits()
    assert training.table["row"].tolist() == [1, 3]
    assert validation.table["row"].tolist() == [29_000, 30_000]


def test_both_archives_give_the_same_splits(monkeypatch):
    """Lessons have other roles where PrivateTest is there; the digest of a run must not change."""
    at_hand(monkeypatch, of_rows(4, 0), of_rows(2), of_rows(28_709, 30_000))
    without = [split.digest() for split in load_official_splits()]
    at_hand(monkeypatch, of_rows(0, 2, 4), of_rows(30_000, 28_709), of_rows(33_000))
    assert [split.digest() for split in load_official_splits()] == without


def test_other_photographs_are_refused(monkeypatch):
    faces = striped_faces(7, seed=1)
    at_hand(monkeypatch, faces, faces, faces)
    with pytest.raises(ValueError, match=r"photographs are not FER2013.*Set COURSE_DATA"):
        load_official_splits()


def test_drawn_faces_have_their_own_splits_and_are_no_photographs(monkeypatch):
    train, validation, test = (striped_faces(7, seed) for seed in (1, 2, 3))
    at_hand(monkeypatch, train, validation, test, "drawn_faces")
    found = load_splits("drawn_faces")
    assert found[0] is train and found[1] is validation
    with pytest.raises(ValueError, match="at hand are drawn_faces: set COURSE_DATA"):
        load_splits("photographs")
    with pytest.raises(ValueError, match="drawn faces are not FER2013"):
        load_official_splits()


def test_weights_for_photographs_get_the_official_splits(monkeypatch):
    at_hand(monkeypatch, of_rows(4), of_rows(2), of_rows(28_709))
    training, validation = load_splits("photographs")
    assert training.table["row"].tolist() == [2, 4]
    assert validation.table["row"].tolist() == [28_709]
