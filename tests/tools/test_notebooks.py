"""The lessons keep their rules, every rule catches what breaks it, and all lessons run."""

import ast
import copy
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import nbformat
import normalise_notebooks
import notebook_rules
import pytest
import repository
import run_notebooks
from badges import badge, write_badge, write_readme_badges
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_rules import EXERCISE, PROMISE, QUIZ, RULES

LESSONS = [
    "01_dataset_exploration",
    "02_preprocessing",
    "03_building_a_cnn",
    "04_training",
    "05_evaluation",
    "06_webcam_inference",
]
PICTURE = 11  # the place of the cell with the figure in the model lesson
TOOL = repository.PROJECT_FOLDER / "tools" / "run_notebooks.py"
SET_UP = """\
# In Colab this fetches the course and replaces no package. Anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip list --format=freeze > runtime.txt
    %pip install --quiet --constraint runtime.txt "somewhere"

USE_PHOTOGRAPHS = False  # True downloads the real photographs; no account is needed"""


def test_the_six_lessons_exist() -> None:
    names = [path.stem for path in repository.notebooks()]
    assert names[:6] == LESSONS


@pytest.mark.parametrize("path", repository.notebooks(), ids=lambda path: path.stem)
def test_lesson_keeps_every_rule(path: Path) -> None:
    assert notebook_rules.violations(path) == []


def test_the_set_up_cell_is_the_same_in_every_lesson() -> None:
    cells = set()
    for path in repository.notebooks():
        code = notebook_rules.code_cells(nbformat.read(path, as_version=4))
        cells |= {cell.source for cell in code if notebook_rules.IN_COLAB in cell.source}
    assert len(cells) == 1


