"""The folder of one training run: its config, its history, and what is needed to go on."""

import json
import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np

from course_utils.files import damage_named, remove_unfinished, replace_file

RUN_FILE, STATE_FILE, BEST_FILE = "run.json", "last.npz", "best.keras"
History = list[dict[str, float]]


class Run:
    """The folder of one training run. Without a folder it keeps nothing.

    It holds `run.json` (config, versions and history), `last.npz` (the state after the last whole
    epoch) and `best.keras` (the epoch that read the validation images best).

    Args:
        folder: where, or None.
        config: what makes this run another one than the next, as JSON takes it.
        parts: what has variables: the network and its optimizer.
    """

    def __init__(self, folder: Path | None, config: dict[str, Any], parts: list[Any]) -> None:
        self.folder = folder
        self.config = config
        self.parts = parts
        self.history: History = []
        self.best_accuracy = -1.0

    @property
    def name(self) -> str:
        """The folder's own name, or nothing."""
        return self.folder.name if self.folder is not None else ""

    def resume(self) -> History:
        """Bring everything to the state after the last whole epoch; return the history so far.

        Raises:
            ValueError: the folder holds a run of another config, or a damaged file.
        """
        if self.folder is None or not (self.folder / RUN_FILE).is_file():
            return []
        with damage_named(self.folder / RUN_FILE):
            saved = json.loads((self.folder / RUN_FILE).read_text(encoding="utf-8"))
            history: History = saved["history"]
            config = saved["config"]
        refuse_another_run(self.folder, config, self.config)
        remove_unfinished(self.folder)
        if not (self.folder / STATE_FILE).is_file():
            return []  # stopped before the first epoch was whole
        self.history = history[: self._load_state(self.folder / STATE_FILE)]
        self.best_accuracy = max(epoch["val_accuracy"] for epoch in self.history)
        return self.history

    def _load_state(self, path: Path) -> int:
        variables = self._variables()
        with damage_named(path):
            with np.load(path, allow_pickle=False) as arrays:
                epochs = int(arrays["epochs"])
                values = [arrays[f"variable_{index}"] for index in range(len(variables))]
            if [value.shape for value in values] != [tuple(v.shape) for v in variables]:
                raise ValueError("the shapes of its weights are others")
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        return epochs

    def save_best(self, model: keras.Model, accuracy: float) -> None:
        """Save a network that read the validation images better than those before it."""
        if accuracy <= self.best_accuracy:
            return
        self.best_accuracy = accuracy
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            replace_file(self.folder / BEST_FILE, model.save)

    def save_epoch(self, figures: dict[str, float]) -> None:
        """Add an epoch, and write the state; a stop at any moment leaves the last whole one."""
        self.history.append(figures)
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        # The history first: a state is never kept without the line that belongs to it.
        write_run_file(self.folder, self.config, self.history)
        replace_file(self.folder / STATE_FILE, self._save_state)

    def _variables(self) -> list[Any]:
        # TensorFlow's dropout has its seed in a variable too, so that it goes on as well.
        return [variable for part in self.parts for variable in part.variables]

    def _save_state(self, path: Path) -> None:
        arrays = {
            f"variable_{index}": keras.ops.convert_to_numpy(variable.value)
            for index, variable in enumerate(self._variables())
        }
        with path.open("wb") as file:
            np.savez(file, epochs=np.array(len(self.history)), **arrays)


def write_run_file(folder: Path, config: dict[str, Any], history: History, **versions: str) -> None:
    """Write `run.json` in one step: the config, the versions of what trained, and the history."""
    versions = {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "numpy": np.__version__,
        **versions,
    }
    text = json.dumps({"config": config, "versions": versions, "history": history}, indent=1)
    replace_file(folder / RUN_FILE, lambda path: path.write_text(text, encoding="utf-8"))


def refuse_another_run(folder: Path, saved: dict[str, Any], config: dict[str, Any]) -> None:
    """Compare the config of a folder's run with the one at hand.

    Raises:
        ValueError: they differ; the message names each difference.
    """
    described = ", ".join(
        f"{name} is {saved.get(name)} there and {config.get(name)} here"
        for name in dict.fromkeys([*config, *saved])
        if saved.get(name) != config.get(name)
    )
    if described:
        raise ValueError(
            f"{folder} holds another run ({described}). Nothing was changed. Choose another "
            "folder, or delete that one."
        )
