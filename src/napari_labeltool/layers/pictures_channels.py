"""The channels of a picture, each of which is an Image layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from napari.utils import Colormap
from napari.utils.color import ColorValue

from napari_labeltool.images import ImageSource
from napari_labeltool.images.lazy import DecodedArray, FixedArray, LazyArray

CHANNEL_COLORS: Final = ("#ff00ff", "#00ff00", "#00ffff", "#ffff00", "#ff0000", "#0000ff")
"""Of channels for which the file names none."""


def channel_name(source: ImageSource, channel: int) -> str:
    """Return the name of a channel as the file has it, or its number."""
    return source.channel_names[channel] if channel < len(source.channel_names) else f"channel {channel + 1}"


def channel_data(source: ImageSource, channel: int) -> Any:
    """Return what napari shows of a channel: an array, or a list of them when the picture is a pyramid.

    Its axes are those of planes, if there are any, then (Y, X [, samples]); it is as lazy as the levels are.
    """
    levels = [pixels_at(level, source.axes, {"C": channel}) for level in source.levels]
    return levels if source.is_multiscale else levels[0]


def pixels_at(level: LazyArray, axes: str, at: Mapping[str, int]) -> Any:
    """Return a level at one index along some of its axes, as lazily as it was."""
    fixed = {number: at[letter] for number, letter in enumerate(axes) if letter in at}
    if isinstance(level, DecodedArray):
        return level.load()[tuple(fixed.get(axis, slice(None)) for axis in range(level.ndim))]
    return FixedArray(level, fixed) if fixed else level


def channel_colormap(source: ImageSource, channel: int) -> Any:
    """Return a colormap from black to the colour that the file names for a channel, else to one of ours."""
    own = source.channel_colors[channel] if channel < len(source.channel_colors) else None
    color = own or CHANNEL_COLORS[channel % len(CHANNEL_COLORS)]
    return Colormap([[0, 0, 0, 1], ColorValue(color)], name=color)
