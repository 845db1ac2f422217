"""How a submission's process and the grader talk: plain data and calls, and never pickle.

Unpickling runs code that the sender chose. Here only numbers, texts, arrays, tables and the plans
of Keras models cross. A function stays where it is: the other side gets a stand-in that calls it.
"""

import base64
import inspect
import json
import struct
import sys
from collections.abc import Callable
from typing import IO, Any

import numpy as np
import pandas as pd

from course_utils.exercises.answer_types import describe
from course_utils.exercises.time_limit import run_within

LARGEST_MESSAGE = 64_000_000  # bytes
_LENGTH = struct.Struct(">Q")


class ConnectionLostError(Exception):
    """The other side has ended, or what it sends makes no sense."""


class RemoteError(Exception):
    """The function on the other side raised; the text says what."""


class Foreign:
    """Stands for a value that cannot cross."""

    def __init__(self, description: str) -> None:
        self.description = description

    def __repr__(self) -> str:
        return self.description


class Peer:
    """One end of the line between two processes.

    Args:
        incoming: bytes from the other end.
        outgoing: bytes to it.
    """

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._functions: list[Callable[..., Any]] = []
        self.seconds = 10.0  # the other end's limit for one call

    def send(self, value: Any) -> None:
        """Send a value.

        Raises:
            ConnectionLostError: nobody listens, or the value is too large.
        """
        content = json.dumps(self._encode(value)).encode()
        if len(content) > LARGEST_MESSAGE:
            raise ConnectionLostError(f"more than {LARGEST_MESSAGE / 1e6:.0f} MB in one answer")
        try:
            self._outgoing.write(_LENGTH.pack(len(content)) + content)
            self._outgoing.flush()
        except OSError as error:
            raise ConnectionLostError("ended before it was done") from error

    def receive(self) -> Any:
        """Return the next value.

        Raises:
            ConnectionLostError: the other end is closed, or what came is no value.
        """
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        if length > LARGEST_MESSAGE:
            raise ConnectionLostError("sent what is no message")
        try:
            return self._decode(json.loads(self._read(length)))
        except (ValueError, TypeError, KeyError, RecursionError, MemoryError) as error:
            raise ConnectionLostError("sent what is no message") from error

    def _read(self, size: int) -> bytes:
        content = self._incoming.read(size)
        if len(content) < size:
            raise ConnectionLostError("ended before it was done")
        return content

    def call(self, number: int, arguments: tuple[Any, ...]) -> Any:
        """Call a function of the other side, and serve its calls meanwhile.

        What it writes into the arguments is written into them here, too.

        Raises:
            RemoteError, TimeoutError, ConnectionLostError: it raised, did not end, or is no more.
        """
        self.send({"call": number, "arguments": list(arguments), "seconds": self.seconds})
        while "call" in (reply := self._receive_dict()):
            self.answer(reply)
        if reply.get("late"):
            raise TimeoutError
        if "error" in reply:
            raise RemoteError(str(reply["error"]))
        for argument, after in zip(arguments, reply.get("arguments") or []):
            _write_into(argument, after)
        return reply.get("result")

    def serve(self) -> None:
        """Answer calls until the other side is gone."""
        while True:
            self.answer(self._receive_dict())

    def answer(self, call: dict[str, Any]) -> None:
        """Run a function that the other side calls, and send what comes of it."""
        try:
            function = self._functions[call["call"]]
            arguments = call["arguments"]
            before = json.dumps(self._encode(arguments))
            result = run_within(call["seconds"], lambda: function(*arguments))
            reply = {"result": result}
            if json.dumps(self._encode(arguments)) != before:
                reply["arguments"] = arguments
        except TimeoutError:
            reply = {"late": True}
        except ConnectionLostError:
            raise
        except BaseException as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        self.send(reply)

    def _receive_dict(self) -> dict[str, Any]:
        message = self.receive()
        if not isinstance(message, dict):
            raise ConnectionLostError("sent what is no message")
        return message

    def _encode(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, list):
            return [self._encode(entry) for entry in value]
        if isinstance(value, tuple):
            return {"tuple": [self._encode(entry) for entry in value]}
        if isinstance(value, dict):
            pairs = [[self._encode(key), self._encode(entry)] for key, entry in value.items()]
            return {"dict": pairs}
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufcUS":
            content = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
            return {"array": content, "dtype": value.dtype.str, "shape": list(value.shape)}
        if isinstance(value, pd.Series):
            return {"series": self._encode(value.tolist()), "index": self._index(value)}
        if isinstance(value, pd.DataFrame):
            columns = self._encode({name: value[name].tolist() for name in value})
            return {"table": columns, "index": self._index(value)}
        keras = sys.modules.get("keras")
        if keras is not None and isinstance(value, keras.Model):
            return {"model": value.to_json()}
        if callable(value) and not inspect.isclass(value):
            self._functions.append(value)
            return {"function": len(self._functions) - 1}
        return {"foreign": describe(value)[:200]}

    def _index(self, table: pd.Series | pd.DataFrame) -> Any:
        return [self._encode(table.index.tolist()), self._encode(table.index.name)]

    def _decode(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._decode(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        if "dict" in value:
            return {self._decode(key): self._decode(entry) for key, entry in value["dict"]}
        if "tuple" in value:
            return tuple(self._decode(value["tuple"]))
        if "array" in value:
            content = base64.b64decode(value["array"])
            array = np.frombuffer(content, np.dtype(value["dtype"])).reshape(value["shape"])
            return array.copy() if value["shape"] else array[()]
        if "series" in value:
            return pd.Series(self._decode(value["series"]), index=self._decoded_index(value))
        if "table" in value:
            return pd.DataFrame(self._decode(value["table"]), index=self._decoded_index(value))
        if "model" in value:
            import keras

            return keras.models.model_from_json(value["model"])
        if "function" in value:
            number = int(value["function"])
            return lambda *arguments: self.call(number, arguments)
        return Foreign(str(value["foreign"]))

    def _decoded_index(self, value: dict[str, Any]) -> pd.Index:
        entries, name = value["index"]
        return pd.Index(self._decode(entries), name=self._decode(name))


def _write_into(value: Any, after: Any) -> None:
    """Make an array, list, dictionary or table equal to what the other side has made of it."""
    if isinstance(value, np.ndarray) and np.shape(after) == value.shape:
        value[...] = after
    elif isinstance(value, list) and isinstance(after, list):
        value[:] = after
    elif isinstance(value, dict) and isinstance(after, dict):
        value.clear()
        value.update(after)
    elif isinstance(value, pd.DataFrame) and isinstance(after, pd.DataFrame):
        for name in list(value):
            del value[name]
        for name in after:
            value[name] = after[name].to_numpy()
