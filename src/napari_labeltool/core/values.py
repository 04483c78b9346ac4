"""JSON values as the document holds them: sentinels of a patch, decoding, growable columns."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

JsonValue: TypeAlias = Any
"""What JSON can hold: dict, list, str, int, float, bool or None."""

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]


class Marker(Enum):
    """What a patch can say of a key instead of giving it a value."""

    REMOVED = "removed"
    """The key is not in the record any more."""
    ORIGINAL = "original"
    """The key is as the file has it (which may be: not there)."""


REMOVED: Final = Marker.REMOVED
ORIGINAL: Final = Marker.ORIGINAL


@dataclass(frozen=True, slots=True)
class Merged:
    """What a patch can say of a key that holds an object: some of its keys change, the others stay.

    Parameters
    ----------
    changes
        The object's keys; None removes one.
    onto_original
        Whether they belong to the object as the file has it; else to the object as it is.
    """

    changes: Mapping[str, JsonValue]
    onto_original: bool = False

    def onto(self, before: JsonValue) -> JsonValue:
        """Return the changed object, or `REMOVED` when nothing is left of it."""
        result = dict(before) if isinstance(before, dict) else {}
        for key, value in self.changes.items():
            if value is None:
                result.pop(key, None)
            else:
                result[key] = value
        return result if result or (isinstance(before, dict) and before == {}) else REMOVED


PatchValues: TypeAlias = Mapping[str, JsonValue | Literal[Marker.REMOVED, Marker.ORIGINAL]]


_MOST_DIGITS: Final = 308
"""Digits of which every whole number can be a float."""
_LONG_NUMBER: Final = re.compile(rb"[0-9]{%d}" % (_MOST_DIGITS + 1))


def decode_json(data: bytes | memoryview) -> JsonValue:
    """Decode JSON as files hold it: strict JSON fast, NaN, Infinity and lone surrogates still.

    A whole number that may be too large for a float is decoded as one, and is infinite if it is.

    Raises
    ------
    ValueError
        The text is not JSON even with those.
    """
    if len(data) <= _MOST_DIGITS or _LONG_NUMBER.search(data) is None:
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass  # Python's decoder takes more
    return json.loads(bytes(data).decode("utf-8", errors="surrogatepass"), parse_int=_whole_number)


def _whole_number(text: str) -> int | float:
    """Return an integer; a float where it has more digits than are sure to be one."""
    return int(text) if len(text) <= _MOST_DIGITS else float(text)


def distinct(rows: IntArray) -> IntArray:
    """Return rows each once, in order; the same array where it is so already.

    Sorting is several times as fast as the hash table of `numpy.unique`.
    """
    if len(rows) < 2 or bool((rows[1:] > rows[:-1]).all()):
        return rows
    ordered = np.sort(rows)
    return np.asarray(ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])])


class GrowingArray:
    """A NumPy array whose first axis grows by appending, at amortised constant cost."""

    __slots__ = ("_buffer", "_length")

    def __init__(self, initial: NDArray[Any]) -> None:
        self._buffer = initial
        self._length = len(initial)

    @property
    def view(self) -> NDArray[Any]:
        """The values, as a writable view; do not keep it over an append."""
        return self._buffer[: self._length]

    def append(self, value: Any) -> None:
        """Append one row."""
        self.extend(np.asarray(value, self._buffer.dtype)[None])

    def extend(self, values: NDArray[Any]) -> None:
        """Append several rows."""
        length = self._length + len(values)
        if length > len(self._buffer):
            self._move(max(length, len(self._buffer) + len(self._buffer) // 2 + 16))
        self._buffer[self._length : length] = values
        self._length = length

    def reserve(self, count: int) -> None:
        """Make room for so many more rows now, so that appending them moves nothing."""
        if self._length + count > len(self._buffer):
            self._move(self._length + count)

    def _move(self, capacity: int) -> None:
        grown = np.empty((capacity, *self._buffer.shape[1:]), self._buffer.dtype)
        grown[: self._length] = self._buffer[: self._length]
        self._buffer = grown

    def __len__(self) -> int:
        return self._length
