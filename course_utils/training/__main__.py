"""The command `python -m course_utils.training`: train a network without a notebook."""

import argparse
from pathlib import Path

import keras

from course_utils.dataset.loading import load_dataset
from course_utils.models import build_model
from course_utils.training.config import TrainingConfig
from course_utils.training.fitting import fit


def main() -> None:
    """Train a network from the command line, on the data that `load_dataset` finds."""
    parser = _parser()
    arguments = parser.parse_args()
    try:
        config = TrainingConfig(
            epochs=arguments.epochs,
            batch_size=arguments.batch_size,
            learning_rate=arguments.learning_rate,
            seed=arguments.seed,
        )
        data = load_dataset()
        keras.utils.set_random_seed(config.seed)
        model = build_model(arguments.model)
        history = fit(model, data.train, data.validation, config, arguments.folder, verbose=2)
    except ValueError as error:
        parser.error(str(error))
    if len(history):
        best = history["val_accuracy"].idxmax()
        print(f"Best on validation: {history['val_accuracy'][best]:.1%} after epoch {best}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m course_utils.training",
        description="Train a network on the photographs, or on the drawn faces where there are "
        "none. Stop it with Ctrl-C; the same command goes on.",
    )
    parser.add_argument("folder", type=Path, help="where the run is kept, for example runs/first")
    parser.add_argument("--model", default="compact", help="a name of build_model (compact)")
    parser.add_argument("--epochs", type=int, default=30, help="passes over the images (30)")
    parser.add_argument("--batch-size", type=int, default=128, help="images in a batch (128)")
    parser.add_argument("--learning-rate", type=float, default=2e-3, help="the highest (0.002)")
    parser.add_argument("--seed", type=int, default=0, help="of weights, order and dropout (0)")
    return parser


if __name__ == "__main__":
    main()
