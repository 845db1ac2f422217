"""Lessons 05 and 09: judge a classifier by more than one number, each with its interval."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
