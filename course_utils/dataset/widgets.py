"""Panels to play with in a notebook: a face with a slider per action unit, and a face browser.

They are made of ipywidgets' own parts alone, which JupyterLab, VS Code and Colab all show. Where no
widget runs, as on GitHub, a picture stands in.
"""

import io
from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import display
from numpy.typing import NDArray
from PIL import Image

from course_utils.drawn_faces.generator import draw_face
from course_utils.drawn_faces.parameters import ACTION_UNITS, EXPRESSIONS, PARAMETERS
from course_utils.emotions import EMOTIONS
from course_utils.plots.images import show_faces
from course_utils.plots.style import FigureWithText
from course_utils.split import Split

FACE_SIZE = 320  # pixels
STRIP_STEPS = 7
FACES_ON_PAGE, BROWSER_COLUMNS, BROWSER_ZOOM = 16, 8, 2
RESTING, EVERYTHING, FILE_ORDER = "choose ...", "all classes", "as they come"


class Panel:
    """A widget, and the picture that a saved notebook shows in its place.

    Attributes:
        widget: the ipywidgets widget.
        picture: what is shown where no widget runs.
    """

    def __init__(self, widget: ipywidgets.Widget, picture: FigureWithText) -> None:
        self.widget = widget
        self.picture = picture

    def _ipython_display_(self) -> None:
        display(self.widget)
        display(self.picture)


class FacePanel(Panel):
    """A drawn face with a slider for each action unit; `face_panel` makes one.

    Attributes:
        sliders: by the names of the action units.
        expressions: a menu that sets the sliders to one of the seven classes.
        face: the picture of the face, as PNG.
    """

    def __init__(self, parameters: Mapping[str, float]) -> None:
        self.parameters = dict(parameters)
        self.face = ipywidgets.Image(format="png", width=FACE_SIZE, height=FACE_SIZE)
        self.sliders = {
            unit: _slider(unit, self.parameters.get(unit, 0.0)) for unit in ACTION_UNITS
        }
        self.expressions = ipywidgets.Dropdown(
            options=[RESTING, *EMOTIONS], description="expression", layout={"width": "300px"}
        )
        for slider in self.sliders.values():
            slider.observe(self._redraw, "value")
        self.expressions.observe(self._set_expression, "value")
        self._redraw()
        controls = ipywidgets.VBox([self.expressions, *self.sliders.values()])
        # Without this the box stretches the face to the height of the sliders.
        self.face.layout.align_self = "flex-start"
        super().__init__(ipywidgets.HBox([self.face, controls]), _growing_smile(self.parameters))

    def _set_expression(self, change: Mapping[str, Any]) -> None:
        recipe = EXPRESSIONS.get(change["new"], {})
        for unit, slider in self.sliders.items():
            slider.value = recipe.get(unit, 0.0)

    def _redraw(self, change: Mapping[str, Any] | None = None) -> None:
        units = {unit: slider.value for unit, slider in self.sliders.items()}
        self.face.value = _as_png(draw_face(self.parameters | units, FACE_SIZE))


def face_panel(parameters: Mapping[str, float] | None = None) -> FacePanel:
    """Return a drawn face with a slider for each action unit, to show in a notebook.

    Where no widget runs, it shows how AU12, the lip corner puller, makes a smile grow.

    Args:
        parameters: a value for any of `drawn_faces.PARAMETERS` that the face is drawn with.

    Raises:
        ValueError: a knob that does not exist, or a value outside of its range.
    """
    return FacePanel(parameters or {})


