"""A long run learns, averages, and goes on after a stop as if there had been none."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import torch
from keras import layers
from scipy import stats

from course_utils import EMOTIONS, models
from course_utils.split import Split
from course_utils.training.fitting import assign_folds
from research import long_training
from research.long_training import Recipe, Trainer, build_targets, fit
from research.torch_augmentation import add_noise, augment, blend
from tests.helpers import striped_faces

TRAIN, VALIDATION = striped_faces(140, seed=1), striped_faces(70, seed=2)
SHORT = Recipe(model="small", epochs=4, batch_size=20, ema_decay=0.8, sizes=(48, 48, 48))


def small(inputs: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.Conv2D(8, 7, strides=3, use_bias=False)(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return layers.Dense(7, activation="softmax")(x)


@pytest.fixture(autouse=True)
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(models._BUILDERS, "small", small)


def weights_of(model: keras.Model) -> np.ndarray:
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


def test_it_learns_what_can_be_learned(tmp_path):
    recipe = Recipe(**{**vars(SHORT), "epochs": 30})
    model = fit(recipe, TRAIN, VALIDATION, tmp_path)
    inputs = VALIDATION.images[..., np.newaxis] / np.float32(255)
    answers = model.predict(inputs, verbose=0).argmax(axis=1)
    accuracy = (answers == VALIDATION.labels).mean()
    assert accuracy > 0.6
    history = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["history"]
    assert history[-1]["val_accuracy"] == pytest.approx(accuracy, abs=0.015)
    saved = keras.saving.load_model(tmp_path / "average.keras")
    np.testing.assert_array_equal(weights_of(saved), weights_of(model))


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(tmp_path, monkeypatch):
    whole = fit(SHORT, TRAIN, VALIDATION, tmp_path / "whole")
    keep = long_training._keep

    def keep_and_stop(folder, asked, history, *state):
        keep(folder, asked, history, *state)
        if len(history) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(long_training, "_keep", keep_and_stop)
        with pytest.raises(KeyboardInterrupt):
            fit(SHORT, TRAIN, VALIDATION, tmp_path / "stopped")
    resumed = fit(SHORT, TRAIN, VALIDATION, tmp_path / "stopped")
    np.testing.assert_allclose(weights_of(resumed), weights_of(whole), atol=1e-5)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.research.test_long_training import *
models._BUILDERS["small"] = small
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
        str(Path(__file__).parents[2]),
    ]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode != 0 and "Error" not in ended.stderr
    assert list((tmp_path / "killed").glob("unfinished*"))
    resumed = fit(SHORT, TRAIN, VALIDATION, tmp_path / "killed")
    assert not list((tmp_path / "killed").glob("unfinished*"))
    whole = fit(SHORT, TRAIN, VALIDATION, tmp_path / "whole")
    np.testing.assert_allclose(weights_of(resumed), weights_of(whole), atol=1e-5)


@pytest.mark.parametrize("faster", ["float32", "bfloat16"])
def test_the_precision_is_the_one_that_is_faster_here(monkeypatch, faster):
    def repeat(multiply, **options):
        return [3, 1] if multiply.args[0].dtype == getattr(torch, faster) else [2, 2]

    monkeypatch.setattr(long_training.timeit, "repeat", repeat)
    assert long_training.faster_precision.__wrapped__() == faster


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_step_computes_in_the_precision_that_is_chosen(monkeypatch, precision):
    monkeypatch.setattr(long_training, "faster_precision", lambda: precision)
    trainer = Trainer(SHORT, models.build_model("small"))
    targets = torch.eye(7)[torch.arange(20) % 7]
    _, logits = trainer._step(torch.rand(20, 1, 48, 48), targets, 0.5)
    assert logits.dtype == getattr(torch, precision)


def test_a_run_goes_on_in_the_precision_that_it_began_in(monkeypatch):
    monkeypatch.setattr(long_training, "faster_precision", lambda: "bfloat16")
    begun = Trainer(SHORT, models.build_model("small"))
    monkeypatch.setattr(long_training, "faster_precision", lambda: "float32")
    resumed = Trainer(SHORT, models.build_model("small"))
    assert resumed.precision == "float32"
    resumed.load_state(begun.state())
    assert resumed.precision == "bfloat16"


def test_a_run_of_another_recipe_or_other_images_is_left_alone(tmp_path):
    recipe = Recipe(**{**vars(SHORT), "epochs": 1})
    fit(recipe, TRAIN, VALIDATION, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match="epochs is 1 there and 4 here"):
        fit(SHORT, TRAIN, VALIDATION, tmp_path)
    with pytest.raises(ValueError, match=r"another run.*train_digest"):
        fit(recipe, VALIDATION, VALIDATION, tmp_path)
    with pytest.raises(ValueError, match=r"another run.*validation_digest"):
        fit(recipe, TRAIN, TRAIN, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.research.test_long_training import *
models._BUILDERS["small"] = small
folder = Path(sys.argv[1])
size = (folder / "last.pt").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))
trainer = Trainer(SHORT, models.build_model("small"))
try:
    long_training._keep(folder, {}, [], torch.zeros(140, 7), trainer)
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file's size")
def test_a_full_disk_leaves_the_epoch_before(tmp_path):
    """The system itself refuses to let the file grow."""
    fit(Recipe(**{**vars(SHORT), "epochs": 1}), TRAIN, VALIDATION, tmp_path)
    before = (tmp_path / "last.pt").read_bytes()
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path), str(Path(__file__).parents[2])]
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
    """Its teachers are not asked again, and another file in a teacher's place is refused."""
    models.build_model("small").save(tmp_path / "teacher.keras")
    recipe = replace(SHORT, teachers=(str(tmp_path / "teacher.keras"),))
    first = fit(recipe, TRAIN, VALIDATION, tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr(long_training, "build_targets", None)
        again = fit(recipe, TRAIN, VALIDATION, tmp_path / "run")
    np.testing.assert_array_equal(weights_of(again), weights_of(first))
    models.build_model("small").save(tmp_path / "teacher.keras")
    with pytest.raises(ValueError, match=r"another run.*files"):
        fit(recipe, TRAIN, VALIDATION, tmp_path / "run")


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_epoch_before(tmp_path, monkeypatch):
    def keep(*arguments):
        raise AssertionError("an epoch without a loss was kept")

    monkeypatch.setattr(long_training, "_keep", keep)
    with pytest.raises(ArithmeticError, match=r"epoch 1.*lower learning rate"):
        fit(replace(SHORT, learning_rate=1e12), TRAIN, VALIDATION, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("batch_size", 0),
        ("learning_rate", -1),
        ("momentum", 2),
        ("weight_decay", -1),
        ("label_smoothing", 2),
        ("ema_decay", -1),
        ("teacher_share", 3),
        ("mixup", -1),
        ("noise", 2),
        ("sharpness", -1),
    ],
)
def test_values_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}"):
        Recipe(**{name: value})


