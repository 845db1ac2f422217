"""Run a learner's code, and come back even when it does not."""

import ctypes
import threading
import time
from collections.abc import Callable
from typing import Any


def run_within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return what `work` returns, or raise what it raises, SystemExit included.

    It runs in a thread, which works on every system and lets `work` use what the notebook holds.
    A loop in Python is ended when the time is over. A wait inside a compiled function cannot be:
    it goes on in the background until the kernel restarts.

    Raises:
        TimeoutError: the time is over, also where `work` held Python's lock and could not be
            ended before it was done.
    """
    outcome: dict[str, Any] = {}

    def keep_outcome() -> None:
        try:
            outcome["result"] = work()
        except BaseException as error:  # exit() in an answer is no reason to end the kernel
            outcome["error"] = error

    thread = threading.Thread(target=keep_outcome, daemon=True)
    start = time.monotonic()
    thread.start()
    try:
        thread.join(seconds)
        is_late = thread.is_alive() or time.monotonic() - start > seconds + 1
    finally:
        _end(thread)
    if is_late:
        raise TimeoutError(f"not done after {seconds:g} seconds")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


def _end(thread: threading.Thread) -> None:
    """Raise SystemExit in a thread; more than once, since a bare `except:` would catch it."""
    for _ in range(5):
        if not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit)
        )
        thread.join(0.2)
