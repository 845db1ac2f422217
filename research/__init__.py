"""Where the shipped weights and every printed figure come from."""

import course_utils  # noqa: F401  # before Keras, so that TensorFlow starts quietly
