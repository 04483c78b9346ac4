"""Small previews of images."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_labeltool.images.contrast import limits_of
from napari_labeltool.images.flat import open_pillow
from napari_labeltool.images.lazy import LazyArray, Pixels
from napari_labeltool.images.model import ImageSource
from napari_labeltool.images.probe import DECODE_ERRORS, check_pixels, sniff, undecodable
from napari_labeltool.images.source import open_image

Thumbnail = NDArray[np.uint8]

#: A level is read whole up to so many pixels; of a larger one every n-th pixel is taken, band by band.
_READ_WHOLE: Final = 2**24
_COLORS: Final = ("#00ff00", "#ff00ff", "#00ffff", "#ff0000", "#ffff00", "#0000ff")


def thumbnail(
    source: ImageSource | str | os.PathLike[str], size: int = 96, plane: Mapping[str, int] | None = None
) -> Thumbnail:
    """Make a preview; nothing is kept.

    Parameters
    ----------
    source
        An opened image, or the path of one.
    size
        Longest side in pixels; a smaller picture is not enlarged.
    plane
        Index along the axes of a stack, for example ``{"Z": 4}``. The first T and the middle of the others by
        default.

    Returns
    -------
    preview
        uint8 array (height, width, 3). Transparent parts are shown on black, channels in their colours, and
        values of more than 8 bits stretched.

    Raises
    ------
    ReadError
        The image cannot be read.
    """
    if not isinstance(source, ImageSource):
        path = Path(source)
        if sniff(path) == "jpeg":
            return _of_jpeg(path, size)
        opened = open_image(path)
        try:
            return thumbnail(opened, size, plane)
        finally:
            opened.close()
    at = {letter: length // 2 for letter, length in zip(source.plane_axes, source.plane_shape, strict=True)}
    at.update({"T": 0} if "T" in at else {}, **(dict(plane) if plane else {}))
    pixels = _small_plane(source, at, size)
    return _shrink(_coloured(source, pixels), size)


def _of_jpeg(path: Path, size: int) -> Thumbnail:
    """Decode a JPEG at a reduced size, which its format makes cheap."""
    with open_pillow(path, "jpeg") as image:
        check_pixels(path, image.height, image.width)
        try:
            image.draft("RGB", (size * 2, size * 2))
            pixels = np.array(image.convert("RGB"))
        except DECODE_ERRORS as error:
            raise undecodable(path, error, "JPEG") from error
    return _shrink(pixels, size)


def _small_plane(source: ImageSource, at: Mapping[str, int], size: int) -> Pixels:
    """Read one plane, ``([C,] y, x [, samples])``, of the coarsest level that is large enough."""
    y_axis = source.axes.index("Y")
    level = source.levels[0]
    for coarser in source.levels[1:]:
        if max(coarser.shape[y_axis : y_axis + 2]) >= size:
            level = coarser
    key: list[int | slice] = [at.get(letter, slice(None)) for letter in source.axes[:y_axis]]
    height, width = level.shape[y_axis : y_axis + 2]
    if height * width <= _READ_WHOLE:
        return level[tuple(key)]
    step = max(max(height, width) // (size * 4), 1)
    return _strided(level, key, height, step)


def _strided(level: LazyArray, key: list[int | slice], height: int, step: int) -> Pixels:
    """Take every `step`-th pixel, reading few rows of blocks at a time so that memory stays bounded."""
    rows = step * max(1, 1024 // step)
    bands = [
        level[(*key, slice(start, min(start + rows, height), step), slice(None, None, step))]
        for start in range(0, height, rows)
    ]
    return np.concatenate(bands, axis=sum(isinstance(part, slice) for part in key))


def _coloured(source: ImageSource, pixels: Pixels) -> Thumbnail:
    if source.rgb:
        colour = pixels[..., :3] if pixels.dtype == np.uint8 else _stretch(pixels[..., :3])
        if pixels.shape[-1] == 4:
            opaque = pixels[..., 3:].astype(np.float32) / _top(pixels.dtype)
            colour = (colour * np.clip(opaque, 0, 1)).astype(np.uint8)
        return np.ascontiguousarray(colour, dtype=np.uint8)
    if source.channel_axis is None:
        grey = _stretch(pixels, source.file_limits[0] if source.file_limits else None)
        return np.repeat(grey[..., None], 3, axis=2)
    total = np.zeros((*pixels.shape[1:], 3), np.float32)
    for number, channel in enumerate(pixels[: len(_COLORS)]):
        named = source.channel_colors[number] if source.channel_colors else None
        limits = source.file_limits[number] if len(source.file_limits) == len(pixels) else None
        total += _stretch(channel, limits)[..., None] * (_rgb(named or _COLORS[number]) / 255)
    return np.clip(total, 0, 255).astype(np.uint8)


def _stretch(values: Pixels, limits: tuple[float, float] | None = None) -> Thumbnail:
    """Map values to 0..255; 8-bit values keep theirs, others are stretched between limits or percentiles."""
    if values.dtype == np.uint8 and limits is None:
        return values
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    low, high = limits or limits_of(values)
    scaled = (values.astype(np.float32) - low) * (255.0 / (high - low))
    finite = np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0)
    return np.asarray(np.clip(finite, 0, 255).astype(np.uint8))


def _top(dtype: np.dtype[Any]) -> float:
    return float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0


def _rgb(color: str) -> NDArray[np.float32]:
    return np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)], np.float32)


def _shrink(pixels: Thumbnail, size: int) -> Thumbnail:
    height, width = pixels.shape[:2]
    factor = min(1.0, size / max(height, width))
    if factor == 1.0:
        return np.ascontiguousarray(pixels)
    target = max(1, round(width * factor)), max(1, round(height * factor))
    return np.array(Image.fromarray(pixels).resize(target, Image.Resampling.BOX))