def names_of_ours(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each import from the course's package."""
    for cell in notebook_rules.code_cells(notebook):
        for node in ast.walk(ast.parse(TransformerManager().transform_cell(cell.source))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_utils"):
                yield from ((node.module or "", alias.name) for alias in node.names)


@pytest.mark.parametrize("path", repository.notebooks(), ids=lambda path: path.stem)
def test_what_a_lesson_imports_from_the_package_is_there(path: Path) -> None:
    names = set(names_of_ours(nbformat.read(path, as_version=4)))
    assert ("course_utils", "load_dataset") in names
    missing = [
        f"{module}.{name}"
        for module, name in names
        if not hasattr(import_module(module), name) and find_spec(f"{module}.{name}") is None
    ]
    assert missing == []


# Each rule, tested on a notebook that keeps it and on one change that breaks it.


def shown(text: str) -> NotebookNode:
    return new_output("execute_result", {"text/plain": text})


def tagged(cell: NotebookNode, tag: str) -> NotebookNode:
    cell.metadata["tags"] = [tag]
    return cell


def lesson() -> NotebookNode:
    """Return a notebook that keeps every rule."""
    objectives = "\n\n".join(
        [
            "## What you will do, learn and need",
            "**What you will do**\n\n- Count.",
            "**What you will learn**\n\n- Counts.",
            "**What you need**\n\n"
            "- About 20 minutes: 15 to read and run, 5 for the exercises and the quiz.",
        ]
    )
    cells = [
        new_markdown_cell("# 01 · A lesson\n\n<!-- badges -->"),
        new_markdown_cell(objectives),
        new_markdown_cell("## Setup"),
        new_code_cell(SET_UP, outputs=[shown("Dataset of drawn faces")]),
        new_markdown_cell("## Count the faces\n\nWe count.\n\n### By class\n\n![Counts.](a.png)"),
        *(tagged(new_code_cell("1 + 1", outputs=[shown("2")]), PROMISE) for _ in range(3)),
        tagged(new_markdown_cell("**1. Four.** Put twice two in the place of `None`."), EXERCISE),
        tagged(new_code_cell("four = None\n\nex.four.check(four)"), EXERCISE),
        tagged(new_code_cell("# ex.four.hint()\n# ex.four.solution()"), EXERCISE),
        new_code_cell("picture", outputs=[figure('<img src="data:," alt="One face.">')]),
        tagged(new_code_cell("ex.quiz"), QUIZ),
        new_markdown_cell("## Summary\n\nIt counts.\n\n## What's next\n\n## References\n\n- One."),
    ]
    code = [cell for cell in cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
    notebook = new_notebook(cells=cells)
    run_notebooks.normalise(notebook)
    write_badge(notebook, "01_a_lesson.ipynb")
    return notebook


def figure(html: str) -> NotebookNode:
    return new_output("execute_result", {"text/html": html, "text/plain": "a figure"})


def test_the_model_lesson_keeps_every_rule() -> None:
    broken = [line for rule in RULES for line in rule(lesson())]
    assert broken == []
    assert list(notebook_rules.address_followed(lesson(), "01_a_lesson.ipynb")) == []
    assert list(notebook_rules.within_budget(lesson(), "01_a_lesson.ipynb")) == []


def test_exercises_may_also_close_a_lesson() -> None:
    notebook = lesson()
    closing = tagged(new_markdown_cell("## Exercises\n\nSix of them."), EXERCISE)
    notebook.cells.insert(-1, closing)
    assert [line for rule in RULES for line in rule(notebook)] == []


def title_gone(notebook: NotebookNode) -> None:
    notebook.cells[0].source = "Welcome"


def title_unnumbered(notebook: NotebookNode) -> None:
    notebook.cells[0].source = "# A lesson"


def setup_renamed(notebook: NotebookNode) -> None:
    notebook.cells[2].source = "## Installation"


def summary_gone(notebook: NotebookNode) -> None:
    notebook.cells[-1].source = "## What's next\n\n## References"


def section_after_references(notebook: NotebookNode) -> None:
    notebook.cells.append(new_markdown_cell("## Appendix"))


def no_step(notebook: NotebookNode) -> None:
    del notebook.cells[4]


def no_step_but_exercises(notebook: NotebookNode) -> None:
    notebook.cells[4].source = "## Exercises"


def exercises_amid_the_steps(notebook: NotebookNode) -> None:
    notebook.cells[4].source = "## Exercises\n\n## Count the faces"


def minutes_gone(notebook: NotebookNode) -> None:
    notebook.cells[1].source = notebook.cells[1].source.replace("minutes", "pages")


def needs_gone(notebook: NotebookNode) -> None:
    notebook.cells[1].source = notebook.cells[1].source.replace("**What you need**", "")


def level_skipped(notebook: NotebookNode) -> None:
    notebook.cells[4].source = "## Count\n\n#### By class"


def second_title(notebook: NotebookNode) -> None:
    notebook.cells[4].source = "# Count"


def long_cell(notebook: NotebookNode) -> None:
    notebook.cells[PICTURE].source = "\n".join(["pass"] * 16)


def long_cells_at_the_median(notebook: NotebookNode) -> None:
    for cell in notebook_rules.code_cells(notebook)[:5]:
        cell.source += "\n" + "\n".join(["pass"] * 6)


def promise_missing(notebook: NotebookNode) -> None:
    notebook.cells[5].metadata["tags"] = []


def promise_without_output(notebook: NotebookNode) -> None:
    notebook.cells[5].outputs = []


def promise_by_comment(notebook: NotebookNode) -> None:
    notebook.cells[PICTURE].source = "# NBVAL_CHECK_OUTPUT\npicture"


def speed_of_keras_compared(notebook: NotebookNode) -> None:
    line = "19/19 - 1s - 34ms/step - accuracy: 0.3883 - loss: 1.5927\n"
    notebook.cells[5].outputs.append(new_output("stream", text=line))


def speed_of_a_bar_compared(notebook: NotebookNode) -> None:
    notebook.cells[5].outputs = [new_output("stream", text="100%|###| 8/8 [00:00<00:00, 41.2it/s]")]


def text_of_an_exercise_untagged(notebook: NotebookNode) -> None:
    notebook.cells[8].metadata["tags"] = []


def answer_untagged(notebook: NotebookNode) -> None:
    notebook.cells[9].metadata["tags"] = ["nbval-check-output"]


def hint_untagged(notebook: NotebookNode) -> None:
    notebook.cells[10].metadata["tags"] = []


def quiz_untagged(notebook: NotebookNode) -> None:
    notebook.cells[12].metadata["tags"] = []


def step_tagged_as_an_exercise(notebook: NotebookNode) -> None:
    tagged(notebook.cells[4], EXERCISE)


def summary_tagged_as_a_quiz(notebook: NotebookNode) -> None:
    tagged(notebook.cells[-1], QUIZ)


def cell_not_run(notebook: NotebookNode) -> None:
    notebook.cells[PICTURE].execution_count = None


def cell_run_twice(notebook: NotebookNode) -> None:
    notebook.cells[PICTURE].execution_count = 8


def error_saved(notebook: NotebookNode) -> None:
    notebook.cells[5].outputs = [new_output("error", ename="NameError", evalue="no", traceback=[])]


def warning_saved(notebook: NotebookNode) -> None:
    notebook.cells[5].outputs.append(new_output("stream", name="stderr", text="Deprecated\n"))


def photographs_switched_on(notebook: NotebookNode) -> None:
    notebook.cells[3].source = SET_UP.replace("= False", "= True")


def photographs_shown(notebook: NotebookNode) -> None:
    notebook.cells[3].outputs = [shown("Dataset of photographs")]


def local_path_printed(notebook: NotebookNode) -> None:
    notebook.cells[5].outputs = [shown("PosixPath('/home/me/course/data')")]


def windows_path_printed(notebook: NotebookNode) -> None:
    notebook.cells[5].outputs = [new_output("stream", text=r"saved to C:\Users\me")]


def too_large(notebook: NotebookNode) -> None:
    notebook.cells[5].outputs = [shown("x" * 1_000_000)]


def figure_without_text(notebook: NotebookNode) -> None:
    notebook.cells[PICTURE].outputs = [figure('<img src="data:,">')]


def figure_with_empty_text(notebook: NotebookNode) -> None:
    notebook.cells[PICTURE].outputs = [figure('<img src="data:," alt=" ">')]


def bare_picture(notebook: NotebookNode) -> None:
    notebook.cells[PICTURE].outputs = [new_output("display_data", {"image/png": "aaaa"})]


def markdown_image_without_text(notebook: NotebookNode) -> None:
    notebook.cells[4].source = "## Count the faces\n\n![](a.png)"


def html_image_without_text(notebook: NotebookNode) -> None:
    notebook.cells[4].source = '## Count the faces\n\n<img src="a.png">'


def link_says_here(notebook: NotebookNode) -> None:
    notebook.cells[4].source = "## Count the faces\n\nThe data card is [here](../data/README.md)."


def link_says_a_number(notebook: NotebookNode) -> None:
    notebook.cells[4].source = "## Count the faces\n\nLesson [02](02_preprocessing.ipynb) helps."


def times_saved(notebook: NotebookNode) -> None:
    notebook.cells[5].metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}


def widgets_saved(notebook: NotebookNode) -> None:
    notebook.metadata["widgets"] = {}


def python_version_saved(notebook: NotebookNode) -> None:
    notebook.metadata["language_info"]["version"] = "3.11.7"


PLANTED = {
    "sections_in_order": [
        title_gone,
        title_unnumbered,
        setup_renamed,
        summary_gone,
        section_after_references,
        no_step,
        no_step_but_exercises,
        exercises_amid_the_steps,
    ],
    "objectives_stated": [minutes_gone, needs_gone],
    "headings_without_skips": [level_skipped, second_title],
    "short_cells": [long_cell, long_cells_at_the_median],
    "promises_made": [promise_missing, promise_without_output, promise_by_comment],
    "no_clock_compared": [speed_of_keras_compared, speed_of_a_bar_compared],
    "exercises_tagged": [
        text_of_an_exercise_untagged,
        answer_untagged,
        hint_untagged,
        quiz_untagged,
    ],
    "sections_counted": [step_tagged_as_an_exercise, summary_tagged_as_a_quiz],
    "executed_in_order": [cell_not_run, cell_run_twice],
    "clean_outputs": [error_saved, warning_saved],
    "drawn_faces_only": [photographs_switched_on, photographs_shown],
    "no_local_paths": [local_path_printed, windows_path_printed],
    "small": [too_large],
    "images_described": [
        figure_without_text,
        figure_with_empty_text,
        bare_picture,
        markdown_image_without_text,
        html_image_without_text,
    ],
    "links_named": [link_says_here, link_says_a_number],
    "no_traces_of_execution": [times_saved, widgets_saved, python_version_saved],
}


def test_every_rule_has_a_planted_violation() -> None:
    assert list(PLANTED) == [rule.__name__ for rule in RULES]


@pytest.mark.parametrize(
    ("rule", "plant"),
    [(rule, plant) for rule in RULES for plant in PLANTED[rule.__name__]],
    ids=lambda function: function.__name__,
)
def test_rule_catches(rule: Callable, plant: Callable) -> None:
    notebook = lesson()
    plant(notebook)
    assert len(list(rule(notebook))) >= 1


def test_a_web_address_is_no_local_path() -> None:
    notebook = lesson()
    notebook.cells[5].outputs = [shown("see https://doi.org/10.1177/15291006 and 3/4/5")]
    assert list(notebook_rules.no_local_paths(notebook)) == []


@pytest.mark.parametrize(
    "stale",
    [
        lambda notebook: notebook.cells[0].update(source="# 01 · A lesson"),
        lambda notebook: write_badge(notebook, "02_another_lesson.ipynb"),
        lambda notebook: notebook.cells[3].update(source=SET_UP),
        lambda notebook: notebook.cells.append(copy.deepcopy(notebook.cells[3])),
    ],
    ids=["no badge", "another lesson's badge", "another address", "two set-up cells"],
)
def test_stale_address_is_caught(stale: Callable) -> None:
    notebook = lesson()
    stale(notebook)
    assert len(list(notebook_rules.address_followed(notebook, "01_a_lesson.ipynb"))) == 1


def cell_too_many(notebook: NotebookNode, most: notebook_rules.Size) -> None:
    missing = most.cells - notebook_rules.size(notebook).cells
    notebook.cells[4:4] = [new_code_cell("1") for _ in range(missing + 1)]


def word_too_many(notebook: NotebookNode, most: notebook_rules.Size) -> None:
    missing = most.words - notebook_rules.size(notebook).words
    notebook.cells[4].source += " word" * (missing + 1)


BUDGETS = {
    "06_core.ipynb": notebook_rules.CORE,
    "07_elective.ipynb": notebook_rules.ELECTIVE,
    "05_evaluation.ipynb": notebook_rules.Size(90, 2000),
}


@pytest.mark.parametrize("name", BUDGETS)
@pytest.mark.parametrize("plant", [cell_too_many, word_too_many])
def test_a_lesson_over_its_budget_is_caught(
    monkeypatch: pytest.MonkeyPatch, name: str, plant: Callable
) -> None:
    monkeypatch.setattr(notebook_rules, "NOT_RECUT", {"05_evaluation.ipynb": BUDGETS[name]})
    notebook = lesson()
    plant(notebook, BUDGETS[name])
    assert len(list(notebook_rules.within_budget(notebook, name))) == 1


def test_exercises_quiz_and_references_do_not_count() -> None:
    notebook = lesson()
    counted = notebook_rules.size(notebook)
    text = "word " * 100
    notebook.cells[8].source += text
    notebook.cells[-1].source += text
    notebook.cells[9:9] = [tagged(new_code_cell("1"), tag) for tag in (EXERCISE, QUIZ)]
    assert notebook_rules.size(notebook) == counted
    notebook.cells[-1].source = text + notebook.cells[-1].source
    assert notebook_rules.size(notebook).words == counted.words + 100


def test_a_lesson_within_its_budget_is_not_excused() -> None:
    for path in repository.notebooks():
        if path.name in notebook_rules.NOT_RECUT:
            counted = notebook_rules.size(nbformat.read(path, as_version=4))
            most = notebook_rules.budget(path.name)
            assert counted.cells > most.cells or counted.words > most.words, path.name


def test_badges_follow_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("badges.address", lambda: "https://github.com/someone/somewhere")
    monkeypatch.setattr("badges.ref", lambda: "v9.9.9")
    notebook = lesson()
    assert (
        "https://colab.research.google.com/github/someone/somewhere/blob/v9.9.9/"
        "notebooks/01_a_lesson.ipynb"
    ) in notebook.cells[0].source
    assert (
        "(https://github.com/someone/somewhere/blob/v9.9.9/docs/glossary.md)"
    ) in notebook.cells[0].source
    assert (
        '%pip install --quiet --constraint runtime.txt "emotion-detection-course[train] @ '
        'git+https://github.com/someone/somewhere@v9.9.9"\n'
    ) in notebook.cells[3].source


def test_readme_lists_every_lesson_with_its_minutes_and_badge() -> None:
    readme = (repository.PROJECT_FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d\d \| .*", readme, re.MULTILINE)
    assert len(rows) == len(repository.notebooks())
    for row, path in zip(rows, repository.notebooks()):
        objectives = nbformat.read(path, as_version=4).cells[1].source
        minutes = re.search(r"About (\d+) minutes: \d+ to read and run, (\d+)", objectives)
        assert minutes is not None, f"{path.name} does not say how many minutes it takes"
        assert f"(notebooks/{path.name})" in row
        assert f"| {minutes[1]} | {minutes[2]} |" in row
        assert row.endswith(f"{badge(path.name)} <!-- badge: {path.stem} --> |")


def test_readme_badges_are_rewritten() -> None:
    row = "| 01 | [![Open in Colab](a)](b) <!-- badge: 01_a_lesson --> |"
    assert write_readme_badges(row) == (
        f"| 01 | {badge('01_a_lesson.ipynb')} <!-- badge: 01_a_lesson --> |"
    )


# The promises hold: what a marked cell shows is compared, and a false number fails.


def nbval(folder: Path, promised: str) -> subprocess.CompletedProcess[str]:
    cell = tagged(new_code_cell("len('seven') + 2", outputs=[shown(promised)]), PROMISE)
    cell.execution_count = cell.outputs[0].execution_count = 1
    path = folder / "promise.ipynb"
    nbformat.write(new_notebook(cells=[cell]), path)
    options = ["--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *options, str(path)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_nbval_passes_a_kept_promise(tmp_path: Path) -> None:
    done = nbval(tmp_path, promised="7")
    assert done.returncode == 0, done.stdout


def test_nbval_fails_a_falsified_number(tmp_path: Path) -> None:
    done = nbval(tmp_path, promised="8")
    assert done.returncode == 1
    assert "mismatch" in done.stdout


# The tool that executes notebooks.


def run_tool(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOL), *arguments],
        env={**os.environ, **environment},
        cwd=repository.PROJECT_FOLDER,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def write_notebook(path: Path, *sources: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


def test_run_reports_each_notebook_and_the_failing_cell(tmp_path: Path) -> None:
    good = write_notebook(tmp_path / "01_good.ipynb", "import sys; sys.executable")
    bad = write_notebook(tmp_path / "02_bad.ipynb", "1 / 0", "'never run'")
    done = run_tool("--output", str(tmp_path / "out"), str(good), str(bad))
    assert done.returncode == 1
    assert "[1/2] 01_good" in done.stdout and "ZeroDivisionError" in done.stdout
    table = done.stdout[done.stdout.index("notebook  ") :].splitlines()
    assert [(row.split()[0], row.split()[-1]) for row in table[1:3]] == [
        ("01_good", "pass"),
        ("02_bad", "FAIL"),
    ]
    executed = nbformat.read(tmp_path / "out" / "01_good.ipynb", as_version=4)
    assert executed.cells[0].outputs[0].data["text/plain"] == repr(sys.executable)
    assert nbformat.read(good, as_version=4).cells[0].outputs == []


def test_in_place_saves_on_drawn_faces_without_traces(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "01_lesson.ipynb", "import os; os.environ['COURSE_DATA']")
    done = run_tool("--in-place", str(path), COURSE_DATA="photographs.zip")
    assert done.returncode == 0, done.stdout
    saved = nbformat.read(path, as_version=4)
    assert saved.cells[0].outputs[0].data["text/plain"] == "'drawn_faces'"
    assert list(notebook_rules.no_traces_of_execution(saved)) == []


def test_in_place_saves_nothing_that_fails_or_shows_photographs(tmp_path: Path) -> None:
    failing = write_notebook(tmp_path / "01_failing.ipynb", "1 / 0")
    photographs = write_notebook(tmp_path / "02_photographs.ipynb", "USE_PHOTOGRAPHS = True")
    before = [failing.read_bytes(), photographs.read_bytes()]
    done = run_tool("--in-place", str(failing), str(photographs))
    assert done.returncode == 1
    assert "USE_PHOTOGRAPHS must be False" in done.stdout
    assert [failing.read_bytes(), photographs.read_bytes()] == before


def test_passing_outputs_are_dropped_and_others_kept() -> None:
    notebook = lesson()
    start_up = (
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
        "I0000 00:00:1795427300.64 8694 port.cc:153] oneDNN custom operations are on.\n"
    )
    bar = {"text/plain": "Drawing faces:   0%|          | 0/7000", "text/html": "bar"}
    kept = [new_output("stream", name="stderr", text=start_up + "A real warning\n"), shown("2")]
    notebook.cells[5].outputs = [
        new_output("stream", name="stderr", text=start_up),
        new_output("display_data", bar),
        *kept,
    ]
    run_notebooks.normalise(notebook)
    assert notebook.cells[5].outputs == kept


def test_what_rich_prints_is_kept_without_its_colours() -> None:
    notebook = lesson()
    coloured = {"text/plain": "\x1b[1mTotal params: \x1b[0m\x1b[38;5;34m80\x1b[0m\n"}
    table = new_output("display_data", coloured | {"text/html": '<span style="color: #0f0">80'})
    other = new_output("display_data", {"text/plain": "80", "text/html": "<table>80</table>"})
    stream = new_output("stream", name="stdout", text="80")
    notebook.cells[5].outputs = [table, other, stream]
    run_notebooks.normalise(notebook)
    plain = new_output("display_data", {"text/plain": "Total params: 80\n"})
    assert notebook.cells[5].outputs == [plain, other, stream]


def test_of_a_widget_only_what_stands_in_for_it_is_kept() -> None:
    notebook = lesson()
    view = {run_notebooks.WIDGET: {"model_id": "1f"}, "text/plain": "VBox(children=())"}
    camera = {run_notebooks.WIDGET: {"model_id": "2f"}, "text/plain": "run this cell"}
    picture = figure('<img src="data:," alt="A smile.">')
    notebook.cells[5].outputs = [
        new_output("display_data", view),
        picture,
        new_output("execute_result", camera),
    ]
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    run_notebooks.normalise(notebook)
    assert notebook.cells[5].outputs == [picture, shown("run this cell")]
    assert "widgets" not in notebook.metadata


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("COURSE_DATA", "") in ("", "drawn_faces"),
    reason="COURSE_DATA names no photographs to run the lessons on",
)
def test_every_lesson_runs_on_the_photographs(tmp_path: Path) -> None:
    done = run_tool("--output", str(tmp_path))
    assert done.returncode == 0, done.stdout
    for path in repository.notebooks():
        saved = nbformat.read(tmp_path / path.name, as_version=4)
        set_up = next(c for c in saved.cells if notebook_rules.IN_COLAB in c.source)
        assert any("photographs" in text for text in notebook_rules.texts(set_up.outputs))


def test_check_says_what_to_do_about_a_notebook_that_jupyterlab_has_saved(tmp_path: Path) -> None:
    saved, untouched = tmp_path / "01_dataset_exploration.ipynb", repository.notebooks()[1]
    notebook = nbformat.read(repository.notebooks()[0], as_version=4)
    notebook.metadata["kernelspec"]["display_name"] = "Python 3 (ipykernel)"
    notebook.metadata["language_info"] |= {"version": "3.13.1", "file_extension": ".py"}
    set_up = next(c for c in notebook.cells if notebook_rules.IN_COLAB in c.source)
    set_up.execution_count = 130  # run once more
    nbformat.write(notebook, saved)
    tool = repository.PROJECT_FOLDER / "tools" / "notebook_rules.py"
    command = [sys.executable, str(tool), str(saved), str(untouched)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 1
    _, _, advice = done.stdout.partition("JupyterLab")
    assert saved.name in advice and untouched.name not in advice
    assert f"git checkout notebooks/{saved.name}\n" in advice
    assert "make notebooks " in advice and ".venv/bin/pre-commit install" in advice
    done = subprocess.run([*command[:2], str(untouched)], capture_output=True, text=True)
    assert done.returncode == 0 and "JupyterLab" not in done.stdout


def test_a_notebook_that_a_learner_saved_is_normalised_without_running_it(tmp_path: Path) -> None:
    path = tmp_path / "01_a_lesson.ipynb"
    notebook = lesson()
    times_saved(notebook)
    widgets_saved(notebook)
    python_version_saved(notebook)
    write_badge(notebook, "02_another_lesson.ipynb")
    nbformat.write(notebook, path)
    assert normalise_notebooks.normalise_file(path)
    saved = nbformat.read(path, as_version=4)
    assert [line for rule in RULES for line in rule(saved)] == []
    assert list(notebook_rules.address_followed(saved, path.name)) == []
    assert not normalise_notebooks.normalise_file(path)
