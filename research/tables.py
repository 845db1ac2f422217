"""Tables and shares as the pages of this repository print them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from course_utils.evaluation.intervals import Estimate, estimate_share


def to_markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown."""
    lines = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def proportion(correct: NDArray[np.bool_]) -> Estimate:
    """Return the share of True, with its 95 % interval by Wilson."""
    return estimate_share(int(correct.sum()), len(correct))


def format_estimate(estimate: Estimate, decimals: int = 1) -> str:
    """Return a share and its interval as text, such as "69.5% (68.0% to 71.0%)"."""
    value, low, high = (f"{number:.{decimals}%}" for number in estimate)
    return f"{value} ({low} to {high})"
