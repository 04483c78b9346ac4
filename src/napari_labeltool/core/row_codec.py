"""Many rows as a short JSON value: a stretch, several stretches, or bits."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from napari_labeltool.core.values import IntArray, JsonValue

_FEW: Final = 64


def rows_to_json(rows: IntArray) -> JsonValue:
    """Return rows as JSON; `rows_from_json` is its inverse. Few rows, or rows not in order, are a plain list."""
    steps = np.diff(rows)
    if len(rows) <= _FEW or not (steps > 0).all():
        return rows.tolist()
    first, last = int(rows[0]), int(rows[-1])
    if (steps == steps[0]).all():
        return {"first": first, "last": last, "step": int(steps[0])}
    breaks = np.flatnonzero(steps != 1)
    if len(breaks) * 8 < len(rows):
        starts = rows[np.concatenate([[0], breaks + 1])]
        ends = rows[np.concatenate([breaks, [len(rows) - 1]])]
        return {"stretches": np.column_stack([starts, ends]).ravel().tolist()}
    if last - first > 64 * len(rows):
        return rows.tolist()
    bits = np.zeros(last - first + 1, bool)
    bits[rows - first] = True
    packed = zlib.compress(np.packbits(bits).tobytes(), 1)
    return {"first": first, "count": len(bits), "bits": base64.b64encode(packed).decode("ascii")}


def rows_from_json(value: JsonValue) -> IntArray:
    """Return the rows that a JSON value says.

    Raises
    ------
    KeyError, ValueError
        The value says no rows.
    """
    if not isinstance(value, Mapping):
        return np.asarray(value, np.int64)
    if "bits" in value:
        try:
            packed = zlib.decompress(base64.b64decode(value["bits"], validate=True))
        except zlib.error as error:
            raise ValueError(f"rows: {error}") from None
        bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=value["count"])
        return np.asarray(np.flatnonzero(bits) + value["first"], np.int64)
    if "stretches" in value:
        ends = np.asarray(value["stretches"], np.int64).reshape(-1, 2)
        return np.concatenate([np.arange(first, last + 1) for first, last in ends.tolist()])
    return np.arange(value["first"], value["last"] + 1, value["step"], dtype=np.int64)


def small(values: Any) -> Any:
    """Return whole numbers in the smallest type that holds them, equal ones without a copy for each."""
    if not len(values):
        return values
    low, high = int(values.min()), int(values.max())
    if low == high:
        return np.broadcast_to(np.int64(low), values.shape)
    for kind in (np.int8, np.int16, np.int32):
        limits = np.iinfo(kind)
        if limits.min <= low and high <= limits.max:
            return values.astype(kind, copy=False)
    return values
