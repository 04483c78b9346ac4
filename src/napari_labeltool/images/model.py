"""The description of one opened image; its pixels are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from napari_labeltool.images.contrast import sampled_limits
from napari_labeltool.images.lazy import DecodedArray, LazyArray, Pixels
from napari_labeltool.images.probe import ImageFormat
from napari_labeltool.images.pyramid import Pyramid

Limits = tuple[float, float]


def _nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True, eq=False)
class ImageSource:
    """One opened image.

    Every level has the axes `axes` in this order (y and x last), followed by the samples when `rgb`.

    Parameters
    ----------
    path
        The file, or the folder of an OME-Zarr image.
    format
        Found by content, not by suffix.
    levels
        The picture at full size first, then coarser ones. A picture without a pyramid has one level.
    axes
        A letter for each axis: Y, X, C (channel), Z, T, or the file's own letter for another plane axis.
    rgb
        Whether pixels have red, green, blue (and alpha) samples along an additional last axis.
    channel_names
        One for each channel; empty when the file names none.
    channel_colors
        ``"#rrggbb"`` or None for each channel; empty when the file has none.
    pixel_size_yx
        Height and width of a pixel in `unit`, or None when the file does not say.
    unit
        Name of the unit as pint reads it, for example ``"micrometer"``; None without `pixel_size_yx`.
    plane_steps
        Distance of neighbouring planes and its unit by plane axis, for example ``{"Z": (2.0, "micrometer")}``; axes
        for which the file does not say are left out.
    file_limits
        Contrast limits that the file itself names, one pair for each channel; empty when none.
    notes
        Sentences for the person about what was assumed or left out, for example an animation's other frames.
    pyramid
        Makes and keeps the coarser levels of a large picture whose file has none; else None.

    Notes
    -----
    The orientation tag of a camera (EXIF) is not applied: COCO coordinates refer to the stored pixels, as
    pycocotools' users read them. A note tells of such a tag.
    """

    path: Path
    format: ImageFormat
    levels: tuple[LazyArray, ...]
    axes: str
    rgb: bool = False
    channel_names: tuple[str, ...] = ()
    channel_colors: tuple[str | None, ...] = ()
    pixel_size_yx: tuple[float, float] | None = None
    unit: str | None = None
    plane_steps: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    file_limits: tuple[Limits, ...] = ()
    notes: tuple[str, ...] = ()
    pyramid: Pyramid | None = None
    _close: Callable[[], None] = field(default=_nothing, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes of the full-size level, with the samples last when `rgb`."""
        return self.levels[0].shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the pixel values."""
        return self.levels[0].dtype

    @property
    def shape_yx(self) -> tuple[int, int]:
        """Height and width in pixels."""
        y_axis = self.axes.index("Y")
        return self.shape[y_axis], self.shape[y_axis + 1]

    @property
    def channel_axis(self) -> int | None:
        """Number of the channel axis, or None."""
        position = self.axes.find("C")
        return None if position < 0 else position

    @property
    def channel_count(self) -> int:
        """Number of channels; 1 without a channel axis."""
        return 1 if self.channel_axis is None else self.shape[self.channel_axis]

    @property
    def plane_axes(self) -> str:
        """Letters of the axes of a stack (Z, T, ...) in the order of `axes`; empty for a single picture."""
        return "".join(letter for letter in self.axes if letter not in "CYX")

    @property
    def plane_shape(self) -> tuple[int, ...]:
        """Lengths of the axes in `plane_axes`."""
        return tuple(self.shape[self.axes.index(letter)] for letter in self.plane_axes)

    @property
    def levels_computed(self) -> bool:
        """Whether the coarser levels are computed from the full size (the file has none)."""
        return self.pyramid is not None

    @property
    def is_multiscale(self) -> bool:
        """Whether there is more than one level."""
        return len(self.levels) > 1

    @cached_property
    def contrast_limits(self) -> tuple[Limits, ...]:
        """Lowest and highest displayed value of each channel (one pair without a channel axis).

        From the file where it says; the entire range for 8-bit and boolean values; else percentiles of a
        sample, which reads pixels at the first use.
        """
        if len(self.file_limits) == self.channel_count:
            return self.file_limits
        level = self.levels[0] if self.levels_computed else self.levels[-1]
        return sampled_limits(level, self.channel_axis, self.axes.index("Y"), rgb=self.rgb)

    def step_of(self, axis: str) -> tuple[float, str] | None:
        """Give the distance of neighbours along an axis (by letter) and its unit; None when the file does not say."""
        if axis in "YX" and self.pixel_size_yx is not None:
            return self.pixel_size_yx["YX".index(axis)], self.unit or "pixel"
        return self.plane_steps.get(axis)

    def level_factors(self) -> tuple[tuple[float, float], ...]:
        """Give for each level how many full-size pixels one of its pixels spans along y and x."""
        y_axis = self.axes.index("Y")
        height, width = self.shape_yx
        return tuple((height / level.shape[y_axis], width / level.shape[y_axis + 1]) for level in self.levels)

    def read_plane(self, plane: Mapping[str, int] | None = None, level: int = 0) -> Pixels:
        """Read one plane of a stack as an array with axes ``([C,] Y, X [, samples])``.

        Parameters
        ----------
        plane
            Index along plane axes, for example ``{"Z": 4}``; 0 for axes that are not named.
        level
            Number of the pyramid level.

        Raises
        ------
        ReadError
            The file is damaged there.
        IndexError
            There is no such plane.
        """
        at = plane or {}
        key = tuple(at.get(letter, 0) if letter in self.plane_axes else slice(None) for letter in self.axes)
        return self.levels[level][key]

    def load(self) -> None:
        """Decode a picture of a format that is decoded in one piece; do nothing for the others.

        Call it (in a worker thread) before a viewer gets the levels, so that damage is told here.

        Raises
        ------
        ReadError
            The file is damaged.
        """
        if isinstance(self.levels[0], DecodedArray):
            self.levels[0].load()

    def close(self) -> None:
        """Give back memory and close the file; pixels can perhaps not be read any more."""
        if self.pyramid is not None:
            self.pyramid.close()
        for level in self.levels:
            level.release()
        self._close()
