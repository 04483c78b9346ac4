"""Open an image file of any known format."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images.flat import FLAT_FORMATS, open_flat
from napari_labeltool.images.model import ImageSource
from napari_labeltool.images.npy import open_npy
from napari_labeltool.images.ome_zarr import is_ome_zarr, open_ome_zarr
from napari_labeltool.images.probe import sniff
from napari_labeltool.images.pyramid import FLAT_SIDE, Pyramid
from napari_labeltool.images.pyramid_cache import PyramidCache
from napari_labeltool.images.tiff import open_tiff


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
    if source.is_multiscale or max(source.shape_yx) <= FLAT_SIDE:
        return source
    pyramid = Pyramid(source.levels[0], source.rgb, source.channel_axis, where, cache)
    return dataclasses.replace(source, levels=pyramid.levels, pyramid=pyramid)


def is_picture(path: str | os.PathLike[str]) -> bool:
    """Tell by the first bytes whether a path is a picture that `open_image` knows; of a folder, an OME-Zarr image."""
    where = Path(path)
    try:
        return is_ome_zarr(where) if sniff(where) == "ome-zarr" else True
    except ReadError:
        return False
