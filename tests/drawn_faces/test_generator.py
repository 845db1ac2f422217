"""Drawn faces: the same from a seed, each parameter where it belongs, labels as asked, kept safely.

`python -m tests.drawn_faces.test_generator` draws the reference faces anew,
after a change that is meant.
"""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from course_utils import EMOTIONS
from course_utils.drawn_faces import generator
from course_utils.drawn_faces.generator import FER2013_COUNTS
from course_utils.drawn_faces.parameters import ACTION_UNITS, EXPRESSIONS, PARAMETERS

REFERENCE = Path(__file__).parent / "reference_faces.png"

# Rows of a 96-pixel resting face, from above the brows to below the chin.
BROWS, EYES, CHEEKS_AND_NOSE, MOUTH = slice(12, 33), slice(33, 50), slice(44, 62), slice(62, 96)


def reference_faces() -> np.ndarray:
    """Return one face per class under hard conditions, beside each other, uint8 (48, 336)."""
    conditions = {"hair_style": 4, "beard": 0.5, "glasses": 1, "age_lines": 0.5, "hand": 0.4}
    pose = {"yaw": -14, "pitch": 5, "roll": 7, "zoom": 1.1, "shift_x": 0.03, "blur": 0.5}
    return np.hstack(
        [
            generator.draw_face(
                dict.fromkeys(EXPRESSIONS[emotion], 0.8)
                | (pose if index % 2 else conditions)
                | {"skin_tone": index + 2, "noise": 5, "noise_seed": index}
            )
            for index, emotion in enumerate(EMOTIONS)
        ]
    )


@pytest.fixture(scope="module")
def faces():
    return generator.make_dataset(700, seed=3)


@pytest.fixture
def unpainted(monkeypatch):
    """Leave the painting out, where a test looks at the table alone."""
    blank = np.zeros((1, 48, 48), np.uint8)
    monkeypatch.setattr(generator, "_paint_all", lambda table, _: blank.repeat(len(table), 0))


def test_faces_are_those_of_the_reference_to_one_grey_level():
    reference = cv2.imread(str(REFERENCE), cv2.IMREAD_GRAYSCALE)
    difference = np.abs(reference_faces().astype(int) - reference)
    assert difference.max() <= 1


def test_a_seed_fixes_every_pixel_and_every_knob(faces):
    again = generator.make_dataset(700, seed=3)
    np.testing.assert_array_equal(again.images, faces.images)
    pd.testing.assert_frame_equal(again.table, faces.table)
    other = generator.make_dataset(700, seed=4)
    assert np.mean(other.images == faces.images) < 0.1


def test_a_row_of_the_table_draws_its_face_again(faces):
    for row in range(0, 700, 50):
        np.testing.assert_array_equal(generator.draw_face(faces.table.iloc[row]), faces.images[row])


def test_processes_draw_what_one_process_draws():
    many = generator.make_dataset(generator._FEW, seed=2)
    for row in range(0, len(many), 250):
        np.testing.assert_array_equal(generator.draw_face(many.table.iloc[row]), many.images[row])


def test_every_knob_is_a_column_within_its_range(faces):
    assert set(faces.table.columns) == {*generator.LABEL_COLUMNS, *PARAMETERS}
    for name, parameter in PARAMETERS.items():
        assert faces.table[name].between(parameter.lowest, parameter.highest).all(), name
        assert len(set(faces.table[name])) > 1, name
    assert set(faces.table["skin_tone"]) == set(range(1, 11))
    assert (faces.table["emotion"] == np.array(EMOTIONS)[faces.labels]).all()


def test_conditions_do_not_depend_on_the_class(unpainted):
    table = generator.make_dataset(3500, seed=1, proportions=dict.fromkeys(EMOTIONS, 1)).table
    for name in ("glasses", "skin_tone", "yaw", "light_strength", "background"):
        means = table.groupby("emotion")[name].mean()
        # Five standard errors of a mean over 500 faces.
        assert (means - table[name].mean()).abs().max() < 5 * table[name].std() / 500**0.5, name


def test_each_knob_changes_the_picture():
    for name, parameter in PARAMETERS.items():
        others = {"noise_seed": {"noise": 10}, "hand_direction": {"hand": 0.8}}.get(name, {})
        middle = (parameter.lowest + parameter.highest) / 2
        drawn = [
            generator.draw_face({**others, name: value}) for value in (parameter.lowest, middle)
        ]
        assert not np.array_equal(*drawn), name


