"""What every test stands on: a quiet TensorFlow, figures without a screen."""

import os
import signal
import sys

# Before any test module imports TensorFlow or matplotlib.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")

# A shell that starts the tests in the background has them ignore Ctrl-C, which some of them press.
signal.signal(signal.SIGINT, signal.default_int_handler)

# PyTorch and TensorFlow in one process can crash: test_on_pytorch.py runs these apart.
if os.environ.get("KERAS_BACKEND") != "torch":
    collect_ignore = ["research/pytorch"]


def pytest_terminal_summary(terminalreporter):
    """Say how much is there to learn from, wherever the exercises were tested."""
    exercises = sys.modules.get("tests.exercises.test_lessons")
    if exercises is not None:
        terminalreporter.write_line(f"Exercises: {exercises.counts()}.")