def test_a_run_starts_from_the_weights_of_a_file(tmp_path):
    keras.utils.set_random_seed(11)
    start = models.build_model("small")
    start.save(tmp_path / "start.keras")
    recipe = replace(SHORT, epochs=1, learning_rate=0.0, start=str(tmp_path / "start.keras"))
    model = fit(recipe, TRAIN, VALIDATION, tmp_path / "run")
    np.testing.assert_allclose(model.layers[1].kernel, start.layers[1].kernel, atol=1e-6)


def test_kernels_alone_decay():
    trainer = Trainer(replace(SHORT, weight_decay=0.3), models.build_model("small"))
    kernels, others = trainer.optimizer.param_groups
    assert kernels["weight_decay"] == 0.3 and {p.ndim for p in kernels["params"]} == {2, 4}
    assert others["weight_decay"] == 0 and {p.ndim for p in others["params"]} == {1}


def test_the_statistics_of_the_batches_are_averaged_too():
    trainer = Trainer(replace(SHORT, ema_decay=0.99), models.build_model("small"))
    for brightness in (0.2, 0.8, 0.8):
        trainer._step(torch.rand(20, 1, 48, 48) * brightness, torch.eye(7)[torch.arange(20) % 7], 0)
    means = [
        next(part for part in network.parts if isinstance(part, torch.nn.BatchNorm2d)).running_mean
        for network in (trainer.network, trainer.averaged_network())
    ]
    assert float((means[0] - means[1]).abs().max()) > 0.01


