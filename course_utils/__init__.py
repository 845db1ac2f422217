"""The tested half of the course: what the notebooks call instead of repeating.

Names load when they are first used, so what needs no TensorFlow does not wait for it.
"""

import lazy_loader

from course_utils import tensorflow_start

__version__ = "0.1.0"

tensorflow_start.prepare()

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
