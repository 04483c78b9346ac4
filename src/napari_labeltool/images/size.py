"""The size of an image from its header alone, and whether a COCO record declares it rightly."""

from __future__ import annotations

import os
from pathlib import Path

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images.flat import FLAT_FORMATS, read_flat_header
from napari_labeltool.images.npy import open_npy
from napari_labeltool.images.ome_zarr import read_ome_zarr_size
from napari_labeltool.images.probe import sniff
from napari_labeltool.images.tiff import read_tiff_size


def read_size(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Read ``(height, width)`` in pixels without decoding the picture.

    Raises
    ------
    ReadError
        There is no such file, it is no image, or its header is damaged.
    """
    where = Path(path)
    kind = sniff(where)
    if kind in FLAT_FORMATS:
        header = read_flat_header(where, kind)
        return header.height, header.width
    if kind == "tiff":
        return read_tiff_size(where)
    if kind == "npy":
        return open_npy(where).shape_yx
    return read_ome_zarr_size(where)


def size_problem(path: str | os.PathLike[str], declared_height: object, declared_width: object) -> str | None:
    """Compare the size that a COCO record declares with that of its file.

    Parameters
    ----------
    path
        The image file.
    declared_height, declared_width
        The record's values as they are in the JSON; None where it has none.

    Returns
    -------
    problem
        A sentence for the person, or None when the sizes agree, or when none is declared.
    """
    if declared_height is None and declared_width is None:
        return None
    where = Path(path)
    try:
        height, width = read_size(where)
    except ReadError as error:
        return str(error)
    if (declared_height, declared_width) == (height, width):
        return None
    text = (
        f"the file {where.name} has {height} x {width} pixels (height x width), the record declares "
        f"{declared_height} x {declared_width}."
    )
    if (declared_width, declared_height) == (height, width):
        text += " Height and width are swapped"
        text += (
            ": the labels were probably drawn on the picture turned by its EXIF tag."
            if _turned(where)
            else "."
        )
    return text + " Labels are drawn in the pixels of the file."


def _turned(path: Path) -> bool:
    """Whether the camera's tag says that the picture is to be shown turned by a quarter."""
    kind = sniff(path)
    return kind in FLAT_FORMATS and read_flat_header(path, kind).orientation >= 5
