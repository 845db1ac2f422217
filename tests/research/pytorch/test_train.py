"""A long run learns, averages, and goes on after a stop as if there had been none."""

import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import keras
import numpy as np
import pytest

from course_utils.dataset.loading import Dataset
from research import data, train
from research.config import Config
from research.designs import build_network
from research.train import fit
from tests.helpers import TRAIN, VALIDATION, weights_of
from tests.research.helpers import SHORT


def test_it_learns_what_can_be_learned(tmp_path):
    config = replace(SHORT, epochs=30)
    model = fit(config, TRAIN, VALIDATION, tmp_path)
    inputs = VALIDATION.images[..., np.newaxis] / np.float32(255)
    predictions = model.predict(inputs, verbose=0).argmax(axis=1)
    accuracy = (predictions == VALIDATION.labels).mean()
    assert accuracy > 0.6
    history = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["history"]
    assert history[-1]["val_accuracy"] == pytest.approx(accuracy, abs=0.015)
    saved = keras.saving.load_model(tmp_path / "average.keras")
    np.testing.assert_array_equal(weights_of(saved), weights_of(model))


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(tmp_path, monkeypatch):
    whole = fit(SHORT, TRAIN, VALIDATION, tmp_path / "whole")
    save = train.save

    def save_and_stop(folder, description, history, *state):
        save(folder, description, history, *state)
        if len(history) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(train, "save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            fit(SHORT, TRAIN, VALIDATION, tmp_path / "stopped")
    resumed = fit(SHORT, TRAIN, VALIDATION, tmp_path / "stopped")
    np.testing.assert_allclose(weights_of(resumed), weights_of(whole), atol=1e-5)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from research.train import fit
import torch
from research import designs
from tests.helpers import TRAIN, VALIDATION
from tests.research.helpers import SHORT, small
designs._BUILDERS["small"] = small
save = torch.save
def save_half(state, file):
    if len(state["history"]) == 2:
        file.write(b"half a state")
        file.flush()
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    save(state, file)
torch.save = save_half
fit(SHORT, TRAIN, VALIDATION, Path(sys.argv[1]))
"""


def test_a_killed_run_goes_on_as_if_it_had_not_been(tmp_path):
    command = [
        sys.executable,
        "-c",
        KILLED,
        str(tmp_path / "killed"),
        str(Path(__file__).parents[3]),
    ]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode != 0 and "Error" not in ended.stderr
    assert list((tmp_path / "killed").glob("unfinished*"))
    resumed = fit(SHORT, TRAIN, VALIDATION, tmp_path / "killed")
    assert not list((tmp_path / "killed").glob("unfinished*"))
    whole = fit(SHORT, TRAIN, VALIDATION, tmp_path / "whole")
    np.testing.assert_allclose(weights_of(resumed), weights_of(whole), atol=1e-5)


def test_a_run_of_another_config_or_other_images_is_left_alone(tmp_path):
    config = replace(SHORT, epochs=1)
    fit(config, TRAIN, VALIDATION, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match="epochs is 1 there and 4 here"):
        fit(SHORT, TRAIN, VALIDATION, tmp_path)
    with pytest.raises(ValueError, match=r"another run.*train_digest"):
        fit(config, VALIDATION, VALIDATION, tmp_path)
    with pytest.raises(ValueError, match=r"another run.*validation_digest"):
        fit(config, TRAIN, TRAIN, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from research.checkpoint import save
import torch
from research import designs
from research.trainer import Trainer
from tests.research.helpers import SHORT, small
designs._BUILDERS["small"] = small
folder = Path(sys.argv[1])
size = (folder / "last.pt").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))
trainer = Trainer(SHORT, designs.build_network("small"))
try:
    save(folder, {}, [], torch.zeros(140, 7), trainer)
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file's size")
def test_a_full_disk_leaves_the_epoch_before(tmp_path):
    """The system itself refuses to let the file grow."""
    fit(replace(SHORT, epochs=1), TRAIN, VALIDATION, tmp_path)
    before = (tmp_path / "last.pt").read_bytes()
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path), str(Path(__file__).parents[3])]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "last.pt could not be written" in ended.stdout and "make room" in ended.stdout
    assert (tmp_path / "last.pt").read_bytes() == before
    assert not list(tmp_path.glob("unfinished*"))


@pytest.mark.parametrize("kept", [0, 1000])
def test_a_damaged_state_is_named(tmp_path, kept):
    fit(replace(SHORT, epochs=1), TRAIN, VALIDATION, tmp_path)
    path = tmp_path / "last.pt"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"last\.pt is damaged.*delete that one to start over"):
        fit(replace(SHORT, epochs=1), TRAIN, VALIDATION, tmp_path)


def test_a_run_goes_on_with_the_targets_that_it_began_with(tmp_path, monkeypatch):
    """Its teachers predict once, and another file in a teacher's place is refused."""
    build_network("small").save(tmp_path / "teacher.keras")
    config = replace(SHORT, teachers=(str(tmp_path / "teacher.keras"),))
    first = fit(config, TRAIN, VALIDATION, tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr(train, "build_targets", None)
        again = fit(config, TRAIN, VALIDATION, tmp_path / "run")
    np.testing.assert_array_equal(weights_of(again), weights_of(first))
    build_network("small").save(tmp_path / "teacher.keras")
    with pytest.raises(ValueError, match=r"another run.*files"):
        fit(config, TRAIN, VALIDATION, tmp_path / "run")


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_epoch_before(tmp_path, monkeypatch):
    def save(*arguments):
        raise AssertionError("an epoch without a loss was saved")

    monkeypatch.setattr(train, "save", save)
    with pytest.raises(ArithmeticError, match=r"epoch 1.*lower learning rate"):
        fit(replace(SHORT, learning_rate=1e12), TRAIN, VALIDATION, tmp_path)


def test_a_run_starts_from_the_weights_of_a_file(tmp_path):
    keras.utils.set_random_seed(11)
    start = build_network("small")
    start.save(tmp_path / "start.keras")
    config = replace(
        SHORT, epochs=1, learning_rate=0.0, initial_weights=str(tmp_path / "start.keras")
    )
    model = fit(config, TRAIN, VALIDATION, tmp_path / "run")
    np.testing.assert_allclose(model.layers[1].kernel, start.layers[1].kernel, atol=1e-6)


@pytest.mark.parametrize("option", ["noise_sigma", "mixup"])
def test_noise_and_blends_reach_the_network(tmp_path, option):
    plain, changed = (
        fit(replace(SHORT, epochs=1, **{option: amount}), TRAIN, VALIDATION, tmp_path / str(amount))
        for amount in (0.0, 0.5)
    )
    assert not np.allclose(weights_of(plain), weights_of(changed), atol=1e-4)


def test_the_command_line_sets_what_it_says(tmp_path, monkeypatch):
    """Each option changes what it names in the config, and every setting has an option."""
    calls = []
    monkeypatch.setattr(train, "load_official_splits", lambda: (TRAIN, VALIDATION))
    monkeypatch.setattr(train, "fit", lambda *arguments: calls.append(arguments))
    options = {
        "model": "wide",
        "epochs": 3,
        "batch_size": 64,
        "learning_rate": 0.05,
        "momentum": 0.8,
        "weight_decay": 1e-4,
        "label_smoothing": 0.2,
        "teachers": ("one.keras", "two.keras"),
        "distillation_weight": 0.7,
        "same_view": True,
        "mixup": 0.2,
        "ema_decay": 0.99,
        "resolutions": (32, 32, 40),
        "initial_weights": "first.keras",
        "noise_sigma": 0.06,
        "seed": 8,
    }
    written = []
    for name, value in options.items():
        values = value if isinstance(value, tuple) else () if value is True else (value,)
        written += [f"--{name.replace('_', '-')}", *map(str, values)]
    assert set(options) == {field.name for field in fields(Config)}
    for line in ([], written):
        monkeypatch.setattr(sys, "argv", ["train", str(tmp_path), *line])
        train.main()
    assert calls[0] == (Config(), TRAIN, VALIDATION, tmp_path)
    assert calls[1] == (Config(**options), TRAIN, VALIDATION, tmp_path)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("--resolutions 28 32 48", "multiple of 8"),
        ("--same-view", "has to be a teacher"),
        ("--model vgg", "no model 'vgg'"),
        ("--initial-weights there_is_none.keras", "there_is_none.keras"),
    ],
)
def test_the_command_line_says_what_cannot_be(tmp_path, monkeypatch, capsys, line, complaint):
    monkeypatch.setattr(train, "load_official_splits", lambda: (TRAIN, VALIDATION))
    monkeypatch.setattr(sys, "argv", ["train", str(tmp_path / "run"), *line.split()])
    with pytest.raises(SystemExit):
        train.main()
    assert complaint in capsys.readouterr().err and not (tmp_path / "run").exists()


def test_images_that_are_not_fer2013_are_refused(tmp_path, monkeypatch, capsys):
    drawn = Dataset(TRAIN, VALIDATION, VALIDATION, "drawn_faces", "")
    monkeypatch.setattr(data, "load_dataset", lambda: drawn)
    monkeypatch.setattr(sys, "argv", ["train", str(tmp_path / "run")])
    with pytest.raises(SystemExit):
        train.main()
    assert "drawn faces are not FER2013" in capsys.readouterr().err


def test_without_pytorch_it_says_how_to_get_it():
    script = "import sys; sys.modules['torch'] = None; import research.train"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == 1 and "needs PyTorch: pip install torch" in ended.stderr
