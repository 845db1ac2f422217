"""Compare face detectors on scenes made from photographs, and print the table of docs/detector.md.

Usage: COURSE_DATA=... python -m research.compare_detectors [--of-each 40] [--without MTCNN]
       [--seed 0]

All see the same scenes in turn, so that other work on the machine slows all of them alike. What
the others need is installed into `runs/packages/`, beside the course and not into it.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from tqdm import tqdm

from course_utils.dataset.loading import load_dataset
from course_utils.files import runs_folder
from research.detectors import DETECTORS, PACKAGES
from research.isolated_process import IsolatedProcess, packages_folder
from research.scenes import CONDITIONS, NO_FACE, Scene, is_found, make_scenes
from research.tables import format_estimate, proportion, to_markdown

STRAIGHT = tuple(CONDITIONS)[2]


def run_all(names: list[str], scenes: list[Scene]) -> pd.DataFrame:
    """Return one row for each detector and scene: `found` faces, `false` boxes, and times."""
    rows = []
    runs_folder().mkdir(exist_ok=True)
    with TemporaryDirectory(dir=runs_folder()) as folder, ExitStack() as stack:
        frames = Path(folder) / "frames.npy"
        np.save(frames, np.stack([scene.pixels for scene in scenes]))
        processes = {}
        for name in names:
            packages = packages_folder(PACKAGES.get(name, []))
            process = IsolatedProcess("research.detectors", [name, str(frames)], packages)
            processes[name] = stack.enter_context(process)
            process.request("0")  # the first call loads and compiles
        for number, scene in enumerate(tqdm(scenes, unit=" scenes")):
            for name, process in processes.items():
                reply = process.request(str(number))
                rows.append({"detector": name, **evaluate(scene, reply.pop("boxes")), **reply})
    return pd.DataFrame(rows)


def evaluate(scene: Scene, boxes: list[list[float]]) -> dict[str, object]:
    """Count the faces of a scene that some box shows, and the boxes that show none."""
    shows = np.array([[is_found(face, box) for face in scene.faces] for box in boxes])
    shows = shows.reshape(len(boxes), len(scene.faces)).astype(bool)
    found = int(shows.any(axis=0).sum())
    return {"condition": scene.condition, "found": found, "false": len(boxes) - found}


def summarise(results: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each detector, as text: what it finds, its false boxes and its times."""
    rows = []
    for name in results["detector"].unique():
        own = results[results["detector"] == name]
        with_face = own[own["condition"] != NO_FACE]
        found = proportion(with_face["found"].to_numpy(dtype=bool))
        straight = own[own["condition"] == STRAIGHT]
        without = own[own["condition"] == NO_FACE]
        rows.append(
            {
                "detector": name,
                "found": format_estimate(found, 0),
                "false boxes beside a face": int(with_face["false"].sum()),
                "false boxes without a face": int(without["false"].sum()),
                "milliseconds": f"{straight['milliseconds'].median():.0f}",
                "milliseconds without a face": f"{without['milliseconds'].median():.0f}",
                "of a processor": f"{straight['processor'].median():.0f}",
            }
        )
    return pd.DataFrame(rows)


def by_condition(results: pd.DataFrame) -> pd.DataFrame:
    """Return the share of found faces, as text: a row per condition, a column per detector."""
    with_face = results[results["condition"] != NO_FACE]
    shares = with_face.pivot_table(index="condition", columns="detector", values="found")
    shares = shares.loc[list(CONDITIONS), results["detector"].unique()]
    return shares.map("{:.0%}".format).reset_index()


def main() -> None:
    """Make the scenes, run all detectors on them, and print."""
    parser = argparse.ArgumentParser(description="Compare face detectors.")
    parser.add_argument("--of-each", type=int, default=40, help="scenes of each condition (40)")
    parser.add_argument(
        "--without", nargs="*", choices=DETECTORS, default=[], help="detectors to leave out"
    )
    parser.add_argument("--seed", type=int, default=0, help="other photographs and places (0)")
    arguments = parser.parse_args()
    data = load_dataset()
    if data.source != "photographs":
        sys.exit((__doc__ or "").strip())
    is_blank = data.validation.images.std(axis=(1, 2)) == 0  # a few photographs are
    photographs = np.roll(data.validation.images[~is_blank], -1000 * arguments.seed, axis=0)
    without = 3 * arguments.of_each
    scenes = list(make_scenes(photographs, arguments.of_each, without, arguments.seed))
    names = [name for name in DETECTORS if name not in arguments.without]
    results = run_all(names, scenes)
    print(f"{len(scenes) - without} scenes with a face, {without} without")
    print(to_markdown(summarise(results)), to_markdown(by_condition(results)), sep="\n\n")


if __name__ == "__main__":
    main()
