"""Lesson 08: whom a network fails, and whether it should be used at all."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
