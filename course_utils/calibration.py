"""Make a network's probabilities mean what they say, by one number: the temperature.

Temperature scaling divides the logits by one number before the softmax (Guo et al. 2017,
arXiv 1706.04599). The order of the classes stays, so no answer changes; only how sure it sounds.
"""

import keras
import numpy as np
from keras import layers
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the temperature that makes the log loss smallest.

    Args:
        labels: int (n,), of images that the network has not learned from, and that it is not
            reported on.
        probabilities: (n, classes), rows sum to 1.

    Returns:
        A number between 0.1 and 10: above 1 the network was too sure, below 1 not sure enough.

    Raises:
        ValueError: there are no images, or not one row of probabilities for each label, or what
            is given are no classes or no probabilities.
    """
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    if len(labels) == 0 or len(labels) != len(probabilities) or probabilities.ndim != 2:
        raise ValueError(
            f"{len(labels)} labels and {len(probabilities)} rows of probabilities: give one row "
            "for each label, and at least one."
        )
    classes = probabilities.shape[1]
    if not (labels.min() >= 0 and labels.max() < classes):
        raise ValueError(
            f"The labels must lie between 0 and {classes - 1}, not between {labels.min()} and "
            f"{labels.max()}."
        )
    # NaN fails both comparisons.
    if not ((probabilities >= 0).all() and np.allclose(probabilities.sum(axis=1), 1, atol=0.01)):
        raise ValueError("Each row of probabilities must have no negative number and sum to 1.")
    logits = np.log(np.clip(probabilities, 1e-12, 1))  # the logits, up to a constant in each row

    def log_loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[np.arange(len(labels)), labels].mean())

    found = minimize_scalar(log_loss, bounds=(np.log(0.1), np.log(10)), method="bounded")
    return float(np.exp(found.x))


def apply_temperature(model: keras.Model, temperature: float) -> None:
    """Divide a network's logits by a temperature, by dividing the weights of its last layer.

    Args:
        model: it ends in a dense layer with softmax; its weights are changed.
        temperature: above 0, and finite.

    Raises:
        ValueError: the network ends in something else, or the temperature is not as above.
    """
    last = model.layers[-1]
    if not isinstance(last, layers.Dense) or last.activation is not keras.activations.softmax:
        raise ValueError(f"'{model.name}' does not end in a dense layer with softmax.")
    if not 0 < temperature < np.inf:
        raise ValueError(f"The temperature must be above 0, and finite: {temperature}.")
    last.set_weights([weight / np.float32(temperature) for weight in last.get_weights()])
