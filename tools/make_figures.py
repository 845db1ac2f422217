"""Make the pictures in figures/ that the README shows, each from the course's own code.

Usage: python tools/make_figures.py
"""

from pathlib import Path

import numpy as np
from repository import PROJECT_FOLDER
from skimage.data import astronaut

from course_utils import (
    EMOTIONS,
    build_model,
    detect_emotions,
    drawn_faces,
    evaluation,
    plots,
)
from course_utils.plots import diagrams
from course_utils.plots.style import FigureWithText
from course_utils.webcam.face_detection import crop_face, detect_faces

FIGURES_FOLDER = PROJECT_FOLDER / "figures"
FACES_PER_CLASS = 3


def drawn_classes() -> FigureWithText:
    """Draw clear faces of each class, one column for each."""
    table = drawn_faces.make_dataset(2000, seed=1).table
    # Without what hides a face, the strongest expressions first.
    bare = table.assign(hand=0, noise=0, blur=0)
    clear = bare[bare["second_share"] < 0.1]
    # Stable, or the order of equals would be the processor's.
    clear = clear.sort_values("intensity", ascending=False, kind="stable")
    rows = [clear[clear["emotion"] == emotion].head(FACES_PER_CLASS) for emotion in EMOTIONS]
    faces = [
        drawn_faces.draw_face(of_class.iloc[index], size=144)
        for index in range(FACES_PER_CLASS)
        for of_class in rows
    ]
    return plots.show_faces(np.stack(faces), titles=list(EMOTIONS) * FACES_PER_CLASS, columns=7)


def drawn_faces_twelve_per_class() -> FigureWithText:
    """Draw the first twelve faces of each class as they come, with all that makes them hard."""
    split = drawn_faces.make_dataset(84, seed=0, proportions=dict.fromkeys(EMOTIONS, 1))
    rows = [split.table[split.table["emotion"] == emotion] for emotion in EMOTIONS]
    faces = [[drawn_faces.draw_face(row, size=96) for _, row in of.iterrows()] for of in rows]
    return plots.faces_by_class(np.array(faces))


def detection() -> FigureWithText:
    """Read the face in NASA's portrait of Eileen Collins, which is in the public domain."""
    frame = astronaut()[:300, 60:400]
    return plots.detections(frame, detect_emotions(frame))


def accuracy() -> FigureWithText:
    """Draw the table of accuracies; `research/measure_accuracy.py` renews our own rows."""
    return plots.accuracy_against_parameters(evaluation.published_results())


def compact_network() -> FigureWithText:
    """Draw the course's network."""
    return diagrams.network(build_model("compact"))


def way() -> FigureWithText:
    """Draw the way from image files to a name below a face, on the same portrait."""
    frame = astronaut()[:300, 60:360]
    (face,) = detect_faces(frame)
    crop = crop_face(frame, face)
    (found,) = detect_emotions(frame)
    faces = list(drawn_faces.make_dataset(7, seed=2).images[:4])
    return diagrams.way(faces, frame, crop, found)


FIGURES = (
    way,
    compact_network,
    drawn_classes,
    drawn_faces_twelve_per_class,
    detection,
    accuracy,
)


def main() -> None:
    """Make all figures, and print the text that goes with each."""
    FIGURES_FOLDER.mkdir(exist_ok=True)
    for make in FIGURES:
        path: Path = FIGURES_FOLDER / f"{make.__name__}.png"
        figure = make()
        figure.save(path)
        print(f"{path.name}: {figure.text}")


if __name__ == "__main__":
    main()
