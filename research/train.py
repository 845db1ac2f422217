"""Train a network for long on a processor, with PyTorch.

PyTorch gets through more images a second than Keras on TensorFlow does, and through still more
where the processor computes in bfloat16; `research/benchmark_training.py` measures both. The
network is copied into PyTorch, trained there, and copied back, so what comes out is an ordinary
`.keras` file.

Usage: COURSE_DATA=... python -m research.train runs/long [--epochs 60 ...]

It trains on FER2013's Training and reads PublicTest after every tenth epoch. `research/runs/` has
the commands of the runs that this repository reports. It needs PyTorch: `pip install torch`.
"""

import argparse
import inspect
import os
import time
from dataclasses import fields
from pathlib import Path

# Keras has to be on PyTorch as well: together with TensorFlow in one process PyTorch can crash.
os.environ.setdefault("KERAS_BACKEND", "torch")

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("Long training needs PyTorch: pip install torch") from error

import keras

from course_utils.classifier import load_classifier
from course_utils.files import replace_file
from course_utils.split import Split
from course_utils.training.callbacks import check_loss
from research.checkpoint import describe_run, resume, save
from research.config import Config
from research.data import load_official_splits
from research.designs import build_network
from research.distillation import build_targets
from research.torch_network import to_tensor
from research.trainer import Trainer


def fit(config: Config, train: Split, validation: Split, folder: Path) -> keras.Model:
    """Train a network, or go on with a run that was stopped, and return it with average weights.

    Args:
        config: what to do.
        train: what it learns from.
        validation: what each tenth epoch is evaluated on, at the resolution in use; nothing is
            chosen on it here.
        folder: where the run is kept; each epoch replaces the one before.

    Raises:
        ValueError: the folder holds a run of another config or of other images or a damaged file.
        ArithmeticError: the loss is no number any more; the epoch before is kept.
    """
    keras.utils.set_random_seed(config.seed)
    model = build_network(config.model)
    if config.initial_weights:
        model.set_weights(load_classifier(Path(config.initial_weights)).model.get_weights())
    trainer = Trainer(config, model)
    description = describe_run(config, train, validation)
    folder.mkdir(parents=True, exist_ok=True)
    history, targets = resume(folder, description, trainer)
    if targets is None:
        targets = build_targets(train, config)
    images = to_tensor(train.images)
    for epoch in range(len(history), config.epochs):
        start = time.perf_counter()
        metrics = {"epoch": epoch + 1, **trainer.train_epoch(epoch, images, targets)}
        check_loss(epoch + 1, metrics["loss"])
        metrics["seconds"] = round(time.perf_counter() - start, 1)
        if epoch % 10 == 9 or epoch + 1 == config.epochs:
            metrics["val_accuracy"] = trainer.evaluate(validation, epoch / config.epochs)
        history.append(metrics)
        save(folder, description, history, targets, trainer)
        print(_describe_epoch(metrics, config.epochs), flush=True)
    trainer.averaged_network().copy_to(model)
    replace_file(folder / "average.keras", model.save)
    return model


def _describe_epoch(metrics: dict[str, float], epochs: int) -> str:
    minutes = (epochs - metrics["epoch"]) * metrics["seconds"] / 60
    validation = f", validation {metrics['val_accuracy']:.1%}" if "val_accuracy" in metrics else ""
    return (
        f"Epoch {metrics['epoch']} of {epochs}: loss {metrics['loss']:.3f}, "
        f"accuracy {metrics['accuracy']:.1%}{validation}, {metrics['seconds']:.0f} s, "
        f"about {minutes:.0f} min left"
    )


def build_parser() -> argparse.ArgumentParser:
    """Return a parser that has an option for each setting of `Config`."""
    parser = argparse.ArgumentParser(
        prog="python -m research.train",
        description="Train a network for long with PyTorch. Stop it with Ctrl-C; the same command "
        "goes on after the last whole epoch.",
        epilog=inspect.getdoc(Config),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="where the run is kept, for example runs/long")
    for field in fields(Config):
        option, default = f"--{field.name.replace('_', '-')}", field.default
        if isinstance(default, bool):
            parser.add_argument(option, action="store_true")
        elif isinstance(default, tuple):
            count, convert = (len(default), int) if default else ("*", str)
            parser.add_argument(option, nargs=count, type=convert, default=default)
        else:
            parser.add_argument(option, type=type(default), default=default)
    return parser


def main() -> None:
    """Train from the command line, on FER2013's official parts."""
    parser = build_parser()
    settings = vars(parser.parse_args())
    folder = settings.pop("folder")
    settings = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
    try:
        config = Config(**settings)
        fit(config, *load_official_splits(), folder)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("Stopped. The same command goes on after the last whole epoch.")


if __name__ == "__main__":
    main()
