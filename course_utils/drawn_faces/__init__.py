"""Lesson 01: faces drawn from FACS action units, the data that needs no download."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
