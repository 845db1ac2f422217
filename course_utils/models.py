"""The networks of the course by name, what they cost, and the weights that ship.

Plain Keras 3: the same code runs on TensorFlow, JAX and PyTorch.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers

from course_utils.emotions import EMOTIONS
from course_utils.preprocessing import preprocess
from course_utils.split import IMAGE_SIZE

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
CHECKSUMS = "SHA256SUMS"


def build_model(name: str = "compact") -> keras.Model:
    """Build an untrained network.

    Args:
        name: "compact", the residual network of the course, or "seed_baseline", the network of
            the course that this one replaces.

    Returns:
        A model from float32 (n, 48, 48, 1) in 0 to 1 to probabilities, float32 (n, 7).

    Raises:
        ValueError: no network has this name.
    """
    if name not in _BUILDERS:
        raise ValueError(f"There is no model '{name}'. Choose one of {', '.join(_BUILDERS)}.")
    inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1), name="image")
    return keras.Model(inputs, _BUILDERS[name](inputs), name=name)


def _compact(inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Six residual blocks (He et al. 2016, arXiv 1512.03385), with under a million parameters."""
    x = _convolve(inputs, 32, stride=2)  # (batch, 24, 24, 32)
    x = residual_block(x, 48)
    x = residual_block(x, 48)  # (batch, 24, 24, 48)
    x = residual_block(x, 96, stride=2)
    x = residual_block(x, 96)  # (batch, 12, 12, 96)
    x = residual_block(x, 128, stride=2)
    x = residual_block(x, 128)  # (batch, 6, 6, 128)
    x = layers.GlobalAveragePooling2D()(x)  # (batch, 128)
    x = layers.Dropout(0.3)(x)
    return layers.Dense(len(EMOTIONS), activation="softmax", name="probabilities")(x)


def residual_block(x: keras.KerasTensor, filters: int, stride: int = 1) -> keras.KerasTensor:
    """Return x plus what two 3x3 convolutions find in it.

    Where the number of channels or the size changes, a 1x1 convolution brings x to it.
    """
    found = _convolve(x, filters, stride=stride)
    found = layers.Conv2D(filters, 3, padding="same", use_bias=False)(found)
    found = _normalise(found)
    if stride > 1:
        x = layers.AveragePooling2D(stride)(x)
    if x.shape[-1] != filters:
        x = _normalise(layers.Conv2D(filters, 1, use_bias=False)(x))
    return layers.Activation("relu")(layers.Add()([x, found]))


def _convolve(x: keras.KerasTensor, filters: int, stride: int = 1) -> keras.KerasTensor:
    # No bias: the batch normalisation that follows has one.
    x = layers.Conv2D(
        filters,
        3,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return layers.Activation("relu")(_normalise(x))


def _normalise(x: keras.KerasTensor) -> keras.KerasTensor:
    # Keras's default of 0.99 takes hundreds of steps to settle: short runs would be judged wrongly.
    return layers.BatchNormalization(momentum=0.9)(x)


def _seed_baseline(inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Four convolutions and two dense layers, 4,478,727 parameters."""
    x = inputs
    for filters, kernel_size in ((64, 3), (128, 5), (512, 3), (512, 3)):
        x = layers.Conv2D(filters, kernel_size, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    for units in (256, 512):
        x = layers.Dense(units)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
        x = layers.Dropout(0.25)(x)
    return layers.Dense(len(EMOTIONS), activation="softmax", name="probabilities")(x)


_BUILDERS: dict[str, Callable[[keras.KerasTensor], keras.KerasTensor]] = {
    "compact": _compact,
    "seed_baseline": _seed_baseline,
}


def count_cost(model: keras.Model) -> pd.DataFrame:
    """Count what each layer costs for one image.

    Returns:
        One row per layer with `layer`, `output` (its shape without the batch), `parameters`,
        `multiply_adds` (convolutions and dense layers are counted, the rest costs next to nothing)
        and `activations`, the numbers that it puts out.
    """
    rows = []
    for layer in model.layers:
        shape = tuple(layer.output.shape[1:])
        multiply_adds = 0
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            # Each output pixel of each filter reads the whole kernel once.
            multiply_adds = int(np.prod(layer.kernel.shape) * np.prod(shape[:2]))
        elif isinstance(layer, layers.Dense):
            multiply_adds = int(np.prod(layer.kernel.shape))
        activations = int(np.prod(shape))
        rows.append((layer.name, shape, layer.count_params(), multiply_adds, activations))
    columns = ["layer", "output", "parameters", "multiply_adds", "activations"]
    return pd.DataFrame(rows, columns=columns)


class Classifier:
    """A trained network that reads face crops of any size.

    Attributes:
        model: the `keras.Model` behind it.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model

    def __repr__(self) -> str:
        return f"Classifier('{self.model.name}', {self.model.count_params():,} parameters)"

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
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
        batches = np.array_split(inputs, range(256, len(inputs), 256))
        probabilities = [self.model.predict_on_batch(batch) for batch in batches]
        return np.concatenate(probabilities).astype(np.float32)


def load_pretrained(name: str = "photographs") -> Classifier:
    """Load weights that ship with the course, after checking their SHA-256.

    Args:
        name: "photographs", or "drawn_faces": the same network for the embedded faces.

    Raises:
        FileNotFoundError: no such weights ship with this version.
        ValueError: the file is damaged, or is not the one that the course ships.
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
    check_sha256(path)
    return load_classifier(path)


def load_classifier(path: Path) -> Classifier:
    """Load a saved network with Keras's safe mode: a file cannot bring code along.

    Raises:
        ValueError: the file is damaged, or does not map 48x48 images to the seven emotions.
    """
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras passes on what zip, JSON and HDF5 raise
        raise ValueError(
            f"{path} holds no network that Keras {keras.__version__} can read ({error}). "
            "Train it again, or fetch the file again."
        ) from error
    if model.input_shape[1:] != (IMAGE_SIZE, IMAGE_SIZE, 1) or model.output_shape[1:] != (
        len(EMOTIONS),
    ):
        raise ValueError(
            f"{path} maps {model.input_shape} to {model.output_shape}, not (48, 48, 1) to 7 "
            "probabilities."
        )
    return Classifier(model)


def check_sha256(path: Path) -> None:
    """Compare a file with its line in `SHA256SUMS` beside it.

    Raises:
        ValueError: the file has no line there, or another digest.
    """
    listing = (path.parent / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    expected = {name: digest for digest, name in (line.split() for line in listing if line)}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if expected.get(path.name) != digest:
        raise ValueError(
            f"{path} is not the file that the course ships: its SHA-256 is {digest}, expected "
            f"{expected.get(path.name, 'none')}. Fetch the course again."
        )
