"""The workflows, forms and hooks are what the services that read them expect."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import repository

ROOT = repository.PROJECT_FOLDER
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEMPLATES = ROOT / ".github" / "ISSUE_TEMPLATE"
# A schema that check-jsonschema brings along, and the files that must fit it.
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.github-issue-forms": sorted(TEMPLATES.glob("[!c]*.yml")),
    "vendor.github-issue-config": [TEMPLATES / "config.yml"],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}


def check(schema: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    types = ["--default-filetype", "yaml"]
    return subprocess.run([*command, *types, *paths], capture_output=True, text=True)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_file_fits_its_schema(schema: str) -> None:
    assert SCHEMAS[schema]
    done = check(schema, *SCHEMAS[schema])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ("vendor.github-workflows", "runs-on:", "run-on:"),
        ("custom.github-workflows-require-timeout", "timeout-minutes", "# timeout-minutes"),
        ("vendor.github-issue-forms", "type: input", "type: inputs"),
        ("vendor.github-issue-config", "blank_issues_enabled: true", "blank_issues: true"),
        ("vendor.citation-file-format", "type: software", "type: course"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    tmp_path: Path, schema: str, right: str, wrong: str
) -> None:
    path = Path(shutil.copy(SCHEMAS[schema][0], tmp_path))
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    assert check(schema, path).returncode == 1


def test_the_container_sets_the_course_up_and_uses_its_environment() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert container["postCreateCommand"] == "make setup"
    settings = container["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"].endswith("/.venv/bin/python")


def test_what_the_workflows_call_exists() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert (ROOT / ".ci" / "run").is_file() and "- run: .ci/run\n" in text
    for target in ("lint", "matrix-colab"):
        assert f"- run: make {target}\n" in text and f"\n{target}:" in makefile
