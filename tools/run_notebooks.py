"""Execute the notebooks in order, without a screen.

Usage: python tools/run_notebooks.py [--in-place | --output FOLDER] [NOTEBOOK ...]

Executed copies go to runs/notebooks/. With --in-place the notebooks themselves are saved, with
normalised outputs, and always on the drawn faces: no photograph of a person is ever saved. Ctrl-C
and SIGTERM end the run with the table so far; the notebook that was running stays as it was.
"""

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import nbformat
from badges import write_badge
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from repository import NOTEBOOKS_FOLDER, PROJECT_FOLDER, notebooks

from course_utils.files import replace_file

SECONDS_PER_CELL = 900
STOPPED = 130  # the exit status that shells give to what Ctrl-C has ended
WIDGET = "application/vnd.jupyter.widget-view+json"
ANSI_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# TensorFlow says these where TF_CPP_MIN_LOG_LEVEL is 0 or 1. No saved notebook needs them.
TENSORFLOW_START = re.compile(
    r"^(?:WARNING: All log messages before absl::InitializeLog.*|[IWE]\d{4} \d\d:\d\d:.*)\n?",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Run:
    """How the execution of one notebook went. `error` is empty where it passed."""

    name: str
    seconds: float
    error: str = ""


class Client(NotebookClient):
    """nbclient's own, but for signals: there they end the kernel, and here the whole run."""

    @asynccontextmanager
    async def async_setup_kernel(self, **options: Any) -> AsyncIterator[None]:
        """Start the kernel, and kill it with all that it has started, whatever happens."""
        try:
            await self.async_start_new_kernel(**options)
            await self.async_start_new_kernel_client()
            yield
        except DeadKernelError:
            task = asyncio.current_task()
            if task and task.cancelling():  # nbclient takes a cancelled cell for a dead kernel
                raise asyncio.CancelledError from None
            raise
        finally:
            if self.kc:
                self.kc.stop_channels()
            if self.km:
                await ensure_async(self.km.shutdown_kernel(now=True))


def execute(notebook: NotebookNode, on_cell: Callable[[int], None] = lambda index: None) -> str:
    """Execute a notebook in the folder of the notebooks, by the Python that runs this tool.

    Args:
        notebook: receives the outputs.
        on_cell: called with the index of each cell that is about to run.

    Returns:
        The error of the failing cell, or an empty string.

    Raises:
        KeyboardInterrupt: Ctrl-C has stopped it. The kernel is gone.
    """
    # No folders to search: what is left is the kernel of this very interpreter.
    kernel = AsyncKernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    client = Client(
        notebook,
        km=kernel,
        timeout=SECONDS_PER_CELL,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(NOTEBOOKS_FOLDER)}},
        on_cell_start=lambda cell, cell_index: on_cell(cell_index),
    )
    try:
        # What matters of the kernel's own messages is in the outputs.
        asyncio.run(client.async_execute(stderr=subprocess.DEVNULL))
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        return ANSI_COLOURS.sub("", str(error)).strip() or type(error).__name__
    return ""


def normalise(notebook: NotebookNode) -> None:
    """Leave in a notebook only what a reader needs, the same on every machine.

    A widget lives as long as its kernel. What is saved is what stands in for it.
    """
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    for cell in notebook.cells:
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k == "tags"})
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_passing(output)]
            for output in cell.outputs:
                output.get("data", {}).pop(WIDGET, None)
                take_colours_out(output)


def take_colours_out(output: NotebookNode) -> None:
    """Keep the words of what rich prints, such as `summary()`, without its colours.

    They are too pale on a white page, and fill the file.
    """
    data = output.get("data", {})
    text = data.get("text/plain", "")
    if ANSI_COLOURS.search(text):
        data["text/plain"] = ANSI_COLOURS.sub("", text)
        data.pop("text/html", None)


