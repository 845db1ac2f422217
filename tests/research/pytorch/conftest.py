"""The tests in this folder run on PyTorch, in a process that `test_on_pytorch.py` starts."""

import pytest

from research import designs
from tests.research.helpers import small


@pytest.fixture(autouse=True)
def small_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a small network among those that `build_network` knows."""
    monkeypatch.setitem(designs._BUILDERS, "small", small)
