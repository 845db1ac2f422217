"""Each batch depends on the seed and the step alone, and keeps images and labels together."""

from dataclasses import replace

import numpy as np

from course_utils.training.batches import Batches
from tests.helpers import SHORT, TRAIN

PLAIN = replace(SHORT, augment=False)


def test_augmentation_depends_on_the_seed_and_the_step_alone():
    def batch(step: int, seed: int, first_step: int = 0) -> np.ndarray:
        batches = Batches(TRAIN, replace(SHORT, seed=seed), 9, first_step)
        return batches[step - first_step][0]

    batches = Batches(TRAIN, replace(SHORT, seed=5), 9)
    in_order = [batches[step][0] for step in range(9)]
    np.testing.assert_array_equal(batch(8, seed=5), in_order[8])
    np.testing.assert_array_equal(batch(8, seed=5, first_step=7), in_order[8])
    assert np.abs(batch(8, seed=6) - in_order[8]).max() > 0.1


def test_mixup_blends_images_and_labels_alike():
    plain = Batches(TRAIN, replace(PLAIN, seed=4), 3)
    mixed = Batches(TRAIN, replace(PLAIN, seed=4, mixup=0.5), 3)
    (images, labels), (blends, targets) = plain[1], mixed[1]
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    assert np.count_nonzero(targets, axis=1).max() == 2
    # Each blend is some share of its own image and the rest of one other of the batch.
    for blend, target, image, label in zip(blends, targets, images, labels):
        share = target[label.argmax()]
        rests = blend - share * image
        distances = np.abs(rests - (1 - share) * images).max(axis=(1, 2, 3))
        same_class = np.abs(blend - images).max(axis=(1, 2, 3)).min() < 1e-5
        assert distances.min() < 1e-5 or target.max() == 1 or same_class


def test_each_pass_shows_each_image_once_in_a_new_order():
    batches = Batches(TRAIN, PLAIN, total_steps=14)
    images = np.concatenate([batches[step][0] for step in range(len(batches))])
    pixels = (255 * images[..., 0]).round().astype(np.uint8)
    originals = {image.tobytes() for image in TRAIN.images}
    for one_pass in (pixels[:140], pixels[140:]):
        assert {image.tobytes() for image in one_pass} == originals
    assert (pixels[:140] != pixels[140:]).any()


def test_batches_keep_images_and_labels_together():
    batches = Batches(TRAIN, replace(PLAIN, seed=3), total_steps=2)
    label_of = {image.tobytes(): label for image, label in zip(TRAIN.images, TRAIN.labels)}
    for image, target in zip(*batches[1]):
        label = label_of[(255 * image[..., 0]).round().astype(np.uint8).tobytes()]
        assert target.argmax() == label and target.sum() == 1
