"""Open an image file of any known format."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Final

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images.flat import FLAT_FORMATS, open_flat
from napari_labeltool.images.model import ImageSource
from napari_labeltool.images.npy import open_npy
from napari_labeltool.images.ome_zarr import is_ome_zarr, open_ome_zarr
from napari_labeltool.images.probe import sniff
from napari_labeltool.images.pyramid import FLAT_SIDE, Pyramid
from napari_labeltool.images.pyramid_cache import PyramidCache
from napari_labeltool.images.tiff import open_tiff

#: Pixels of a picture for which levels are made: 524,288 x 524,288.
MAX_FLAT_PIXELS: Final = 2**38
#: Channels that are layers of their own; more of them get a slider.
MAX_CHANNELS: Final = 64


def open_image(path: str | os.PathLike[str], cache: PyramidCache | None = None) -> ImageSource:
    """Open an image; its pixels are read only when they are looked at.

    The format is found by content. A picture with a side over `FLAT_SIDE` pixels and no pyramid gets coarser
    levels: from the cache of an earlier time, or computed when they are first looked at, or all of them in the
    background by ``source.pyramid.build()``.

    Parameters
    ----------
    path
        A TIFF, OME-TIFF, whole-slide TIFF, PNG, JPEG, BMP, GIF, WebP, JPEG 2000, PNM or NPY file, or the
        folder of an OME-Zarr image.
    cache
        Where computed levels are kept; the user's cache folder by default.

    Returns
    -------
    source
        Levels with the axes ``source.axes``, y and x last, then the samples when ``source.rgb``.

    Raises
    ------
    ReadError
        There is no such file, it is no image, or it is damaged in a way that the header shows. Damage further
        in raises at ``source.load()`` or when the damaged tile is read.
    """
    where = Path(path)
    kind = sniff(where)
    if kind in FLAT_FORMATS:
        source = open_flat(where, kind)
    elif kind == "tiff":
        source = open_tiff(where)
    elif kind == "npy":
        source = open_npy(where)
    else:
        source = open_ome_zarr(where)
    return _with_levels(_with_few_channels(source), cache)


def _with_few_channels(source: ImageSource) -> ImageSource:
    """Give more channels than can be layers an axis like that of planes."""
    if source.channel_count <= MAX_CHANNELS:
        return source
    letter = next(letter for letter in "BLWUVK" if letter not in source.axes)
    note = f"The picture has {source.channel_count:,} channels; they are shown one at a time, along the axis {letter}."
    return dataclasses.replace(
        source,
        axes=source.axes.replace("C", letter),
        channel_names=(),
        channel_colors=(),
        file_limits=(),
        notes=(*source.notes, note),
    )


def _with_levels(source: ImageSource, cache: PyramidCache | None) -> ImageSource:
    """Add coarser levels to a picture whose coarsest one is too large to be read as a whole."""
    coarsest = source.levels[-1]
    y_axis = source.axes.index("Y")
    height, width = coarsest.shape[y_axis : y_axis + 2]
    if max(height, width) <= FLAT_SIDE:
        return source
    if height * width > MAX_FLAT_PIXELS:
        raise ReadError(
            f"{source.path}: a picture of {height:,} x {width:,} pixels (height x width) without coarser levels"
            f" found, at most {MAX_FLAT_PIXELS:,} pixels are shown of one. Write it with a pyramid, for example as"
            " OME-Zarr. The image was not opened."
        )
    pyramid = Pyramid(coarsest, source.rgb, source.channel_axis, source.path, cache)
    return dataclasses.replace(source, levels=(*source.levels, *pyramid.levels[1:]), pyramid=pyramid)


def is_picture(path: str | os.PathLike[str]) -> bool:
    """Tell by the first bytes whether a path is a picture that `open_image` knows; of a folder, an OME-Zarr image."""
    where = Path(path)
    try:
        return is_ome_zarr(where) if sniff(where) == "ome-zarr" else True
    except ReadError:
        return False
