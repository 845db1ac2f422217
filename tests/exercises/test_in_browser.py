"""A lesson's exercises solved check by check, in a real JupyterLab and a real Chromium."""

import re
from pathlib import Path

import ipywidgets
import nbformat
import pytest

pytest.importorskip("playwright", reason="the exercises' test needs playwright")
pytest.importorskip("jupyterlab", reason="the exercises' test needs JupyterLab")

from notebook_rules import code_cells, not_counted
from playwright.sync_api import sync_playwright

from course_utils.exercises import lesson_04
from research.camera_in_chromium import CHROMIUM, jupyter_lab, open_notebook, start_chromium

pytestmark = pytest.mark.slow

if not CHROMIUM:
    pytest.skip("the exercises' test needs Chromium", allow_module_level=True)

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_training.ipynb"


def cells_of_exercises(path):
    """Return the code cells of a lesson's exercises and quiz, after the import that they need."""
    cells = code_cells(nbformat.read(path, as_version=4))
    return ["import numpy as np", *(cell.source for cell in cells if not_counted(cell))]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The exercises of lesson 04, open in a JupyterLab of their own."""
    folder, cells = tmp_path_factory.mktemp("lab"), cells_of_exercises(NOTEBOOK)
    with (
        jupyter_lab(folder, "exercises.ipynb", cells) as lab,
        sync_playwright() as engine,
        start_chromium(engine) as browser,
    ):
        page = browser.new_page(viewport={"width": 1200, "height": 1400})
        open_notebook(page, lab.address("exercises.ipynb"))
        yield page


def run_cell(page, text, source=None):
    """Run the code cell that holds a text, with another source where one is given."""
    cell = page.locator(".jp-CodeCell", has=page.locator(".cm-content", has_text=text)).first
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    if source is not None:
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    return cell.locator(".jp-OutputArea-output")


def test_a_learner_solves_a_lesson(page):
    run_cell(page, "import numpy as np")
    run_cell(page, "import lesson_04 as ex")
    for exercise in lesson_04.lesson.exercises:
        call = f"ex.{exercise.name}.check({exercise.name})"
        first = "Not right." if exercise.text.start else "Not yet."
        timeout = 1000 * max(30, exercise.seconds)  # milliseconds
        run_cell(page, call).filter(has_text=first).wait_for(timeout=timeout)
        source = f"{exercise.text.solution.strip()}\n\n\n{call}"
        right = re.compile(r"Right\.")  # a text would match "Not right." as well
        run_cell(page, call, source).filter(has_text=right).wait_for(timeout=timeout)
    solved = f"{len(lesson_04.lesson.exercises)} of {len(lesson_04.lesson.exercises)} exercises"
    run_cell(page, "ex.progress()").filter(has_text=solved).wait_for()


def test_help_comes_when_it_is_asked_for(page):
    hint, solution = "ex.my_loss.hint()", "ex.my_loss.solution()"
    shown = run_cell(page, hint, f"{hint}\n# {solution}")
    shown.filter(has_text="The loss looks only at the probability").wait_for()
    shown = run_cell(page, hint, f"# {hint}\n{solution}")
    shown.filter(has_text="-np.log(0.25)").wait_for()


# Colab has ipywidgets 7 and a front end of its own for it. JupyterLab 4's shows those of 8 alone.
@pytest.mark.skipif(
    ipywidgets.__version__.startswith("7."), reason="JupyterLab 4 shows no widget of ipywidgets 7"
)
def test_the_quiz_answers_a_click(page):
    quiz = run_cell(page, "ex.quiz")
    question = lesson_04.quiz.questions[0]
    wrong, right = question.options[0], next(o for o in question.options if o.is_right)
    for option, word in ((wrong, "Not right."), (right, "Right.")):
        quiz.get_by_text(option.text, exact=True).click()
        quiz.get_by_text(option.feedback).wait_for()
        assert word in quiz.inner_text()