def test_it_is_judged_at_the_size_in_use():
    trainer = Trainer(replace(SHORT, sizes=(32, 32, 32)), models.build_model("small"))
    images = torch.from_numpy(VALIDATION.images[:, np.newaxis] / np.float32(255))
    small_images = torch.nn.functional.interpolate(images, size=(32, 32), mode="bilinear")
    with torch.inference_mode():
        expected = trainer.averaged_network().eval()(small_images).softmax(1)
    answers = trainer.predict_proba(VALIDATION.images, 0.5)
    np.testing.assert_allclose(answers, expected, atol=1e-6)


def test_the_average_is_the_moving_average_of_the_weights():
    trainer = Trainer(SHORT, models.build_model("small"))
    images = torch.rand(40, 1, 48, 48)
    targets = torch.eye(7)[torch.arange(40) % 7]
    seen = []
    for _ in range(3):
        trainer._step(images, targets, 0.5)
        seen.append(next(p for p in trainer.network.parameters() if p.ndim == 4).detach().clone())
    expected = 0.8 * (0.8 * seen[0] + 0.2 * seen[1]) + 0.2 * seen[2]
    average = next(p for p in trainer.average.parameters() if p.ndim == 4)
    np.testing.assert_allclose(average.detach().numpy(), expected.numpy(), atol=1e-6)


def test_the_schedule_warms_up_and_ends_at_zero():
    rates = [SHORT.learning_rate_at(progress) for progress in (0, 0.025, 0.05, 0.525, 1)]
    np.testing.assert_allclose(rates, [0, 0.05, 0.1, 0.05, 0], atol=1e-12)


def test_images_grow_in_three_stages():
    recipe = Recipe()
    sizes = [recipe.size_at(progress) for progress in (0, 0.39, 0.41, 0.69, 0.71, 0.999)]
    assert sizes == [32, 32, 40, 40, 48, 48]


def test_augmentation_keeps_the_range_and_follows_its_generator():
    images = torch.from_numpy(TRAIN.images[:20, np.newaxis] / np.float32(255))
    first = augment(images, 32, torch.Generator().manual_seed(1))
    again = augment(images, 32, torch.Generator().manual_seed(1))
    other = augment(images, 32, torch.Generator().manual_seed(2))
    assert first.shape == (20, 1, 32, 32) and first.min() >= 0 and first.max() <= 1
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_half_of_the_images_are_mirrored_and_none_is_turned_over():
    image = torch.zeros(1, 1, 48, 48)
    image[..., :24, :24] = 1  # light above on the left
    many = augment(image.repeat(400, 1, 1, 1), 48, torch.Generator().manual_seed(0))
    corners = many[:, 0, 8:16, 8:16].mean((1, 2)), many[:, 0, 8:16, -16:-8].mean((1, 2))
    mirrored = float((corners[1] > corners[0]).float().mean())
    assert 0.4 < mirrored < 0.6
    above, below = many[:, 0, :16].mean((1, 2)), many[:, 0, -16:].mean((1, 2))
    assert float((above > below).float().mean()) > 0.85  # an erased rectangle can hide it


def test_half_of_the_images_lose_a_rectangle():
    grey = torch.full((400, 1, 48, 48), 0.5)
    many = augment(grey, 48, torch.Generator().manual_seed(0)).flatten(1)
    erased = (many - many.median(dim=1, keepdim=True).values).abs() > 1e-4
    assert 0.4 < float(erased.any(1).float().mean()) < 0.6
    assert 0.02 < float(erased.float().mean(1)[erased.any(1)].mean()) < 0.15


def test_images_turn_by_up_to_twelve_degrees():
    ramp = torch.linspace(0.2, 0.8, 48).expand(400, 1, 48, 48)  # lighter to the right
    many = augment(ramp, 48, torch.Generator().manual_seed(0))[:, 0, 12:36, 12:36]
    across, down = many.diff(dim=2).flatten(1).median(1).values, many.diff(dim=1).flatten(1)
    angles = torch.rad2deg(torch.atan(down.median(1).values / across))
    turned = angles[across.abs() > 1e-3].abs()
    assert 10 < float(turned.max()) < 12.5 and 4.5 < float(turned.median()) < 7.5


def test_half_of_the_images_get_as_much_noise_as_is_asked_for():
    grey = torch.full((400, 1, 48, 48), 0.5)

    added = add_noise(grey, 0.08, torch.Generator().manual_seed(0)) - grey
    deviations = added.flatten(1).std(1)
    noisy = deviations > 1e-6
    assert 0.4 < float(noisy.float().mean()) < 0.6
    assert 0.03 < float(deviations[noisy].median()) < 0.05 and float(deviations.max()) < 0.085
    assert abs(float(added.mean())) < 1e-3


