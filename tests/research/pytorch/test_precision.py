"""Convolutions compute with whichever numbers are faster here."""

import pytest
import torch

from research import precision


@pytest.mark.parametrize("faster", ["float32", "bfloat16"])
def test_the_precision_is_the_one_that_is_faster_here(monkeypatch, faster):
    def repeat(multiply, **options):
        return [3, 1] if multiply.args[0].dtype == getattr(torch, faster) else [2, 2]

    monkeypatch.setattr(precision.timeit, "repeat", repeat)
    assert precision.faster_precision.__wrapped__() == faster
