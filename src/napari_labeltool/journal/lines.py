"""Lines of a journal: a checksum, a number, and one JSON object."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from napari_labeltool.core.values import JsonValue


def _plain(value: Any) -> JsonValue:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} found in an edit, a JSON value expected")


def encode_line(number: int, entry: Mapping[str, JsonValue]) -> bytes:
    """Return one line, newline included.

    The text is ASCII, numbers round-trip exactly, NaN and Infinity are written as Python does.

    Parameters
    ----------
    number
        Position of the line in its journal; 0 is the header.
    entry
        What the line says.
    """
    body = json.dumps({"n": number, **entry}, separators=(",", ":"), default=_plain).encode("ascii")
    return b"%08x %b\n" % (zlib.crc32(body), body)


def decode_line(line: bytes, number: int) -> dict[str, JsonValue] | None:
    """Return what a line says; None when it is torn, altered or not the line of that number.

    Parameters
    ----------
    line
        The bytes, newline included.
    number
        The position that it should have.
    """
    if len(line) < 11 or line[8:9] != b" " or not line.endswith(b"\n"):
        return None
    body = line[9:-1]
    if line[:8] != b"%08x" % zlib.crc32(body):
        return None
    try:
        entry = json.loads(body)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and entry.get("n") == number else None
