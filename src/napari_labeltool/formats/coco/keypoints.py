"""What stands under ``keypoints``, for many records at once."""

from __future__ import annotations

from collections.abc import Sequence
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
    facts = np.zeros((len(rows), 4))
    facts[:, DECLARED] = declared
    counted = np.zeros(len(rows), bool)
    for k, value in enumerate(found):
        row = rows[k]
        if value is None or value == []:
            continue
        if (lists is None and not is_flat(value)) or len(value) % 3:
            flags[row] |= Flag.ODD_KEYPOINTS.value
            continue
        flags[row] |= Flag.KEYPOINTS.value
        counted[k] = True
        seen = np.asarray(value[2::3], np.float64)
        facts[k, COUNT] = len(seen)
        facts[k, VISIBLE] = np.count_nonzero(seen > 0)
        facts[k, OUTSIDE] = len(seen) - np.count_nonzero((seen == 0) | (seen == 1) | (seen == 2))
    filling.keypoint_rows.append(rows[counted])
    filling.keypoint_facts.append(facts[counted])
