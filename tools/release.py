"""Make the working tree a release: one version and one ref, wherever they stand.

Usage: python tools/release.py 0.2.0

Sets the version in the package and in CITATION.cff, the ref that Colab opens and installs to the
release's tag, in badges and set-up cells too, and gives the changes not yet released their heading
in CHANGELOG.md. It commits nothing, and says what to type next.
"""

import argparse
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import badges
import repository

UNRELEASED = "## [Unreleased]"
NEXT_STEPS = """\
This is {version}, in the working tree. Look at it with git diff, then:

    make lint test
    git commit --all --message "Release {version}"
    git tag v{version}
    .venv/bin/python tools/badges.py --ref main
    git commit --all --message "Open the lessons on main again"
    git push origin main v{version}
"""


class ReleaseError(Exception):
    """There is no release to make. The message says why."""


def parts(version: str) -> tuple[int, ...]:
    """Return the three numbers of a version.

    Raises:
        ReleaseError: it is not three numbers with points between them.
    """
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        raise ReleaseError(f"A version is three numbers, such as 0.2.0, not '{version}'.")
    return tuple(int(number) for number in version.split("."))


def check(version: str) -> None:
    """Refuse a version that is none, or no later one, and a working tree with changes.

    Raises:
        ReleaseError: the reason.
    """
    if parts(version) <= parts(repository.version()):
        raise ReleaseError(f"{version} is not later than {repository.version()}.")
    if changed := _git("status", "--porcelain"):
        raise ReleaseError(f"The working tree has changes that are not committed:\n{changed}")
    if _git("tag", "--list", f"v{version}"):
        raise ReleaseError(f"The tag v{version} exists already.")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.check_output(command, cwd=repository.PROJECT_FOLDER, text=True).rstrip()


def replaced(path: Path, pattern: str, replacement: str) -> str:
    """Return a file's text with the one line that a pattern fits replaced.

    Raises:
        ReleaseError: it fits no line, or several.
    """
    text = path.read_text(encoding="utf-8")
    written, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
    if count != 1:
        raise ReleaseError(f"{path.name} has {count} lines like {pattern}, not one.")
    return written


def changelog(path: Path, version: str, today: date) -> str:
    """Return the changelog in which what was not released yet is this version.

    Raises:
        ReleaseError: nothing stands below the heading for it.
    """
    text = path.read_text(encoding="utf-8")
    _, _, below = text.partition(f"{UNRELEASED}\n")
    if not below.split("\n## ")[0].strip():
        raise ReleaseError(f"{path.name} says nothing below {UNRELEASED}: what is new?")
    heading = f"{UNRELEASED}\n\n## [{version}] - {today.isoformat()}\n"
    return text.replace(f"{UNRELEASED}\n", heading, 1)


def release(version: str, today: date) -> None:
    """Write the version and the ref everywhere.

    Raises:
        ReleaseError: the version or the working tree does not do; nothing is written then.
    """
    check(version)
    root = repository.PROJECT_FOLDER
    package, citation = root / "course_utils" / "__init__.py", root / "CITATION.cff"
    written = {
        package: replaced(package, r'^__version__ = ".*"$', f'__version__ = "{version}"'),
        citation: replaced(citation, r"^version: .*$", f"version: {version}"),
        root / "CHANGELOG.md": changelog(root / "CHANGELOG.md", version, today),
    }
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    badges.write_ref(f"v{version}")
    badges.write_everywhere()


def main() -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description="Make the working tree a release.")
    parser.add_argument("version", help="such as 0.2.0")
    arguments = parser.parse_args()
    try:
        release(arguments.version, date.today())
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(NEXT_STEPS.format(version=arguments.version))
    return 0


if __name__ == "__main__":
    sys.exit(main())
