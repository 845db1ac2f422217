"""The truth that maps are held against, and that the course's methods find it."""

import keras
import numpy as np
import pytest
from keras import layers

from course_utils import drawn_faces, load_pretrained
from course_utils.drawn_faces.generator import redraw
from course_utils.interpretation.faithfulness import (
    changed_pixels,
    clear_faces,
    decisive_units,
    edges,
    main,
    measure,
    pointing_game,
)


@pytest.fixture(scope="module")
def faces():
    drawn = drawn_faces.make_dataset(120, seed=4)
    return drawn.take(np.flatnonzero((drawn.labels == 3) & (drawn.table["AU12"] > 0.4))[:20])


def test_redrawing_changes_only_the_knob_that_is_named(faces):
    np.testing.assert_array_equal(redraw(faces.table), faces.images)
    smiling = redraw(faces.table, AU12=0)
    by_hand = drawn_faces.draw_face(faces.table.iloc[0].drop("AU12").to_dict() | {"AU12": 0})
    np.testing.assert_array_equal(smiling[0], by_hand)
    assert faces.table["AU12"].min() > 0.4, "the table has been changed"


@pytest.mark.parametrize("parameters", [{"AU99": 0}, {"AU12": 2}, {"glasses": -1}])
def test_impossible_knobs_are_refused(faces, parameters):
    with pytest.raises(ValueError, match="There is no parameter"):
        redraw(faces.table, **parameters)


def test_changed_pixels_by_hand():
    before = np.full((1, 6, 6), 100, np.uint8)
    after = before.copy()
    after[0, 2, 2], after[0, 5, 5] = 120, 105  # visible, and not
    expected = np.zeros((1, 6, 6), bool)
    expected[0, 1:4, 1:4] = True
    np.testing.assert_array_equal(changed_pixels(before, after), expected)
    np.testing.assert_array_equal(changed_pixels(after, before), expected)


def test_units_lie_where_the_muscles_are():
    """On an upright face: brows above the eyes' line at 0.41 of the picture, the mouth below."""
    table = drawn_faces.make_dataset(20, seed=2).table
    upright = table.assign(
        **{"roll": 0, "yaw": 0, "pitch": 0, "shift_x": 0, "shift_y": 0, "zoom": 1},
        **{"hand": 0, "hair_style": 0, "glasses": 0, "AU1": 0, "AU12": 0, "skin_tone": 3},
    )
    rows = np.arange(48)[None, :, None]
    rest = redraw(upright)
    brow, smile, rims = (
        changed_pixels(rest, redraw(upright, **{parameter: 1}))
        for parameter in ("AU1", "AU12", "glasses")
    )
    middles = [(places * rows).sum() / places.sum() for places in (brow, rims, smile)]
    assert middles[0] < 18 < middles[1] < 24 < 28 < middles[2]


def test_pointing_game_by_hand():
    maps = np.zeros((2, 4, 5))
    maps[0, 1, 2] = maps[1, 3, 4] = 1
    places = np.zeros((2, 4, 5), bool)
    places[:, 1, 2] = True
    assert pointing_game(maps, places).tolist() == [True, False]


def test_random_maps_hit_as_often_as_the_place_is_large():
    random = np.random.default_rng(0)
    places = np.zeros((4000, 8, 8), bool)
    places[:, :2, :4] = True
    hits = pointing_game(random.random((4000, 8, 8)), places)
    assert hits.mean() == pytest.approx(8 / 64, abs=0.02)


@pytest.mark.parametrize("shape", [(2, 4, 4), (4, 5), (2, 5, 4)])
def test_places_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"must both be \(n, h, w\)"):
        pointing_game(np.zeros((2, 4, 5)), np.zeros(shape, bool))


def test_edges_lie_where_the_grey_changes():
    image = np.zeros((1, 9, 9), np.uint8)
    image[0, :, 5:] = 200
    columns = edges(image)[0].sum(axis=0)
    assert set(np.flatnonzero(columns)) == {4, 5}


def template_network(faces, unit: str) -> keras.Model:
    """Return a network whose score for each class is how much `unit` is drawn."""
    change = faces.images.astype(float) - redraw(faces.table, **{unit: 0})
    kernel = np.repeat(change.mean(axis=0).reshape(-1, 1), 7, axis=1) / 1000
    inputs = keras.Input((48, 48, 1))
    last = layers.Dense(7)
    model = keras.Model(inputs, last(layers.Flatten()(inputs)))
    last.set_weights([kernel, np.zeros(7)])
    return model


def test_the_decisive_unit_is_the_one_that_the_network_reads(faces):
    table, places = decisive_units(template_network(faces, "AU12"), faces)
    assert (table["unit"] == "AU12").mean() > 0.8 and (table["drop"] > 0).mean() > 0.9
    smiles = changed_pixels(faces.images, redraw(faces.table, AU12=0))
    read = (table["unit"] == "AU12").to_numpy()
    np.testing.assert_array_equal(places[read], smiles[read])


def test_faces_at_rest_have_no_decisive_unit():
    drawn = drawn_faces.make_dataset(60, seed=1, proportions={"neutral": 1})
    pure = drawn.take(np.flatnonzero(drawn.table["second_share"] == 0)[:5])
    with pytest.raises(ValueError, match="not neutral"):
        decisive_units(template_network(pure, "AU12"), pure)


def test_clear_faces_are_read_rightly():
    classifier = load_pretrained("drawn_faces")
    chosen = clear_faces(classifier, 20, seed=3)
    assert len(chosen) == 20 and (chosen.table["second_share"] == 0).all()
    assert (classifier.predict_proba(chosen.images).argmax(axis=1) == chosen.labels).all()
    assert "neutral" not in set(chosen.table["emotion"])


@pytest.mark.slow
def test_the_recommended_method_is_clearly_above_chance():
    classifier = load_pretrained("drawn_faces")
    keras.utils.set_random_seed(0)
    table = measure(classifier.model, clear_faces(classifier, 48, seed=5))
    best = table.loc["integrated gradients"]
    assert best.low > table.hits["edges"] > table.hits["random pixel"]
    assert best.low > best.untrained
    assert 0.03 < table.hits["random pixel"] < 0.2
    assert table.index.tolist()[2:] == ["saliency", "integrated gradients", "Grad-CAM", "occlusion"]


@pytest.mark.slow
def test_the_command_prints_the_table(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["faithfulness", "4"])
    main()
    printed = capsys.readouterr().out
    assert "4 drawn faces" in printed and "Grad-CAM" in printed and "random pixel" in printed