def test_noise_keeps_the_range():
    images = torch.from_numpy(TRAIN.images[:20, np.newaxis] / np.float32(255))
    noisy = add_noise(images, 0.5, torch.Generator().manual_seed(1))
    assert noisy.min() == 0 and noisy.max() == 1


@pytest.mark.parametrize("option", ["noise", "mixup"])
def test_noise_and_blends_reach_the_network(tmp_path, option):
    plain, changed = (
        fit(replace(SHORT, epochs=1, **{option: amount}), TRAIN, VALIDATION, tmp_path / str(amount))
        for amount in (0.0, 0.5)
    )
    assert not np.allclose(weights_of(plain), weights_of(changed), atol=1e-4)


def test_targets_mix_labels_and_teacher(tmp_path, monkeypatch):
    monkeypatch.setattr(long_training, "faster_precision", lambda: "float32")
    recipe = Recipe(label_smoothing=0.14)
    plain = build_targets(TRAIN, recipe).numpy()
    np.testing.assert_allclose(plain[np.arange(140), TRAIN.labels], 0.88, atol=1e-6)
    np.testing.assert_allclose(plain.sum(axis=1), 1, atol=1e-6)

    keras.utils.set_random_seed(3)
    teacher = models.build_model("small")
    teacher.save(tmp_path / "teacher.keras")
    second = models.build_model("small")
    second.save(tmp_path / "second.keras")
    paths = (str(tmp_path / "teacher.keras"), str(tmp_path / "second.keras"))
    taught = Recipe(label_smoothing=0.14, teachers=paths)
    inputs = TRAIN.images[..., np.newaxis] / np.float32(255)
    answers = [
        model.predict(images, verbose=0)
        for model in (teacher, second)
        for images in (inputs, inputs[:, :, ::-1])
    ]
    expected = 0.5 * plain + 0.5 * sum(answers) / 4
    np.testing.assert_allclose(build_targets(TRAIN, taught).numpy(), expected, atol=1e-5)
    seeing_the_same = replace(taught, same_view=True)
    np.testing.assert_array_equal(build_targets(TRAIN, seeing_the_same).numpy(), plain)


def test_unseen_teachers_answer_for_their_own_fold_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(long_training, "faster_precision", lambda: "float32")
    keras.utils.set_random_seed(3)
    teachers = [models.build_model("small") for _ in range(3)]
    folds = assign_folds(TRAIN, 3)
    paths = tuple(str(tmp_path / str(number) / "average.keras") for number in range(3))
    for number, (teacher, path) in enumerate(zip(teachers, map(Path, paths))):
        path.parent.mkdir()
        teacher.save(path)
        asked = {"train_digest": TRAIN.take(folds != number).digest()}
        path.with_name("run.json").write_text(json.dumps({"asked": asked}), encoding="utf-8")
    recipe = Recipe(teachers=paths, teacher_share=1.0, unseen=True)
    targets = build_targets(TRAIN, recipe).numpy()
    inputs = TRAIN.images[..., np.newaxis] / np.float32(255)
    for fold, teacher in enumerate(teachers):
        sides = [inputs[folds == fold], inputs[folds == fold][:, :, ::-1]]
        expected = sum(teacher.predict(images, verbose=0) for images in sides) / 2
        np.testing.assert_allclose(targets[folds == fold], expected, atol=1e-5)
    with pytest.raises(ValueError, match=r"without the fold.*--leave-out.*in the order"):
        build_targets(TRAIN, replace(recipe, teachers=paths[::-1]))
    (tmp_path / "0" / "run.json").unlink()
    with pytest.raises(ValueError, match=r"0.run\.json does not say"):
        build_targets(TRAIN, recipe)
    with pytest.raises(ValueError, match="not both"):
        replace(recipe, same_view=True)
    for alone in ({"unseen": True, "teachers": paths[:1]}, {"same_view": True}):
        with pytest.raises(ValueError, match="Unseen images need two teachers"):
            Recipe(**alone)


