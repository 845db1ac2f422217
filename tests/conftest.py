"""What every test stands on: a quiet TensorFlow, figures without a screen."""

import os

# Before any test module imports TensorFlow or matplotlib.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")
