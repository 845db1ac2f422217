"""Tables and shares are printed as the pages show them."""

import numpy as np
import pandas as pd

from research.tables import format_estimate, proportion, to_markdown


def test_a_table_is_markdown():
    table = pd.DataFrame({"design": ["one", "two"], "images": [1, 2]})
    expected = ["| design | images |", "| --- | --- |", "| one | 1 |", "| two | 2 |"]
    assert to_markdown(table).splitlines() == expected


def test_a_share_has_wilsons_interval():
    # Wilson (1927) for 1 of 10, from the formula.
    estimate = proportion(np.arange(10) == 0)
    z, share, n = 1.959964, 0.1, 10
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    np.testing.assert_allclose(estimate, (share, middle - half, middle + half), atol=1e-6)
    assert format_estimate(estimate) == "10.0% (1.8% to 40.4%)"
    assert format_estimate(estimate, decimals=0) == "10% (2% to 40%)"
