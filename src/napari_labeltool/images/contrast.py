"""Contrast limits from a sample of the pixels."""

from __future__ import annotations

from typing import Final

import numpy as np

from napari_labeltool.images.lazy import LazyArray, Pixels

#: Percentiles that become the lowest and highest displayed value.
_PERCENTILES: Final = (0.1, 99.9)
#: A plane of at most this many pixels is sampled whole.
_WHOLE: Final = 2**22
_WINDOW: Final = 512
_WINDOWS_A_SIDE: Final = 3


def sampled_limits(
    level: LazyArray, channel_axis: int | None, y_axis: int, *, rgb: bool = False
) -> tuple[tuple[float, float], ...]:
    """Give the lowest and highest value to display for each channel.

    Parameters
    ----------
    level
        The array to sample, with y at `y_axis` and x after it.
    channel_axis
        Number of the channel axis, or None.
    y_axis
        Number of the y axis.
    rgb
        Whether a samples axis follows x.

    Returns
    -------
    limits
        One pair for each channel, low < high. The range of the type for booleans, 8-bit and colour integers.
    """
    channels = 1 if channel_axis is None else level.shape[channel_axis]
    if level.dtype.kind == "b":
        return ((0.0, 1.0),) * channels
    if level.dtype.kind in "iu" and (level.dtype.itemsize == 1 or rgb):
        info = np.iinfo(level.dtype)
        return ((float(info.min), float(info.max)),) * channels
    return tuple(
        limits_of(_sample(level, channel_axis, channel, y_axis), bounded_colour=rgb)
        for channel in range(channels)
    )


def limits_of(values: Pixels, *, bounded_colour: bool = False) -> tuple[float, float]:
    """Give percentiles of the finite values as limits; always low < high.

    With `bounded_colour`, floats between 0 and 1 give (0, 1), which is how colour is stored in floats.
    """
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values.ravel()
    if finite.size == 0:
        return 0.0, 1.0
    if bounded_colour and float(finite.min()) >= 0 and float(finite.max()) <= 1:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(finite, _PERCENTILES))
    if not high > low:
        low, high = float(finite.min()), float(finite.max())
    if not high > low:
        high = low + 1.0 if values.dtype.kind != "f" else low + max(abs(low), 1.0)
    return low, high


def _sample(level: LazyArray, channel_axis: int | None, channel: int, y_axis: int) -> Pixels:
    head: list[int | slice] = [length // 2 for length in level.shape[:y_axis]]
    if channel_axis is not None:
        head[channel_axis] = channel
    height, width = level.shape[y_axis], level.shape[y_axis + 1]
    if height * width <= _WHOLE:
        return level[tuple(head)]
    parts = [
        level[(*head, rows, columns)].ravel() for rows in _windows(height) for columns in _windows(width)
    ]
    return np.concatenate(parts)


def _windows(length: int) -> list[slice]:
    if length <= _WINDOW * _WINDOWS_A_SIDE:
        return [slice(0, length)]
    starts = np.linspace(0, length - _WINDOW, _WINDOWS_A_SIDE + 2)[1:-1].astype(int)
    return [slice(int(start), int(start) + _WINDOW) for start in starts]
