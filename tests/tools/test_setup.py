"""What the set-up promises: one list of requirements, exact versions, a complete wheel."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import repository
import setup_environment
from packaging.requirements import Requirement

ROOT = repository.PROJECT_FOLDER
# google.colab is there only where Colab is.
OWN_OR_COLABS = {"course_utils", "google"}
SYSTEMS = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "macOS": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}
CITATION = (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def requirements(file_name: str) -> list[Requirement]:
    """Return the packages that a requirements or constraints file names."""
    lines = (ROOT / file_name).read_text(encoding="utf-8").splitlines()
    stated = [line.split("#")[0].strip() for line in lines]
    return [Requirement(line) for line in stated if line and line != "-e ."]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_pyproject_and_requirements_state_the_same_bounds() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    runtime = text.split("# What course_utils imports.")[1].split("\n\n")[0].splitlines()[1:]
    assert [line.split("#")[0].strip() for line in runtime] == project()["dependencies"]


def test_requirements_install_the_course_itself() -> None:
    assert (ROOT / "requirements.txt").read_text(encoding="utf-8").endswith("\n-e .\n")


def test_every_import_of_the_course_is_required() -> None:
    listed = [project()["dependencies"], *project()["optional-dependencies"].values()]
    required = {Requirement(line).name for lines in listed for line in lines}
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
    exact = {(pin.name, str(pin.specifier)[2:]) for pin in requirements(constraints)}
    bounds = {bound.name: bound.specifier for bound in requirements("requirements.txt")}
    too_old = [(n, v) for n, v in exact if n in bounds and not bounds[n].contains(v)]
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
        for pin in requirements("constraints.txt")
        if pin.marker is None or pin.marker.evaluate(environment)
    ]
    assert len(chosen) == len(set(chosen))
    assert {bound.name for bound in requirements("requirements.txt")} <= set(chosen)


@pytest.mark.parametrize("constraints", ["constraints.txt", "constraints-colab.txt"])
def test_exact_versions_carry_no_address(constraints: str) -> None:
    for pin in requirements(constraints):
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), pin
        assert pin.url is None
    assert "//" not in (ROOT / constraints).read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="the pretended Python is a shell script")
@pytest.mark.parametrize("version", ["3.10", "3.14", ""])
def test_a_wrong_python_is_told_in_one_line_what_to_install(tmp_path: Path, version: str) -> None:
    pretended = tmp_path / "python3"
    pretended.write_text(f"#!/bin/sh\necho {version}\n" if version else "#!/bin/sh\nexit 1\n")
    pretended.chmod(0o755)
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


def pretend_environment(folder: Path, stamp: str) -> None:
    """Write what `set_up` looks at: an interpreter's file and the stamp of a finished set-up."""
    interpreter = setup_environment.python_in(folder)
    interpreter.parent.mkdir(parents=True)
    interpreter.touch()
    (folder / "course-is-set-up").write_text(stamp, encoding="ascii")


def test_a_second_call_builds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON", "no such interpreter")  # whatever builds would need one
    fingerprint = setup_environment.fingerprint("constraints.txt")
    pretend_environment(tmp_path / "finished", fingerprint)
    setup_environment.set_up(tmp_path / "finished", ("3.13",), "constraints.txt")
    pretend_environment(tmp_path / "stale", "of other files")
    with pytest.raises(setup_environment.SetUpError, match="does not run"):
        setup_environment.set_up(tmp_path / "stale", ("3.13",), "constraints.txt")


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


def test_the_wheel_brings_every_file_of_the_course(tmp_path: Path) -> None:
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "course_utils", source / "course_utils", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copy(ROOT / name, source)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(source)]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("course_utils/")}
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "course_utils").rglob("*")
        if path.is_file()
    }
    assert packed == files
    assert any(name.startswith("course_utils/static/") for name in packed)
    assert any(name.startswith("course_utils/weights/") for name in packed)


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
    assert f"version: {repository.tag()[1:]}\n" in CITATION
