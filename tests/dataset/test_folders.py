"""Images go to class folders in their roles, and Keras reads back what was written."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from course_utils import EMOTIONS
from course_utils.dataset.loading import Dataset
from course_utils.split import Split


def split_of(labels: list[int], seed: int) -> Split:
    images = np.random.default_rng(seed).integers(0, 256, (len(labels), 48, 48), dtype=np.uint8)
    names = [EMOTIONS[label] for label in labels]
    table = pd.DataFrame({"file": [f"{i}.png" for i in range(len(labels))], "emotion": names})
    return Split(images, np.array(labels, dtype=np.int64), table)


def dataset(seed: int = 0) -> Dataset:
    train = split_of([3, 0, 0, 6, 2, 5, 4], seed)  # no disgust, 1
    return Dataset(train, split_of([1, 3], seed + 1), split_of([5], seed + 2), "drawn_faces", "")


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))


def test_each_image_lies_in_its_role_and_class(tmp_path):
    folder = dataset().to_folders(tmp_path / "deep" / "faces")
    assert folder == tmp_path / "deep" / "faces"
    assert files(folder) == [
        "test/sad/00000.png",
        "train/angry/00001.png",
        "train/angry/00002.png",
        "train/fear/00004.png",
        "train/happy/00000.png",
        "train/neutral/00006.png",
        "train/sad/00005.png",
        "train/surprise/00003.png",
        "validation/disgust/00000.png",
        "validation/happy/00001.png",
    ]


def test_keras_reads_the_same_pixels_and_labels(tmp_path):
    data = dataset()
    read = keras.utils.image_dataset_from_directory(
        data.to_folders(str(tmp_path / "faces")) / "train",
        color_mode="grayscale",
        image_size=(48, 48),
        batch_size=None,
        shuffle=False,
    )
    assert tuple(read.class_names) == EMOTIONS  # the empty class keeps its number
    images, labels = zip(*read.as_numpy_iterator(), strict=True)
    order = [1, 2, 4, 0, 6, 5, 3]  # class by class, then by number
    np.testing.assert_array_equal(np.stack(images)[..., 0], data.train.images[order])
    np.testing.assert_array_equal(labels, data.train.labels[order])


def test_the_same_images_are_written_once(tmp_path):
    folder = dataset().to_folders(tmp_path / "faces")
    marked = folder / "train/angry/00001.png"
    marked.write_bytes(b"still here")
    dataset().to_folders(folder)
    assert marked.read_bytes() == b"still here"


def test_other_images_replace_those_of_before(tmp_path):
    folder = dataset().to_folders(tmp_path / "faces")
    before = (folder / "test/sad/00000.png").read_bytes()
    stale = folder / "train/angry/99999.png"
    stale.write_bytes(before)
    dataset(seed=7).to_folders(folder)
    assert (folder / "test/sad/00000.png").read_bytes() != before
    assert not stale.exists()


def test_what_a_stop_left_is_written_anew(tmp_path, monkeypatch):
    import course_utils.dataset.folders as folders

    whole = folders._write_split

    def stopped(split, folder, bar):
        if folder.name == "validation":
            raise KeyboardInterrupt
        whole(split, folder, bar)

    monkeypatch.setattr(folders, "_write_split", stopped)
    with pytest.raises(KeyboardInterrupt):
        dataset().to_folders(tmp_path / "faces")
    monkeypatch.undo()
    assert len(files(dataset().to_folders(tmp_path / "faces"))) == 10


@pytest.mark.parametrize("is_file", [True, False])
def test_what_is_not_ours_stays(is_file, tmp_path):
    folder = tmp_path / "faces"
    mine = folder if is_file else folder / "holiday.png"
    mine.parent.mkdir(exist_ok=True)
    mine.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="Choose another folder"):
        dataset().to_folders(folder)
    assert mine.read_bytes() == b"mine"


def test_an_empty_folder_may_be_there(tmp_path):
    (tmp_path / "faces").mkdir()
    assert len(files(dataset().to_folders(tmp_path / "faces"))) == 10
