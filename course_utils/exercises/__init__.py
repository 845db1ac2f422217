"""Exercises that check themselves, and quizzes: one module per lesson.

In a notebook:

    from course_utils.exercises import lesson_03 as ex

    ex.dark_line.check(dark_line)  # says what is right, or what to look at
    ex.dark_line.hint()            # one more hint with each call
    ex.dark_line.solution()        # code, with the reason
    ex.quiz                        # questions with buttons; ex.quiz.answer(1, "B") without
    ex.progress()                  # what is solved, kept in runs/progress.json

The answer is passed in; nothing reads the notebook's variables. A check never raises.

How to write an exercise. Each `lesson_NN.py` makes `Exercise`s, one `Quiz`, and a `Lesson` of both;
`lesson_03.py` is the example.

- `name` is the name of the answer in the notebook, where it starts as `name = None`, or as a
  function whose body is `...`. It differs from all other names of that notebook.
- `prompt` stands in the notebook word for word, in a Markdown cell of its own.
- `kind` says what is handed in: `function("image", "weights")`, `ARRAY`, `NUMBER`, `TEXT`, `LIST`,
  `DICTIONARY` or `MODEL` from `kinds.py`.
- `code` is the solution. It runs by itself, with `np` imported, and defines `name`.
- `cases`, for functions, is a function that makes the hidden arguments: arrays, numbers, texts,
  lists, dictionaries, data frames, Keras models, and functions of these.
- `conditions` come from `conditions.py`: `same_dtype`, `same_shape`, `same_values` with the known
  misconceptions, `keeps_its_input`, `holds` for a property, or a `Condition` of your own. Before
  them every exercise looks whether something was handed in, and of the right kind; and an answer
  that raises or does not end is explained. So a condition may assume what those before it
  ensure, and must not repeat it.
- `wrong_answers` get a message each, and for each condition one of them fails that alone:
  `tests/test_exercises.py` takes the conditions away one by one, and an idle one fails the test.
"""

from importlib import import_module
from typing import Any

LESSONS = (1, 2, 3, 4, 5, 6, 7, 8)


def load_lesson(number: int) -> Any:
    """Return the module of a lesson's exercises.

    Raises:
        ValueError: this lesson has none.
    """
    if number not in LESSONS:
        known = ", ".join(f"{lesson:02d}" for lesson in LESSONS)
        raise ValueError(f"There are exercises for the lessons {known}, not for {number:02d}.")
    return import_module(f"course_utils.exercises.lesson_{number:02d}")
