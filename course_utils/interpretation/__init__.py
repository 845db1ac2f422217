"""Lesson 07: what a network looks at, and which method tells the truth about it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
