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

from course_utils import Split
from course_utils.preprocessing import build_augmentation
from course_utils.training.fitting import (
    Batches,
    Run,
    _class_weights,
    assign_folds,
    build_schedule,
    fit,
    load_trained,
    move_to_training,
)
from tests.helpers import SHORT, TRAIN, VALIDATION, small_model, striped_faces, weights_of


def test_it_learns_what_can_be_learned(tmp_path):
    history = fit(
        small_model(),
        TRAIN,
        VALIDATION,
        tmp_path / "run",
        epochs=6,
        steps_per_epoch=30,
        batch_size=20,
        learning_rate=0.02,
        augment=False,
        verbose=0,
    )
    assert history.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert history["val_accuracy"].iloc[-1] > 0.8
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    assert history["learning_rate"].iloc[-1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_best_is_the_epoch_with_the_highest_validation_accuracy(tmp_path, ema_decay):
    folder = tmp_path / "run"
    history = fit(small_model(), TRAIN, VALIDATION, folder, ema_decay=ema_decay, **SHORT)
    best = keras.saving.load_model(folder / "best.keras")
    predicted = best.predict(VALIDATION.images[..., np.newaxis] / np.float32(255), verbose=0)
    accuracy = (predicted.argmax(axis=1) == VALIDATION.labels).mean()
    assert accuracy == pytest.approx(history["val_accuracy"].max(), abs=1e-6)


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(tmp_path, monkeypatch, ema_decay):
    asked = {**SHORT, "ema_decay": ema_decay, "mixup": 0.2, "balance_classes": True}
    uninterrupted = small_model()
    expected = fit(uninterrupted, TRAIN, VALIDATION, tmp_path / "whole", **asked)

    keep = Run.keep

    def keep_and_press_control_c(self: Run, history: list) -> None:
        keep(self, history)
        if len(history) == 2:
            _thread.interrupt_main()

    with monkeypatch.context() as patch:
        patch.setattr(Run, "keep", keep_and_press_control_c)
        partly = fit(small_model(), TRAIN, VALIDATION, tmp_path / "stopped", **asked)
    assert len(partly) == 2

    resumed = small_model()
    history = fit(resumed, TRAIN, VALIDATION, tmp_path / "stopped", **asked)
    pd.testing.assert_frame_equal(history, expected, rtol=1e-4)
    np.testing.assert_allclose(weights_of(resumed), weights_of(uninterrupted), atol=1e-5)


def test_augmentation_depends_on_the_seed_and_the_step_alone():
    def batch(step: int, seed: int, first_step: int = 0) -> np.ndarray:
        augmentation = build_augmentation(seed)
        batches = Batches(TRAIN, 9, 20, augmentation, seed, first_step)
        return batches[step - first_step][0]

    batches = Batches(TRAIN, 9, 20, build_augmentation(5), 5)
    in_order = [batches[step][0] for step in range(9)]
    np.testing.assert_array_equal(batch(8, seed=5), in_order[8])
    np.testing.assert_array_equal(batch(8, seed=5, first_step=7), in_order[8])
    assert np.abs(batch(8, seed=6) - in_order[8]).max() > 0.1


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[3])
from tests.training.test_fitting import *
from course_utils.training import fitting as training

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
    training.np.savez = save_half
else:
    Batches.__getitem__ = get_and_die
fit(small_model(), TRAIN, VALIDATION, Path(sys.argv[2]), **SHORT)
"""


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGTERM"])
def test_a_killed_process_leaves_a_run_that_goes_on(tmp_path, signal):
    """kill -9 comes while the second epoch's state is written, SIGTERM amid the third epoch."""
    folder = tmp_path / "run"
    command = [sys.executable, "-c", KILLED, signal, str(folder), str(Path(__file__).parents[2])]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode != 0 and "Error" not in ended.stderr
    assert (folder / "last.npz").is_file()
    resumed = small_model()
    history = fit(resumed, TRAIN, VALIDATION, folder, **SHORT)
    whole = small_model()
    expected = fit(whole, TRAIN, VALIDATION, tmp_path / "whole", **SHORT)
    pd.testing.assert_frame_equal(history, expected, rtol=1e-4)
    np.testing.assert_allclose(weights_of(resumed), weights_of(whole), atol=1e-5)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a process to send")
