"""The pictures of the demo, made from those that scikit-image carries inside its package (no download)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tifffile
from skimage.color import rgb2hed
from skimage.io import imread, imsave

from napari_labeltool.core.errors import ReadError

Pixels = np.ndarray[Any, Any]

_OME_UUID = "00000000-0000-4000-8000-000000000003"


@dataclass(frozen=True)
class Picture:
    """One picture of the demo.

    Parameters
    ----------
    id
        Id of its image record.
    name
        File name inside the folder ``images``; its suffix chooses PNG or TIFF.
    source
        File in scikit-image's data folder.
    convert
        From the pixels of the source to those that are written.
    state, verified_empty
        Where the work on it stands in the demo.
    channels
        Names of the channels of a (channels, rows, columns) OME-TIFF; empty for every other picture.
    """

    id: int
    name: str
    source: str
    convert: Callable[[Pixels], Pixels]
    state: Literal["todo", "in_work", "done", "rejected"]
    verified_empty: bool = False
    channels: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """Path relative to the COCO file."""
        return f"images/{self.name}"

    @property
    def channels_first(self) -> bool:
        """Whether the channel is the first axis."""
        return bool(self.channels)


def _as_carried(pixels: Pixels) -> Pixels:
    return pixels


def _luminance_16_bit(rgb: Pixels) -> Pixels:
    """Grey of 65,536 steps: the weighted sum of three channels of 8 bit has more steps than 256."""
    luminance = rgb.astype(np.float64) @ np.array([0.2126, 0.7152, 0.0722])
    return np.asarray(np.round(luminance * 257), np.uint16)


def _stains_12_bit(rgb: Pixels) -> Pixels:
    """(3, rows, columns) amounts of the three stains in 0 to 4095, as a camera of 12 bit would give them."""
    stains = np.moveaxis(rgb2hed(rgb), -1, 0)
    low = stains.min(axis=(1, 2), keepdims=True)
    span = stains.max(axis=(1, 2), keepdims=True) - low
    return np.asarray(np.round((stains - low) / np.where(span == 0, 1, span) * 4095), np.uint16)


def _finite_float32(pixels: Pixels) -> Pixels:
    return np.asarray(np.where(np.isfinite(pixels), pixels, 0), np.float32)


PICTURES: tuple[Picture, ...] = (
    Picture(1, "coins.png", "coins.png", _as_carried, "done"),
    Picture(2, "tissue_ihc.png", "ihc.png", _as_carried, "in_work"),
    Picture(
        3,
        "tissue_stains.ome.tif",
        "ihc.png",
        _stains_12_bit,
        "todo",
        channels=("haematoxylin", "eosin", "DAB"),
    ),
    Picture(4, "deep_field_16bit.tif", "hubble_deep_field.jpg", _luminance_16_bit, "in_work"),
    Picture(5, "portrait.png", "astronaut.png", _as_carried, "done"),
    Picture(6, "coffee.png", "coffee.png", _as_carried, "done"),
    Picture(7, "cat.png", "chelsea.png", _as_carried, "todo"),
    Picture(8, "disparity_float32.tif", "motorcycle_disp.npz", _finite_float32, "todo"),
    Picture(9, "rocket.png", "rocket.jpg", _as_carried, "todo"),
    Picture(10, "bricks.png", "brick.png", _as_carried, "done", verified_empty=True),
    Picture(11, "moving_clock.png", "clock_motion.png", _as_carried, "rejected"),
)


def carried_picture(source: str) -> Pixels:
    """Return a picture from scikit-image's package.

    Parameters
    ----------
    source
        File name in ``skimage/data``.

    Returns
    -------
    (rows, columns) or (rows, columns, 3) array
        As stored.

    Raises
    ------
    ReadError
        The installed scikit-image has no such file.
    """
    resource = files("skimage.data") / source
    if not resource.is_file():
        raise ReadError(
            f"skimage/data/{source}: not found in the installed scikit-image, of which the demo takes its "
            "pictures. Install scikit-image 0.25 or 0.26."
        )
    with as_file(resource) as path:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as archive:
                return np.asarray(archive[archive.files[0]])
        return np.asarray(imread(path))


def write_picture(picture: Picture, path: Path) -> Pixels:
    """Write one picture of the demo and return its pixels as written."""
    pixels = picture.convert(carried_picture(picture.source))
    if path.suffix == ".tif":
        metadata = (
            {"axes": "CYX", "UUID": _OME_UUID, "Channel": {"Name": list(picture.channels)}}
            if picture.channels
            else None
        )
        tifffile.imwrite(
            path,
            pixels,
            ome=picture.channels_first,
            photometric="minisblack",
            compression="adobe_deflate",
            metadata=metadata,
            software="napari-labeltool",
        )
    else:
        imsave(path, pixels, check_contrast=False)
    return pixels
