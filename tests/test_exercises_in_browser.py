"""A lesson's exercises solved check by check, in a real JupyterLab and a real Chromium."""

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from test_camera_in_browser import CHROMIUM, FLAGS, MINUTE, playwright, wait_for

from course_utils.exercises import lesson_04

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "04_training.ipynb"


def exercises_alone(path: Path) -> nbformat.NotebookNode:
    """Return a lesson's notebook from its Exercises on, with the one import that they need."""
    notebook = nbformat.read(path, as_version=4)
    sources = [cell.source for cell in notebook.cells]
    start = next(i for i, source in enumerate(sources) if source.startswith("## Exercises"))
    setup = nbformat.v4.new_code_cell("import numpy as np")
    notebook.cells = [setup, *notebook.cells[start:]]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The notebook, open in a JupyterLab of its own."""
    folder = tmp_path_factory.mktemp("lab")
    nbformat.write(exercises_alone(NOTEBOOK), folder / "exercises.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--allow-root", "--no-browser"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        *(f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None"),
    ]
    paths = {
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env={**os.environ, **paths}, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/api", server)
            with playwright.sync_playwright() as engine:
                browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_page(viewport={"width": 1200, "height": 1400})
                page.set_default_timeout(3 * MINUTE)
                page.goto(f"http://localhost:{port}/lab/tree/exercises.ipynb?token={token}")
                page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
                yield page
                browser.close()
        finally:
            server.terminate()
            server.wait(30)


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
        run_cell(page, call).filter(has_text="Not yet.").wait_for()
        source = f"{exercise.code.strip()}\n\n\n{call}"
        run_cell(page, call, source).filter(has_text="Right.").wait_for()
    solved = f"{len(lesson_04.lesson.exercises)} of {len(lesson_04.lesson.exercises)} exercises"
    run_cell(page, "ex.progress()").filter(has_text=solved).wait_for()


def test_help_comes_when_it_is_asked_for(page):
    hints = run_cell(page, "ex.my_loss.hint()", "ex.my_loss.hint()")
    hints.filter(has_text=lesson_04.my_loss.hints[0]).wait_for()
    solution = run_cell(page, "ex.my_loss.hint()", "ex.my_loss.solution()")
    solution.filter(has_text="-np.log(0.25)").wait_for()


def test_the_quiz_answers_a_click(page):
    quiz = run_cell(page, "ex.quiz")
    question = lesson_04.quiz.questions[0]
    wrong, right = question.options[0], next(o for o in question.options if o.is_right)
    for option, word in ((wrong, "Not right."), (right, "Right.")):
        quiz.get_by_text(option.text, exact=True).click()
        quiz.get_by_text(option.feedback).wait_for()
        assert word in quiz.inner_text()