@pytest.mark.parametrize("step", [1, 7])
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
        fit(small_model(), TRAIN, VALIDATION, **SHORT)
        assert iterators() == before
    finally:
        gc.enable()


def test_a_run_that_is_complete_gives_the_same_weights_again(tmp_path):
    asked = {**SHORT, "ema_decay": 0.9}
    first, again = small_model(), small_model()
    history = fit(first, TRAIN, VALIDATION, tmp_path, **asked)
    pd.testing.assert_frame_equal(fit(again, TRAIN, VALIDATION, tmp_path, **asked), history)
    np.testing.assert_array_equal(weights_of(again), weights_of(first))


@lru_cache
def weights_after_two_steps(**option: float) -> np.ndarray:
    """Return what is learned from few and unequal classes."""
    split = TRAIN.take(np.flatnonzero((TRAIN.labels < 2) | (np.arange(140) < 21)))
    model = small_model()
    fit(model, split, VALIDATION, epochs=1, steps_per_epoch=2, batch_size=20, verbose=0, **option)
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


def test_a_resumed_run_remembers_its_best_epoch(tmp_path):
    model = small_model()
    run = Run(tmp_path, {}, [model])
    run.keep([{"val_accuracy": 0.9}, {"val_accuracy": 0.4}])
    resumed = Run(tmp_path, {}, [model])
    assert len(resumed.resume()) == 2
    resumed.keep_best(model, {"accuracy": 0.8})
    assert not (tmp_path / "best.keras").exists()
    resumed.keep_best(model, {"accuracy": 0.95})
    assert (tmp_path / "best.keras").exists()


def test_before_the_first_whole_epoch_the_history_is_empty_and_has_its_columns(monkeypatch):
    monkeypatch.setattr(Batches, "__getitem__", lambda self, index: _thread.interrupt_main())
    history = fit(small_model(), TRAIN, VALIDATION, **SHORT)
    assert len(history) == 0 and "val_accuracy" in history


@pytest.mark.parametrize("name", ["run.json", "last.npz"])
def test_a_damaged_file_of_a_run_is_named(tmp_path, name):
    fit(small_model(), TRAIN, VALIDATION, tmp_path, **SHORT)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:40])
    model = small_model()
    before = weights_of(model)
    with pytest.raises(ValueError, match=rf"{name} is damaged.*delete that one to start over"):
        fit(model, TRAIN, VALIDATION, tmp_path, **SHORT)
    np.testing.assert_array_equal(weights_of(model), before)


def test_the_state_of_other_layers_is_refused_before_any_weight_changes(tmp_path):
    fit(small_model(), TRAIN, VALIDATION, tmp_path, **SHORT)
    inputs = keras.Input((48, 48, 1))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(9, 3)(inputs))
    other = keras.Model(inputs, layers.Dense(7, activation="softmax")(x), name="small")
    before = weights_of(other)
    with pytest.raises(ValueError, match="belongs to another network"):
        fit(other, TRAIN, VALIDATION, tmp_path, **SHORT)
    np.testing.assert_array_equal(weights_of(other), before)


def test_what_a_killed_run_left_unfinished_is_removed(tmp_path):
    fit(small_model(), TRAIN, VALIDATION, tmp_path, **SHORT)
    (tmp_path / "unfinished-1-last.npz").write_bytes(b"half a state")
    fit(small_model(), TRAIN, VALIDATION, tmp_path, **SHORT)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "best.keras",
        "last.npz",
        "run.json",
    ]


@pytest.mark.parametrize("asked", [{"epochs": 0}, {"batch_size": 0}])
def test_nothing_to_do_is_refused(asked):
    with pytest.raises(ValueError, match="has to be 1 or more"):
        fit(small_model(), TRAIN, VALIDATION, **{**SHORT, **asked})


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_epoch_before(tmp_path, monkeypatch):
    fit(small_model(), TRAIN, VALIDATION, tmp_path, **{**SHORT, "epochs": 1})
    before = (tmp_path / "last.npz").read_bytes()
    run_json = tmp_path / "run.json"
    run_json.write_text(run_json.read_text("utf-8").replace('"epochs": 1', '"epochs": 4'), "utf-8")
    get = Batches.__getitem__
    monkeypatch.setattr(
        Batches, "__getitem__", lambda self, i: (get(self, i)[0] * np.nan, get(self, i)[1])
    )
    with pytest.raises(ArithmeticError, match=r"epoch 2 is nan.*lower learning rate"):
        fit(small_model(), TRAIN, VALIDATION, tmp_path, **SHORT)
    assert (tmp_path / "last.npz").read_bytes() == before


