"""Print the tables of "Robustness" in the model cards: the weights that ship, on the data at hand.

Usage: COURSE_DATA=... python -m research.measure_robustness [--images 1000]

`COURSE_DATA=drawn_faces` asks for the drawn faces; there it measures by factor too, and plants a
gap. Each table is printed as soon as it is measured.
"""

import argparse

import numpy as np
import pandas as pd
from keras import layers
from sklearn.metrics import roc_auc_score
from sklearn.utils.class_weight import compute_sample_weight
from tqdm import tqdm

from course_utils import drawn_faces, robustness
from course_utils.classifier import Classifier, load_pretrained
from course_utils.dataset.loading import Dataset, load_dataset
from course_utils.emotions import EMOTIONS
from course_utils.evaluation.intervals import Estimate
from course_utils.robustness.corruptions import CORRUPTIONS, SEVERITIES
from course_utils.split import Split
from course_utils.webcam.tracking import CONFIDENCE_THRESHOLD
from research.tables import format_estimate, proportion, to_markdown

PICTURES = 250  # of each sort, without a face
MILD = SEVERITIES[:3]
COVERAGES = (1.0, 0.8, 0.5)
SKEWED_FACES, DARK_SHARE, SEEDS = 3000, 0.02, (0, 1, 2)
TWINS = 1000


def sample(faces: Split, count: int) -> Split:
    """Return at most `count` faces, chosen at random and always the same."""
    chosen = np.random.default_rng(0).permutation(len(faces))[:count]
    return faces.take(np.sort(chosen))


def corrupted(classifier: Classifier, faces: Split) -> None:
    """Print the accuracy by corruption and severity, and what is left of it."""
    clean = classifier.predict_proba(faces.images).argmax(axis=1) == faces.labels
    is_correct = robustness.correct_when_corrupted(classifier, faces)
    table = robustness.accuracy_by_corruption(is_correct)["accuracy"].unstack("severity")
    shown = table.loc[list(CORRUPTIONS)].map("{:.1%}".format)
    print(to_markdown(shown.reset_index()))
    rows = {"no corruption": format_estimate(proportion(clean))}
    for name, severities in {"1 to 3": MILD, "1 to 5": SEVERITIES}.items():
        mean = robustness.mean_corruption_accuracy(is_correct, severities)
        rows[f"mean over corruptions at severities {name}"] = format_estimate(mean)
        share = robustness.accuracy_retained(clean, is_correct, severities)
        rows[f"the same as a share of the accuracy without, severities {name}"] = format_estimate(
            share
        )
    rows["predictions that a shift by one pixel changes"] = format_estimate(
        robustness.flip_probability(classifier, faces.images)
    )
    print_rows(rows, f"{len(faces):,} test images")


def out_of_distribution(classifier: Classifier, faces: Split) -> None:
    """Print how many pictures without a face get a name, and how well confidence tells them."""
    face_confidence = classifier.predict_proba(faces.images).max(axis=1)
    rows = {"faces": (format_estimate(proportion(face_confidence >= CONFIDENCE_THRESHOLD)), "")}
    for name, images in robustness.out_of_distribution(PICTURES).items():
        confidence = classifier.predict_proba(images).max(axis=1)
        is_face = np.repeat([1, 0], [len(face_confidence), len(confidence)])
        area = roc_auc_score(is_face, np.append(face_confidence, confidence))
        rows[name] = (
            format_estimate(proportion(confidence >= CONFIDENCE_THRESHOLD)),
            f"{area:.2f}",
        )
    columns = [
        "shown",
        f"given a name, at {CONFIDENCE_THRESHOLD:.0%} or more",
        "area under the ROC curve",
    ]
    print(to_markdown(pd.DataFrame([(name, *row) for name, row in rows.items()], columns=columns)))