def is_passing(output: NotebookNode) -> bool:
    """Tell whether an output is a progress bar, a widget's name or TensorFlow's start-up."""
    if output.get("name") == "stderr":
        return not TENSORFLOW_START.sub("", output.text).strip()
    data = output.get("data", {})
    if output.output_type == "display_data" and WIDGET in data:
        return set(data) <= {WIDGET, "text/plain"}
    return "%|" in data.get("text/plain", "")


def run(path: Path, output: Path | None, progress: Callable[[str], None]) -> Run:
    """Execute one notebook file and save the result.

    Args:
        path: the notebook.
        output: the folder for the executed copy; None saves in place, and only what passed.
        progress: shows a line, over the last one on a terminal.
    """
    notebook = nbformat.read(path, as_version=4)
    if output is None and re.search(r"^USE_PHOTOGRAPHS = True", all_code(notebook), re.MULTILINE):
        return Run(path.stem, 0, "USE_PHOTOGRAPHS must be False in a notebook that is saved.")
    cells = len(notebook.cells)
    start = time.perf_counter()
    error = execute(notebook, lambda index: progress(f"{path.stem}: cell {index + 1} of {cells}"))
    seconds = time.perf_counter() - start
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        save(notebook, output / path.name)
    elif not error:
        write_badge(notebook, path.name)
        normalise(notebook)
        save(notebook, path)
    return Run(path.stem, seconds, error)


def save(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook in one step: a stop at any moment leaves no half of it."""
    replace_file(path, lambda unfinished: nbformat.write(notebook, unfinished))


def run_all(paths: list[Path], output: Path | None) -> Iterator[Run]:
    """Execute notebook files in order, as `run` does, and report each one as soon as it is done."""
    for number, path in enumerate(paths, start=1):
        done = run(path, output, show_progress)
        show_progress("")
        result = f"FAIL\n\n{done.error}\n" if done.error else "pass"
        print(f"[{number}/{len(paths)}] {path.stem}: {done.seconds:.1f} s, {result}", flush=True)
        yield done


def all_code(notebook: NotebookNode) -> str:
    """Return the sources of all code cells as one text."""
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def table(runs: list[Run]) -> str:
    """Return the closing table: notebook, seconds, pass or fail."""
    width = max(map(len, ["notebook", *(run.name for run in runs)]))
    rows = [f"{'notebook':<{width}}  seconds  result"]
    for done in runs:
        result = "FAIL" if done.error else "pass"
        rows.append(f"{done.name:<{width}}  {done.seconds:7.1f}  {result}")
    rows.append(f"{'together':<{width}}  {sum(done.seconds for done in runs):7.1f}")
    return "\n".join(rows)


def show_progress(line: str) -> None:
    """Write a line over the last one, on a terminal only: a log would fill with them."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{line}", end="", flush=True)


def end_on_sigterm() -> None:
    """Have SIGTERM end the run as Ctrl-C does, also where a shell had that one ignored."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # make sends it once more
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, interrupt)


def main() -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all, in order")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--in-place", action="store_true", help="save the notebooks themselves")
    where.add_argument("--output", type=Path, default=PROJECT_FOLDER / "runs" / "notebooks")
    arguments = parser.parse_args()
    paths = arguments.notebooks or notebooks()
    missing = [str(path) for path in paths if not path.is_file()]
    if missing or not paths:
        print(f"No notebook: {', '.join(missing) or NOTEBOOKS_FOLDER}", file=sys.stderr)
        return 2
    if arguments.in_place:
        os.environ["COURSE_DATA"] = "drawn_faces"  # the kernels inherit it
    end_on_sigterm()
    runs: list[Run] = []
    try:
        for done in run_all(paths, None if arguments.in_place else arguments.output):
            runs.append(done)
    except KeyboardInterrupt:
        show_progress("")
        print(f"\nStopped in {paths[len(runs)].stem}.\n\n{table(runs)}")
        return STOPPED
    print(f"\n{table(runs)}")
    return 1 if any(done.error for done in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