def test_another_run_in_the_folder_is_left_alone(tmp_path):
    fit(small_model(), TRAIN, VALIDATION, tmp_path, **SHORT)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=r"learning_rate is 0\.002 there and 0\.5 here"):
        fit(small_model(), TRAIN, VALIDATION, tmp_path, learning_rate=0.5, **SHORT)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_other_images_are_another_run(tmp_path):
    fit(small_model(), TRAIN, VALIDATION, tmp_path, **SHORT)
    with pytest.raises(ValueError, match="train_digest"):
        fit(small_model(), striped_faces(140, seed=9), VALIDATION, tmp_path, **SHORT)


def test_a_full_disk_leaves_the_epoch_before(tmp_path, monkeypatch):
    fit(small_model(), TRAIN, VALIDATION, tmp_path, **{**SHORT, "epochs": 1})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def write_half(file, **arrays):
        file.write(b"half a state")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("course_utils.training.fitting.np.savez", write_half)
    run = Run(tmp_path, {}, [small_model()])
    with pytest.raises(OSError, match=r"last\.npz.*No space.*unchanged"):
        run.keep([{"val_accuracy": 0.5}])
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert after["last.npz"] == before["last.npz"] and set(after) == set(before)


def test_a_disk_that_is_full_in_the_first_epoch_leaves_a_run_that_starts_over(
    tmp_path, monkeypatch
):
    def refuse(file, **arrays):
        raise OSError(28, "No space left on device")

    asked = {**SHORT, "epochs": 1}
    with monkeypatch.context() as patch, pytest.raises(OSError, match=r"last\.npz.*No space"):
        patch.setattr("course_utils.training.fitting.np.savez", refuse)
        fit(small_model(), TRAIN, VALIDATION, tmp_path, **asked)
    assert not (tmp_path / "last.npz").exists()
    history = fit(small_model(), TRAIN, VALIDATION, tmp_path, **asked)
    assert len(history) == 1 and (tmp_path / "last.npz").is_file()


def test_the_averages_are_those_of_the_weights(tmp_path):
    """With a learning rate of zero nothing moves, so averages and weights are the same."""
    model = small_model()
    before = weights_of(model)
    asked = {**SHORT, "epochs": 1, "learning_rate": 0.0, "weight_decay": 0.0, "ema_decay": 0.9}
    fit(model, TRAIN, VALIDATION, tmp_path, **asked)
    saved = keras.saving.load_model(tmp_path / "best.keras")
    kernel = saved.layers[1].kernel.numpy().ravel()
    np.testing.assert_allclose(kernel, before[: kernel.size], atol=1e-6)


def test_mixup_blends_images_and_labels_alike():
    plain = Batches(TRAIN, 3, 20, augmentation=None, seed=4)
    mixed = Batches(TRAIN, 3, 20, augmentation=None, seed=4, mixup=0.5)
    (images, labels), (blends, targets) = plain[1], mixed[1]
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    assert np.count_nonzero(targets, axis=1).max() == 2
    # Each blend is some share of its own image and the rest of one other of the batch.
    for blend, target, image, label in zip(blends, targets, images, labels):
        share = target[label.argmax()]
        rests = blend - share * image
        distances = np.abs(rests - (1 - share) * images).max(axis=(1, 2, 3))
        same_class = np.abs(blend - images).max(axis=(1, 2, 3)).min() < 1e-5
        assert distances.min() < 1e-5 or target.max() == 1 or same_class


def test_balanced_classes_weigh_as_scikit_learn_says():
    """Seven images of class 0 and one of class 3: n / (classes * count)."""
    assert _class_weights(np.array([0] * 7 + [3])) == pytest.approx({0: 8 / 14, 3: 8 / 2})


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fit(small_model(), TRAIN, VALIDATION, **SHORT)
    assert list(tmp_path.iterdir()) == []