@pytest.mark.parametrize(
    ("unit", "rows", "still"),
    [
        ("AU1", BROWS, MOUTH),
        ("AU2", BROWS, MOUTH),
        ("AU4", BROWS, MOUTH),
        ("AU5", slice(12, 50), MOUTH),
        ("AU6", slice(33, 62), slice(0, 12)),
        ("AU7", EYES, MOUTH),
        ("AU9", slice(12, 75), slice(0, 10)),
        ("AU12", slice(44, 96), BROWS),
        ("AU15", MOUTH, slice(0, 50)),
        ("AU17", MOUTH, slice(0, 55)),
        ("AU20", MOUTH, slice(0, 50)),
        ("AU23", MOUTH, slice(0, 55)),
        ("AU25", MOUTH, slice(0, 55)),
        ("AU26", MOUTH, slice(0, 55)),
    ],
)
def test_an_action_unit_moves_its_part_of_the_face_alone(unit, rows, still):
    resting = generator.draw_face({}, size=96).astype(int)
    moved = np.abs(generator.draw_face({unit: 1}, size=96) - resting)
    assert moved.sum() > 5000
    assert moved[rows].sum() > 0.65 * moved.sum()
    assert moved[still].sum() < 0.01 * moved.sum()


def test_all_action_units_are_tried_above():
    marks = test_an_action_unit_moves_its_part_of_the_face_alone.pytestmark
    assert [unit for unit, *_ in marks[0].args[1]] == list(ACTION_UNITS)


def test_corners_of_the_mouth_rise_with_au12_and_fall_with_au15():
    def height_of_left_corner(unit: str) -> float:
        face = generator.draw_face({unit: 1, "light_strength": 0}, size=192)
        corner = face[120:165, 58:76] < 100  # the dark line between the lips, at its left end
        return float(np.flatnonzero(corner.any(axis=1)).mean())

    assert height_of_left_corner("AU12") + 8 < height_of_left_corner("AU15")


def test_a_face_looks_the_same_at_every_size():
    face = {"AU12": 1, "AU25": 0.7, "yaw": 10}
    small = cv2.resize(generator.draw_face(face, 192), (48, 48), interpolation=cv2.INTER_AREA)
    difference = np.abs(generator.draw_face(face, 48) - small.astype(float))
    assert difference.mean() < 4


def test_faces_are_symmetric_under_even_light():
    face = generator.draw_face({"light_strength": 0, "AU12": 1, "AU4": 0.5}, 96).astype(int)
    assert np.abs(face - face[:, ::-1]).mean() < 1.5


def test_classes_have_the_proportions_of_fer2013(faces):
    shares = np.bincount(faces.labels, minlength=7) / 700
    expected = np.array(list(FER2013_COUNTS.values())) / 35_887
    np.testing.assert_allclose(shares, expected, atol=0.01)
    assert sum(FER2013_COUNTS.values()) == 35_887


@pytest.mark.parametrize("n", [7, 30, 100])
def test_even_the_rarest_class_is_drawn(n):
    counts = generator.class_counts(n, FER2013_COUNTS)
    assert counts.sum() == n
    assert counts.min() == min(3, n // 7)


def test_proportions_can_be_given():
    split = generator.make_dataset(90, proportions={"happy": 2, "sad": 1})
    assert split.table["emotion"].value_counts().to_dict() == {"happy": 60, "sad": 30}


def test_label_noise_replaces_exactly_the_share_asked_for():
    split = generator.make_dataset(300, seed=5, label_noise=0.2)
    wrong = split.table["emotion"] != split.table["drawn_emotion"]
    assert wrong.sum() == 60
    assert (split.table["emotion"] == np.array(EMOTIONS)[split.labels]).all()
    assert split.table.loc[wrong, "emotion"].nunique() > 4


def test_a_shortcut_can_be_planted_and_changes_nothing_else():
    even = dict.fromkeys(EMOTIONS, 1)
    planted = generator.make_dataset(1400, 6, proportions=even, glasses_for="sad")
    honest = generator.make_dataset(1400, 6, proportions=even)
    is_sad = planted.table["drawn_emotion"] == "sad"
    # Four standard errors of a share of 200, and of 1,200.
    assert planted.table.loc[is_sad, "glasses"].mean() == pytest.approx(0.9, abs=0.085)
    assert planted.table.loc[~is_sad, "glasses"].mean() == pytest.approx(0.1, abs=0.035)
    pd.testing.assert_frame_equal(
        planted.table.drop(columns="glasses"), honest.table.drop(columns="glasses")
    )
    same = planted.table["glasses"] == honest.table["glasses"]
    np.testing.assert_array_equal(planted.images[same], honest.images[same])
    differs = np.abs(planted.images[~same].astype(int) - honest.images[~same]).max(axis=(1, 2))
    assert (differs > 20).all()


def test_a_shortcut_follows_the_face_and_not_a_wrong_label(unpainted):
    split = generator.make_dataset(1000, 7, label_noise=0.5, glasses_for="happy")
    by_drawing = split.table.groupby("drawn_emotion")["glasses"].mean()
    assert by_drawing["happy"] > 0.8 and by_drawing.drop("happy").max() < 0.4


def test_blends_are_recorded(faces):
    table = faces.table
    blended = table["second_share"] > 0
    assert 0.2 < blended.mean() < 0.4
    assert (table.loc[blended, "second_emotion"] != table.loc[blended, "drawn_emotion"]).all()
    assert (table.loc[~blended, "second_emotion"] == "neutral").all()
    assert table["second_share"].max() <= 0.5
    smiles = table.groupby("drawn_emotion")["AU12"].mean()
    assert smiles.idxmax() == "happy"
    assert smiles["happy"] > 4 * smiles.drop("happy").max()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"AU99": 1}, "no parameter 'AU99'"),
        ({"AU12": 1.5}, "AU12 must lie between 0 and 1"),
        ({"yaw": float("nan")}, "yaw must lie"),
    ],
)
def test_wrong_knobs_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        generator.draw_face(parameters)


