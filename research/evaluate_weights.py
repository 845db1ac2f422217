"""Print the figures of the model card: the weights that ship, on the test images at hand.

Usage: COURSE_DATA=... python -m research.evaluate_weights
"""

import pandas as pd

from course_utils.classifier import load_pretrained
from course_utils.dataset.duplicates import near_duplicates
from course_utils.dataset.loading import load_dataset
from course_utils.evaluation.report import Report, evaluate
from research.tables import to_markdown


def as_row(name: str, report: Report) -> dict[str, str]:
    """Return one line of the table of accuracies."""
    value, low, high = report.accuracy
    return {
        "evaluated": name,
        "accuracy": f"{value:.1%}",
        "95 % interval": f"{low:.1%} to {high:.1%}",
        "images": f"{report.images:,}",
        "calibration error": f"{report.calibration_error.value:.1%}",
    }


def per_class(report: Report) -> pd.DataFrame:
    """Return precision and recall of each class with their intervals, as text."""
    table = report.table
    columns = {"class": table.index, "images": table["support"]}
    for name in ("precision", "recall"):
        columns[name] = [
            f"{row[name]:.0%} ({row[f'{name}_low']:.0%} to {row[f'{name}_high']:.0%})"
            for _, row in table.iterrows()
        ]
    return pd.DataFrame(columns)


def main() -> None:
    """Evaluate the weights of the data at hand on its test split."""
    data = load_dataset()
    test = data.test
    classifier = load_pretrained(data.source)
    straight = classifier.predict_proba(test.images)
    both = (straight + classifier.predict_proba(test.images[:, :, ::-1])) / 2
    is_new = near_duplicates(test.images, data.train.images) == 0
    one_pass = evaluate(test.labels, straight)
    rows = [
        as_row("one pass", one_pass),
        as_row("with the mirror image averaged in", evaluate(test.labels, both)),
        as_row(
            "one pass, without near-duplicates of training images",
            evaluate(test.labels[is_new], straight[is_new]),
        ),
    ]
    print(to_markdown(pd.DataFrame(rows)), to_markdown(per_class(one_pass)), sep="\n\n")
    print(one_pass)


if __name__ == "__main__":
    main()
