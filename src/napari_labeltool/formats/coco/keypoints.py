"""What stands under ``keypoints``, for many records at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

import msgspec
import numpy as np

from napari_labeltool.core.columns import Flag, is_flat
from napari_labeltool.core.values import FloatArray, IntArray, JsonValue, decode_json
from napari_labeltool.formats.coco.filling import Filling

_decoder: Final = msgspec.json.Decoder(list[list[float]])

COUNT, VISIBLE, DECLARED, OUTSIDE = range(4)
"""Columns of `Filling.keypoint_facts`: how many keypoints, how many with v > 0, ``num_keypoints`` (NaN when
missing), how many with a v that is not 0, 1 or 2."""


def put_keypoints(
    filling: Filling, rows: IntArray, values: Sequence[bytes | JsonValue], declared: FloatArray
) -> None:
    """Set the flags of rows with a ``keypoints`` key, and what the checks need to know of them.

    Parameters
    ----------
    filling
        Gets flags and facts.
    rows
        (n,) rows.
    values
        The value of each as JSON text or decoded.
    declared
        (n,) ``num_keypoints`` of each, NaN when missing.
    """
    flags = filling.columns.flags
    lists: list[list[float]] | None = None
    if values and all(isinstance(value, bytes) for value in values):
        try:
            lists = _decoder.decode(b"[" + b",".join(values) + b"]")
        except (msgspec.DecodeError, UnicodeDecodeError):
            lists = None
    found: list[JsonValue] = (
        lists
        if lists is not None
        else [decode_json(value) if isinstance(value, bytes) else value for value in values]
    )
    sound = np.fromiter(
        (
            isinstance(value, list) and len(value) % 3 == 0 and (lists is not None or is_flat(value))
            for value in found
        ),
        bool,
        len(found),
    )
    none = np.fromiter((value is None or value == [] for value in found), bool, len(found))
    flags[rows[~sound & ~none]] |= Flag.ODD_KEYPOINTS.value
    counted = sound & ~none
    if not counted.any():
        return
    flags[rows[counted]] |= Flag.KEYPOINTS.value
    kept = [found[k] for k in np.flatnonzero(counted).tolist()]
    counts = np.fromiter(map(len, kept), np.int64, len(kept)) // 3
    visibility = np.fromiter(chain.from_iterable(kept), np.float64)[2::3]
    starts = np.cumsum(counts) - counts
    usual = (visibility == 0) | (visibility == 1) | (visibility == 2)
    facts = np.empty((len(kept), 4))
    facts[:, COUNT] = counts
    facts[:, VISIBLE] = np.add.reduceat(visibility > 0, starts, dtype=np.int64)
    facts[:, DECLARED] = declared[counted]
    facts[:, OUTSIDE] = counts - np.add.reduceat(usual, starts, dtype=np.int64)
    filling.keypoint_rows.append(rows[counted])
    filling.keypoint_facts.append(facts)
