"""What an answer can be: a function, an array, a number ..."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from course_utils.wording import with_article


@dataclass(frozen=True)
class AnswerType:
    """A type of answer.

    Attributes:
        name: as in "Expected a number".
        objection: says why a value is not of this type; an empty string where it is.
        is_function: whether the checks call the answer.
    """

    name: str
    objection: Callable[[Any], str]
    is_function: bool = False


def function(*parameters: str) -> AnswerType:
    """Return the type of a function that is called with these parameters by position."""
    name = f"a function of `{', '.join(parameters)}`" if parameters else "a function of nothing"

    def objection(answer: Any) -> str:
        if not callable(answer):
            return (
                f"Expected {name}; this is {describe(answer)}. Hand in the function itself, "
                "without brackets behind its name."
            )
        try:
            inspect.signature(answer).bind(*parameters)
        except TypeError:
            return f"Expected {name}; yours is called as `{inspect.signature(answer)}`."
        except ValueError:  # some compiled functions do not say what they take
            pass
        return ""

    return AnswerType(name, objection, is_function=True)


def _of_type(name: str, types: type | tuple[type, ...], advice: str) -> AnswerType:
    def objection(answer: Any) -> str:
        value = answer.item() if isinstance(answer, np.ndarray) and answer.ndim == 0 else answer
        if isinstance(value, types) and not isinstance(value, bool):
            return ""
        return f"Expected {name}; this is {describe(answer)}. {advice}"

    return AnswerType(name, objection)


ARRAY = _of_type("a numpy array", np.ndarray, "`np.array(...)` makes an array of a list.")
NUMBER = _of_type("a number", (Real, Decimal), "Leave out quotes, brackets and units.")
TEXT = _of_type("a text", str, "Put it between quotes.")
LIST = _of_type("a list", (list, tuple), "Put it in square brackets, with commas between.")
DICTIONARY = _of_type("a dictionary", dict, "Write `{key: value, ...}`.")


def _objection_to_model(answer: Any) -> str:
    keras = sys.modules.get("keras")  # no model was made where Keras is not loaded
    if keras is not None and isinstance(answer, keras.Model):
        if answer.built:
            return ""
        return (
            "Your model has no weights yet, since it does not know what it will read. Begin with "
            "a `keras.Input`, or call it once on images."
        )
    return (
        f"Expected a Keras model; this is {describe(answer)}. `keras.Model(inputs, outputs)` "
        "makes one."
    )


MODEL = AnswerType("a Keras model", _objection_to_model)


def describe(value: Any) -> str:
    """Say in a few words what a value is: an array by its type and shape, a number by itself."""
    if isinstance(value, np.ndarray):
        if value.ndim <= 1 and value.size <= 6:
            return (
                f"the {value.dtype} array `{np.array2string(value, precision=4, separator=', ')}`"
            )
        return with_article(f"{value.dtype} array of shape {value.shape}")
    if isinstance(value, type):
        return f"the class `{value.__name__}`"
    if isinstance(value, str | Real | np.number | None):
        return f"`{_shortened(value)}`"
    if isinstance(value, list | tuple | dict) and len(value) <= 6 and "\n" not in repr(value):
        return f"`{_shortened(value)}`"
    if callable(value) and hasattr(value, "__name__"):
        return f"the function `{value.__name__}`"
    return with_article(type(value).__name__)


def _shortened(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    with np.printoptions(legacy="1.25"):  # 0.25, and not np.float64(0.25)
        text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
