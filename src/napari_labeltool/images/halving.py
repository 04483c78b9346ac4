"""Half as many pixels along y and x."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_labeltool.images.lazy import Pixels


def halve(block: Pixels, y_axis: int) -> Pixels:
    """Give the mean of each 2 x 2 pixels; an odd last row or column counts twice.

    Parameters
    ----------
    block
        An array with y at `y_axis` and x after it.
    y_axis
        Number of the y axis.

    Returns
    -------
    halved
        Same dtype; integers are rounded half up, booleans are true where at least half of the pixels are.
    """
    for axis in (y_axis, y_axis + 1):
        if block.shape[axis] % 2:
            last = block[(slice(None),) * axis + (slice(-1, None),)]
            block = np.concatenate([block, last], axis=axis)
    before = (slice(None),) * y_axis
    even, odd = slice(0, None, 2), slice(1, None, 2)
    kind = _sum_type(block.dtype)
    total = block[(*before, even, even)].astype(kind)
    for y_part, x_part in ((even, odd), (odd, even), (odd, odd)):
        total += block[(*before, y_part, x_part)]
    mean: Pixels = total * kind.type(0.25) if kind.kind == "f" else (total + kind.type(2)) >> kind.type(2)
    return mean.astype(block.dtype)


def _sum_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind == "b" or (dtype.kind == "u" and dtype.itemsize == 1):
        return np.dtype(np.uint16)
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        return np.dtype(np.int32) if dtype.kind == "i" else np.dtype(np.uint32)
    if dtype.kind in "iu" and dtype.itemsize == 4:
        return np.dtype(np.int64)
    return np.dtype(np.float64) if dtype.itemsize >= 8 else np.dtype(np.float32)
