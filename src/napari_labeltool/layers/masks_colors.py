"""Colours of instances in the masks layer, and the outline around the selected ones."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.rle import Rle
from napari_labeltool.core.runs import combine_edges, edges_from_runs
from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.style import Rgba

TABLE_LENGTH: Final = 2**16
"""Number of values of a 16 bit layer."""

_GOLDEN: Final = (5**0.5 - 1) / 2
_SPREAD: Final = 0.5
_BRIGHTER: Final = 0.45


def instance_colors(base: Rgba, values: NDArray[Any]) -> Rgba:
    """Return colours of instances: that of the class, lighter or darker, neighbouring values far apart.

    Parameters
    ----------
    base
        (4,) or (n, 4) colours of the classes.
    values
        (n,) values of the instances.

    Returns
    -------
    (n, 4) float32 array
    """
    shift = (((values * _GOLDEN) % 1.0 - 0.5) * _SPREAD).astype(np.float32)[:, np.newaxis]
    colors = np.broadcast_to(base, (len(values), 4)).astype(np.float32)
    rgb = colors[:, :3]
    colors[:, :3] = rgb + np.where(shift > 0, (1 - rgb) * shift, rgb * shift)
    return colors


def brighter(colors: Rgba) -> Rgba:
    """Return colours as selected instances have them."""
    result = colors.copy()
    result[..., :3] += (1 - result[..., :3]) * _BRIGHTER
    return result


def color_table(new: Rgba, values: NDArray[Any], base: Rgba, selected: NDArray[np.bool_]) -> Rgba:
    """Return the colour of every value of a 16 bit layer.

    Parameters
    ----------
    new
        (4,) colour of the class of objects that are painted anew; any value without an annotation has it.
    values
        (n,) values with an annotation.
    base
        (n, 4) colours of their classes.
    selected
        (n,) which of them stand out.

    Returns
    -------
    (65536, 4) float32 array
    """
    colors = instance_colors(new, np.arange(TABLE_LENGTH))
    colors[0] = 0
    own = instance_colors(base, values)
    own[selected] = brighter(own[selected])
    colors[values] = own
    return colors


def outline_segments(rle: Rle) -> NDArray[np.float32]:
    """Return the border of a mask along the cracks between pixels, in no order.

    Returns
    -------
    (n, 2, 2) float32 array
        x, y of both ends of each piece in pixels, corner origin.
    """
    x, y0, y1 = rle.spans()
    if not len(x):
        return np.empty((0, 2, 2), np.float32)
    stride = int(y1.max()) + 1
    here = edges_from_runs(x * stride + y0, x * stride + y1)
    sides = combine_edges(here, here + stride, np.not_equal)
    upright_x = sides[0::2] // stride
    upright = np.stack([upright_x, sides[0::2] % stride, upright_x, sides[1::2] - upright_x * stride], axis=1)
    level = [np.stack([x, y, x + 1, y], axis=1) for y in (y0, y1)]
    return np.concatenate([upright, *level]).reshape(-1, 2, 2).astype(np.float32)


def box_segments(boxes_xywh: FloatArray) -> NDArray[np.float32]:
    """Return the sides of boxes.

    Parameters
    ----------
    boxes_xywh
        (n, 4) left, top, width, height.

    Returns
    -------
    (4 n, 2, 2) float32 array
        x, y of both ends of each side, four for each box in order.
    """
    left, top = boxes_xywh[:, 0], boxes_xywh[:, 1]
    right, bottom = left + boxes_xywh[:, 2], top + boxes_xywh[:, 3]
    corners = np.stack([left, top, right, top, right, bottom, left, bottom], axis=1).reshape(-1, 4, 2)
    return np.stack([corners, np.roll(corners, -1, axis=1)], axis=2).reshape(-1, 2, 2).astype(np.float32)


def in_16_bits(given: NDArray[Any], known: Collection[int]) -> NDArray[Any]:
    """Return an array of values with those that 16 bits cannot hold exchanged for free ones.

    Parameters
    ----------
    given
        Values of any integer type.
    known
        Values that are taken, beside those of the array.
    """
    outside = (given < 0) | (given > np.iinfo(np.uint16).max)
    if outside.any():
        given = given.copy()
        odd, inverse = np.unique(given[outside], return_inverse=True)
        taken = {*known, *np.unique(given[~outside]).tolist(), 0}
        free = (value for value in range(1, TABLE_LENGTH) if value not in taken)
        given[outside] = np.fromiter(islice(free, len(odd)), given.dtype)[inverse]
    return given
