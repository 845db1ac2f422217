"""Trained networks at work: face crops in, probabilities out, and the weights that ship.

The networks put out logits; the softmax that makes probabilities of them stands here, and in the
exported files.

What ships lies here twice: as `.keras`, for whoever goes on with it, and as `.tflite`, which OpenCV
runs. So a face is read within a second of starting Python, without waiting for TensorFlow.
"""

from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from course_utils.emotions import EMOTIONS
from course_utils.files import WEIGHTS_FOLDER, read_checked
from course_utils.preprocessing import preprocess
from course_utils.split import IMAGE_SIZE

if TYPE_CHECKING:
    import keras

BATCH_SIZE = 256


class Classifier:
    """A trained network that reads face crops of any size.

    Args:
        model: a network that ends in logits, or in a softmax, which is then taken off.

    Attributes:
        model: the `keras.Model` behind it, from float32 (n, 48, 48, 1) to logits (n, 7).

    Raises:
        ValueError: the network ends in neither.
    """

    def __init__(self, model: "keras.Model") -> None:
        from course_utils.models import logits_model

        self.model = logits_model(model)

    def __repr__(self) -> str:
        return f"Classifier('{self.name}', {self.model.count_params():,} parameters)"

    @property
    def name(self) -> str:
        """The name of the network; of weights that ship, that of their file."""
        return str(self.model.name)

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probability of each emotion for each face.

        Args:
            images: uint8 (n, height, width) or (n, height, width, 3) in RGB: one face in each,
                cropped as FER2013's are, from the brows or hair to the chin.

        Returns:
            float32 (n, 7) in the order of `EMOTIONS`; rows sum to 1.

        Raises:
            TypeError, ValueError: the pixels or the shape are not as above.
        """
        inputs = preprocess(images)
        if len(inputs) == 0:
            return np.empty((0, len(EMOTIONS)), dtype=np.float32)
        batches = np.array_split(inputs, range(BATCH_SIZE, len(inputs), BATCH_SIZE))
        probabilities = [self._predict(batch) for batch in batches]
        return np.concatenate(probabilities).astype(np.float32)

    def _predict(self, inputs: NDArray[Any]) -> NDArray[Any]:
        from keras import ops

        return np.asarray(ops.convert_to_numpy(ops.softmax(self.model.predict_on_batch(inputs))))


class ShippedClassifier(Classifier):
    """The weights that ship, run by OpenCV; Keras loads when `model` is first used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        content = read_checked(path.with_suffix(".tflite"))
        self._network = cv2.dnn.readNetFromTFLite(np.frombuffer(content, np.uint8))
        self._lock = Lock()  # OpenCV's networks keep their input inside

    def __repr__(self) -> str:
        return f"Classifier('{self.name}')"

    @property
    def name(self) -> str:
        """The name of the weights' file, such as "compact_photographs"."""
        return self.path.stem

    @cached_property
    def model(self) -> "keras.Model":
        """The `keras.Model` with the same weights."""
        read_checked(self.path)
        return load_classifier(self.path).model

    def _predict(self, inputs: NDArray[Any]) -> NDArray[Any]:
        with self._lock:
            self._network.setInput(np.ascontiguousarray(inputs.transpose(0, 3, 1, 2)))
            return np.array(self._network.forward())


def load_pretrained(name: str = "photographs") -> Classifier:
    """Load weights that ship with the course, after checking their SHA-256.

    Args:
        name: "photographs", or "drawn_faces": the same network for the embedded faces.

    Raises:
        FileNotFoundError: no such weights ship with this version.
        ValueError: the file is damaged, or is not the one that the course ships.

    >>> classifier = load_pretrained("drawn_faces")
    >>> classifier.predict_proba(np.zeros((2, 48, 48), np.uint8)).shape
    (2, 7)
    """
    path = WEIGHTS_FOLDER / f"compact_{name}.keras"
    if not path.is_file():
        shipped = sorted(
            file.stem.removeprefix("compact_") for file in WEIGHTS_FOLDER.glob("compact_*.keras")
        )
        raise FileNotFoundError(
            f"No weights '{name}' ship with this version of the course. "
            f"It has: {', '.join(shipped) or 'none'}."
        )
    return ShippedClassifier(path)


def load_classifier(path: Path) -> Classifier:
    """Load a saved network with Keras's safe mode: a file cannot bring code along.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or does not map 48x48 images to logits, or probabilities,
            of the seven emotions.
    """
    import keras

    if not Path(path).exists():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras passes on what zip, JSON and HDF5 raise
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ValueError(
            f"{path} holds no network that Keras {keras.__version__} can read. Train it again, or "
            "fetch the file again. If a newer Keras saved it, install that one: pip install "
            f"--upgrade keras. Keras says: {said}"
        ) from error
    if not model.built:
        raise ValueError(
            f"{path} holds a network that was saved before it knew the shape of its input. Begin "
            "it with keras.Input((48, 48, 1))."
        )
    if model.input_shape[1:] != (IMAGE_SIZE, IMAGE_SIZE, 1) or model.output_shape[1:] != (
        len(EMOTIONS),
    ):
        raise ValueError(
            f"{path} maps {model.input_shape} to {model.output_shape}, not (48, 48, 1) to 7 logits."
        )
    classifier = _with_path(path, model)
    black = np.zeros((1, IMAGE_SIZE, IMAGE_SIZE), dtype=np.uint8)
    if not np.isfinite(classifier.predict_proba(black)).all():
        raise ValueError(f"{path} puts out NaN or infinity for a black image: its training failed.")
    return classifier


def _with_path(path: Path, model: "keras.Model") -> Classifier:
    try:
        return Classifier(model)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
