"""Take a run's best network as weights that ship with the course, and list its SHA-256.

Usage: python tools/ship_weights.py runs/drawn_faces drawn_faces
"""

import argparse
import hashlib
from pathlib import Path

from course_utils.models import CHECKSUMS, WEIGHTS_FOLDER, load_classifier


def ship(run: Path, name: str) -> Path:
    """Save a run's best network without its optimiser, and write its line in SHA256SUMS."""
    path = WEIGHTS_FOLDER / f"compact_{name}.keras"
    load_classifier(run / "best.keras").model.save(path)
    sums = WEIGHTS_FOLDER / CHECKSUMS
    lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() else []
    others = [line for line in lines if line.split()[1] != path.name]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    listing = sorted([*others, f"{digest}  {path.name}"], key=lambda line: line.split()[1])
    sums.write_text("\n".join(listing) + "\n", encoding="utf-8", newline="\n")
    return path


def main() -> None:
    """Read the command line and ship."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="the folder of a finished run")
    parser.add_argument("name", choices=["drawn_faces", "photographs"])
    arguments = parser.parse_args()
    path = ship(arguments.run, arguments.name)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
