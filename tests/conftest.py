"""What every test stands on: a quiet TensorFlow, figures without a screen."""

import os

# Before any test module imports TensorFlow or matplotlib.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")

# PyTorch and TensorFlow in one process can crash: test_on_pytorch.py runs these apart.
if os.environ.get("KERAS_BACKEND") != "torch":
    collect_ignore = ["test_long_training.py", "test_torch_network.py"]
