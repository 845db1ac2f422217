"""The folder of a long run: what it was configured to do, how it went, and how to go on.

`run.json` is for people and for lesson 04, `last.pt` holds everything needed to go on after the
last whole epoch, and `average.keras` is the trained network.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from course_utils.files import damage_named, remove_unfinished, replace_file, sha256
from course_utils.split import Split
from course_utils.training.run import History, refuse_another_run, write_run_file
from research.config import Config
from research.trainer import Trainer


def describe_run(config: Config, train: Split, validation: Split) -> dict[str, Any]:
    """Return what makes a run another one: config, images and files, as JSON gives it back."""
    paths = [path for path in (*config.teachers, config.initial_weights) if path]
    digests = {path: sha256(Path(path).read_bytes()) for path in paths}
    images = {"train_digest": train.digest(), "validation_digest": validation.digest()}
    description: dict[str, Any] = json.loads(
        json.dumps(asdict(config) | images | {"files": digests})  # JSON has lists for tuples
    )
    return description


def save(
    folder: Path,
    description: dict[str, Any],
    history: History,
    targets: torch.Tensor,
    trainer: Trainer,
) -> None:
    """Write the state after an epoch; a stop at any moment leaves the one before.

    Args:
        folder: the run's.
        description: what `describe_run` returned.
        history: one entry for each epoch.
        targets: float32 (n, 7), what the network learns to predict.
        trainer: the network in training.

    Raises:
        OSError: the disk is full, or the folder cannot be written to.
    """
    write_run_file(folder, description, history, torch=torch.__version__)
    state = {"config": description, "history": history, "targets": targets}
    state["trainer"] = trainer.state()
    replace_file(folder / "last.pt", lambda path: _write(state, path))


def _write(state: dict[str, Any], path: Path) -> None:
    # Given the path, PyTorch would write by itself, and raise no OSError on a full disk.
    with path.open("wb") as file:
        torch.save(state, file)


def resume(
    folder: Path, description: dict[str, Any], trainer: Trainer
) -> tuple[History, torch.Tensor | None]:
    """Bring a trainer to the state after the last whole epoch, where the folder has one.

    Returns:
        The history and the targets of the run; an empty one and None where it has not begun.

    Raises:
        ValueError: the folder holds another run or a damaged file.
    """
    path = folder / "last.pt"
    remove_unfinished(folder)
    if not path.is_file():
        return [], None
    with damage_named(path):
        state = torch.load(path, weights_only=True)
        saved = state["config"]
    refuse_another_run(folder, saved, description)
    with damage_named(path):
        trainer.load_state(state["trainer"])
    history: History = state["history"]
    print(f"The run in {folder} goes on after epoch {len(history)} of {description['epochs']}.")
    return history, state["targets"]
