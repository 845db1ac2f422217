"""What the set-up promises: bounds that stand once, exact versions, a word where it ends early."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import repository
import setup_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = repository.PROJECT_FOLDER
INSTALLED = ("base", "train", "lab", "dev")  # by make setup
# google.colab is there only where Colab is.
OWN_OR_COLABS = {"course_utils", "google"}
SYSTEMS = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "macOS": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}
CITATION = (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def pins(file_name: str) -> list[Requirement]:
    """Return the exact versions that a constraints file names."""
    lines = (ROOT / file_name).read_text(encoding="utf-8").splitlines()
    stated = [line.split("#")[0].strip() for line in lines]
    return [Requirement(line) for line in stated if line]


def settings() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def lists_of_bounds() -> dict[str, list[Requirement]]:
    """Return the lists of lower bounds in pyproject.toml: the base, the extras and the groups."""
    stated = settings()
    project = stated["project"]
    named = {
        "base": project["dependencies"],
        **project["optional-dependencies"],
        **stated["dependency-groups"],
    }
    return {name: [Requirement(line) for line in lines] for name, lines in named.items()}


def bounds(*names: str) -> list[Requirement]:
    return [bound for name in names for bound in lists_of_bounds()[name]]


def test_every_bound_stands_once() -> None:
    names = [bound.name for bound in bounds(*lists_of_bounds())]
    assert sorted(names) == sorted(set(names))
    assert all(bound.specifier for bound in bounds(*lists_of_bounds()))
    for path in ROOT.glob("requirements*.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if not line.startswith("#")] == ["-e .[train,lab]"]


def test_every_import_of_the_course_is_required() -> None:
    required = {bound.name for bound in bounds("base", "train", "lab")}  # teachers grade in the lab
    distributions = packages_distributions()
    undeclared = {}
    for path in (ROOT / "course_utils").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for module in {name.split(".")[0] for name in names} - sys.stdlib_module_names:
                # What is optional may not be installed: its module has its own name.
                if module not in OWN_OR_COLABS and not required & {
                    module,
                    *(name.lower() for name in distributions.get(module, [])),
                }:
                    undeclared[module] = path.name
    assert undeclared == {}


@pytest.mark.parametrize("constraints", ["constraints.txt", "constraints-colab.txt"])
def test_exact_versions_satisfy_the_bounds(constraints: str) -> None:
    exact = {(pin.name, str(pin.specifier)[2:]) for pin in pins(constraints)}
    lowest = {bound.name: bound.specifier for bound in bounds(*INSTALLED)}
    too_old = [(n, v) for n, v in exact if n in lowest and not lowest[n].contains(v)]
    assert too_old == []


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", setup_environment.VERSIONS)
def test_every_requirement_has_one_exact_version_on(system: str, python: str) -> None:
    environment = {
        **SYSTEMS[system],
        "python_version": python,
        "python_full_version": f"{python}.9",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    chosen = [
        pin.name
        for pin in pins("constraints.txt")
        if pin.marker is None or pin.marker.evaluate(environment)
    ]
    assert len(chosen) == len(set(chosen))
    assert {canonicalize_name(bound.name) for bound in bounds(*INSTALLED)} <= set(chosen)


@pytest.mark.parametrize("constraints", ["constraints.txt", "constraints-colab.txt"])
def test_exact_versions_carry_no_address(constraints: str) -> None:
    for pin in pins(constraints):
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), pin
        assert pin.url is None
    assert "//" not in (ROOT / constraints).read_text(encoding="utf-8")


def pretend_python(path: Path, answer: str) -> Path:
    """Write an interpreter that answers every question alike, or fails, and can do nothing else."""
    knows = f'[ "$1" = -c ] && echo {answer}' if answer else "exit 1"
    path.write_text(f"#!/bin/sh\n{knows}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="the pretended Python is a shell script")
@pytest.mark.parametrize("version", ["3.10", "3.14", ""])
def test_a_wrong_python_is_told_in_one_line_what_to_install(tmp_path: Path, version: str) -> None:
    pretended = pretend_python(tmp_path / "python3", version)
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "setup_environment.py", "--folder", tmp_path / "venv"],
        env={"PYTHON": str(pretended)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "3.11 or 3.12 or 3.13" in line and "Install Python 3.13" in line
    assert (f"is {version}." if version else "does not run.") in line
    assert not (tmp_path / "venv").exists()


PRESENT = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with no packages and the stamp of a finished set-up."""
    monkeypatch.delenv("PYTHON", raising=False)
    folder = tmp_path / "venv"
    setup_environment.create(folder, sys.executable)
    stamp = setup_environment.fingerprint("constraints.txt")
    (folder / setup_environment.STAMP).write_text(stamp, encoding="ascii")
    return folder


