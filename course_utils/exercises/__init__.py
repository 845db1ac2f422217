"""Exercises that check themselves, and quizzes: one module per lesson.

In a notebook:

    from course_utils.exercises import lesson_03 as ex

    ex.dark_line.check(dark_line)  # says what is right, or what to look at
    ex.dark_line.hint()            # one more hint with each call
    ex.dark_line.solution()        # code, with the reason
    ex.quiz                        # questions with buttons; ex.quiz.answer(1, "B") without
    ex.progress()                  # what is solved, kept in runs/progress.json

The answer is passed in; nothing reads the notebook's variables. A check never raises.

How to write an exercise. The task stands in the notebook alone: a Markdown cell with it, a code
cell with the open answer and `ex.NAME.check(NAME)`, a cell with `hint` and `solution` as comments.
The check stands in `lesson_NN.py`, and what it says in `lesson_NN.toml`; lesson 03 is the example.

- The name is that of the answer in the notebook, where it starts as `name = None`, or as a function
  whose body is `...`. It differs from all other names of that notebook.
- The answer's type says what is handed in: `function("image", "weights")`, `ARRAY`, `NUMBER`,
  `TEXT`, `LIST`, `DICTIONARY` or `MODEL` from `answer_types.py`.
- Conditions come from `conditions.py`: `same_dtype`, `same_shape`, `same_values` with the known
  mistakes by name, `holds` for a property, or a `Condition` of your own. Before
  them every exercise looks whether something was handed in, and of the right type; and an answer
  that raises or does not end is explained. So a condition may assume what those before it ensure,
  and must not repeat it.
- `cases`, for functions, is a function that makes the hidden arguments: arrays, numbers, texts,
  lists, dictionaries, data frames, Keras models, and functions of these.
- The table `[exercises.NAME]` has the task's title as in the notebook, two or three hints, the
  solution, which runs by itself with `np` imported and defines the name, and the reason for it.
  `advice` says what to look at where a condition is not met, `mistakes` what is wrong with each
  known mistake. The quiz stands below.
- The module imports nothing at its head but numpy, pandas and the course: a quiz opens without
  TensorFlow and the rest.
- Right answers in other styles than the solution's stand in
  `tests/exercises/right_answers/lesson_NN.py`, at least two for each exercise.
- Wrong answers stand in `tests/exercises/wrong_answers/lesson_NN.py`. Each gets a message of its
  own, and for each condition one of them fails that alone: `tests/exercises/test_lessons.py` takes
  the conditions away one by one, and an idle one fails the test.
"""

from importlib import import_module
from typing import Any

LESSONS = (1, 2, 3, 4, 5, 6, 7, 8, 9)


def load_lesson(number: int) -> Any:
    """Return the module of a lesson's exercises.

    Raises:
        ValueError: this lesson has none.
    """
    if number not in LESSONS:
        known = ", ".join(f"{lesson:02d}" for lesson in LESSONS)
        raise ValueError(f"There are exercises for the lessons {known}, not for {number:02d}.")
    return import_module(f"course_utils.exercises.lesson_{number:02d}")
