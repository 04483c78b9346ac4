"""NumPy's .npy files, memory-mapped."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from napari_labeltool.images.axes import lay_out
from napari_labeltool.images.lazy import ViewArray
from napari_labeltool.images.model import ImageSource
from napari_labeltool.images.probe import DECODE_ERRORS, undecodable, unreadable


def open_npy(path: Path) -> ImageSource:
    """Describe an array file; it is mapped, not read.

    Axes are taken as (Y, X), (Z, Y, X) or (T, Z, Y, X); a last axis of length 3 or 4 holds colour samples
    when the values are 8-bit, and of at least three axes.

    Raises
    ------
    ReadError
        The file is damaged, holds objects, or has too few or too many axes.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except DECODE_ERRORS as error:
        raise undecodable(path, error, "NPY") from error
    if array.dtype.kind not in "biuf":
        raise unreadable(path, f"values of type {array.dtype}", "Save it as integers or floats.")
    rgb = array.ndim >= 3 and array.shape[-1] in (3, 4) and array.dtype == np.uint8
    plain = array.ndim - (1 if rgb else 0)
    if not 2 <= plain <= 5 or 0 in array.shape:
        raise unreadable(path, f"an array of shape {array.shape}", "Save it with 2 to 5 axes, y and x last.")
    axes = "TCZYX"[-plain:] if plain != 4 else "TZYX"
    layout = lay_out(axes + ("S" if rgb else ""), array.shape, plain if rgb else None)
    return ImageSource(
        path=path, format="npy", levels=(ViewArray(array, layout.order, path),), axes=layout.axes, rgb=rgb
    )
