"""Colours of instances in the masks layer, and the outline around the selected ones."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool._napari_compat.label_colors import (
    exchange_label_colors,
    label_colormap,
    name_label_colors,
)
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


class MaskPalette:
    """The colours of all values of a 16 bit Labels layer; of a change only the values that it is about are handed over.

    A colormap that somebody gave the layer stays.

    Parameters
    ----------
    layer
        The Labels layer.
    """

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self._table = np.zeros((TABLE_LENGTH, 4), np.float32)
        self._colormap: Any = None
        self._new: Any = None

    def show(self, new: Rgba, values: NDArray[Any], colors: Rgba, fresh: int) -> bool:
        """Bring the layer in line with the colours of values; tell whether that of its selected one changed.

        Parameters
        ----------
        new
            (4,) colour of the class of objects that are painted anew; any value without an annotation has it.
        values
            (n,) values with an annotation.
        colors
            (n, 4) their colours.
        fresh
            The value of the next object.
        """
        if self._colormap is not None and self.layer.colormap is not self._colormap:
            return False
        loose = np.array(
            [v for v in {fresh, int(self.layer.selected_label)} if v and v not in values], np.int64
        )
        values = np.concatenate([values, loose])
        colors = np.concatenate([colors, instance_colors(new, loose)])
        is_new = not np.array_equal(new, self._new)
        if is_new:
            self._new = new.copy()
            self._table[1:] = instance_colors(new, np.arange(1, TABLE_LENGTH))
        changed = values[(self._table[values] != colors).any(axis=1)]
        self._table[values] = colors
        if self._colormap is None:
            self._colormap = label_colormap(self._table, values)
            self.layer.colormap = self._colormap
            return False
        named = values if is_new else np.concatenate([changed, loose])
        name_label_colors(self._colormap, self._table, named)
        if is_new:
            changed = np.arange(TABLE_LENGTH)
        if len(changed):
            exchange_label_colors(self.layer, self._table, changed)
        return bool(self.layer.selected_label in changed)


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
