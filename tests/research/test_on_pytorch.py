"""What runs on PyTorch is tested in processes of its own: with TensorFlow in one it can crash."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("torch") is None,
        reason="PyTorch is not installed; long runs alone need it",
    ),
]


def run_on_pytorch(*arguments: str) -> None:
    environment = {**os.environ, "KERAS_BACKEND": "torch", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_long_training():
    run_on_pytorch("-m", "pytest", "-q", str(TESTS / "pytorch"))


def test_the_learners_own_fit_runs_on_another_backend(tmp_path):
    script = """
import sys
from pathlib import Path
import keras
from tests.helpers import fit_short, small_model
assert keras.backend.backend() == "torch"
changes = {"ema_decay": 0.9, "mixup": 0.2, "balance_classes": True}
history = fit_short(small_model(), Path(sys.argv[1]), **changes)
assert history["loss"].notna().all() and len(history) == 4
resumed = fit_short(small_model(), Path(sys.argv[1]), **changes)
assert resumed.equals(history)
"""
    run_on_pytorch("-c", script, str(tmp_path))


def test_a_stopped_run_goes_on_exactly_on_another_backend():
    run_on_pytorch(
        "-m", "pytest", "-q", "-k", "goes_on_as_if", str(ROOT / "tests/training/test_fitting.py")
    )
