"""How TensorFlow starts in the course: quickly, and without a word unless something is wrong.

TensorFlow's libraries write while they load that they look for a graphics card, and find none. A
setting hides most of that. Some lines come before any setting counts, so they are held back from
the stream of errors itself, whoever imports TensorFlow first: the course, Keras or a learner.
"""

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
ERRORS = "2"  # and nothing below them: neither notes nor warnings
# The letter is the level: I, W or E. Those of a start are about graphics cards that are not there;
# what stops TensorFlow raises an exception, or is F for fatal.
LOG_LINE = re.compile(
    rb"[IWE]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d \d\d:\d\d:[\d.]+: [IWE] "
    rb"|WARNING: All log messages before absl::InitializeLog|To enable the following instructions:"
)
STANDARD_ERROR = 2  # its file descriptor, which C++ writes to


def prepare() -> None:
    """Set how TensorFlow starts when it is first imported. A value that is set already stays.

    Who sets TF_CPP_MIN_LOG_LEVEL to 0 or 1 sees everything that TensorFlow writes.
    """
    # It then keeps the memory of its tensors instead of asking the system for it anew at each
    # step. On two cores of an AMD EPYC under Linux, training took 0.4 of the time.
    os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "true")
    if os.environ.setdefault(LOG_LEVEL, ERRORS) >= ERRORS:
        sys.meta_path.insert(0, QuietFinder)


class QuietFinder(PathFinder):
    """Finds TensorFlow where Python finds it, and has a `QuietLoader` load it."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load TensorFlow, or None for any other module."""
        spec = super().find_spec(fullname, path, target) if fullname == "tensorflow" else None
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = QuietLoader(spec.loader.name, spec.loader.path)
        return spec


class QuietLoader(SourceFileLoader):
    """Loads TensorFlow, and holds its log lines back if it loads."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and look for graphics cards, which it does at its first step else."""
        with without_log_lines():
            super().exec_module(module)
            with contextlib.suppress(Exception):  # the first step raises it again
                module.config.list_physical_devices()


@contextlib.contextmanager
def without_log_lines() -> Iterator[None]:
    """Hold back what is written to standard error, then write it without TensorFlow's log lines.

    After an exception everything is written.
    """
    if sys.stderr is None:  # as under pythonw: nobody reads it
        yield
        return
    sys.stderr.flush()
    before = os.dup(STANDARD_ERROR)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), STANDARD_ERROR)
        loaded = False
        try:
            yield
            loaded = True
        finally:
            sys.stderr.flush()
            os.dup2(before, STANDARD_ERROR)
            os.close(before)
            held.seek(0)
            shown = [line for line in held if not (loaded and LOG_LINE.match(line))]
            os.write(STANDARD_ERROR, b"".join(shown))
