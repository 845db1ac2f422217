"""What every test stands on: a quiet TensorFlow, figures without a screen."""

import importlib
import os
import signal

import course_utils  # noqa: F401  # before Keras, so that TensorFlow starts quietly

# Before any test module imports matplotlib.
os.environ.setdefault("MPLBACKEND", "Agg")

# A shell that starts the tests in the background has them ignore Ctrl-C, which some of them press.
signal.signal(signal.SIGINT, signal.default_int_handler)

# PyTorch and TensorFlow in one process can crash: test_on_pytorch.py runs these apart.
if os.environ.get("KERAS_BACKEND") != "torch":
    collect_ignore = ["research/pytorch"]


def pytest_terminal_summary(terminalreporter):
    """Say how much is there to learn from, wherever the exercises were tested."""
    passed = terminalreporter.stats.get("passed", [])
    if any("exercises/test_lessons.py" in report.nodeid for report in passed):
        # Where other processes ran the tests, this one has not imported them.
        exercises = importlib.import_module("tests.exercises.test_lessons")
        terminalreporter.write_line(f"Exercises: {exercises.counts()}.")
