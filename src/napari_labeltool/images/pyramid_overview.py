"""What is shown of a picture while its coarse levels are being made."""

from __future__ import annotations

import threading
from typing import Any, Final

import numpy as np

from napari_labeltool.images.lazy import LazyArray, Pixels
from napari_labeltool.images.pyramid_layout import Place, PyramidLayout

#: Rows that are taken in one go.
_ROWS: Final = 32
_WAIT_SECONDS: Final = 0.4


class Overview:
    """One plane at the scale of the coarsest level, filled as parts of it are made.

    A picture whose pixels can be picked at no cost (mapped or in memory) shows every n-th pixel after `fill`.

    Parameters
    ----------
    layout
        Geometry of the pyramid.
    base
        The picture.
    plane
        Indices along the plane axes.
    """

    def __init__(self, layout: PyramidLayout, base: LazyArray, plane: tuple[int, ...]) -> None:
        self._layout, self._base, self._plane = layout, base, plane
        self._all = slice(0, layout.channels)
        self._ready = threading.Event()
        lead = [1] * layout.y_axis
        if layout.channel_axis is not None:
            lead[layout.channel_axis] = layout.channels
        self._pixels = np.zeros((*lead, *layout.shapes[-1][layout.y_axis :]), layout.dtype)

    def fill(self) -> None:
        """Take every n-th pixel of a picture in which that costs nothing; a file that is not cached is waited for."""
        if self._base.random_access:
            step = 2**self._layout.coarsest
            columns = slice(None, None, step)
            for row in range(0, self._pixels.shape[self._layout.y_axis], _ROWS):
                rows = slice(row * step, (row + _ROWS) * step, step)
                part = self._base[(*self._layout.lead_key(self._plane, self._all), rows, columns)]
                before = (slice(None),) * self._layout.y_axis
                self._pixels[(*before, slice(row, row + _ROWS))] = part
        self._ready.set()

    def wait(self) -> None:
        """Wait a moment for `fill`, so that the first look shows something where the file is at hand."""
        self._ready.wait(_WAIT_SECONDS)
        self._ready.set()

    def put(self, place: Place, channels: range, block: Pixels) -> None:
        """Take over a block that is made."""
        step = 2 ** (self._layout.coarsest - place.level)
        height, width = self._layout.size_yx(self._layout.coarsest)
        target: list[slice] = []
        source: list[slice] = []
        for part, end in zip(self._layout.region(place), (height, width), strict=True):
            first, last = -(-part.start // step), min(-(-part.stop // step), end)
            target.append(slice(first, last))
            source.append(slice(first * step - part.start, None, step))
        if all(part.stop > part.start for part in target):
            lead: tuple[Any, ...] = tuple(
                slice(channels.start, channels.stop) if axis == self._layout.channel_axis else slice(None)
                for axis in range(self._layout.y_axis)
            )
            key: Any = (..., *source, *self._tail)
            self._pixels[(*lead, *target)] = block[key]

    @property
    def _tail(self) -> tuple[slice, ...]:
        return (slice(None),) * (self._pixels.ndim - self._layout.y_axis - 2)

    def block(self, place: Place, lead: tuple[int, ...]) -> Pixels:
        """Give a block of any level, with axes of length 1 before y."""
        layout = self._layout
        channel = layout.channel_of(lead)
        region = layout.region(place)
        finer = layout.coarsest - place.level
        if self._base.random_access and finer > 1:
            step = 2**place.level
            part = [
                slice(one.start * step, min(one.stop * step, end), step) for one, end in self._ends(region)
            ]
            return self._base[(*layout.lead_key(self._plane, slice(channel, channel + 1)), *part)]
        key: list[Any] = [
            slice(channel, channel + 1) if axis == layout.channel_axis else slice(None)
            for axis in range(layout.y_axis)
        ]
        pixels = self._pixels[tuple(key)]
        rows, columns = (np.arange(one.start, one.stop) >> finer for one in region)
        found: Pixels = pixels.take(rows, axis=layout.y_axis).take(columns, axis=layout.y_axis + 1)
        return found

    def _ends(self, region: tuple[slice, slice]) -> list[tuple[slice, int]]:
        return list(zip(region, self._layout.size_yx(0), strict=True))
