"""The examples in docstrings run, and show what they say."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import numpy as np
import pytest

import course_utils

NAMES = [
    module.name
    for module in pkgutil.walk_packages(course_utils.__path__, "course_utils.")
    if not module.name.endswith("__main__")
]


def examples(module: ModuleType) -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [test for test in finder.find(module, extraglobs={"np": np}) if test.examples]


@pytest.mark.parametrize("name", NAMES)
def test_examples_show_what_they_say(name):
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    with np.printoptions(legacy=False):  # the library of the colour tests sets it for good
        for test in examples(importlib.import_module(name)):
            runner.run(test)
    assert runner.failures == 0


def test_twenty_public_names_have_an_example():
    tests = [test for name in NAMES for test in examples(importlib.import_module(name))]
    assert len({test.name for test in tests}) >= 20
