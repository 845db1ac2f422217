"""Find images that are the same picture, or nearly so."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn
from scipy.spatial import cKDTree

from course_utils.split import IMAGE_SIZE

# Two images whose 24x24 copies correlate more than this are the same picture, or nearly so.
NEAR_DUPLICATE_CORRELATION = 0.995
# For vectors of length one, |a - b|^2 = 2 - 2 * correlation.
_RADIUS = (2 - 2 * NEAR_DUPLICATE_CORRELATION) ** 0.5
_FREQUENCIES = 3  # along each side: enough to leave few pairs to compare in full


def near_duplicates(images: NDArray[np.uint8], reference: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count for each image its near-duplicates in `reference`.

    Near-duplicates are pairs whose 24x24 copies correlate above 0.995. A blank image counts only
    other blank ones. Where `reference` is `images` itself, each image counts itself too.

    Args:
        images: uint8 (n, 48, 48).
        reference: uint8 (m, 48, 48).

    Returns:
        int64 (n,), the number of near-duplicates of each image.

    >>> rng = np.random.default_rng(0)
    >>> one, other = rng.integers(0, 256, (2, 48, 48), dtype=np.uint8)
    >>> near_duplicates(np.stack([one, other]), np.stack([one, one // 2]))  # the same, darker
    array([2, 0])
    """
    pairs = near_duplicate_pairs(images, reference)
    return np.bincount(pairs[:, 0], minlength=len(images)).astype(np.int64)


def near_duplicate_pairs(
    images: NDArray[np.uint8], reference: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Return every pair of near-duplicates, as `near_duplicates` counts them.

    Args:
        images: uint8 (n, 48, 48).
        reference: uint8 (m, 48, 48).

    Returns:
        int64 (pairs, 2): the index of an image and that of its near-duplicate in `reference`,
        in rising order.
    """
    left, right = _standardise(images), _standardise(reference)
    # The cosine transform is a rotation: what is far apart in a few frequencies is so in all.
    near = cKDTree(_low_frequencies(left)).sparse_distance_matrix(
        cKDTree(_low_frequencies(right)), 1.001 * _RADIUS, output_type="ndarray"
    )
    pairs = np.stack([near["i"], near["j"]], axis=1).astype(np.int64)
    distances = np.linalg.norm(left[pairs[:, 0]] - right[pairs[:, 1]], axis=1)
    pairs = pairs[distances <= _RADIUS]
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])


def _standardise(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return float32 (n, 576): copies at 24x24, each with mean zero and length one."""
    half = IMAGE_SIZE // 2
    small = images.reshape(-1, half, 2, half, 2).mean(axis=(2, 4), dtype=np.float32)
    vectors = small.reshape(len(images), half * half)
    vectors -= vectors.mean(axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6))


def _low_frequencies(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the lowest spatial frequencies of `_standardise`'s vectors, float32 (n, 9)."""
    half = IMAGE_SIZE // 2
    spectrum = dctn(vectors.reshape(-1, half, half), axes=(1, 2), norm="ortho")
    low = spectrum[:, :_FREQUENCIES, :_FREQUENCIES]
    return np.asarray(low.reshape(len(vectors), _FREQUENCIES**2))
