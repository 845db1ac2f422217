"""Figures for every lesson, each with a description in words for those who cannot see it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
