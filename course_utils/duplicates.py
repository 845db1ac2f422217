"""Find images that are the same picture, or nearly so."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from course_utils.split import IMAGE_SIZE

# Two images whose 24x24 copies correlate more than this are the same picture, or nearly so.
NEAR_DUPLICATE_CORRELATION = 0.995


def near_duplicates(images: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Count for each image its near-duplicates in `reference`.

    Near-duplicates are pairs whose 24x24 copies correlate above 0.995. A blank image counts only
    other blank ones. Where `reference` is `images` itself, each image counts itself too.

    Args:
        images: uint8 (n, 48, 48).
        reference: uint8 (m, 48, 48).

    Returns:
        int64 (n,), the number of near-duplicates of each image.
    """
    # For vectors of length one, |a - b|^2 = 2 - 2 * correlation.
    radius = (2 - 2 * NEAR_DUPLICATE_CORRELATION) ** 0.5
    search = NearestNeighbors(radius=radius, algorithm="brute").fit(_standardise(reference))
    neighbours = search.radius_neighbors_graph(_standardise(images))
    return np.diff(neighbours.indptr).astype(np.int64)


def _standardise(images: np.ndarray) -> np.ndarray:
    """Return float32 (n, 576): copies at 24x24, each with mean zero and length one."""
    half = IMAGE_SIZE // 2
    small = images.reshape(-1, half, 2, half, 2).mean(axis=(2, 4), dtype=np.float32)
    vectors = small.reshape(len(images), -1)
    vectors -= vectors.mean(axis=1, keepdims=True)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
