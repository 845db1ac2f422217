"""Regularisers are compared seed by seed, with the same network and images."""

import pandas as pd
import pytest
from scipy import stats

from course_utils import drawn_faces
from research import compare_regularisers
from research.compare_regularisers import REGULARISERS, Regulariser, gains, train


def runs(accuracies: dict[str, list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"regulariser": name, "seed": seed, "epoch": epoch, "accuracy": 0.9, "val_accuracy": v}
            for name, values in accuracies.items()
            for seed, value in enumerate(values)
            for epoch, v in ((20, 0.1), (40, value))
        ]
    )


def test_gains_are_paired_and_agree_with_scipy():
    plain, changed = [0.30, 0.40, 0.50], [0.33, 0.42, 0.57]
    table = gains(runs({"none": plain, "dropout": changed}))
    expected = stats.ttest_rel(changed, plain).confidence_interval()
    assert table.loc["dropout", "gain"] == pytest.approx(4.0)
    half = 100 * (expected.high - expected.low) / 2
    assert table.loc["dropout", "interval"] == pytest.approx(half, abs=0.05)
    assert table.loc["none", "gain"] == 0
    assert table.loc["none", "validation"] == pytest.approx(40.0)


@pytest.mark.slow
def test_a_seed_gives_the_same_run_and_a_regulariser_another(monkeypatch):
    monkeypatch.setattr(compare_regularisers, "EPOCHS", 2)
    images, validation = drawn_faces.make_dataset(64, 1), drawn_faces.make_dataset(50, 2)
    plain, again = (train(REGULARISERS["none"], images, validation, seed=0) for _ in range(2))
    pd.testing.assert_frame_equal(plain, again)
    both = train(REGULARISERS["augmentation and dropout"], images, validation, seed=0)
    assert list(both["epoch"]) == [2]
    assert not both.equals(plain)


@pytest.mark.slow
def test_dropout_and_smoothing_reach_the_network_and_the_loss(monkeypatch):
    seen = {}

    def compile_spy(self, optimizer, loss, **options):
        seen.update(
            names=[type(layer).__name__ for layer in self.layers],
            smoothing=loss.label_smoothing,
            decay=optimizer.weight_decay,
        )
        raise InterruptedError

    monkeypatch.setattr("keras.Sequential.compile", compile_spy)
    faces = drawn_faces.make_dataset(32, 1)
    with pytest.raises(InterruptedError):
        train(Regulariser(dropout=0.4, label_smoothing=0.2, weight_decay=0.3), faces, faces, 0)
    assert seen["names"][-2:] == ["Dropout", "Dense"]
    assert (seen["smoothing"], seen["decay"]) == (0.2, 0.3)
