"""The folder of a run remembers its best epoch, and outlives a full disk."""

import pytest

from course_utils.training.run import Run
from tests.helpers import fit_short, small_model


def test_a_resumed_run_remembers_its_best_epoch(tmp_path):
    model = small_model()
    run = Run(tmp_path, {}, [model])
    for accuracy in (0.9, 0.4):
        run.save_epoch({"val_accuracy": accuracy})
    resumed = Run(tmp_path, {}, [model])
    assert len(resumed.resume()) == 2
    resumed.save_best(model, 0.8)
    assert not (tmp_path / "best.keras").exists()
    resumed.save_best(model, 0.95)
    assert (tmp_path / "best.keras").exists()


def test_a_full_disk_leaves_the_epoch_before(tmp_path, monkeypatch):
    fit_short(small_model(), tmp_path, epochs=1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def write_half(file, **arrays):
        file.write(b"half a state")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("course_utils.training.run.np.savez", write_half)
    run = Run(tmp_path, {}, [small_model()])
    with pytest.raises(OSError, match=r"last\.npz.*No space.*unchanged"):
        run.save_epoch({"val_accuracy": 0.5})
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert after["last.npz"] == before["last.npz"] and set(after) == set(before)
