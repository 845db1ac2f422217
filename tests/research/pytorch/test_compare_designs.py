"""Designs are trained alike, and listed from the most accurate with what they cost."""

from types import SimpleNamespace

from research import compare_designs
from research.config import Config
from research.designs import DESIGNS


def test_all_designs_are_trained_alike():
    config = Config(epochs=3, seed=5)
    variants = compare_designs.variants(config)
    assert tuple(variants) == DESIGNS
    for design, changed in variants.items():
        assert vars(changed) == {**vars(config), "model": design}


def test_a_trained_design_is_evaluated_with_its_cost():
    trainer = SimpleNamespace(
        config=Config(model="plain"), evaluate=lambda split, progress: len(split) * progress
    )
    numbers = compare_designs.evaluate(trainer, range(3))
    assert numbers == {"accuracy": 3.0, **compare_designs.cost("plain")}
    assert numbers["parameters"] == 924_967 and round(numbers["multiply_adds"] / 1e6) == 106


def test_designs_are_listed_from_the_most_accurate():
    cost = {"parameters": 900_000, "multiply_adds": 108_000_000}
    rows = [
        {"variant": "one", "seed": 0, "accuracy": 0.5, **cost},
        {"variant": "two", "seed": 0, "accuracy": 0.6, **cost},
        {"variant": "two", "seed": 1, "accuracy": 0.5, **cost},
    ]
    assert compare_designs.describe(rows).splitlines()[2:] == [
        "| two | 900,000 | 108 million | 55.0% | 60.0%, 50.0% |",
        "| one | 900,000 | 108 million | 50.0% | 50.0% |",
    ]
