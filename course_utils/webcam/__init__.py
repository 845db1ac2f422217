"""Lesson 06: find faces in frames, read their expressions, and follow them through a film."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
