"""A run learns, keeps what it did, and goes on after a stop as if there had been none."""

import _thread
import gc
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

from course_utils.training.batches import Batches
from course_utils.training.fitting import _class_weights, fit
from course_utils.training.run import Run
from tests.helpers import (
    SHORT,
    TRAIN,
    VALIDATION,
    fit_short,
    small_model,
    striped_faces,
    weights_of,
)


def test_it_learns_what_can_be_learned(tmp_path):
    history = fit_short(
        small_model(),
        tmp_path / "run",
        epochs=6,
        steps_per_epoch=30,
        learning_rate=0.02,
        augment=False,
    )
    assert history.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert history["val_accuracy"].iloc[-1] > 0.8
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    assert history["learning_rate"].iloc[-1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_best_is_the_epoch_with_the_highest_validation_accuracy(tmp_path, ema_decay):
    folder = tmp_path / "run"
    history = fit_short(small_model(), folder, ema_decay=ema_decay)
    best = keras.saving.load_model(folder / "best.keras")
    predicted = best.predict(VALIDATION.images[..., np.newaxis] / np.float32(255), verbose=0)
    accuracy = (predicted.argmax(axis=1) == VALIDATION.labels).mean()
    assert accuracy == pytest.approx(history["val_accuracy"].max(), abs=1e-6)


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(tmp_path, monkeypatch, ema_decay):
    changes = {"ema_decay": ema_decay, "mixup": 0.2, "balance_classes": True}
    uninterrupted = small_model()
    expected = fit_short(uninterrupted, tmp_path / "whole", **changes)

    save_epoch = Run.save_epoch

    def save_and_press_control_c(self: Run, figures: dict[str, float]) -> None:
        save_epoch(self, figures)
        if len(self.history) == 2:
            _thread.interrupt_main()

    with monkeypatch.context() as patch:
        patch.setattr(Run, "save_epoch", save_and_press_control_c)
        partly = fit_short(small_model(), tmp_path / "stopped", **changes)
    assert len(partly) == 2

    resumed = small_model()
    history = fit_short(resumed, tmp_path / "stopped", **changes)
    pd.testing.assert_frame_equal(history, expected, rtol=1e-4)
    np.testing.assert_allclose(weights_of(resumed), weights_of(uninterrupted), atol=1e-5)


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from course_utils.training.run import np
from course_utils.training.batches import Batches
from tests.helpers import fit_short, small_model

def die():
    os.kill(os.getpid(), getattr(signal, sys.argv[1], signal.SIGTERM))  # Windows has no SIGKILL

savez, get = np.savez, Batches.__getitem__
def save_half(file, **arrays):
    if int(arrays["epochs"]) == 2:
        file.write(b"half a state")
        file.flush()
        die()
    savez(file, **arrays)
def get_and_die(self, index):
    if index == 7:  # in the third epoch
        die()
    return get(self, index)
if sys.argv[1] == "SIGKILL":
    np.savez = save_half
else:
    Batches.__getitem__ = get_and_die
fit_short(small_model(), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGTERM"])
@pytest.mark.slow
def test_a_killed_process_leaves_a_run_that_goes_on(tmp_path, signal):
    """kill -9 comes while the second epoch's state is written, SIGTERM amid the third epoch."""
    folder = tmp_path / "run"
    command = [sys.executable, "-c", KILLED, signal, str(folder), str(Path(__file__).parents[2])]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode != 0 and "Error" not in ended.stderr
    assert (folder / "last.npz").is_file()
    resumed = small_model()
    history = fit_short(resumed, folder)
    whole = small_model()
    expected = fit_short(whole, tmp_path / "whole")
    pd.testing.assert_frame_equal(history, expected, rtol=1e-4)
    np.testing.assert_allclose(weights_of(resumed), weights_of(whole), atol=1e-5)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a process to send")
@pytest.mark.parametrize("step", [1, 7])
@pytest.mark.slow
def test_control_c_ends_the_process_in_peace(tmp_path, step):
    """TensorFlow's threads, left to the end of the process, keep it from ending."""
    script = KILLED.replace("index == 7", f"index == {step}")
    folder = tmp_path / "run"
    command = [sys.executable, "-c", script, "SIGINT", str(folder), str(Path(__file__).parents[2])]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "whole epochs of 4. Run this again to go on." in ended.stdout


def test_nothing_of_tensorflows_iterator_outlives_a_stop(monkeypatch):
    """Its threads, left to the end of the process, can keep it from ending."""
    get = Batches.__getitem__

    def press_control_c(self: Batches, index: int) -> tuple[np.ndarray, np.ndarray]:
        if index == 2:
            _thread.interrupt_main()
        return get(self, index)

    def iterators() -> int:
        return sum(type(thing).__name__ == "OwnedIterator" for thing in gc.get_objects())

    monkeypatch.setattr(Batches, "__getitem__", press_control_c)
    gc.collect()
    before = iterators()
    gc.disable()
    try:
        fit_short(small_model())
        assert iterators() == before
    finally:
        gc.enable()


def test_a_run_that_is_complete_gives_the_same_weights_again(tmp_path):
    changes = {"ema_decay": 0.9}
    first, again = small_model(), small_model()
    history = fit_short(first, tmp_path, **changes)
    pd.testing.assert_frame_equal(fit_short(again, tmp_path, **changes), history)
    np.testing.assert_array_equal(weights_of(again), weights_of(first))


@lru_cache
def weights_after_two_steps(**option: float) -> np.ndarray:
    """Return what is learned from few and unequal classes."""
    split = TRAIN.take(np.flatnonzero((TRAIN.labels < 2) | (np.arange(140) < 21)))
    model = small_model()
    fit_short(model, None, split, epochs=1, steps_per_epoch=2, **option)
    return weights_of(model)


@pytest.mark.parametrize(
    "option",
    [
        {"balance_classes": True},
        {"mixup": 0.5},
        {"label_smoothing": 0.0},
        {"augment": False},
        {"weight_decay": 1.0},
        {"ema_decay": 0.5},
    ],
    ids=lambda option: next(iter(option)),
)
def test_each_option_changes_what_is_learned(option):
    assert np.abs(weights_after_two_steps(**option) - weights_after_two_steps()).max() > 1e-5


def test_a_softmax_at_the_end_is_refused():
    inputs = keras.Input((48, 48, 1))
    model = keras.Model(inputs, layers.Dense(7, activation="softmax")(layers.Flatten()(inputs)))
    with pytest.raises(ValueError, match="ends in a softmax, and the loss has one of its own"):
        fit_short(model)


@pytest.mark.parametrize("empty", ["train", "validation"])
def test_no_images_are_refused(empty):
    splits = {"train": TRAIN, "validation": VALIDATION, empty: TRAIN.take([])}
    with pytest.raises(ValueError, match="each has to be 1 or more"):
        fit(small_model(), splits["train"], splits["validation"], SHORT)


def test_before_the_first_whole_epoch_the_history_is_empty_and_has_its_columns(monkeypatch):
    monkeypatch.setattr(Batches, "__getitem__", lambda self, index: _thread.interrupt_main())
    history = fit_short(small_model())
    assert len(history) == 0 and "val_accuracy" in history


@pytest.mark.parametrize("name", ["run.json", "last.npz"])
def test_a_damaged_file_of_a_run_is_named(tmp_path, name):
    fit_short(small_model(), tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:40])
    model = small_model()
    before = weights_of(model)
    with pytest.raises(ValueError, match=rf"{name} is damaged.*delete that one to start over"):
        fit_short(model, tmp_path)
    np.testing.assert_array_equal(weights_of(model), before)


def test_the_state_of_other_layers_is_refused_before_any_weight_changes(tmp_path):
    fit_short(small_model(), tmp_path)
    inputs = keras.Input((48, 48, 1))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(9, 3)(inputs))
    other = keras.Model(inputs, layers.Dense(7)(x), name="small")
    before = weights_of(other)
    with pytest.raises(ValueError, match="belongs to another network"):
        fit_short(other, tmp_path)
    np.testing.assert_array_equal(weights_of(other), before)