def test_a_blend_is_of_two_images_and_of_their_targets_alike():
    images = torch.eye(400).view(400, 1, 20, 20)  # each image is one pixel of its own
    targets = torch.eye(7)[torch.arange(400) % 7]
    blended, wanted = blend(images, targets, 0.5, torch.Generator().manual_seed(0))
    shares = blended.view(400, 400)
    np.testing.assert_allclose(wanted, shares @ targets, atol=1e-6)
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-6)
    assert int((shares > 0).sum(1).max()) == 2
    own = shares.diagonal().numpy()
    assert own.min() >= 0.5
    half = stats.beta(0.5, 0.5)
    assert stats.kstest(1 - own[own < 1], lambda share: 2 * half.cdf(share)).pvalue > 0.01


def test_votes_take_the_labels_place_where_there_are_any(tmp_path):
    header = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    rows = ["10,0,0,0,0,0,0,0,0,0"] * 35_887
    rows[5], rows[9] = "1,3,0,0,0,0,0,6,0,0", "0,0,0,0,0,0,0,0,0,10"
    path = tmp_path / "fer2013new.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    split = TRAIN.take([0, 1, 2])
    split = Split(split.images, split.labels, split.table.assign(row=[5, 9, 20]))
    targets = build_targets(split, Recipe(label_smoothing=0.07, votes=str(path))).numpy()
    shares = np.zeros((3, 7))
    shares[0, [EMOTIONS.index("neutral"), EMOTIONS.index("happy")]] = 0.25, 0.75
    shares[1, split.labels[1]] = 1  # nobody named one of the seven
    shares[2, EMOTIONS.index("neutral")] = 1
    np.testing.assert_allclose(targets, 0.93 * shares + 0.01, atol=1e-6)


