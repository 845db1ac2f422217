"""Bayes' rule is as sure as it is right, and no classifier that learns is better."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, log_loss

from course_utils import EMOTIONS
from course_utils.drawn_faces import bayes
from course_utils.drawn_faces.generator import FER2013_COUNTS, class_counts, draw_face
from course_utils.drawn_faces.parameters import (
    ACTION_UNITS,
    EXPRESSIONS,
    RESTING_SIGMA,
    sample_expressions,
)


def sample(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    labels = np.repeat(np.arange(7), class_counts(n, FER2013_COUNTS))
    return sample_expressions(labels, np.random.default_rng(seed)), labels


@pytest.fixture(scope="module")
def faces():
    table, labels = sample(4000, seed=1)
    return table, labels, bayes.bayes_optimal_proba(table)


def test_probabilities_sum_to_one(faces):
    table, _, probabilities = faces
    assert probabilities.shape == (len(table), 7) and probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert bayes.bayes_optimal_proba(table[:0]).shape == (0, 7)


def test_the_oracle_is_as_sure_as_it_is_right(faces):
    _, labels, probabilities = faces
    right = probabilities.argmax(axis=1) == labels
    sure = probabilities.max(axis=1)
    assert 0.9 < right.mean() < 1
    for part in (sure < 0.7, sure >= 0.7):
        # Four standard errors of the share of right answers.
        spread = np.sqrt(np.mean(sure[part] * (1 - sure[part])) / part.sum())
        assert abs(right[part].mean() - sure[part].mean()) < 4 * spread


def test_no_learner_is_better(faces):
    table, labels, probabilities = faces
    examples, answers = sample(10_000, seed=2)
    units = list(ACTION_UNITS)
    forest = RandomForestClassifier(100, min_samples_leaf=3, random_state=0)
    learner = forest.fit(examples[units], answers)
    learnt = learner.predict_proba(table[units])
    assert log_loss(labels, probabilities) < log_loss(labels, learnt)
    accuracy = accuracy_score(labels, probabilities.argmax(axis=1))
    learnt_accuracy = accuracy_score(labels, learnt.argmax(axis=1))
    assert learnt_accuracy < accuracy < learnt_accuracy + 0.03


def test_clear_faces_are_read_right():
    table = pd.DataFrame([dict.fromkeys(EXPRESSIONS[e], 0.8) for e in EMOTIONS])
    table = table.reindex(columns=list(ACTION_UNITS)).fillna(0.0)
    probabilities = bayes.bayes_optimal_proba(table)
    assert probabilities.argmax(axis=1).tolist() == list(range(7))
    assert draw_face(table.iloc[3]).shape == (48, 48)


def test_what_is_no_action_unit_does_not_count(faces):
    table, _, probabilities = faces
    other = table[:50].assign(intensity=0.9, second_share=0.5, glasses=1)
    np.testing.assert_array_equal(bayes.bayes_optimal_proba(other), probabilities[:50])


@pytest.mark.parametrize("share", [0.15, 0.4])
def test_densities_are_those_of_sums_of_random_numbers(share):
    rng = np.random.default_rng(0)
    n, intensity = 400_000, 0.8
    first = intensity * (1 - share) * rng.uniform(0.7, 1, n)
    second = intensity * share * rng.uniform(0.7, 1, n)
    resting_noise = np.abs(rng.normal(0, RESTING_SIGMA, n))
    edges = np.linspace(0, 1, 41)
    middles = (edges[1:] + edges[:-1]) / 2
    densities = bayes._densities(middles[:, np.newaxis], intensity, share)[:, :, 0]
    for density, drawn in zip(densities, (0, first, second, first + second)):
        counts, _ = np.histogram(drawn + resting_noise, edges)
        np.testing.assert_allclose(density, counts / n * 40, atol=0.06 * density.max() + 0.05)
    everywhere = bayes._densities(np.linspace(0, 1, 4001)[:, np.newaxis], intensity, share)
    for density in everywhere[:, :, 0]:
        assert integrate.trapezoid(density, dx=1 / 4000) == pytest.approx(1, abs=0.01)


def test_photographs_have_no_parameters():
    with pytest.raises(ValueError, match=r"no column AU1, AU2, .*Only drawn faces"):
        bayes.bayes_optimal_proba(pd.DataFrame({"file": ["a.jpg"]}))
