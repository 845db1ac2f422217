"""The figure that shows the expressions in a video over time. `plots` hands it on."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course_utils.emotions import EMOTIONS
from course_utils.plots.style import WIDTH, FigureWithText, percent, styled
from course_utils.wording import counted

MOST_FACES, MOST_STEPS = 3, 160
LEAST_SECONDS = 1.0  # that a face is seen: what the detector takes for one is often gone sooner
UNSURE = "unsure"
NOT_SEEN = "#D9D9D9"


@styled
def emotion_timeline(table: pd.DataFrame) -> FigureWithText:
    """Draw how probable each emotion is over time, one panel for each face.

    Darker is more probable. The last row shows in what share of the frames the network gives no
    name. Grey is when the face is not seen. The faces seen longest are drawn, three at most. Those
    seen for less than a second are left out and counted below, unless there is no other.

    Args:
        table: one row for each face of each frame, as `timeline.emotion_timeline` returns it:
            `seconds`, `track_id`, `emotion` ("" where unsure) and a column per emotion.

    Raises:
        ValueError: there is no face in the table, or none with a time.
    """
    timed = table[table["seconds"].notna()]
    if timed.empty:
        raise ValueError("There is no face with a time in the table, so there is nothing to draw.")
    faces, left_out = _choose_faces(timed)
    edges = _steps(timed["seconds"].to_numpy())
    figure = Figure(figsize=(WIDTH, 2.9 * len(faces) + 0.7), layout="constrained")
    panels = figure.subplots(len(faces), 1, sharex=True, squeeze=False).ravel()
    sentences = []
    for face, axes in zip(faces, panels):
        of_face = timed[timed["track_id"] == face]
        values = _over_time(of_face, edges)
        axes.set_facecolor(NOT_SEEN)
        rows = np.arange(len(values) + 1) - 0.5
        mesh = axes.pcolormesh(edges, rows, values, cmap="Blues", vmin=0, vmax=1)
        axes.axhline(len(EMOTIONS) - 0.5, color="white", linewidth=3)
        axes.set_yticks(range(len(values)), [*EMOTIONS, UNSURE])
        axes.tick_params(axis="y", length=0)
        axes.set(title=f"face {face}", ylim=(len(values) - 0.5, -0.5))
        sentences.append(_describe(face, of_face))
    panels[-1].set_xlabel("\n".join(["seconds", *left_out]))
    bar = figure.colorbar(mesh, ax=list(panels), label="probability", aspect=30)
    bar.outline.set_visible(False)
    text = f"Probability of each emotion from second {edges[0]:.1f} to {edges[-1]:.1f}."
    return FigureWithText(figure, " ".join([text, *sentences, *left_out]))


def _choose_faces(timed: pd.DataFrame) -> tuple[list[int], list[str]]:
    """Return the faces to draw, and sentences that count those left out."""
    frames = timed["track_id"].value_counts()
    # Rounding can put a whole second just below one.
    is_brief = frames * _frame_seconds(timed["seconds"].unique()) < LEAST_SECONDS - 1e-6
    lasting = frames if is_brief.all() else frames[~is_brief]
    brief, fewer = len(frames) - len(lasting), max(0, len(lasting) - MOST_FACES)
    left_out = {"for less than a second": brief, "in fewer frames": fewer}
    sentences = [f"Left out: {counted(n, 'face')} seen {how}." for how, n in left_out.items() if n]
    return sorted(lasting.index[:MOST_FACES]), sentences


def _frame_seconds(times: NDArray[np.floating]) -> float:
    """Return how long a frame lasts, of the times of all frames."""
    return float(np.median(np.diff(np.sort(times)))) if len(times) > 1 else 1.0


def _steps(seconds: NDArray[np.floating]) -> NDArray[Any]:
    """Return the edges of the figure's steps of time: one for each frame, or fewer and wider."""
    times = np.unique(seconds)
    frame = _frame_seconds(times)
    end = times[-1] + frame
    steps = min(MOST_STEPS, max(1, round((end - times[0]) / frame)))
    return np.linspace(times[0], end, steps + 1)


def _over_time(of_face: pd.DataFrame, edges: NDArray[np.floating]) -> NDArray[Any]:
    """Return each row's mean in each step, (8, steps): the emotions, then "unsure"."""
    # Rounding can put a frame that lies on an edge before it.
    step = np.digitize(of_face["seconds"] + 1e-6, edges) - 1
    shown = of_face[list(EMOTIONS)].assign(unsure=of_face["emotion"] == "")
    means = shown.groupby(np.clip(step, 0, len(edges) - 2)).mean()
    return np.asarray(means.reindex(range(len(edges) - 1)), dtype=float).T


def _describe(face: int, of_face: pd.DataFrame) -> str:
    seen = f"from {of_face['seconds'].min():.1f} to {of_face['seconds'].max():.1f} s"
    named = of_face["emotion"].replace("", UNSURE).value_counts(normalize=True)
    shares = ", ".join(f"{name} {percent(share)}" for name, share in named.items())
    return f"Face {face}, seen {seen} in {len(of_face):,} frames: {shares}."
