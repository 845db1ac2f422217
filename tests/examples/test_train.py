"""The script that learners take home trains, goes on after a stop, and keeps its best epoch."""

import ast
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import nbformat
import numpy as np
import pandas as pd
import pytest
from notebook_rules import code_cells
from repository import PROJECT_FOLDER

from course_utils import drawn_faces, load_dataset
from course_utils.classifier import load_classifier
from course_utils.dataset.folders import write_class_folders

SCRIPT = PROJECT_FOLDER / "examples" / "train.py"


def command(*arguments: object) -> list[str]:
    return [sys.executable, str(SCRIPT), *map(str, arguments)]


def train(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False)


def history(run: Path) -> pd.DataFrame:
    return pd.read_csv(run / "history.csv")


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    splits = {"train": drawn_faces.make_dataset(320, 1), "validation": drawn_faces.make_dataset(70)}
    write_class_folders(splits, folder)
    (folder / "train" / ".DS_Store").touch()  # macOS leaves it, and it is no class
    return folder


def functions(source: str) -> dict[str, str]:
    found = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.unparse(node) for node in found}


def test_lesson_04_builds_the_script_up():
    cells = code_cells(nbformat.read(PROJECT_FOLDER / "notebooks" / "04_training.ipynb", 4))
    plain = "\n".join(cell.source for cell in cells if not cell.source.startswith("# In Colab"))
    lesson, script = functions(plain), functions(SCRIPT.read_text(encoding="utf-8"))
    for name in ("load_images", "augment", "build_network"):
        assert lesson[name] == script[name]


def test_script_fits_a_page_and_needs_nothing_of_ours():
    source = SCRIPT.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 60
    assert "course_utils" not in source


def test_without_folders_it_says_how_it_is_called():
    ended = train()
    assert ended.returncode == 1
    assert "FACES RUN EPOCHS" in ended.stderr


@pytest.mark.slow
def test_best_epoch_is_kept_and_reads_as_the_history_says(faces, tmp_path):
    ended = train(faces, tmp_path / "run", 3)
    assert ended.returncode == 0, ended.stderr
    validation = drawn_faces.make_dataset(70)
    predicted = load_classifier(tmp_path / "run" / "best.keras").predict_proba(validation.images)
    accuracy = (predicted.argmax(axis=1) == validation.labels).mean()
    table = history(tmp_path / "run")
    assert table["epoch"].tolist() == [0, 1, 2]
    assert accuracy == pytest.approx(table["val_accuracy"].max(), abs=1e-5)
    assert not (tmp_path / "run" / "backup").exists()  # complete: the next call begins anew


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_a_stopped_run_goes_on(faces, tmp_path):
    run = tmp_path / "run"
    process = subprocess.Popen(
        command(faces, run, 30), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 300
    while not (run / "backup" / "training_metadata.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=120)
    before = history(run)
    assert 1 <= len(before) < 30
    # What the first part read best must survive a second part that reads worse.
    best = keras.models.load_model(run / "best.keras").get_weights()
    table = before.assign(val_accuracy=1.0)
    table.to_csv(run / "history.csv", index=False)
    ended = train(faces, run, len(before) + 1)
    assert ended.returncode == 0, ended.stderr
    assert history(run)["epoch"].tolist() == [*range(len(before) + 1)]
    after = keras.models.load_model(run / "best.keras").get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(best, after, strict=True))


@pytest.mark.slow
def test_it_beats_the_majority_on_the_data_set_at_hand(tmp_path):
    data = load_dataset()
    few = {"train": data.train.take(range(4000)), "validation": data.validation.take(range(1000))}
    write_class_folders(few, tmp_path / "faces")
    assert train(tmp_path / "faces", tmp_path / "run", 6).returncode == 0
    majority = np.bincount(few["validation"].labels).max() / len(few["validation"])
    assert history(tmp_path / "run")["val_accuracy"].max() > majority + 0.05