@pytest.mark.parametrize("asked", [None, sys.executable])
def test_a_second_call_builds_nothing(
    environment: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None
) -> None:
    if asked:
        monkeypatch.setenv("PYTHON", asked)
    (environment / "kept").touch()
    setup_environment.set_up(environment, (PRESENT,), "constraints.txt")
    assert (environment / "kept").exists()


def test_what_was_built_from_other_files_or_with_another_version_is_not_taken(
    environment: Path,
) -> None:
    stamp = setup_environment.fingerprint("constraints.txt")
    assert setup_environment.is_built(environment, (PRESENT,), stamp)
    assert not setup_environment.is_built(environment, (PRESENT,), "of other files")
    assert not setup_environment.is_built(environment, ("3.10",), stamp)


@pytest.mark.skipif(sys.platform == "win32", reason="the pretended Python is a shell script")
def test_another_python_that_is_asked_for_builds_anew(
    environment: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    pretended = pretend_python(tmp_path / "python3", "3.12")
    monkeypatch.setenv("PYTHON", str(pretended))
    monkeypatch.setenv("PATH", "")
    (environment / "kept").touch()
    with pytest.raises(setup_environment.SetUpError, match="cannot make an environment"):
        setup_environment.set_up(environment, ("3.12",), "constraints.txt")
    assert "Setting up venv with Python 3.12." in capsys.readouterr().out
    assert not (environment / "kept").exists()


def test_a_python_that_is_asked_for_and_is_none_removes_nothing(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON", "no such interpreter")
    with pytest.raises(setup_environment.SetUpError, match="does not run"):
        setup_environment.set_up(environment, (PRESENT,), "constraints.txt")
    assert (environment / setup_environment.STAMP).exists()


def test_no_line_of_the_readme_is_a_script_that_powershell_blocks() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```\n(python -m venv .*?)```", readme, re.DOTALL | re.MULTILINE)
    first, *others = block.splitlines()
    assert first == "python -m venv .venv"
    assert len(others) == 2 and all(line.startswith(r".venv\Scripts\python -m ") for line in others)


@pytest.mark.parametrize("changed", ["requirements.txt", "pyproject.toml", "constraints.txt"])
def test_a_changed_file_asks_for_a_new_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    for name in ("requirements.txt", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(setup_environment, "PROJECT_FOLDER", tmp_path)
    before = setup_environment.fingerprint("constraints.txt")
    assert setup_environment.fingerprint("constraints.txt") == before
    with open(tmp_path / changed, "a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert setup_environment.fingerprint("constraints.txt") != before


def test_every_file_follows_the_one_address() -> None:
    owner = re.escape(repository.address().rpartition("/")[0])
    stray = {}
    for pattern in ("*.md", "*.cff", "*.toml", "course_utils/**/*.py", "notebooks/*.ipynb"):
        for path in ROOT.glob(pattern):
            found = re.findall(rf"{owner}/[\w-]+", path.read_text(encoding="utf-8"))
            if set(found) - {repository.address()}:
                stray[path.name] = found
    assert stray == {}


def test_the_citation_states_the_address_and_the_version() -> None:
    assert f'repository-code: "{repository.address()}"' in CITATION
    assert f"version: {repository.version()}\n" in CITATION
