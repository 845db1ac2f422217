"""The memory that a training needs is counted on every system."""

import importlib
import sys
from types import SimpleNamespace

import psutil

from research import benchmark_training


def test_the_peak_memory_is_no_less_than_what_is_held_now():
    held = psutil.Process().memory_info().rss / 1e9
    assert 0.95 * held < benchmark_training.peak_gigabytes() < 20 * held


def test_windows_counts_the_peak_memory_too(monkeypatch):
    """Windows has no module `resource`."""
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.delitem(sys.modules, "research.benchmark_training", raising=False)
    benchmark = importlib.import_module("research.benchmark_training")
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(peak_wset=2_500_000_000))
    monkeypatch.setattr(benchmark.psutil, "Process", lambda: process)
    monkeypatch.setattr(sys, "platform", "win32")
    assert benchmark.peak_gigabytes() == 2.5
