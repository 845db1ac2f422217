"""The photographs are found, read, checked and split; whatever is wrong with them is said."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from course_utils import EMOTIONS, load_dataset
from course_utils.dataset import loading
from course_utils.dataset.duplicates import near_duplicate_pairs, near_duplicates


def picture(seed: int, size: tuple[int, int] = (48, 48), mode: str = "L") -> bytes:
    """Return a JPEG of smooth noise: no two are alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).convert(mode)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def official_files(per_class: int = 12) -> dict[str, bytes]:
    """Return a small FER2013 in Kaggle's layout, its three official parts mixed in two folders."""
    files = {}
    for label, emotion in enumerate(EMOTIONS):
        for index in range(per_class):
            first_row = (0, 28_709, 32_298)[index % 3]
            row = first_row + 100 * label + index
            folder = "train" if index % 2 else "validation"
            files[f"images/{folder}/{emotion}/{row}.jpg"] = picture(row)
    return files


def own_files(sizes: dict[str, int]) -> dict[str, bytes]:
    """Return a teacher's own photographs: so many for each class in each folder."""
    return {
        f"{folder}/{emotion}/anna {index}.jpg": picture(1000 * label + index + 50 * len(folder))
        for folder, size in sizes.items()
        for label, emotion in enumerate(EMOTIONS)
        for index in range(size)
    }


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty course, so that caches and `data/` are the test's own."""
    for name in ("notebooks", "course_utils"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COURSE_DATA", raising=False)
    return tmp_path


def load(location: Path, monkeypatch: pytest.MonkeyPatch) -> loading.Dataset:
    monkeypatch.setenv("COURSE_DATA", str(location))
    return load_dataset()


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_the_official_split_is_recovered_from_the_stems(write, tmp_path, monkeypatch, capsys):
    data = load(write(tmp_path / "faces.zip", official_files()), monkeypatch)
    assert data.source == "photographs"
    assert "validation is publictest, test is privatetest" in capsys.readouterr().out.lower()
    assert [len(split) for split in data.splits().values()] == [28, 28, 28]
    assert data.train.table["row"].max() < 28_709 <= data.validation.table["row"].min()
    assert data.validation.table["row"].max() < 32_298 <= data.test.table["row"].min()
    assert np.bincount(data.test.labels).tolist() == [4] * 7


def test_images_labels_and_table_belong_together(tmp_path, monkeypatch):
    files = official_files()
    data = load(write_folder(tmp_path / "faces", files), monkeypatch)
    for split in data.splits().values():
        for image, label, file in zip(split.images, split.labels, split.table["file"]):
            assert f"/{EMOTIONS[label]}/" in file
            np.testing.assert_array_equal(image, np.asarray(Image.open(io.BytesIO(files[file]))))


def test_without_private_test_rows_validation_is_a_fixed_slice_of_training(
    tmp_path, monkeypatch, capsys
):
    files = {}
    for label, emotion in enumerate(EMOTIONS):
        for index in range(30):
            row = 100 * label + index + (28_709 if index < 5 else 0)
            files[f"images/train/{emotion}/{row}.jpg"] = picture(row)
    folder = write_folder(tmp_path / "faces", files)
    data = load(folder, monkeypatch)
    assert "slice of training" in capsys.readouterr().out.lower()
    assert set(data.test.table["usage"]) == {"PublicTest"}
    assert set(data.validation.table["usage"]) == {"Training"}
    assert np.bincount(data.validation.labels).tolist() == [5] * 7
    assert len(data.validation) == len(data.test)
    again = load(folder, monkeypatch)
    assert again.validation.table["row"].tolist() == data.validation.table["row"].tolist()


def test_near_duplicates_stay_on_one_side(tmp_path, monkeypatch):
    files = {}
    for label, emotion in enumerate(EMOTIONS):
        for index in range(30):
            row = 100 * label + index + (28_709 if index < 4 else 0)
            twin = row - 1 if index % 2 and index < 20 else row
            files[f"images/train/{emotion}/{row}.jpg"] = picture(twin)
    data = load(write_folder(tmp_path / "faces", files), monkeypatch)
    assert (near_duplicates(data.train.images, data.train.images) > 1).any()
    assert near_duplicates(data.validation.images, data.train.images).sum() == 0


def test_near_duplicates_agree_with_numpy_correlations():
    images = np.stack(
        [np.asarray(Image.open(io.BytesIO(picture(seed % 40)))) for seed in range(60)]
    )
    noisy = images.astype(int) + np.random.default_rng(0).integers(-9, 10, images.shape)
    noisy = noisy.clip(0, 255).astype(np.uint8)
    small = [image.reshape(24, 2, 24, 2).mean((1, 3)).ravel() for image in (*noisy, *images)]
    expected = (np.corrcoef(small)[:60, 60:] > 0.995).sum(axis=1)
    assert 0 < expected.sum() < 60 * 60
    np.testing.assert_array_equal(near_duplicates(noisy, images), expected)


def test_pairs_of_near_duplicates_are_those_of_numpy_correlations():
    rng = np.random.default_rng(1)
    images = np.stack([np.asarray(Image.open(io.BytesIO(picture(s % 30)))) for s in range(50)])
    noisy = (images + rng.integers(-12, 13, images.shape)).clip(0, 255).astype(np.uint8)
    small = [image.reshape(24, 2, 24, 2).mean((1, 3)).ravel() for image in (*noisy, *images)]
    expected = np.argwhere(np.corrcoef(small)[:50, 50:] > 0.995)
    assert 50 < len(expected) < 200
    np.testing.assert_array_equal(near_duplicate_pairs(noisy, images), expected)
    assert near_duplicate_pairs(noisy, images[:0]).shape == (0, 2)
    assert near_duplicates(noisy[:0], images).shape == (0,)


def test_blank_images_are_near_duplicates_of_one_another_alone():
    blank = np.stack([np.full((48, 48), level, np.uint8) for level in (0, 90, 255)])
    face = np.asarray(Image.open(io.BytesIO(picture(3))))[np.newaxis]
    assert near_duplicates(np.concatenate([blank, face]), blank).tolist() == [3, 3, 3, 0]


def test_near_duplicates_of_train_can_be_left_out(tmp_path, monkeypatch, capsys):
    files = official_files()
    (content,) = (content for name, content in files.items() if name.endswith("/3.jpg"))
    for row in (30_001, 30_002, 33_001):
        files[f"images/train/happy/{row}.jpg"] = content
    monkeypatch.setenv("COURSE_DATA", str(write_folder(tmp_path / "faces", files)))
    whole, fewer = load_dataset(), load_dataset(near_duplicates=False)
    assert "2 from validation, 1 from test" in capsys.readouterr().out
    assert [len(split) for split in whole.splits().values()] == [28, 30, 29]
    assert [len(split) for split in fewer.splits().values()] == [28, 28, 28]
    assert 30_001 not in set(fewer.validation.table["row"])
    np.testing.assert_array_equal(fewer.train.images, whole.train.images)


def test_own_photographs_keep_their_folders_and_say_so(tmp_path, monkeypatch, capsys):
    files = own_files({"train": 20, "validation": 5})
    data = load(write_folder(tmp_path / "faces", files), monkeypatch)
    assert "no official split can be recovered" in " ".join(capsys.readouterr().out.split())
    assert set(data.test.table["folder"]) == {"validation"} and len(data.test) == 35
    assert set(data.train.table["folder"]) == set(data.validation.table["folder"]) == {"train"}
    assert len(data.train) + len(data.validation) == 140


def test_files_numbered_from_one_in_each_class_are_not_taken_for_fer2013(
    tmp_path, monkeypatch, capsys
):
    files = {
        f"{emotion}/{index}.jpg": picture(100 * label + index)
        for label, emotion in enumerate(EMOTIONS)
        for index in range(30)
    }
    data = load(write_folder(tmp_path / "faces", files), monkeypatch)
    assert "no official split" in capsys.readouterr().out
    assert sum(len(split) for split in data.splits().values()) == 210
    assert all(set(split.labels) == set(range(7)) for split in data.splits().values())


def test_the_manifest_outranks_the_stems(tmp_path, monkeypatch):
    files = official_files()
    manifest = pd.DataFrame({"file": list(files), "glasses": range(len(files))})
    manifest["split"] = np.resize(["train", "validation", "test", "test"], len(files))
    files["manifest.csv"] = manifest.to_csv(index=False).encode()
    data = load(write_folder(tmp_path / "faces", files), monkeypatch)
    for role, split in data.splits().items():
        expected = manifest[manifest["split"] == role].set_index("file")["glasses"]
        assert split.table.set_index("file")["glasses"].astype(int).to_dict() == expected.to_dict()


def test_a_manifest_with_unknown_splits_is_refused(tmp_path, monkeypatch):
    files = official_files()
    manifest = pd.DataFrame({"file": list(files)})
    manifest["split"] = np.resize(["train", "val", "Test"], len(files))
    files["manifest.csv"] = manifest.to_csv(index=False).encode()
    with pytest.raises(ValueError, match=r"unknown splits: 'Test', 'val'\. .*validation"):
        load(write_folder(tmp_path / "faces", files), monkeypatch)


def test_a_manifest_may_list_a_file_twice_with_one_split_only(tmp_path, monkeypatch):
    files = official_files()
    manifest = pd.DataFrame({"file": [*files, *files]})
    manifest["split"] = [*np.resize(["train", "validation", "test", "test"], len(files))] * 2
    files["manifest.csv"] = manifest.to_csv(index=False).encode()
    folder = write_folder(tmp_path / "faces", files)
    assert [len(split) for split in load(folder, monkeypatch).splits().values()] == [21, 21, 42]
    manifest.loc[0, "split"] = "test"
    write_folder(folder, {"manifest.csv": manifest.to_csv(index=False).encode()})
    with pytest.raises(ValueError, match=r"more than one split for a file: .*\.jpg\.$"):
        load(folder, monkeypatch)


def test_folders_of_other_names_are_named_before_they_join_train(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "faces", own_files({"train": 12, "val": 5}))
    with pytest.warns(UserWarning, match="taken for train: 'val'. Rename them"):
        load(folder, monkeypatch)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sizes", [{"photographs": 20}, {"train": 20, "validation": 5}])
def test_usual_folders_need_no_warning(sizes, tmp_path, monkeypatch):
    data = load(write_folder(tmp_path / "faces", own_files(sizes)), monkeypatch)
    assert sum(len(split) for split in data.splits().values()) == 7 * sum(sizes.values())


def test_a_split_of_nothing_is_empty(tmp_path, monkeypatch):
    train = load(write_folder(tmp_path / "faces", official_files()), monkeypatch).train
    assert len(train.take([])) == len(train.take(np.zeros(28, dtype=bool))) == 0
    assert train.take([True, *[False] * 27]).table["file"].tolist() == [train.table["file"][0]]
    for size in (0, 27, 29):
        with pytest.raises(IndexError, match=rf"shape \({size},\) for 28 images"):
            train.take(np.zeros(size, dtype=bool))


def test_a_missing_place_is_named(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.zip"):
        load(tmp_path / "nowhere.zip", monkeypatch)


def test_a_relative_place_counts_from_here_or_from_the_project(tmp_path, monkeypatch):
    (tmp_path / "pictures").mkdir()
    monkeypatch.setenv("COURSE_DATA", "pictures")
    assert loading.find_photographs().samefile(tmp_path / "pictures")
    monkeypatch.chdir(tmp_path / "notebooks")
    assert loading.find_photographs().samefile(tmp_path / "pictures")
    (tmp_path / "notebooks" / "pictures").mkdir()
    assert loading.find_photographs().samefile(tmp_path / "notebooks" / "pictures")


def test_an_empty_folder_is_refused_with_the_expected_layout(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"no readable images.*images/train/<emotion>"):
        load(tmp_path / "empty", monkeypatch)


def test_a_missing_class_is_named(tmp_path, monkeypatch):
    files = {name: c for name, c in official_files().items() if "/disgust/" not in name}
    with pytest.raises(ValueError, match="no readable images of disgust"):
        load(write_zip(tmp_path / "faces.zip", files), monkeypatch)


def test_an_unknown_class_is_named_with_what_it_holds(tmp_path, monkeypatch):
    files = official_files() | {f"images/train/contempt/{i}.jpg": picture(i) for i in range(3)}
    with pytest.warns(UserWarning, match=r"images/train/contempt' \(3 images\)"):
        data = load(write_zip(tmp_path / "faces.zip", files), monkeypatch)
    assert sum(len(split) for split in data.splits().values()) == 84


@pytest.mark.parametrize("content", [b"", b"no image", picture(0)[:400]])
def test_damaged_images_are_named_each_time(content, tmp_path, monkeypatch):
    files = official_files()
    damaged = sorted(files)[:2]
    files |= dict.fromkeys(damaged, content)
    folder = write_folder(tmp_path / "faces", files)
    for _ in range(2):  # the second time from the cache
        with pytest.warns(UserWarning, match="2 damaged image files") as warned:
            data = load(folder, monkeypatch)
        assert all(name in str(warned[0].message) for name in damaged)
        assert sorted(data.damaged) == damaged
        assert sum(len(split) for split in data.splits().values()) == 82


@pytest.mark.parametrize(("size", "mode"), [((200, 200), "L"), ((48, 48), "RGB")])
def test_other_sizes_and_colours_are_converted_and_named(size, mode, tmp_path, monkeypatch):
    files = official_files()
    name = "images/validation/angry/0.jpg"
    files[name] = picture(0, size, mode)
    with pytest.warns(
        UserWarning, match=rf"1 image of another size or in colour, made grey 48x48: {name}\.$"
    ):
        data = load(write_folder(tmp_path / "faces", files), monkeypatch)
    expected = np.asarray(Image.open(io.BytesIO(picture(0)))).astype(int)
    image = data.train.images[data.train.table["file"] == name][0].astype(int)
    assert np.abs(image - expected).mean() < 8


def test_a_stem_that_is_no_number_is_named_and_left_out(tmp_path, monkeypatch):
    files = official_files() | {"images/train/happy/holiday.jpg": picture(7)}
    with pytest.warns(
        UserWarning,
        match=r"Left out: 1 file whose name is no row.*: images/train/happy/holiday\.jpg\.$",
    ):
        data = load(write_folder(tmp_path / "faces", files), monkeypatch)
    assert sum(len(split) for split in data.splits().values()) == 84


def test_files_left_out_do_not_take_places_of_the_validation_slice(tmp_path, monkeypatch):
    files = {}
    for label, emotion in enumerate(EMOTIONS):
        for index in range(20):
            row = 100 * label + index + (28_709 if index < 5 else 0)
            files[f"images/train/{emotion}/{row}.jpg"] = picture(row)
            files[f"images/train/{emotion}/holiday {index % 8}.jpg"] = picture(5000 + row)
    with pytest.warns(UserWarning, match="56 files whose name is no row"):
        data = load(write_folder(tmp_path / "faces", files), monkeypatch)
    assert [len(split) for split in data.splits().values()] == [70, 35, 35]


COPY = "images/train/disgust/100.jpg"  # of a file in another class


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_a_file_in_two_class_folders_is_named_and_costs_no_split(write, tmp_path, monkeypatch):
    files = official_files()
    files[COPY] = files["images/validation/disgust/100.jpg"]
    files["images/train/happy/300.jpg"] = files["images/validation/happy/300.jpg"]
    with pytest.warns(UserWarning, match="Left out: 4 files that share a row") as warned:
        data = load(write(tmp_path / "faces.zip", files), monkeypatch)
    assert len(warned) == 1
    named = str(warned[0].message).split(": ")[-1].rstrip(".").split(", ")
    assert named == [
        COPY,
        "images/validation/disgust/100.jpg",
        "images/train/happy/300.jpg",
        "images/validation/happy/300.jpg",
    ]
    assert "FER2013 with its official split" in data.notice
    assert [len(split) for split in data.splits().values()] == [26, 28, 28]
    kept = pd.concat([split.table for split in data.splits().values()])["file"]
    assert not set(named) & set(kept)


def test_a_test_as_large_as_training_is_said_to_leave_too_few(tmp_path, monkeypatch):
    files = {}
    for label, emotion in enumerate(EMOTIONS):
        for index in range(24):
            row = 100 * label + index + (28_709 if index < 12 else 0)
            files[f"images/train/{emotion}/{row}.jpg"] = picture(row)
    says = "validation split takes 84 images out of training, which has 84 .*too few would be left"
    with pytest.raises(ValueError, match=says) as refused:
        load(write_folder(tmp_path / "faces", files), monkeypatch)
    assert "at least ten" not in str(refused.value)


@pytest.mark.parametrize("name", ["../outside.jpg", "/images/1.jpg", "images\\..\\..\\x.jpg"])
def test_a_zip_that_points_outside_is_refused(name, tmp_path, monkeypatch):
    path = write_zip(tmp_path / "faces.zip", official_files() | {name: picture(1)})
    with pytest.raises(ValueError, match="points outside"):
        load(path, monkeypatch)


def test_a_zip_that_is_cut_off_is_refused(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "faces.zip", official_files())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match="cut off"):
        load(path, monkeypatch)


def test_kaggles_second_copy_counts_once(tmp_path, monkeypatch):
    files = official_files()
    doubled = files | {f"images/{name}": content for name, content in files.items()}
    data = load(write_zip(tmp_path / "faces.zip", doubled), monkeypatch)
    assert sum(len(split) for split in data.splits().values()) == 84


def test_a_damaged_cache_is_made_anew(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "faces", official_files())
    first = load(folder, monkeypatch)
    (cache,) = (tmp_path / "data" / "cache").glob("*.npz")
    cache.write_bytes(cache.read_bytes()[:1000])
    again = load(folder, monkeypatch)
    np.testing.assert_array_equal(again.train.images, first.train.images)


@pytest.mark.parametrize("when", ["savez", "stack"])
def test_an_interrupted_first_load_leaves_nothing_half_written(when, tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "faces", official_files())

    def interrupt(file: object, *_: object, **__: object) -> None:
        if when == "savez":
            file.write(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(np, when, interrupt)
        load(folder, monkeypatch)
    assert [path for path in (tmp_path / "data").rglob("*") if path.is_file()] == []
    assert sum(len(split) for split in load(folder, monkeypatch).splits().values()) == 84


def test_a_second_load_reads_no_image(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "faces", official_files())
    first = load(folder, monkeypatch)

    def refuse(*_: object) -> None:
        raise AssertionError("an image was decoded again")

    monkeypatch.setattr("course_utils.dataset.archive.decode_image", refuse)
    again = load(folder, monkeypatch)
    np.testing.assert_array_equal(again.test.images, first.test.images)
    pd.testing.assert_frame_equal(again.test.table, first.test.table)


def test_changed_files_are_read_again(tmp_path, monkeypatch):
    files = official_files()
    folder = write_folder(tmp_path / "faces", files)
    load(folder, monkeypatch)
    write_folder(folder, {"images/validation/angry/0.jpg": picture(99)})
    data = load(folder, monkeypatch)
    image = data.train.images[data.train.table["row"] == 0][0]
    np.testing.assert_array_equal(image, np.asarray(Image.open(io.BytesIO(picture(99)))))


def test_photographs_in_the_data_folder_are_found(tmp_path):
    (tmp_path / "data").mkdir()
    path = write_zip(tmp_path / "data" / "archive.zip", official_files())
    assert loading.find_photographs() == path


def test_drawn_faces_can_be_asked_for(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    write_zip(tmp_path / "data" / "archive.zip", official_files())
    monkeypatch.setenv("COURSE_DATA", "drawn_faces")
    assert loading.find_photographs() is None


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_the_image_folder_holds_the_very_files(write, tmp_path, monkeypatch):
    files = official_files()
    monkeypatch.setenv("COURSE_DATA", str(write(tmp_path / "faces.zip", files)))
    folder = loading.image_folder()
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths} == files


def test_a_zip_is_unpacked_once_for_each_content(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "faces.zip", {"a/1.jpg": b"old"})
    monkeypatch.setenv("COURSE_DATA", str(path))
    first = loading.image_folder()
    (first / "mark").touch()
    assert (loading.image_folder() / "mark").exists()
    write_zip(path, {"a/1.jpg": b"new"})
    assert (loading.image_folder() / "a" / "1.jpg").read_bytes() == b"new"


def test_a_zip_that_is_stopped_half_way_is_unpacked_anew(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "faces.zip", {"a/1.jpg": b"one", "a/2.jpg": b"two"})
    monkeypatch.setenv("COURSE_DATA", str(path))

    def stop(archive: zipfile.ZipFile, name: str, folder: Path) -> None:
        write_folder(Path(folder), {"a/1.jpg": b"o"})
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(zipfile.ZipFile, "extract", stop)
        with pytest.raises(KeyboardInterrupt):
            loading.image_folder()
    found = {path.name: path.read_bytes() for path in loading.image_folder().rglob("*.jpg")}
    assert found == {"1.jpg": b"one", "2.jpg": b"two"}


def test_what_is_no_zip_is_refused_as_image_folder(tmp_path, monkeypatch):
    (tmp_path / "faces.zip").write_bytes(b"no zip")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "faces.zip"))
    with pytest.raises(ValueError, match="no zip"):
        loading.image_folder()