def class_shift(classifier: Classifier, data: Dataset) -> None:
    """Print the accuracy where all classes are equally common, without and with a correction."""
    before = np.bincount(data.train.labels, minlength=len(EMOTIONS)) / len(data.train)
    equal = robustness.resample_to_priors(data.test, dict.fromkeys(EMOTIONS, 1))
    probabilities = classifier.predict_proba(equal.images)
    estimated = robustness.estimate_priors(probabilities, before)
    after = {"as it is": before, "shares known": np.full(7, 1 / 7), "shares estimated": estimated}
    rows = {}
    for name, shares in after.items():
        corrected = robustness.adjust_to_priors(probabilities, before, shares)
        rows[name] = format_estimate(proportion(corrected.argmax(axis=1) == equal.labels))
    print_rows(rows, f"{len(equal):,} test images, each class as often")


def abstaining(classifier: Classifier, data: Dataset) -> None:
    """Print the share of wrong predictions where it abstains on the images it is least sure of."""
    probabilities = classifier.predict_proba(data.test.images)
    table = robustness.risk_coverage(data.test.labels, probabilities)
    rows = {
        f"coverage {coverage:.0%}": format_estimate(
            Estimate(*table.loc[coverage, ["risk", "low", "high"]])
        )
        for coverage in COVERAGES
    }
    print_rows(rows, "share of wrong predictions")


def print_rows(rows: dict[str, str], title: str) -> None:
    """Print pairs as a table of two columns."""
    table = pd.DataFrame(rows.items(), columns=["", title])
    print(f"\n{to_markdown(table)}\n", flush=True)


def by_factor(classifier: Classifier, faces: Split) -> None:
    """Print the accuracy on the same drawn faces at each level of each factor."""
    lines = []
    for (factor, level), row in robustness.measure_factors(classifier, faces).iterrows():
        change = f"{row.change:+.1%} ({row.change_low:+.1%} to {row.change_high:+.1%})"
        lines.append(
            (factor, level, format_estimate(Estimate(row.accuracy, row.low, row.high)), change)
        )
    columns = ["factor", "level", "accuracy", "gained against the first level"]
    print(to_markdown(pd.DataFrame(lines, columns=columns)))
    print(f"\n{len(faces):,} test faces, each drawn again for each level.\n", flush=True)


def planted_gap() -> None:
    """Print the gap between light and dark twins after training on skewed faces, and repairs."""
    source = drawn_faces.make_dataset(SKEWED_FACES, seed=31)
    skewed = robustness.with_dark_share(source, DARK_SHARE)
    balanced = robustness.with_dark_share(source, 0.5)
    is_dark = skewed.table["skin_tone"].isin(robustness.DARK_TONES)
    weights = compute_sample_weight("balanced", is_dark)
    twins = drawn_faces.make_dataset(TWINS, seed=32)
    light, dark = (robustness.with_dark_share(twins, share) for share in (0.0, 1.0))
    lines = []
    for seed in tqdm(SEEDS, "Trainings", leave=False):
        networks = {
            "skewed": robustness.train_small(skewed, seed=seed),
            "re-weighted": robustness.train_small(skewed, weights, seed=seed),
            "augmented": robustness.train_small(skewed, None, tone_changes(), seed),
            "re-balanced": robustness.train_small(balanced, seed=seed),
        }
        for name, network in networks.items():
            found = robustness.measure_gap(network, light, dark)
            gap = format_estimate(Estimate(*found[["gap", "low", "high"]]))
            lines.append((name, seed, f"{found.light:.1%}", f"{found.dark:.1%}", gap))
    columns = ["training", "seed", "light", "dark", "gap"]
    print(to_markdown(pd.DataFrame(lines, columns=columns).sort_values("training", kind="stable")))


def tone_changes() -> list[layers.Layer]:
    """Return layers that make images brighter or darker, flatter or harder."""
    unit = {"value_range": (0.0, 1.0)}
    return [layers.RandomContrast(0.5, **unit), layers.RandomBrightness(0.3, **unit)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=1000, help="test images to corrupt (1000)")
    arguments = parser.parse_args()
    data = load_dataset()
    classifier = load_pretrained(data.source)
    faces = sample(data.test, arguments.images)
    out_of_distribution(classifier, faces)
    class_shift(classifier, data)
    abstaining(classifier, data)
    corrupted(classifier, faces)
    if data.source == "drawn_faces":
        by_factor(classifier, faces)
        planted_gap()


if __name__ == "__main__":
    main()
