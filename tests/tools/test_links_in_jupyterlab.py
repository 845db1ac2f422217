"""JupyterLab, opened as the README says: it shows the course, and every kind of link leads on."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("playwright", reason="the links' test needs playwright")
pytest.importorskip("jupyterlab", reason="the links' test needs JupyterLab")

from link_glossary import anchor_of
from nbformat.reader import NotJSONError
from nbformat.v4 import new_markdown_cell
from notebook_rules import advice, all_prose
from page_rules import text_of_file
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from prose import headings, links
from repository import PROJECT_FOLDER, notebooks

from research.camera_in_chromium import CHROMIUM, PATIENCE, start_chromium

pytestmark = pytest.mark.slow

if not CHROMIUM:
    pytest.skip("the links' test needs Chromium", allow_module_level=True)

LESSON = "01_dataset_exploration.ipynb"
FLAGS = "--allow-root --no-browser"
# Terms to whose headings JupyterLab gives other addresses than GitHub does.
TERMS = ["Majority baseline", "McNemar's test", "Moiré"]


def every_place() -> list[str]:
    """Return the pages and programs that the lessons link, and one of the lessons linked."""
    prose = [all_prose(nbformat.read(path, as_version=4)) for path in notebooks()]
    targets = [link.target.partition("#")[0] for text in prose for link in links(text)]
    places = sorted({place for place in targets if not re.match(r"[a-z]+:", place)})
    lessons = [place for place in places if place.endswith(".ipynb")]
    pictures = [place for place in places if place.startswith("../figures/")]  # shown, not linked
    return [place for place in places if place not in [*lessons[1:], *pictures]]


def command_of_make() -> str:
    """Return what `make lab FLAGS=...` runs after the set-up."""
    # Below `make test-all` make would say as well which folder it enters.
    make = ["make", "--no-print-directory", "--dry-run", "--assume-old=setup", "lab"]
    return subprocess.check_output([*make, f"FLAGS={FLAGS}"], cwd=PROJECT_FOLDER, text=True)


def command_of_readme() -> str:
    """Return the README's command for those without make."""
    lines = (PROJECT_FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if "-m jupyterlab" in line)
    return f"{line} {FLAGS}".replace("\\", "/")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course in a folder with blanks, and in it a notebook full of links."""
    course = tmp_path_factory.mktemp("learner") / "my first course"
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "drawn_faces")
    for name in ("course_utils", "data", "docs", "examples", "notebooks"):
        shutil.copytree(PROJECT_FOLDER / name, course / name, ignore=ignored)
    shutil.copy(PROJECT_FOLDER / "TROUBLESHOOTING.md", course)
    written = [f"[{place}]({place})" for place in every_place()]
    written += [f"[{term}](../docs/glossary.md#{anchor_of(term)})" for term in TERMS]
    lesson = nbformat.read(course / "notebooks" / LESSON, as_version=4)
    lesson.cells = [new_markdown_cell("\n\n".join(written))]
    nbformat.write(lesson, course / "notebooks" / "links.ipynb")
    return course


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as engine, start_chromium(engine) as running:
        yield running


@contextmanager
def lab(command: str, course: Path, browser: Browser, home: Path) -> Iterator[Page]:
    """Run a command in the course's folder, and open the page that it would show the learner."""
    _, *arguments = shlex.split(command)
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT_FOLDER),
        "IPYTHONDIR": str(home),
        **{f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")},
    }
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, *arguments], cwd=course, env=environment, stdout=log, stderr=log
        )
        try:
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.set_default_timeout(PATIENCE)
            page.goto(first_page(home / "RUNTIME", server).as_uri())
            yield page
        finally:
            server.terminate()
            server.wait(30)


def first_page(folder: Path, server: "subprocess.Popen[bytes]") -> Path:
    """Return the file that JupyterLab hands to the browser, as soon as it is there."""
    while server.poll() is None:
        for path in folder.glob("jpserver-file-to-run-*.html"):
            return path
        time.sleep(0.1)
    raise RuntimeError("JupyterLab ended before it opened a page")


@pytest.fixture(scope="module")
def page(
    course: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    with lab(command_of_make(), course, browser, tmp_path_factory.mktemp("make")) as page:
        yield page


def shown(page: Page, selector: str) -> Locator:
    """Return a part of the tab that is in front."""
    return page.locator(f"#jp-main-dock-panel .jp-Document:not(.lm-mod-hidden) {selector}")


def follow(page: Page, text: str) -> None:
    """Click a link of the notebook that is full of them."""
    page.locator(".jp-DirListing-item", has_text="links.ipynb").dblclick()
    shown(page, "a").get_by_text(text, exact=True).click()


def see_the_course(page: Page) -> None:
    """See lesson 01 in front, and in the file browser the course's folder above the lessons."""
    shown(page, "h1").get_by_text("01 · Dataset exploration").wait_for()
    page.locator(".jp-DirListing-item", has_text="08_whom_it_fails.ipynb").wait_for()
    page.locator(".jp-BreadCrumbs-home").click()
    for name in ("data", "docs", "notebooks", "TROUBLESHOOTING.md"):
        page.locator(".jp-DirListing-item").get_by_text(name, exact=True).wait_for()
    page.locator(".jp-DirListing-item").get_by_text("notebooks", exact=True).dblclick()


def test_make_lab_opens_lesson_01_in_the_courses_folder(page: Page) -> None:
    see_the_course(page)


def test_the_readmes_line_opens_lesson_01_in_the_courses_folder(
    course: Path, browser: Browser, tmp_path: Path
) -> None:
    with lab(command_of_readme(), course, browser, tmp_path) as page:
        see_the_course(page)


@pytest.mark.parametrize("place", every_place())
def test_a_link_opens_its_page(page: Page, course: Path, place: str) -> None:
    follow(page, place)
    if place.endswith((".py", ".txt")):
        first, _, _ = (course / "notebooks" / place).read_text(encoding="utf-8").partition("\n")
        expect(shown(page, ".jp-FileEditor .cm-content")).to_contain_text(first, timeout=PATIENCE)
        return
    title = headings(text_of_file(course / "notebooks" / place))[0][1]
    kind = ".jp-Notebook" if place.endswith(".ipynb") else ".jp-MarkdownViewer"
    expect(shown(page, f"{kind} h1").first).to_contain_text(title, timeout=PATIENCE)


@pytest.mark.parametrize("term", TERMS)
def test_the_glossary_opens_at_the_term(page: Page, term: str) -> None:
    follow(page, term)
    entry = shown(page, ".jp-MarkdownViewer h2").get_by_text(term)
    expect(entry).to_be_in_viewport(timeout=PATIENCE)
    expect(shown(page, ".jp-MarkdownViewer h1")).not_to_be_in_viewport()


def test_check_recognises_what_jupyterlab_has_saved(page: Page, course: Path) -> None:
    path = course / "notebooks" / LESSON
    page.locator(".jp-DirListing-item", has_text=LESSON).dblclick()
    shown(page, "h1").get_by_text("01 · Dataset exploration").click()
    page.keyboard.press("ControlOrMeta+s")
    for _ in range(PATIENCE // 100):
        with suppress(NotJSONError):  # while it is being written
            if LESSON in advice([path]):
                return
        time.sleep(0.1)
    raise TimeoutError("make check does not see that JupyterLab has saved a notebook")