def test_the_image_folder_of_drawn_faces_is_theirs(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "drawn_faces")
    (tmp_path / "data" / "drawn_faces").mkdir(parents=True)
    assert loading.image_folder() == tmp_path / "data" / "drawn_faces"


def test_a_download_that_fails_says_what_to_do(tmp_path, monkeypatch):
    kagglehub = pytest.importorskip("kagglehub")

    def fail(*arguments: object, **options: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(kagglehub, "dataset_download", fail)
    with pytest.raises(ConnectionError, match=r"in a browser and put the zip into .*data"):
        loading.download_dataset()
    assert loading.find_photographs() is None


def test_an_interrupted_download_is_not_taken_for_the_data(tmp_path, monkeypatch):
    kagglehub = pytest.importorskip("kagglehub")

    def interrupt(name: str, output_dir: str) -> None:
        write_folder(Path(output_dir), dict(list(official_files().items())[:5]))
        raise KeyboardInterrupt

    def finish(name: str, output_dir: str) -> None:
        write_folder(Path(output_dir), official_files())

    monkeypatch.setattr(kagglehub, "dataset_download", interrupt)
    with pytest.raises(KeyboardInterrupt):
        loading.download_dataset()
    assert loading.find_photographs() is None
    monkeypatch.setattr(kagglehub, "dataset_download", finish)
    folder = loading.download_dataset()
    assert loading.find_photographs() == folder
    assert sum(len(split) for split in load_dataset().splits().values()) == 84


PHOTOGRAPHS = os.environ.get("COURSE_DATA", "")


@pytest.mark.skipif(
    PHOTOGRAPHS in ("", "drawn_faces"), reason="COURSE_DATA names no photographs to read"
)
def test_the_real_photographs_have_fer2013s_known_counts(request, monkeypatch):
    # Decoded once for all that reads them, and not for this test alone.
    monkeypatch.setattr(loading, "data_folder", lambda: request.config.rootpath / "data")
    data = load(request.config.invocation_params.dir / PHOTOGRAPHS, monkeypatch)
    table = pd.concat([split.table for split in data.splits().values()])
    if "row" not in table:
        pytest.skip("COURSE_DATA names photographs that are not FER2013")
    counts = table["usage"].value_counts()
    assert counts["Training"] == 28_709 and counts["PublicTest"] == 3_589
    assert table["row"].is_unique
    # The class counts of the official parts (Goodfellow et al. 2013).
    training = table[table["usage"] == "Training"]["emotion"].value_counts()
    assert training.reindex(EMOTIONS).tolist() == [3995, 436, 4097, 7215, 4965, 4830, 3171]
    public = table[table["usage"] == "PublicTest"]["emotion"].value_counts()
    assert public.reindex(EMOTIONS).tolist() == [467, 56, 496, 895, 607, 653, 415]
