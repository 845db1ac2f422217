"""Which numbers PyTorch computes convolutions with, whichever are faster on this processor."""

import timeit
from functools import lru_cache, partial

import torch


@lru_cache(maxsize=1)
def faster_precision() -> str:
    """Return "bfloat16" where this processor multiplies it faster than "float32", by trying both.

    A processor without instructions for bfloat16 takes many times longer with it.
    """
    seconds = {}
    for name in ("float32", "bfloat16"):
        matrix = torch.ones(512, 512, dtype=getattr(torch, name))
        multiply = partial(torch.matmul, matrix, matrix)
        # The best of many: other programs can disturb most of them.
        seconds[name] = min(timeit.repeat(multiply, number=1, repeat=30))
    return min(seconds, key=seconds.__getitem__)


def autocast(precision: str) -> torch.autocast:
    """Return a context in which convolutions compute in "float32" or "bfloat16"."""
    return torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16")
