"""A photograph of the data set is recognised wherever it is shown, and a drawn face is not."""

from pathlib import Path

import nbformat
import numpy as np
import photograph_rules
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from course_utils import drawn_faces, plots

# Faces that stand for the photographs, which are no part of the repository, and other ones.
KNOWN = drawn_faces.make_dataset(21, seed=5).images
OTHERS = drawn_faces.make_dataset(21, seed=6).images


@pytest.fixture(scope="module")
def photographs() -> np.ndarray:
    return photograph_rules.standardise(KNOWN)


def notebook(path: Path, data: dict) -> Path:
    output = new_output("execute_result", data)
    nbformat.write(new_notebook(cells=[new_code_cell("faces", outputs=[output])]), path)
    return path


def seen(path: Path, photographs: np.ndarray) -> int:
    return int((photograph_rules.likenesses(path, photographs) > photograph_rules.SAME).sum())


@pytest.mark.parametrize("columns", [1, 5, 8])
def test_a_photograph_among_drawn_faces_is_caught(
    tmp_path: Path, photographs: np.ndarray, columns: int
) -> None:
    faces = np.stack([*OTHERS[:4], KNOWN[7], *OTHERS[4:8]])
    figure = plots.show_faces(faces, ["a face"] * 9, columns=columns)
    path = notebook(tmp_path / "01_lesson.ipynb", figure._repr_mimebundle_())
    assert seen(path, photographs) == 1
    (line,) = photograph_rules.violations([path], photographs)
    assert line == "01_lesson.ipynb shows 1 photographs of the data set"


@pytest.mark.parametrize(
    "change",
    [
        lambda face: face,
        lambda face: face[:, ::-1],
        lambda face: (face * 0.5 + 60).astype(np.uint8),
        lambda face: np.asarray(Image.fromarray(face).resize((201, 201))),
    ],
    ids=["as it is", "mirrored", "paler", "larger"],
)
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_changed_photograph_in_a_file_is_caught(
    tmp_path: Path, photographs: np.ndarray, change, kind: str
) -> None:
    path = tmp_path / f"picture.{kind}"
    Image.fromarray(np.ascontiguousarray(change(KNOWN[3]))).save(path)
    assert seen(path, photographs) == 1


def test_a_bare_picture_in_an_output_is_caught(tmp_path: Path, photographs: np.ndarray) -> None:
    figure = plots.show_faces(KNOWN[:1])
    html = figure._repr_mimebundle_()["text/html"]
    content = html.split("base64,")[1].split('"')[0]
    assert seen(notebook(tmp_path / "a.ipynb", {"image/png": content}), photographs) == 1


def test_drawn_faces_are_no_photographs(tmp_path: Path, photographs: np.ndarray) -> None:
    plots.show_faces(OTHERS, columns=7).save(tmp_path / "faces.png")
    assert len(photograph_rules.likenesses(tmp_path / "faces.png", photographs)) >= 21
    assert seen(tmp_path / "faces.png", photographs) == 0


def test_the_repositorys_pictures_are_looked_at() -> None:
    names = {path.name for path in photograph_rules.files_with_pictures()}
    assert {"01_dataset_exploration.ipynb", "accuracy.png", "reference_faces.png"} <= names