class FaceBrowser(Panel):
    """Pages of a split's images; `face_browser` makes one.

    Attributes:
        emotions: a menu of the classes.
        orders: a menu of the columns to sort by.
        pages: a slider.
        page: the faces of the page, each above its index and its class, as HTML.
        caption: which faces these are.
    """

    def __init__(self, split: Split) -> None:
        self.split = split
        numbers = split.table.select_dtypes("number").columns
        menu = partial(ipywidgets.Dropdown, layout={"width": "260px"})
        self.emotions = menu(options=[EVERYTHING, *EMOTIONS], description="class")
        self.orders = menu(options=[FILE_ORDER, *numbers], description="sort by")
        self.pages = ipywidgets.IntSlider(1, 1, 1, description="page", continuous_update=False)
        self.page, self.caption = ipywidgets.HTML(), ipywidgets.HTML()
        for menu_of in (self.emotions, self.orders):
            menu_of.observe(self._turn_to_first, "value")
        self.pages.observe(self._show, "value")
        self._turn_to_first()
        controls = ipywidgets.HBox([self.emotions, self.orders, self.pages])
        widget = ipywidgets.VBox([controls, self.page, self.caption])
        super().__init__(widget, self._first_page())

    def chosen(self) -> NDArray[np.integer]:
        """Return the indices of all images of the chosen class, in the chosen order, int (n,)."""
        of_class = np.arange(len(self.split))
        if self.emotions.value != EVERYTHING:
            of_class = np.flatnonzero(self.split.labels == EMOTIONS.index(self.emotions.value))
        if self.orders.value == FILE_ORDER:
            return of_class
        values = self.split.table[self.orders.value].to_numpy()[of_class]
        return np.asarray(of_class[np.argsort(values, kind="stable")])

    def shown(self) -> NDArray[np.integer]:
        """Return the indices of the images on the page, int (n,)."""
        start = (self.pages.value - 1) * FACES_ON_PAGE
        return self.chosen()[start : start + FACES_ON_PAGE]

    def _turn_to_first(self, change: Mapping[str, Any] | None = None) -> None:
        self.pages.max = max(-(-len(self.chosen()) // FACES_ON_PAGE), 1)
        self.pages.value = 1
        self._show()

    def _show(self, change: Mapping[str, Any] | None = None) -> None:
        faces = [
            _figure(self.split.images[index], f"{index} {EMOTIONS[self.split.labels[index]]}")
            for index in self.shown()
        ]
        columns = f"grid-template-columns: repeat({BROWSER_COLUMNS}, max-content)"
        self.page.value = f'<div style="display: grid; {columns}; gap: 4px">{"".join(faces)}</div>'
        self.caption.value = self._describe(len(faces))

    def _describe(self, on_page: int) -> str:
        if on_page == 0:
            return "No image."
        first = 1 + (self.pages.value - 1) * FACES_ON_PAGE
        faces = f"faces {first:,} to {first + on_page - 1:,}" if on_page > 1 else f"face {first:,}"
        labelled = "" if self.emotions.value == EVERYTHING else f" labelled {self.emotions.value}"
        order = "in the order of the files"
        if self.orders.value != FILE_ORDER:
            order = f"sorted by {escape(self.orders.value)}"
        return (
            f"Page {self.pages.value} of {self.pages.max}: {faces} of {len(self.chosen()):,}"
            f"{labelled}, {order}. Below each stand its index and its class."
        )

    def _first_page(self) -> FigureWithText:
        indices = self.shown()
        names = self.split.table["emotion"].iloc[indices].tolist()
        return show_faces(self.split.images[indices], names, columns=BROWSER_COLUMNS)


def face_browser(split: Split) -> FaceBrowser:
    """Return pages of images to leaf through in a notebook, by class and in any order.

    Where no widget runs, it shows the first page.

    Raises:
        ValueError: the split has no image.
    """
    return FaceBrowser(split)


def _slider(unit: str, value: float) -> ipywidgets.FloatSlider:
    return ipywidgets.FloatSlider(
        value,
        min=0,
        max=1,
        step=0.05,
        description=f"{unit} {PARAMETERS[unit].meaning}",
        style={"description_width": "190px"},
        layout={"width": "430px"},
    )


def _growing_smile(parameters: Mapping[str, float]) -> FigureWithText:
    steps = np.linspace(0, 1, STRIP_STEPS)
    faces = [draw_face({**parameters, "AU12": step}, 96) for step in steps]
    return show_faces(faces, [f"AU12 = {step:.2f}" for step in steps], columns=STRIP_STEPS)


def _figure(image: NDArray[np.uint8], caption: str) -> str:
    """Return an image (h, w) with a caption below it, as HTML."""
    content = b64encode(_as_png(image)).decode("ascii")
    width = image.shape[1] * BROWSER_ZOOM
    return (
        f'<figure style="margin: 0; text-align: center; line-height: 1.5">'
        f'<img src="data:image/png;base64,{content}" width="{width}" alt="face {caption}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _as_png(image: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "png")
    return buffer.getvalue()