def test_a_sharpness_aware_step_follows_the_gradient_from_uphill(monkeypatch):
    """Against the same step reckoned with PyTorch's functional calls."""
    monkeypatch.setattr(long_training, "faster_precision", lambda: "float32")
    recipe = replace(SHORT, sharpness=0.2, weight_decay=0.0)
    trainer = Trainer(recipe, models.build_model("small"))
    network = trainer.network.train()
    for part in network.parts:
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
    batch, targets = torch.rand(20, 1, 48, 48), torch.eye(7)[torch.arange(20) % 7]
    before = {name: p.detach().clone() for name, p in network.named_parameters()}

    def gradient(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        weights = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
        logits = torch.func.functional_call(network, weights, (batch,))
        loss = torch.nn.functional.cross_entropy(logits, targets)
        return dict(zip(weights, torch.autograd.grad(loss, list(weights.values()))))

    here = gradient(before)
    length = torch.cat([g.flatten() for g in here.values()]).norm()
    uphill = gradient({name: p + 0.2 * here[name] / length for name, p in before.items()})
    trainer._step(batch, targets, 0.5)
    # The first step of Nesterov's momentum of 0.9 goes 1.9 times as far as one without.
    rate = 1.9 * recipe.learning_rate_at(0.5)
    for name, parameter in network.named_parameters():
        expected = before[name] - rate * uphill[name]
        np.testing.assert_allclose(parameter.detach(), expected, atol=1e-5)
        if name.endswith("weight") and parameter.ndim > 1:
            assert not torch.allclose(uphill[name], here[name], atol=1e-4)


def test_teachers_of_the_same_view_read_each_augmented_image(tmp_path, monkeypatch):
    """Without noise, at 48 pixels, while the network sees it smaller and noisy."""
    keras.utils.set_random_seed(3)
    teacher = models.build_model("small")
    teacher.save(tmp_path / "teacher.keras")
    recipe = replace(
        SHORT,
        teachers=(str(tmp_path / "teacher.keras"),),
        same_view=True,
        teacher_share=0.75,
        noise=0.1,
        sizes=(32, 32, 32),
    )
    monkeypatch.setattr(long_training, "faster_precision", lambda: "float32")
    trainer = Trainer(recipe, models.build_model("small"))
    seen, views = [], []

    def keep_step(batch, targets, progress):
        seen.append((batch, targets))
        return 0.0, targets

    def keep_view(*arguments):
        views.append(augment(*arguments))
        return views[-1]

    monkeypatch.setattr(trainer, "_step", keep_step)
    monkeypatch.setattr(long_training, "augment", keep_view)
    images = torch.from_numpy(TRAIN.images[:, np.newaxis] / np.float32(255))
    labels = torch.eye(7)[torch.from_numpy(TRAIN.labels).long()]
    trainer.train_epoch(0, images, labels)
    assert len(seen) == 7
    order = torch.randperm(140, generator=torch.Generator().manual_seed(0)).split(20)
    for (batch, targets), view, chosen in zip(seen, views, order, strict=True):
        assert batch.shape == (20, 1, 32, 32) and view.shape == (20, 1, 48, 48)
        answers = teacher.predict_on_batch(view.numpy().transpose(0, 2, 3, 1))
        expected = 0.25 * labels[chosen].numpy() + 0.75 * answers
        np.testing.assert_allclose(targets.numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("sizes", [(28, 32, 40), (32, 40, 0)])
def test_sizes_that_cannot_be_halved_are_refused(sizes):
    with pytest.raises(ValueError, match="multiple of 8"):
        Recipe(sizes=sizes)


def test_the_command_line_asks_for_what_it_says(tmp_path, monkeypatch):
    """Each option changes what it names in the recipe, and no option changes nothing."""
    asked = []
    data = SimpleNamespace(train=TRAIN, validation=VALIDATION)
    monkeypatch.setattr(long_training, "load_dataset", lambda: data)
    monkeypatch.setattr(long_training, "fit", lambda *arguments: asked.append(arguments))
    options = {
        "model": "wide",
        "epochs": 3,
        "batch_size": 64,
        "learning_rate": 0.05,
        "teachers": ("one.keras", "two.keras"),
        "teacher_share": 0.7,
        "same_view": True,
        "mixup": 0.2,
        "ema_decay": 0.99,
        "sizes": (32, 32, 40),
        "start": "first.keras",
        "noise": 0.06,
        "sharpness": 0.1,
        "votes": "votes.csv",
        "seed": 8,
    }
    written = []
    for name, value in options.items():
        values = value if isinstance(value, tuple) else () if value is True else (value,)
        written += [f"--{name.replace('_', '-')}", *map(str, values)]
    for line in ([], [*written, "--keep", "20"]):
        monkeypatch.setattr(sys, "argv", ["long_training", str(tmp_path), *line])
        long_training.main()
    (plain, train, validation, folder), (changed, more, kept, _) = asked
    assert (plain, len(train), len(validation), folder) == (Recipe(), 140, 70, tmp_path)
    assert (changed, len(more), len(kept)) == (Recipe(**options), 190, 20)


def test_the_command_line_leaves_out_a_fold_and_lets_its_teacher_answer_for_it(
    tmp_path, monkeypatch
):
    asked = []
    data = SimpleNamespace(train=TRAIN, validation=VALIDATION)
    monkeypatch.setattr(long_training, "load_dataset", lambda: data)
    monkeypatch.setattr(long_training, "fit", lambda *arguments: asked.append(arguments))
    for line in (["--leave-out", "2", "3"], ["--teachers", "1.keras", "2.keras", "--unseen"]):
        monkeypatch.setattr(sys, "argv", ["long_training", str(tmp_path), *line])
        long_training.main()
    (_, train, *_), (taught, *_) = asked
    expected = TRAIN.take(assign_folds(TRAIN, 3) != 1)
    np.testing.assert_array_equal(train.images, expected.images)
    assert taught == Recipe(teachers=("1.keras", "2.keras"), unseen=True)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("--leave-out 4 3", "no fold 4 of 3"),
        ("--leave-out 1 1", "no fold 1 of 1"),
        ("--sizes 28 32 48", "multiple of 8"),
        ("--keep 0", "0 of 70 validation images cannot be kept"),
        ("--keep 69", "69 of 70 validation images cannot be kept"),
        ("--teachers a.keras b.keras --unseen --leave-out 1 2", "not both"),
        ("--start there_is_none.keras", "there_is_none.keras"),
    ],
)
def test_the_command_line_says_what_cannot_be(tmp_path, monkeypatch, capsys, line, complaint):
    data = SimpleNamespace(train=TRAIN, validation=VALIDATION)
    monkeypatch.setattr(long_training, "load_dataset", lambda: data)
    monkeypatch.setattr(sys, "argv", ["long_training", str(tmp_path / "run"), *line.split()])
    with pytest.raises(SystemExit):
        long_training.main()
    assert complaint in capsys.readouterr().err and not (tmp_path / "run").exists()


def test_without_pytorch_it_says_how_to_get_it():
    script = "import sys; sys.modules['torch'] = None; import research.long_training"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == 1 and "needs PyTorch: pip install torch" in ended.stderr
