"""Make the pictures in figures/ that the README shows, each from the course's own code.

Usage: python tools/make_figures.py
"""

from pathlib import Path

import numpy as np
from repository import PROJECT_FOLDER
from skimage.data import astronaut

from course_utils import EMOTIONS, detect_emotions, drawn_faces, evaluation, plots
from course_utils.canvas import FigureWithText

FIGURES_FOLDER = PROJECT_FOLDER / "figures"
FACES_PER_CLASS = 3


def drawn_classes() -> FigureWithText:
    """Draw clear faces of each class, one column for each."""
    table = drawn_faces.make_dataset(2000, seed=1).table
    # Without what hides a face, the strongest expressions first.
    bare = table.assign(hand=0, noise=0, blur=0)
    clear = bare[bare["second_share"] < 0.1].sort_values("intensity", ascending=False)
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
    """Draw the committed table of accuracies; `tools/measure_accuracy.py` renews our own rows."""
    return plots.accuracy_against_parameters(evaluation.accuracies_on_fer2013())


def main() -> None:
    """Make all figures, and print the text that goes with each."""
    FIGURES_FOLDER.mkdir(exist_ok=True)
    for make in (drawn_classes, drawn_faces_twelve_per_class, detection, accuracy):
        path: Path = FIGURES_FOLDER / f"{make.__name__}.png"
        figure = make()
        figure.save(path)
        print(f"{path.name}: {figure.text}")


if __name__ == "__main__":
    main()
