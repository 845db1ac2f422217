"""Long runs on a processor: a network of the course, trained by PyTorch.

PyTorch gets through more images a second than Keras on TensorFlow does, and through still more
where the processor computes in bfloat16; `research/benchmark_training.py` measures both. The
network is copied into PyTorch, trained there, and copied back, so what comes out is an ordinary
`.keras` file.

A run is a folder: `run.json` (what was asked for, and how it went), `last.pt` (everything needed to
go on) and, at the end, `average.keras`. Without a notebook:
`python -m research.long_training --help`. It needs PyTorch: `pip install torch`.
"""

import argparse
import hashlib
import json
import math
import os
import platform
import time
import timeit
from dataclasses import asdict, dataclass, fields
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

# Keras has to be on PyTorch as well: together with TensorFlow in one process PyTorch can crash.
os.environ.setdefault("KERAS_BACKEND", "torch")

try:
    import torch
    from torch.nn import functional
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("Long training needs PyTorch: pip install torch") from error

import keras
import numpy as np
from tqdm.auto import tqdm

from course_utils.classifier import load_classifier
from course_utils.dataset.ferplus import load_ferplus
from course_utils.dataset.loading import load_dataset
from course_utils.emotions import EMOTIONS
from course_utils.files import reading, remove_unfinished, replace_file
from course_utils.models import build_model
from course_utils.split import IMAGE_SIZE, Split
from course_utils.training.fitting import (
    assign_folds,
    check_loss,
    move_to_training,
    refuse_another_run,
)
from research.torch_augmentation import add_noise, augment, blend
from research.torch_network import TorchNetwork


@dataclass(frozen=True)
class Recipe:
    """What a long run is asked to do.

    Attributes:
        model: a name that `build_model` knows.
        epochs: passes over the training images.
        batch_size: images in a batch.
        learning_rate: the highest, reached after a twentieth of the steps; then half a cosine.
        momentum: of stochastic gradient descent, Nesterov's kind.
        weight_decay: on the kernels of convolutions and dense layers alone.
        label_smoothing: the share of each target that is spread over all classes.
        ema_decay: how much of the average weights stays at each step; they are what is kept. At
            0.999 they reach back over a thousand steps, which is too far for a short run.
        sizes: the images' height and width in 40 %, 30 % and 30 % of the run, multiples of 8. Small
            images first is faster (Tan & Le 2021, arXiv 2104.00298).
        teachers: `.keras` files; the mean of their probabilities is mixed into the targets.
        teacher_share: how much of each target is the teachers'.
        same_view: the teachers read each augmented image as the network sees it, at 48 pixels and
            without noise (Beyer et al. 2022, arXiv 2106.05237). Otherwise they read every training
            image and its mirror image, once.
        unseen: each teacher answers for one fold of `assign_folds` alone, in order: the one that it
            was trained without, so that its answers cannot repeat labels learned by heart. The
            `run.json` beside each teacher is held against it.
        mixup: the parameter of the beta distribution that shares are drawn from to blend images,
            and their targets, with others (Zhang et al. 2018, arXiv 1710.09412); 0 for no blends.
        start: a `.keras` file whose weights the run starts from, or "" for random ones.
        noise: half of the images get Gaussian noise of a deviation up to this; white is 1.
        sharpness: how far each step looks for a higher loss, whose gradient it then follows
            (sharpness-aware minimisation, Foret et al. 2021, arXiv 2010.01412); 0 for not at all.
        votes: FER+'s `fer2013new.csv`, whose votes then take the labels' place, or "".
        seed: of weights, order and augmentation.

    Raises:
        ValueError: a value is out of its range, a size is no multiple of 8, or teachers are missing
            or asked to answer in two ways.
    """

    model: str = "compact"
    epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    ema_decay: float = 0.999
    sizes: tuple[int, int, int] = (32, 40, 48)
    teachers: tuple[str, ...] = ()
    teacher_share: float = 0.5
    same_view: bool = False
    unseen: bool = False
    mixup: float = 0.0
    start: str = ""
    noise: float = 0.0
    sharpness: float = 0.0
    votes: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be trained: the networks halve images three times."""
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} is {getattr(self, name)}, and not from {low} to {high}.")
        if any(size <= 0 or size % 8 for size in self.sizes):
            raise ValueError(
                f"Sizes {self.sizes}: each has to be a multiple of 8, such as 24 or 48."
            )
        if self.unseen and self.same_view:
            raise ValueError("Teachers answer for unseen images, or for the same view: not both.")
        needed = 2 if self.unseen else int(self.same_view)
        if len(self.teachers) < needed:
            raise ValueError("Unseen images need two teachers or more, the same view one or more.")

    def size_at(self, progress: float) -> int:
        """Return the images' size in pixels after this share of the run."""
        return self.sizes[int(np.digitize(progress, [0.4, 0.7]))]

    def learning_rate_at(self, progress: float) -> float:
        """Return the learning rate after this share of the run."""
        warmup = 0.05
        if progress < warmup:
            return self.learning_rate * progress / warmup
        return self.learning_rate * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