def test_each_pass_shows_each_image_once_in_a_new_order():
    batches = Batches(TRAIN, total_steps=14, batch_size=20, augmentation=None, seed=0)
    images = np.concatenate([batches[step][0] for step in range(len(batches))])
    pixels = (255 * images[..., 0]).round().astype(np.uint8)
    originals = {image.tobytes() for image in TRAIN.images}
    for one_pass in (pixels[:140], pixels[140:]):
        assert {image.tobytes() for image in one_pass} == originals
    assert (pixels[:140] != pixels[140:]).any()


def test_batches_keep_images_and_labels_together():
    batches = Batches(TRAIN, total_steps=2, batch_size=20, augmentation=None, seed=3)
    label_of = {image.tobytes(): label for image, label in zip(TRAIN.images, TRAIN.labels)}
    for image, target in zip(*batches[1]):
        label = label_of[(255 * image[..., 0]).round().astype(np.uint8).tobytes()]
        assert target.argmax() == label and target.sum() == 1


def test_the_schedule_warms_up_and_ends_at_zero():
    schedule = build_schedule(0.1, total_steps=100)
    rates = np.array([float(schedule(step)) for step in range(101)])
    assert rates.argmax() == 10 and rates.max() == pytest.approx(0.1)
    progress = np.arange(91) / 90
    np.testing.assert_allclose(rates[10:], 0.05 * (1 + np.cos(np.pi * progress)), atol=1e-6)
    assert (np.diff(rates[:11]) > 0).all()


def test_lesson_04s_network_comes_before_the_shipped_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    inputs = keras.Input((48, 48, 1))
    outputs = layers.Dense(7, activation="softmax")(layers.Flatten()(inputs))
    model = keras.Model(inputs, outputs, name="mine")
    folder = tmp_path / "runs" / "lesson_04_drawn_faces"
    folder.mkdir(parents=True)
    model.save(folder / "best.keras")
    assert load_trained("drawn_faces").model.name == "mine"
    assert "lesson 04 trained" in capsys.readouterr().out
    (folder / "best.keras").unlink()
    assert load_trained("drawn_faces").model.name == "compact"
    assert "ship" in capsys.readouterr().out


def test_what_stays_in_validation_is_fixed_and_no_image_is_in_both():
    train, validation = move_to_training(TRAIN, VALIDATION, kept=14)
    assert len(train) == 196 and len(validation) == 14
    assert np.bincount(validation.labels).tolist() == [2] * 7
    pixels = [{image.tobytes() for image in split.images} for split in (train, validation)]
    assert not pixels[0] & pixels[1]
    again = move_to_training(TRAIN, VALIDATION, kept=14)[1]
    np.testing.assert_array_equal(again.images, validation.images)
    for kept in (-1, 6, 64):
        with pytest.raises(ValueError, match=f"{kept} of 70 validation images cannot be kept"):
            move_to_training(TRAIN, VALIDATION, kept)


def test_folds_are_stratified_fixed_and_hold_near_duplicates_together():
    fresh = striped_faces(84, seed=4)
    twin = (fresh.images[:28] // 2).astype(np.uint8)  # the same pictures, darker
    images = np.concatenate([fresh.images, twin])
    labels = np.concatenate([fresh.labels, fresh.labels[:28]])
    table = pd.concat([fresh.table, fresh.table[:28]], ignore_index=True)
    folds = assign_folds(Split(images, labels, table), 4)
    assert folds.dtype == np.int64 and set(folds) == {0, 1, 2, 3}
    np.testing.assert_array_equal(folds[84:], folds[:28])
    counts = np.array([np.bincount(labels[folds == fold], minlength=7) for fold in range(4)])
    assert np.abs(counts - counts.mean(axis=0)).max() <= 2 and len(set(folds[labels == 0])) == 4
    np.testing.assert_array_equal(assign_folds(Split(images, labels, table), 4), folds)


def test_the_command_says_what_it_can_do():
    command = [sys.executable, "-m", "course_utils.training", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "--epochs" in shown and "Ctrl-C" in shown
