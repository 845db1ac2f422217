"""A panel answers to its controls, and a saved notebook shows a picture in its place."""

import io
import re
from base64 import b64decode

import ipywidgets
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

from course_utils import EMOTIONS, drawn_faces
from course_utils.dataset import widgets
from course_utils.drawn_faces.parameters import ACTION_UNITS, EXPRESSIONS


def pixels(widget: ipywidgets.Image) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(widget.value)))


def faces_on(page: ipywidgets.HTML) -> dict[str, np.ndarray]:
    """Return the pictures of a page of the browser by what stands below them."""
    found = re.findall(r'base64,([^"]+)".*?<figcaption>(.*?)</figcaption>', page.value)
    return {caption: np.asarray(Image.open(io.BytesIO(b64decode(code)))) for code, caption in found}


@pytest.fixture(scope="module")
def faces():
    return drawn_faces.make_dataset(100, seed=9)


def test_a_slider_moves_the_face():
    panel = widgets.face_panel({"skin_tone": 7, "AU4": 0.3})
    assert list(panel.sliders) == list(ACTION_UNITS) and panel.sliders["AU4"].value == 0.3
    panel.sliders["AU12"].value = 0.8
    expected = drawn_faces.draw_face({"skin_tone": 7, "AU4": 0.3, "AU12": 0.8}, widgets.FACE_SIZE)
    np.testing.assert_array_equal(pixels(panel.face), expected)
    assert panel.face.layout.align_self == "flex-start"  # a square face stays square


def test_the_menu_sets_the_recipe_of_a_class():
    panel = widgets.face_panel()
    panel.sliders["AU12"].value = 1
    panel.expressions.value = "fear"
    values = {unit: slider.value for unit, slider in panel.sliders.items() if slider.value}
    # Sliders move in steps of a twentieth.
    assert values == pytest.approx(dict(EXPRESSIONS["fear"]), abs=0.026)
    panel.expressions.value = widgets.RESTING
    np.testing.assert_array_equal(pixels(panel.face), drawn_faces.draw_face({}, widgets.FACE_SIZE))


def test_a_wrong_knob_is_named():
    with pytest.raises(ValueError, match="no parameter 'smile'"):
        widgets.face_panel({"smile": 1})


def test_where_no_widget_runs_a_smile_grows():
    picture = widgets.face_panel({"glasses": 1}).picture
    shown = [axes.images[0].get_array() for axes in picture.figure.axes]
    np.testing.assert_array_equal(shown[0], drawn_faces.draw_face({"glasses": 1}, 96))
    np.testing.assert_array_equal(shown[-1], drawn_faces.draw_face({"glasses": 1, "AU12": 1}, 96))
    assert "AU12 = 0.50" in picture.text


def test_the_browser_shows_every_image_once(faces):
    browser = widgets.face_browser(faces)
    assert browser.pages.max == 7
    seen = []
    for number in range(1, 8):
        browser.pages.value = number
        seen += browser.shown().tolist()
    assert seen == list(range(100))
    shown = faces_on(browser.page)
    assert list(shown) == [f"{index} {EMOTIONS[faces.labels[index]]}" for index in range(96, 100)]
    for image, picture in zip(faces.images[96:], shown.values(), strict=True):
        np.testing.assert_array_equal(picture, image)
    assert browser.caption.value.startswith(
        "Page 7 of 7: faces 97 to 100 of 100, in the order of the files."
    )


def test_the_browser_keeps_to_a_class_and_an_order(faces):
    browser = widgets.face_browser(faces)
    browser.pages.value = 3
    browser.emotions.value = "sad"
    assert browser.pages.value == 1
    sad = np.flatnonzero(faces.labels == EMOTIONS.index("sad"))
    assert browser.chosen().tolist() == sad.tolist()
    browser.orders.value = "skin_tone"
    tones = faces.table["skin_tone"].to_numpy()[browser.chosen()]
    assert (np.diff(tones) >= 0).all() and sorted(browser.chosen()) == sad.tolist()
    first = browser.chosen()[0]
    np.testing.assert_array_equal(faces_on(browser.page)[f"{first} sad"], faces.images[first])
    on_page = f"faces 1 to {min(16, len(sad))} of {len(sad)} labelled sad, sorted by skin_tone."
    assert on_page in browser.caption.value


def test_a_page_of_one_face_is_called_that(faces):
    browser = widgets.face_browser(faces.take(range(17)))
    browser.pages.value = 2
    assert "Page 2 of 2: face 17 of 17, in" in browser.caption.value


def test_the_browser_of_a_class_without_images_is_empty(faces):
    browser = widgets.face_browser(faces.take(faces.labels == 3))
    browser.emotions.value = "sad"
    assert browser.caption.value == "No image." and faces_on(browser.page) == {}


def test_a_split_without_images_is_refused(faces):
    with pytest.raises(ValueError, match="no image to show"):
        widgets.face_browser(faces.take(np.zeros(100, dtype=bool)))


@pytest.mark.parametrize("make", [widgets.face_panel, None])
def test_a_notebook_shows_the_widget_and_then_the_picture(make, faces):
    panel = make() if make else widgets.face_browser(faces)
    InteractiveShell.instance()
    with capture_output() as captured:
        panel._ipython_display_()
    kinds = [set(output.data) for output in captured.outputs]
    assert len(kinds) == 2 and "application/vnd.jupyter.widget-view+json" in kinds[0]
    assert kinds[1] == {"text/html", "text/plain"}
    InteractiveShell.clear_instance()