_RANGES = {
    "epochs": (1, math.inf),
    "batch_size": (1, math.inf),
    "learning_rate": (0, math.inf),
    "momentum": (0, 1),
    "weight_decay": (0, math.inf),
    "label_smoothing": (0, 1),
    "ema_decay": (0, 1),
    "teacher_share": (0, 1),
    "mixup": (0, math.inf),
    "noise": (0, 1),
    "sharpness": (0, math.inf),
}


class Trainer:
    """A network, its average and its optimiser, epoch by epoch.

    Attributes:
        precision: the numbers that convolutions compute with, whichever are faster here.
    """

    def __init__(self, recipe: Recipe, model: keras.Model) -> None:
        self.recipe = recipe
        self.precision = faster_precision()
        network: Any = TorchNetwork(model)  # PyTorch's types do not know `to` with a format alone
        self.network: TorchNetwork = network.to(memory_format=torch.channels_last)
        ema_decay = get_ema_multi_avg_fn(recipe.ema_decay)
        self.average = AveragedModel(self.network, multi_avg_fn=ema_decay, use_buffers=True)
        kernels = [p for p in self.network.parameters() if p.ndim > 1]
        others = [p for p in self.network.parameters() if p.ndim == 1]
        self.teachers = _load_teachers(recipe) if recipe.same_view else []
        groups: list[dict[str, Any]] = [
            {"params": kernels, "weight_decay": recipe.weight_decay},
            {"params": others},
        ]
        self.optimizer = torch.optim.SGD(
            groups,
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            nesterov=True,
        )

    def train_epoch(
        self, epoch: int, images: torch.Tensor, targets: torch.Tensor
    ) -> dict[str, float]:
        """Pass over all images once; chance depends on the seed and the epoch alone.

        Args:
            epoch: from 0.
            images: float32 (n, 1, 48, 48) in 0 to 1.
            targets: float32 (n, 7), rows sum to 1.

        Returns:
            The mean `loss` and the `accuracy` on the augmented images.
        """
        self.network.train()
        chance = torch.Generator().manual_seed(1_000_003 * self.recipe.seed + epoch)
        torch.manual_seed(1_000_003 * self.recipe.seed + epoch)  # dropout's
        batches = torch.randperm(len(images), generator=chance).split(self.recipe.batch_size)
        whole = [batch for batch in batches if len(batch) == self.recipe.batch_size] or batches
        losses, right = 0.0, 0
        for step, chosen in enumerate(whole):
            progress = (epoch + step / len(whole)) / self.recipe.epochs
            size = self.recipe.size_at(progress)
            batch = augment(images[chosen], IMAGE_SIZE if self.teachers else size, chance)
            wanted = targets[chosen]
            if self.teachers:
                wanted = self._mix_in_teachers(wanted, batch)
                batch = _resize(batch, size)
            batch, wanted = blend(batch, wanted, self.recipe.mixup, chance)
            batch = add_noise(batch, self.recipe.noise, chance)
            loss, logits = self._step(batch, wanted, progress)
            losses += loss
            right += int((logits.argmax(1) == targets[chosen].argmax(1)).sum())
        seen = sum(len(batch) for batch in whole)
        return {"loss": losses / len(whole), "accuracy": right / seen}

    def _mix_in_teachers(self, targets: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
        share = self.recipe.teacher_share
        return (1 - share) * targets + share * _mean_answer(self.teachers, batch, self.precision)

    def _step(
        self, batch: torch.Tensor, targets: torch.Tensor, progress: float
    ) -> tuple[float, torch.Tensor]:
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate_at(progress)
        loss, logits = self._find_gradient(batch, targets)
        if self.recipe.sharpness:
            uphill = self._uphill()
            self._move(uphill, 1)
            self._find_gradient(batch, targets)
            self._move(uphill, -1)
        self.optimizer.step()
        self.average.update_parameters(self.network)
        return loss, logits

    def _find_gradient(
        self, batch: torch.Tensor, targets: torch.Tensor
    ) -> tuple[float, torch.Tensor]:
        with _autocast(self.precision):
            logits = self.network(batch.to(memory_format=torch.channels_last))
        loss = functional.cross_entropy(logits.float(), targets)
        self.optimizer.zero_grad()
        loss.backward()
        return loss.item(), logits.detach()

    def _uphill(self) -> list[torch.Tensor]:
        gradients = [p.grad.clone() for p in self.network.parameters() if p.grad is not None]
        length = torch.linalg.vector_norm(torch.stack([g.norm() for g in gradients]))
        return [gradient * (self.recipe.sharpness / (length + 1e-12)) for gradient in gradients]

    def _move(self, steps: list[torch.Tensor], direction: int) -> None:
        with torch.no_grad():
            for parameter, step in zip(self.network.parameters(), steps, strict=True):
                parameter.add_(step, alpha=direction)

    def averaged_network(self) -> TorchNetwork:
        """Return the network with average weights."""
        network = self.average.module
        assert isinstance(network, TorchNetwork)
        return network

    def judge(self, split: Split, progress: float) -> float:
        """Return how many images the average network reads as labelled, at the size in use now."""
        answers = self.predict_proba(split.images, progress).argmax(axis=1)
        return float((answers == split.labels).mean())

    def predict_proba(self, images: np.ndarray, progress: float) -> np.ndarray:
        """Return the average network's probabilities, float32 (n, 7), at the size in use now.

        Args:
            images: uint8 (n, 48, 48).
            progress: the share of the run that is done.
        """
        network = self.averaged_network().eval()
        size = self.recipe.size_at(progress)
        with torch.inference_mode():
            batches = _to_tensor(images).split(256)
            logits = torch.cat([network(_resize(batch, size)) for batch in batches])
        return np.asarray(logits.softmax(1).numpy())

    def state(self) -> dict[str, Any]:
        """Return everything that is needed to go on."""
        states = {name: part.state_dict() for name, part in self._parts().items()}
        return {**states, "precision": self.precision}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go back to what `state` returned."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.precision = state["precision"]

    def _parts(self) -> dict[str, Any]:
        return {"network": self.network, "average": self.average, "optimizer": self.optimizer}


@lru_cache(maxsize=1)
def faster_precision() -> str:
    """Return "bfloat16" where this processor multiplies it faster than "float32", by trying both.

    A processor without instructions for bfloat16 takes many times longer with it.
    """
    seconds = {}
    for name in ("float32", "bfloat16"):
        matrix = torch.ones(512, 512, dtype=getattr(torch, name))
        multiply = partial(torch.matmul, matrix, matrix)
        # The best of many: other programs can disturb most of them.
        seconds[name] = min(timeit.repeat(multiply, number=1, repeat=30))
    return min(seconds, key=seconds.__getitem__)


def _resize(images: torch.Tensor, size: int) -> torch.Tensor:
    return functional.interpolate(images, size=(size, size), mode="bilinear")


def build_targets(split: Split, recipe: Recipe) -> torch.Tensor:
    """Return what the network is to answer: smoothed labels, mixed with the teachers' answers.

    A teacher's answer is the mean over an image and its mirror image (knowledge distillation,
    Hinton et al. 2015, arXiv 1503.02531). Teachers of the same view answer later.

    Returns:
        float32 (n, 7), rows sum to 1.
    """
    labels = keras.utils.to_categorical(split.labels, len(EMOTIONS))
    if recipe.votes:
        labels = _shares_of_votes(split, recipe.votes, labels)
    targets = (1 - recipe.label_smoothing) * labels + recipe.label_smoothing / len(EMOTIONS)
    if recipe.teachers and not recipe.same_view:
        share = recipe.teacher_share
        targets = (1 - share) * targets + share * _teachers_answers(split, recipe)
    return torch.from_numpy(targets.astype(np.float32))


def _teachers_answers(split: Split, recipe: Recipe) -> np.ndarray:
    teachers = _load_teachers(recipe)
    if recipe.unseen:
        folds = assign_folds(split, len(teachers))
        for fold, path in enumerate(recipe.teachers):
            _check_fold(Path(path), split.take(folds != fold))
        answers = np.zeros((len(split), len(EMOTIONS)), dtype=np.float32)
        for fold, teacher in enumerate(teachers):
            answers[folds == fold] = _read_both_sides(split.images[folds == fold], [teacher])
    else:
        answers = _read_both_sides(split.images, teachers)
    agreement = (answers.argmax(axis=1) == split.labels).mean()
    print(f"The teachers read {agreement:.1%} of the training images as labelled.", flush=True)
    return answers


def _check_fold(teacher: Path, learned: Split) -> None:
    """Raise ValueError where a teacher did not learn from exactly these images."""
    path = teacher.with_name("run.json")
    asked = json.loads(path.read_text(encoding="utf-8"))["asked"] if path.is_file() else {}
    if asked.get("train_digest") != learned.digest():
        raise ValueError(
            f"{path} does not say that this teacher was trained without the fold that it is to "
            "answer for. Train it with --leave-out and the same --keep, and name the teachers in "
            "the order of their folds."
        )


def _read_both_sides(images: np.ndarray, teachers: list[TorchNetwork]) -> np.ndarray:
    answers = []
    for batch in tqdm(_to_tensor(images).split(256), "Teachers read", leave=False):
        sides = [
            _mean_answer(teachers, side, faster_precision()) for side in (batch, batch.flip(3))
        ]
        answers.append(torch.stack(sides).mean(0))
    return np.asarray(torch.cat(answers).numpy())


def _load_teachers(recipe: Recipe) -> list[TorchNetwork]:
    return [TorchNetwork(load_classifier(Path(path)).model).eval() for path in recipe.teachers]


def _mean_answer(teachers: list[TorchNetwork], batch: torch.Tensor, precision: str) -> torch.Tensor:
    batch = batch.to(memory_format=torch.channels_last)
    with torch.inference_mode(), _autocast(precision):
        logits = torch.stack([teacher(batch).float() for teacher in teachers])
    return logits.softmax(2).mean(0)


def _autocast(precision: str) -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16")


def _shares_of_votes(split: Split, path: str, labels: np.ndarray) -> np.ndarray:
    """Return each class's share of the votes, or the label where none of the seven has a vote."""
    votes = load_ferplus(path, split.table)[list(EMOTIONS)].to_numpy(dtype=float)
    total = votes.sum(axis=1, keepdims=True)
    return np.where(total > 0, votes / np.maximum(total, 1), labels)


def fit(recipe: Recipe, train: Split, validation: Split, folder: Path) -> keras.Model:
    """Train a network, or go on with a run that was stopped, and return it with average weights.

    Args:
        recipe: what to do.
        train: what it learns from.
        validation: what each tenth epoch is judged on, at the size in use; nothing is chosen on it.
        folder: where the run is kept; each epoch replaces the one before.

    Raises:
        ValueError: the folder holds a run of another recipe or of other images or a damaged file.
        ArithmeticError: the loss is no number any more; the epoch before is kept.
    """
    keras.utils.set_random_seed(recipe.seed)
    model = build_model(recipe.model)
    if recipe.start:
        model.set_weights(load_classifier(Path(recipe.start)).model.get_weights())
    trainer = Trainer(recipe, model)
    asked = _asked(recipe, train, validation)
    folder.mkdir(parents=True, exist_ok=True)
    history, targets = _resume(folder, asked, trainer)
    if targets is None:
        targets = build_targets(train, recipe)
    images = _to_tensor(train.images)
    for epoch in range(len(history), recipe.epochs):
        start = time.perf_counter()
        figures = {"epoch": epoch + 1, **trainer.train_epoch(epoch, images, targets)}
        check_loss(epoch + 1, figures["loss"])
        figures["seconds"] = round(time.perf_counter() - start, 1)
        if epoch % 10 == 9 or epoch + 1 == recipe.epochs:
            figures["val_accuracy"] = trainer.judge(validation, epoch / recipe.epochs)
        history.append(figures)
        _keep(folder, asked, history, targets, trainer)
        print(_describe(figures, recipe), flush=True)
    trainer.averaged_network().copy_to(model)
    replace_file(folder / "average.keras", model.save)
    return model


def _asked(recipe: Recipe, train: Split, validation: Split) -> dict[str, Any]:
    """Return what makes a run another one, as JSON gives it back."""
    paths = [path for path in (*recipe.teachers, recipe.start, recipe.votes) if path]
    digests = {path: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths}
    images = {"train_digest": train.digest(), "validation_digest": validation.digest()}
    asked: dict[str, Any] = json.loads(json.dumps(asdict(recipe) | images | {"files": digests}))
    return asked


def _to_tensor(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images[:, np.newaxis].astype(np.float32) / 255)


def _describe(figures: dict[str, float], recipe: Recipe) -> str:
    left = (recipe.epochs - figures["epoch"]) * figures["seconds"] / 60
    judged = f", validation {figures['val_accuracy']:.1%}" if "val_accuracy" in figures else ""
    return (
        f"Epoch {figures['epoch']} of {recipe.epochs}: loss {figures['loss']:.3f}, "
        f"accuracy {figures['accuracy']:.1%}{judged}, {figures['seconds']:.0f} s, "
        f"about {left:.0f} min left"
    )


def _resume(
    folder: Path, asked: dict[str, Any], trainer: Trainer
) -> tuple[list[dict[str, float]], torch.Tensor | None]:
    """Return the history and the targets of a run that was stopped, if there is one."""
    path = folder / "last.pt"
    remove_unfinished(folder)
    if not path.is_file():
        return [], None
    with reading(path):
        kept = torch.load(path, weights_only=True)
    refuse_another_run(folder, kept["asked"], asked)
    with reading(path):
        trainer.load_state(kept["trainer"])
    history: list[dict[str, float]] = kept["history"]
    print(f"The run in {folder} goes on after epoch {len(history)} of {asked['epochs']}.")
    return history, kept["targets"]


def _keep(
    folder: Path,
    asked: dict[str, Any],
    history: list[dict[str, float]],
    targets: torch.Tensor,
    trainer: Trainer,
) -> None:
    versions = {"python": platform.python_version(), "keras": keras.__version__}
    versions["torch"] = torch.__version__
    text = json.dumps({"asked": asked, "versions": versions, "history": history}, indent=1)
    replace_file(folder / "run.json", lambda path: path.write_text(text, encoding="utf-8"))
    state = {"asked": asked, "history": history, "targets": targets, "trainer": trainer.state()}
    replace_file(folder / "last.pt", lambda path: _save(state, path))


def _save(state: dict[str, Any], path: Path) -> None:
    # Given the path, PyTorch would write by itself, and raise no OSError on a full disk.
    with path.open("wb") as file:
        torch.save(state, file)


def leave_out(split: Split, fold: int, folds: int) -> Split:
    """Return the images without one fold of `assign_folds`, counted from 1.

    Raises:
        ValueError: there is no such fold.
    """
    if folds < 2 or not 1 <= fold <= folds:
        raise ValueError(f"There is no fold {fold} of {folds} to leave out.")
    return split.take(assign_folds(split, folds) != fold - 1)


def main() -> None:
    """Train from the command line, on the data that `load_dataset` finds."""
    parser = argparse.ArgumentParser(
        prog="python -m research.long_training",
        description="Train a network for long with PyTorch. Stop it with Ctrl-C; the same command "
        "goes on after the last whole epoch.",
    )
    parser.add_argument("folder", type=Path, help="where the run is kept, for example runs/long")
    parser.add_argument("--model", default="compact", help="a name of build_model (compact)")
    parser.add_argument("--epochs", type=int, default=60, help="passes over the images (60)")
    parser.add_argument("--batch-size", type=int, default=128, help="images in a batch (128)")
    parser.add_argument("--learning-rate", type=float, default=0.1, help="the highest (0.1)")
    parser.add_argument("--teachers", nargs="*", default=[], help=".keras files to learn from, too")
    parser.add_argument(
        "--teacher-share", type=float, default=0.5, help="how much of a target is theirs (0.5)"
    )
    parser.add_argument(
        "--same-view", action="store_true", help="teachers read each image as the network sees it"
    )
    parser.add_argument(
        "--unseen",
        action="store_true",
        help="each teacher answers for the fold that it was trained without, in order",
    )
    parser.add_argument("--mixup", type=float, default=0.0, help="blends images; 0.2 is usual (0)")
    parser.add_argument(
        "--averaging", type=float, default=0.999, help="0.99 for short runs (0.999)"
    )
    parser.add_argument(
        "--sizes",
        type=int,
        nargs=3,
        default=Recipe.sizes,
        help="of the images, in pixels: multiples of 8 (32 40 48)",
    )
    parser.add_argument("--start", default="", help="a .keras file whose weights to start from")
    parser.add_argument(
        "--noise", type=float, default=0.0, help="highest deviation of Gaussian noise (0)"
    )
    parser.add_argument("--sharpness", type=float, default=0.0, help="of the steps' search (0)")
    parser.add_argument("--votes", default="", help="FER+'s table, to learn its votes instead")
    parser.add_argument("--seed", type=int, default=0, help="of weights, order and chance (0)")
    parser.add_argument(
        "--keep", type=int, help="validation images that stay; the others join training (all)"
    )
    parser.add_argument(
        "--leave-out",
        type=int,
        nargs=2,
        metavar=("FOLD", "FOLDS"),
        help="train a teacher that never sees one fold of the images: 1 4, 2 4, 3 4 or 4 4",
    )
    arguments = parser.parse_args()
    data = load_dataset()
    train, validation = data.train, data.validation
    if arguments.leave_out and arguments.unseen:
        parser.error("--leave-out trains a teacher, --unseen a student: not both")
    names = [field.name for field in fields(Recipe) if field.name in arguments]
    values = [getattr(arguments, name) for name in names]
    values = [tuple(value) if isinstance(value, list) else value for value in values]
    try:
        if arguments.keep is not None:
            train, validation = move_to_training(train, validation, arguments.keep)
        if arguments.leave_out:
            train = leave_out(train, *arguments.leave_out)
        fit(Recipe(**dict(zip(names, values))), train, validation, arguments.folder)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("Stopped. The same command goes on after the last whole epoch.")


if __name__ == "__main__":
    main()
