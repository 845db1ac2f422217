"""What each figure draws and says, and that a notebook shows it once, with its text."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.colors import to_hex
from PIL import Image

from course_utils import COLOURS, EMOTIONS, plots
from tests.plots.examples import (
    FACE,
    FIGURES,
    FRAME,
    GREY,
    LABELS,
    MAPS,
    PLACES,
    POINTS,
    SURE,
    UNSURE,
    bar_widths,
    decode,
    image_tag,
    panels,
    score_table,
)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_a_small_image_with_its_text(name):
    figure = FIGURES[name]()
    tag = image_tag(figure)
    assert tag["tag"] == "img" and tag["alt"] == figure.text and len(figure.text) > 30
    image = decode(figure)
    assert int(tag["width"]) <= 768 < 800, "wider than a notebook's column"
    assert image.width == pytest.approx(1.5 * int(tag["width"]), abs=2), "not sharp"
    assert len(figure._repr_mimebundle_()["text/html"]) < 120_000
    assert np.ptp(np.asarray(image.convert("L"))) > 100, "nothing is drawn"
    assert plt.get_fignums() == [], "an open figure would be shown a second time"


def test_all_public_figures_are_tested():
    drawn = {name.split()[0] for name in FIGURES}
    no_figures = {"FigureWithText", "subplots", "with_alt_text"}
    assert drawn == set(plots.__all__) - no_figures


def test_ipython_takes_the_image_and_the_text():
    figure = FIGURES["accuracies"]()
    data, _ = DisplayFormatter().format(figure)
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/plain"] == figure.text == repr(figure)


def test_a_learners_own_figure_is_shown_once_with_its_text():
    figure, axes = plt.subplots()
    axes.plot([1, 2], [1, 4])
    shown = plots.with_alt_text(figure, 'A line that rises, "y" < 5')
    assert plt.get_fignums() == []
    assert image_tag(shown)["alt"] == 'A line that rises, "y" < 5'
    assert decode(shown).width > 100


def test_a_learner_draws_in_the_courses_style():
    figure, axes = plots.subplots(height=3)
    axes.plot([1, 2], [1, 4])
    assert plt.get_fignums() == []
    assert axes.xaxis.label.get_fontsize() == 13 and not axes.spines["top"].get_visible()
    assert tuple(figure.get_size_inches()) == (8, 3)
    assert plots.subplots(2, 3)[1].shape == (2, 3)


def test_an_empty_text_is_refused():
    with pytest.raises(ValueError, match="alternative text is empty"):
        plots.with_alt_text(plt.Figure(), " ")


def test_save_writes_the_picture(tmp_path):
    FIGURES["probabilities"]().save(tmp_path / "bars.png")
    with Image.open(tmp_path / "bars.png") as image:
        assert image.format == "PNG" and image.width > 500


def test_the_style_leaves_a_learners_settings_alone():
    before = dict(plt.rcParams)
    decode(FIGURES["accuracies"]())
    assert dict(plt.rcParams) == before


@pytest.mark.parametrize(
    ("images", "top"),
    [
        (GREY[:2], 255),
        (GREY[:2, :, :, np.newaxis], 255),
        (GREY[:2] / np.float32(255), 1),
        ([GREY[0], GREY[1, :20, :30]], 255),
    ],
)
def test_faces_of_any_kind_show_black_as_black(images, top):
    figure = plots.show_faces(images)
    for axes, image in zip(panels(figure), images):
        shown = axes.images[0]
        assert shown.get_clim() == (0, top)
        np.testing.assert_array_equal(shown.get_array(), np.squeeze(image))


def test_colour_faces_keep_their_colours():
    shown = panels(plots.show_faces([FRAME]))[0].images[0].get_array()
    np.testing.assert_array_equal(shown, FRAME)


def test_faces_carry_their_titles():
    figure = plots.show_faces(GREY[:3], ["a", "b\nb", "c"], columns=2)
    assert [axes.get_title() for axes in panels(figure)] == ["a", "b\nb", "c", ""]
    assert figure.text == "3 images in rows of 2: a, b b, c."


@pytest.mark.parametrize(
    ("images", "titles", "message"),
    [(GREY[:0], None, "no image to show"), (GREY[:2], ["one"], "as many titles, not 1")],
)
def test_faces_that_cannot_be_shown(images, titles, message):
    with pytest.raises(ValueError, match=message):
        plots.show_faces(images, titles)


def test_faces_by_class_are_a_named_row_for_each_class():
    faces = np.random.default_rng(2).integers(0, 256, (7, 4, 10, 10), dtype=np.uint8)
    figure = plots.faces_by_class(faces)
    assert [text.get_text() for text in figure.figure.texts] == list(EMOTIONS)
    for row, axes in zip(faces, panels(figure)):
        shown = np.asarray(axes.images[0].get_array())
        assert shown.shape == (12, 48) and (shown[0] == 255).all()
        np.testing.assert_array_equal(shown[1:-1, 13:23], row[1])
    assert figure.text.startswith("4 faces of each class")


@pytest.mark.parametrize("shape", [(6, 3, 48, 48), (7, 48, 48), (7, 0, 48, 48)])
def test_faces_by_class_need_seven_rows(shape):
    with pytest.raises(ValueError, match=r"must be \(7, n, height, width\)"):
        plots.faces_by_class(np.zeros(shape, np.uint8))


def test_per_class_draws_each_interval():
    figure = FIGURES["per_class"]()
    assert "recall is highest for angry (0.90) and lowest for surprise (0.30)" in figure.text
    recall = panels(figure)[1]
    line = recall.lines[0]
    np.testing.assert_allclose(line.get_xdata(), [0.8, 1.0])
    assert to_hex(line.get_color()).upper() == COLOURS["angry"]
    markers = {line.get_marker() for line in recall.lines if len(line.get_xdata()) == 1}
    assert len(markers) == 7, "colour would be the only cue"


def test_per_class_with_an_unknown_recall():
    table = score_table()
    table.loc["angry", ["recall", "recall_low", "recall_high"]] = np.nan
    figure = plots.per_class(table)
    assert "recall is highest for disgust (0.80)" in figure.text
    assert [text.get_text() for text in panels(figure)[1].texts] == ["unknown"]


def test_probabilities_draw_one_panel_per_face():
    figure = plots.probabilities(np.vstack([SURE, SURE[::-1]]), ["left", "right"])
    assert figure.text == "Probability of each class. left: happy 88 %; right: happy 88 %."
    assert bar_widths(panels(figure)[0]) == pytest.approx(SURE)
    assert len(panels(plots.probabilities(SURE))) == 1


def test_detections_box_and_name_each_face():
    figure = plots.detections(FRAME, [FACE, UNSURE])
    frame, first, _ = panels(figure)
    corners = {(*box.get_xy(), box.get_width(), box.get_height()) for box in frame.patches}
    assert corners == {(3.5, 19.5, 16, 18), (29.5, 1.5, 10, 12)}
    assert [text.get_text() for text in frame.texts] == ["1 happy", "2 unsure"]
    assert bar_widths(first) == pytest.approx(SURE)
    assert "2 faces were found: face 1 happy (happy 88 %); face 2 unsure" in figure.text


def test_detections_of_nobody_and_of_a_crowd():
    assert plots.detections(FRAME, []).text == "A picture in which no face was found."
    assert "one face was found" in plots.detections(FRAME, [FACE]).text
    crowd = plots.detections(FRAME, [FACE] * 9)
    assert len(panels(crowd)) == 1 + 5 and len(panels(crowd)[0].texts) == 9


def test_feature_maps_have_a_white_zero_where_they_are_signed():
    maps = np.zeros((4, 4, 3))
    maps[0, 0] = [-2, 1, 0]
    figure = plots.feature_maps(maps)
    assert figure.text == "3 maps of 4 by 4; all zero: 1."
    assert panels(figure)[0].images[0].get_clim() == (-2, 2)
    positive = plots.feature_maps(np.abs(maps[..., 0]))
    assert positive.text == "1 map of 4 by 4; all zero: 0."
    assert panels(positive)[0].images[0].get_clim() == (0, 2)


def test_a_colour_bar_says_what_the_colours_of_feature_maps_stand_for():
    maps = np.zeros((4, 4, 3))
    maps[0, 0] = [-2, 1, 0]
    for shown, ends in ((maps, (-1, 0, 1)), (np.abs(maps), (0, 1))):
        figure = plots.feature_maps(shown)
        bar, first = panels(figure)[-1], panels(figure)[0].images[0]
        names = dict(zip(bar.get_yticks(), [text.get_text() for text in bar.get_yticklabels()]))
        assert names == {end: {-1: "−largest", 0: "0", 1: "largest"}[end] for end in ends}
        (mesh,) = [one for one in bar.collections if one.get_array() is not None]
        assert mesh.get_cmap().name == first.get_cmap().name


def test_feature_maps_bear_their_names():
    figure = plots.feature_maps(np.eye(4)[..., np.newaxis] * [1, 2], ("sad", "happy"))
    assert figure.text == "2 maps of 4 by 4: sad, happy; all zero: 0."
    assert [axes.get_title() for axes in panels(figure)[:2]] == ["sad", "happy"]


def test_receptive_field_frames_whole_pixels():
    figure = FIGURES["receptive_field"]()
    box = panels(figure)[0].patches[0]
    assert (*box.get_xy(), box.get_width(), box.get_height()) == (2.5, 3.5, 7, 7)
    assert "7 by 7 pixels from column 3 and row 4" in figure.text


def test_accuracy_against_parameters_draws_people_as_a_band():
    figure = FIGURES["accuracy_against_parameters"]()
    assert "small 66.0 % (chosen on other images, or not at all); peeked 68.0 %" in figure.text
    assert "silent 67.0 % (not found)." in figure.text, "one without a size has no place"
    listed = panels(figure)[1].texts[0].get_text().splitlines()
    assert listed == ["1  small, 66.0 %", "2  peeked, 68.0 %", "3  silent, 67.0 %"]
    groups = {line.get_label(): list(line.get_xdata()) for line in panels(figure)[0].lines}
    assert groups["chosen on the images that it reports"] == [70_000]
    band = panels(figure)[0].patches[0]
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((0.60, 0.70))


def test_embedding_gives_each_class_its_points_colour_and_marker():
    figure = FIGURES["embedding"]()
    groups = panels(figure)[0].lines
    assert [len(group.get_xdata()) for group in groups] == [3, 0, 1, 4, 1, 1, 2]
    np.testing.assert_allclose(groups[3].get_xydata(), POINTS[LABELS == 3])
    assert to_hex(groups[3].get_color()).upper() == COLOURS["happy"]
    assert len({group.get_marker() for group in groups}) == 7
    assert "12 images" in figure.text and "disgust" not in figure.text


def test_votes_are_bars_and_the_label_is_framed():
    figure = FIGURES["votes"]()
    assert "label happy, votes happy 7, sad 3; label angry, votes angry 4." in figure.text
    *_, first, second = panels(figure)
    assert [bar.get_width() for bar in first.patches] == [0, 0, 0, 7, 0, 3, 0]
    assert [bar.get_linewidth() == 3 for bar in first.patches].index(True) == 3
    assert [bar.get_linewidth() == 3 for bar in second.patches].index(True) == 0


def test_accuracies_draw_and_say_their_intervals():
    figure = FIGURES["accuracies"]()
    assert "wrong 90 % (85 % to 95 %); right 20 % (15 % to 25 %)" in figure.text
    (axes,) = panels(figure)
    ends = [segment[:, 0].tolist() for segment in axes.collections[0].get_segments()]
    assert ends == [[0.85, 0.95], [0.15, 0.25]]


def test_heat_maps_say_how_many_point_inside():
    figure = FIGURES["heat_maps"]()
    assert "one has its strongest pixel inside for 1 of them" in figure.text
    assert "2 faces (a, b)" in figure.text and "An outline shows the truth;" in figure.text
    one = plots.heat_maps(GREY[:1], {"one": MAPS[:1]}, ["a"], PLACES[:1], "the glasses")
    assert "1 face (a)" in one.text and "An outline shows the glasses;" in one.text
    assert len(panels(figure)) == 6
    heat = panels(figure)[1].images[1].get_array()
    assert np.unravel_index(heat.argmax(), heat.shape) == (10, 20)
    with pytest.raises(ValueError, match="2 images need as many maps"):
        plots.heat_maps(GREY[:2], {"one": MAPS[:1]}, ["a", "b"])


def test_negative_heat_is_not_drawn():
    figure = plots.heat_maps(GREY[:2], {"one": -MAPS}, ["a", "b"])
    assert panels(figure)[1].images[1].get_array().max() == 0


def test_pointing_game_names_each_method():
    figure = FIGURES["pointing_game"]()
    assert "random pixel 10 %; a method 80 %" in figure.text
    assert [text.get_text() for text in panels(figure)[0].get_yticklabels()] == [
        "random pixel",
        "a method",
    ]
