"""How runs went: their histories as tables, and the network that lesson 04 trained."""

from pathlib import Path

import pandas as pd

from course_utils.classifier import Classifier, load_classifier, load_pretrained
from course_utils.files import runs_folder

REGULARISERS_FILE = Path(__file__).with_name("regularisers.csv")
COLUMNS = ["accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]


def as_table(history: list[dict[str, float]]) -> pd.DataFrame:
    """Return the history of a run as a table whose index is the epoch, from 1."""
    table = pd.DataFrame(history) if history else pd.DataFrame(columns=COLUMNS, dtype=float)
    table.index = pd.RangeIndex(1, len(table) + 1, name="epoch")
    return table


def recorded_regularisers(source: str) -> pd.DataFrame:
    """Return how lesson 04's network learned from 600 images, with one regulariser at a time.

    The runs are those of `python -m research.compare_regularisers`.

    Args:
        source: "drawn_faces" or "photographs", as in `Dataset.source`.

    Returns:
        One row for each run and evaluated epoch: `regulariser`, `seed`, `epoch`, `accuracy` on the
        training images as they were shown, `val_accuracy`.
    """
    runs = pd.read_csv(REGULARISERS_FILE)
    return runs[runs["source"] == source].drop(columns="source").reset_index(drop=True)


def load_trained(source: str) -> Classifier:
    """Load the network that lesson 04 trained on this source, else the weights that ship.

    It prints which of the two it is.

    Args:
        source: "drawn_faces" or "photographs", as in `Dataset.source`.

    Raises:
        FileNotFoundError: neither is there.
    """
    path = lesson_folder(source) / "best.keras"
    if path.is_file():
        classifier = load_classifier(path)
        print("The network that lesson 04 trained here.")
        return classifier
    classifier = load_pretrained(source)
    print("The weights that ship with the course: lesson 04 has not been run on these images here.")
    if source == "photographs":
        print("They have learned from most of Training: only PublicTest and PrivateTest are new.")
    return classifier


def lesson_folder(source: str) -> Path:
    """Return the folder where lesson 04 keeps its run on this source."""
    return runs_folder() / f"lesson_04_{source}"