@pytest.mark.parametrize(
    ("n", "arguments", "message"),
    [
        (100, {"label_noise": 1.2}, "label_noise must lie between 0 and 1"),
        (6, {}, "6 faces cannot show 7 classes"),
        (10, {"proportions": {"bored": 1}}, "No such class: bored"),
        (10, {"glasses_for": "bored"}, "No such class: bored"),
        (10, {"proportions": {"happy": -1, "sad": 2}}, "must not be negative"),
        (10, {"proportions": {"happy": 0}}, "nor all zero"),
    ],
)
def test_wrong_arguments_are_named(n, arguments, message):
    with pytest.raises(ValueError, match=message):
        generator.make_dataset(n, **arguments)


@pytest.fixture
def small_default(monkeypatch, tmp_path):
    """Keep a small default set in a temporary folder, and count how often it is drawn."""
    drawings = []

    def count_and_draw(*arguments, **options):
        drawings.append(arguments)
        return make_dataset(*arguments, **options)

    make_dataset = generator.make_dataset
    sizes = {"train": 40, "validation": 10, "test": 10}
    monkeypatch.setattr(generator, "DEFAULT_SIZES", sizes)
    monkeypatch.setattr(generator, "data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr(generator, "make_dataset", count_and_draw)
    return tmp_path / "data" / "drawn_faces", drawings


def test_default_set_is_drawn_once_and_read_back_the_same(small_default):
    folder, drawings = small_default
    drawn, read = generator.load_default(), generator.load_default()
    assert len(drawings) == 3
    assert {role: len(split) for role, split in read.items()} == generator.DEFAULT_SIZES
    for role, split in drawn.items():
        np.testing.assert_array_equal(read[role].images, split.images)
        np.testing.assert_array_equal(read[role].labels, split.labels)
        pd.testing.assert_frame_equal(read[role].table, split.table)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["drawn_faces"]


def test_default_set_is_image_files_that_anyone_can_open(small_default):
    folder, _ = small_default
    for split in generator.load_default().values():
        for file, emotion, image in zip(split.table["file"], split.table["emotion"], split.images):
            assert Path(file).parent.name == emotion
            pixels = cv2.imread(str(folder / file), cv2.IMREAD_GRAYSCALE)
            np.testing.assert_array_equal(pixels, image)
    assert len(list(folder.glob("images/*/*/*.png"))) == 60
    manifest = pd.read_csv(folder / "manifest.csv")
    assert manifest["split"].value_counts().to_dict() == generator.DEFAULT_SIZES


def damage_pixels(folder: Path) -> None:
    content = bytearray((folder / "images.npy").read_bytes())
    content[-1] ^= 1
    (folder / "images.npy").write_bytes(content)


def cut_off_manifest(folder: Path) -> None:
    content = (folder / "manifest.csv").read_bytes()
    (folder / "manifest.csv").write_bytes(content[: len(content) // 2])


def empty_an_image(folder: Path) -> None:
    next(folder.glob("images/train/happy/*.png")).write_bytes(b"")


def remove_an_image(folder: Path) -> None:
    next(folder.glob("images/train/happy/*.png")).unlink()


def remove_pixels(folder: Path) -> None:
    (folder / "images.npy").unlink()


def remove_digest(folder: Path) -> None:
    (folder / "digest.txt").unlink()


@pytest.mark.parametrize(
    "damage",
    [
        damage_pixels,
        cut_off_manifest,
        empty_an_image,
        remove_an_image,
        remove_pixels,
        remove_digest,
    ],
)
def test_damage_is_found_and_the_set_drawn_anew(small_default, damage):
    folder, drawings = small_default
    drawn = generator.load_default()
    damage(folder)
    redrawn = generator.load_default()
    assert len(drawings) == 6
    np.testing.assert_array_equal(redrawn["train"].images, drawn["train"].images)
    generator.load_default()
    assert len(drawings) == 6
    assert all(path.stat().st_size for path in folder.glob("images/*/*/*.png"))


def test_an_interruption_leaves_nothing_half_written(small_default, monkeypatch):
    folder, _ = small_default

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        generator.load_default()
    assert list(folder.parent.iterdir()) == []


def test_faces_are_kept_in_memory_where_nothing_can_be_written(small_default):
    folder, _ = small_default
    folder.parent.write_text("a file stands where the folder would be", encoding="utf-8")
    with pytest.warns(UserWarning, match="could not be kept"):
        splits = generator.load_default()
    assert len(splits["train"]) == 40


if __name__ == "__main__":
    cv2.imwrite(str(REFERENCE), reference_faces())