def test_what_a_killed_run_left_unfinished_is_removed(tmp_path):
    fit_short(small_model(), tmp_path)
    (tmp_path / "unfinished-1-last.npz").write_bytes(b"half a state")
    fit_short(small_model(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "best.keras",
        "last.npz",
        "run.json",
    ]


@pytest.mark.parametrize("changes", [{"epochs": 0}, {"batch_size": 0}, {"steps_per_epoch": 0}])
def test_nothing_to_do_is_refused(changes):
    with pytest.raises(ValueError, match="has to be 1 or more"):
        fit_short(small_model(), **changes)


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_epoch_before(tmp_path, monkeypatch):
    fit_short(small_model(), tmp_path, epochs=1)
    before = (tmp_path / "last.npz").read_bytes()
    run_json = tmp_path / "run.json"
    run_json.write_text(run_json.read_text("utf-8").replace('"epochs": 1', '"epochs": 4'), "utf-8")
    get = Batches.__getitem__
    monkeypatch.setattr(
        Batches, "__getitem__", lambda self, i: (get(self, i)[0] * np.nan, get(self, i)[1])
    )
    with pytest.raises(ArithmeticError, match=r"epoch 2 is nan.*lower learning rate"):
        fit_short(small_model(), tmp_path)
    assert (tmp_path / "last.npz").read_bytes() == before


def test_another_run_in_the_folder_is_left_alone(tmp_path):
    fit_short(small_model(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=r"learning_rate is 0\.002 there and 0\.5 here"):
        fit_short(small_model(), tmp_path, learning_rate=0.5)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_other_images_are_another_run(tmp_path):
    fit_short(small_model(), tmp_path)
    with pytest.raises(ValueError, match="train_digest"):
        fit_short(small_model(), tmp_path, striped_faces(140, seed=9))


def test_a_disk_that_is_full_in_the_first_epoch_leaves_a_run_that_starts_over(
    tmp_path, monkeypatch
):
    def refuse(file, **arrays):
        raise OSError(28, "No space left on device")

    changes = {"epochs": 1}
    with monkeypatch.context() as patch, pytest.raises(OSError, match=r"last\.npz.*No space"):
        patch.setattr("course_utils.training.run.np.savez", refuse)
        fit_short(small_model(), tmp_path, **changes)
    assert not (tmp_path / "last.npz").exists()
    history = fit_short(small_model(), tmp_path, **changes)
    assert len(history) == 1 and (tmp_path / "last.npz").is_file()


def test_the_averages_are_those_of_the_weights(tmp_path):
    """With a learning rate of zero nothing moves, so averages and weights are the same."""
    model = small_model()
    before = weights_of(model)
    changes = {"epochs": 1, "learning_rate": 0.0, "weight_decay": 0.0, "ema_decay": 0.9}
    fit_short(model, tmp_path, **changes)
    saved = keras.saving.load_model(tmp_path / "best.keras")
    kernel = saved.layers[1].kernel.numpy().ravel()
    np.testing.assert_allclose(kernel, before[: kernel.size], atol=1e-6)


def test_balanced_classes_weigh_as_scikit_learn_says():
    """Seven images of class 0 and one of class 3: n / (classes * count)."""
    assert _class_weights(np.array([0] * 7 + [3])) == pytest.approx({0: 8 / 14, 3: 8 / 2})


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fit_short(small_model())
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_it_can_do():
    command = [sys.executable, "-m", "course_utils.training", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "--epochs" in shown and "Ctrl-C" in shown
