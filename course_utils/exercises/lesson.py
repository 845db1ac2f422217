"""A lesson's exercises and quiz together, and what of them is solved."""

from dataclasses import dataclass

from course_utils.exercises.exercise import Exercise
from course_utils.exercises.feedback import Message
from course_utils.exercises.progress import place, read_solved
from course_utils.exercises.quiz import Quiz


@dataclass(frozen=True)
class Lesson:
    """What a lesson asks.

    Attributes:
        number: of the lesson.
        exercises: in the order of the notebook.
    """

    number: int
    exercises: tuple[Exercise, ...]

    @property
    def quiz(self) -> Quiz:
        """The lesson's questions."""
        return Quiz(self.number)

    def progress(self) -> Message:
        """Show which exercises are solved, and how many questions are answered.

        It is kept in a file that you can delete; the last line says where.
        """
        try:
            solved = read_solved()
            kept = place()
        except (OSError, ValueError) as error:
            return Message(str(error))
        lines = [
            f"{number}. {exercise.text.title} "
            f"({'solved' if exercise.full_name in solved else 'open'})"
            for number, exercise in enumerate(self.exercises, start=1)
        ]
        done = sum(exercise.full_name in solved for exercise in self.exercises)
        numbers = range(1, len(self.quiz.questions) + 1)
        answered = sum(self.quiz.name_of(number) in solved for number in numbers)
        return Message(
            f"**Lesson {self.number:02d}: {done} of {len(self.exercises)} exercises solved, "
            f"{answered} of {len(numbers)} questions answered.**\n\n" + "\n".join(lines) + "\n\n"
            f"This is kept in `{kept}`. Delete that file to start anew."
        )
