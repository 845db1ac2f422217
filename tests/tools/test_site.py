"""The web site: what belongs to it, and an audit that finds what shuts people out."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from repository import PROJECT_FOLDER

from course_utils.exercises import lesson_03

# A page of each sort: the home page, one that JupyterLab opens too, and a lesson.
PAGES = ["README.md", "docs/glossary.md", "notebooks/03_building_a_cnn.ipynb"]
BARRIERS = {
    "image-alt": '<img src="data:,">',
    "color-contrast": '<p style="color: #999; background: #fff">Pale words</p>',
    "link-name": '<a href="index.html"></a>',
    "wider than the window": '<div style="width: 2000px">Wide</div>',
}


def pins(file_name: str) -> list[Requirement]:
    lines = (PROJECT_FOLDER / file_name).read_text(encoding="utf-8").splitlines()
    stated = [line.split("#")[0].strip() for line in lines]
    return [Requirement(line) for line in stated if line]


def test_every_module_stands_once_in_the_api_reference() -> None:
    pages = sorted((PROJECT_FOLDER / "docs" / "api").glob("*.md"))
    lines = [line for page in pages for line in page.read_text(encoding="utf-8").splitlines()]
    listed = [line.split()[-1] for line in lines if line.startswith(".. automodule::")]
    package = PROJECT_FOLDER / "course_utils"
    modules = [
        ".".join(path.relative_to(PROJECT_FOLDER).with_suffix("").parts)
        for path in package.rglob("*.py")
        if path.name != "__init__.py" and not path.is_relative_to(package / "exercises")
    ]
    assert sorted(listed) == sorted(modules), "add the module to a page in docs/api/"


def test_every_page_of_the_api_reference_is_in_the_contents() -> None:
    configuration = (PROJECT_FOLDER / "docs" / "conf.py").read_text(encoding="utf-8")
    pages = [path.stem for path in (PROJECT_FOLDER / "docs" / "api").glob("*.md")]
    missing = [page for page in pages if f"\ndocs/api/{page}\n" not in configuration]
    assert missing == []


def test_the_sites_exact_versions_agree_with_the_courses() -> None:
    exact = {(pin.name, str(pin.marker)): pin.specifier for pin in pins("constraints.txt")}
    for pin in pins("constraints-site.txt"):
        assert exact.get((pin.name, str(pin.marker)), pin.specifier) == pin.specifier, pin
    settings = tomllib.loads((PROJECT_FOLDER / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {Requirement(line).name for line in settings["dependency-groups"]["site"]}
    assert needed <= {pin.name for pin in pins("constraints-site.txt")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pages of the site, built as `make site` builds all."""
    for package in ("sphinx", "myst_nb", "sphinx_book_theme"):
        pytest.importorskip(package, reason="the site's test needs make site's packages")
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for name in PAGES:
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT_FOLDER / name, source / name)
    command = [sys.executable, "-m", "sphinx", "-Q", "-c", str(PROJECT_FOLDER / "docs")]
    subprocess.run([*command, str(source), str(built)], check=True)
    return built


@pytest.mark.slow
def test_a_page_has_one_field_for_search_beside_the_phones_button(site: Path) -> None:
    for name in PAGES:
        page = (site / name).with_suffix(".html").read_text(encoding="utf-8")
        assert page.count("search-button-field") == 1 and page.count("search-button ") == 1, name


@pytest.mark.slow
def test_a_heading_of_the_glossary_has_one_address(site: Path) -> None:
    page = (site / "docs" / "glossary.html").read_text(encoding="utf-8")
    assert page.count('id="accuracy"') == 1 and '<a id="' not in page


@pytest.mark.slow
def test_a_lesson_shows_its_quiz_as_text(site: Path) -> None:
    html = (site / "notebooks" / "03_building_a_cnn.html").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]+>", "", html).split())
    assert "Run this cell in JupyterLab for buttons." in words
    for number, question in enumerate(lesson_03.quiz.questions, start=1):
        assert f"{number}. {question.text.replace('`', '')}" in words


PAGE = """\
<!doctype html>
<html lang="en"><head><title>A page</title></head>
<body><main><h1>A page</h1><p>Words.</p>{barrier}</main></body></html>
"""


def audit(site: Path, barrier: str) -> list[str]:
    """Return what the audit finds on a site of one page that holds `barrier`."""
    audit_site = pytest.importorskip("audit_site", reason="the audit needs make site's packages")
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        pytest.skip("the audit needs Chromium")
    (site / "index.html").write_text(PAGE.format(barrier=barrier), encoding="utf-8")
    found = dict(audit_site.audit(site))
    assert len(found) == len(audit_site.VIEWS)
    return next(iter(found.values()))


@pytest.mark.slow
def test_a_page_without_barriers_passes(tmp_path: Path) -> None:
    assert audit(tmp_path, "") == []


@pytest.mark.slow
@pytest.mark.parametrize("name", BARRIERS)
def test_the_audit_finds(tmp_path: Path, name: str) -> None:
    lines = audit(tmp_path, BARRIERS[name])
    assert len(lines) >= 1 and all(name in line for line in lines)
