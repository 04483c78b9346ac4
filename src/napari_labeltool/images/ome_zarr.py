"""OME-Zarr 0.1 to 0.5 (zarr formats 2 and 3) and plain zarr arrays, read chunk by chunk.

Zarr is loaded when a folder is looked at: that takes 0.2 s, and most pictures are no OME-Zarr.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images.axes import lay_out
from napari_labeltool.images.lazy import LazyArray, ViewArray
from napari_labeltool.images.model import ImageSource
from napari_labeltool.images.probe import DECODE_ERRORS, check_chunk, undecodable, unreadable
from napari_labeltool.images.tiff_metadata import calibration, step

if TYPE_CHECKING:
    import zarr

_OLD_AXES: Final = "TCZYX"
_LETTERS: Final = {"time": "T", "channel": "C"}


def is_ome_zarr(folder: Path) -> bool:
    """Whether a folder is a zarr image: a zarr array, or a group with multiscales (not a plate)."""
    import zarr

    try:
        picture = _picture(folder)
        return isinstance(picture, zarr.Array) or bool(_multiscales(picture))
    except (ReadError, *DECODE_ERRORS):
        return False


def open_ome_zarr(path: Path) -> ImageSource:
    """Describe an OME-Zarr image; chunks are read when they are looked at.

    Raises
    ------
    ReadError
        The folder holds no zarr image, or its metadata is damaged.
    """
    try:
        return _describe(path, _picture(path))
    except DECODE_ERRORS as error:
        raise undecodable(path, error, "OME-Zarr") from error


def read_ome_zarr_size(path: Path) -> tuple[int, int]:
    """Give ``(height, width)`` from the metadata alone.

    Raises
    ------
    ReadError
        The folder holds no zarr image, or its metadata is damaged.
    """
    return open_ome_zarr(path).shape_yx


def _picture(path: Path) -> zarr.Array | zarr.Group:
    """Open the node that holds the picture; the first one where several lie in one folder."""
    import zarr
    from zarr.storage import LocalStore

    node = zarr.open(LocalStore(path, read_only=True), mode="r")
    if isinstance(node, zarr.Array) or _multiscales(node):
        return node
    attributes = _ome_attributes(node)
    if "plate" in attributes or "well" in attributes:
        raise unreadable(
            path, "a plate of many wells", "Open one of its images, for example the sub-folder A/1/0."
        )
    if "0" in node:
        first = node["0"]
        if isinstance(first, zarr.Group) and _multiscales(first):
            return first
    raise unreadable(path, "a zarr group without multiscales metadata", "Open one of the arrays in it.")


def _ome_attributes(node: zarr.Group) -> Mapping[str, Any]:
    attributes = dict(node.attrs)
    inner = attributes.get("ome")
    return cast("Mapping[str, Any]", inner) if isinstance(inner, Mapping) else attributes


def _multiscales(node: zarr.Group) -> Mapping[str, Any] | None:
    found = _ome_attributes(node).get("multiscales")
    if isinstance(found, Sequence) and found and isinstance(found[0], Mapping) and found[0].get("datasets"):
        return cast("Mapping[str, Any]", found[0])
    return None


def _describe(path: Path, node: zarr.Array | zarr.Group) -> ImageSource:
    import zarr

    if isinstance(node, zarr.Array):
        letters = _guessed_axes(node.ndim)
        samples = node.ndim > 2 and node.shape[-1] in (3, 4) and node.dtype == np.uint8
        axes = _guessed_axes(node.ndim - 1) + "S" if samples else letters
        return _source(path, [node], axes, len(axes) - 1 if samples else None, {})
    scales = _multiscales(node)
    if scales is None:
        raise unreadable(path, "a zarr group without multiscales metadata", "Open one of the arrays in it.")
    arrays = []
    for dataset in scales["datasets"]:
        array = node[str(dataset["path"])]
        if not isinstance(array, zarr.Array):
            raise ValueError(f"level {dataset['path']!r} is not an array")
        arrays.append(array)
    declared = scales.get("axes")
    axes = "".join(_letter(axis) for axis in declared) if declared else _OLD_AXES[-arrays[0].ndim :]
    facts = _calibration(scales, axes)
    facts.update(_omero(_ome_attributes(node).get("omero"), axes, arrays[0].shape))
    return _source(path, arrays, axes, None, facts)


def _source(
    path: Path, arrays: Sequence[zarr.Array], axes: str, samples_axis: int | None, facts: dict[str, Any]
) -> ImageSource:
    if arrays[0].dtype.kind not in "biuf":
        raise unreadable(path, f"values of type {arrays[0].dtype}", "Convert it to integers or floats.")
    layout = lay_out(axes, arrays[0].shape, samples_axis)
    levels: list[LazyArray] = []
    for array in arrays:
        if array.ndim != arrays[0].ndim or array.dtype != arrays[0].dtype:
            raise ValueError(f"levels of different kinds: {arrays[0].shape} and {array.shape}")
        check_chunk(path, array.shards or array.chunks, array.dtype.itemsize)
        levels.append(ViewArray(array, layout.order, path))
    y_axis = len(layout.axes) - 2
    same = [level for level in levels if level.shape[:y_axis] == levels[0].shape[:y_axis]]
    return ImageSource(
        path=path, format="ome-zarr", levels=tuple(same), axes=layout.axes, rgb=layout.samples, **facts
    )


def _guessed_axes(count: int) -> str:
    if not 2 <= count <= len(_OLD_AXES):
        raise ValueError(f"an array of {count} axes found, 2 to 5 expected")
    return {2: "YX", 3: "ZYX", 4: "CZYX"}.get(count, _OLD_AXES)


def _letter(axis: object) -> str:
    if isinstance(axis, Mapping):
        name = str(axis.get("name", "?"))
        return _LETTERS.get(str(axis.get("type")), name[:1].upper())
    return str(axis)[:1].upper()


def _calibration(scales: Mapping[str, Any], axes: str) -> dict[str, Any]:
    """Give pixel size and unit where the metadata has both."""
    total = np.ones(len(axes))
    found = False
    for holder in (scales["datasets"][0], scales):
        for transformation in holder.get("coordinateTransformations", ()):
            if transformation.get("type") == "scale" and len(transformation.get("scale", ())) == len(axes):
                total *= np.asarray(transformation["scale"], float)
                found = True
    declared = scales.get("axes") or ()
    units = {
        _letter(axis): str(axis.get("unit", ""))
        for axis in declared
        if isinstance(axis, Mapping) and "unit" in axis
    }
    if not found:
        return {}
    steps = {
        axis: one
        for axis in axes
        if axis in "ZT" and (one := step(total[axes.index(axis)], units.get(axis))) is not None
    }
    if units.get("Y") != units.get("X"):
        return {"plane_steps": steps}
    size, unit = calibration(total[axes.index("Y")], total[axes.index("X")], units.get("X"))
    return {"pixel_size_yx": size, "unit": unit, "plane_steps": steps}


def _omero(omero: object, axes: str, shape: Sequence[int]) -> dict[str, Any]:
    """Give channel names, colours and display windows where there is one for each channel."""
    channels = omero.get("channels") if isinstance(omero, Mapping) else None
    count = int(shape[axes.index("C")]) if "C" in axes else 1
    if not isinstance(channels, Sequence) or len(channels) != count:
        return {}
    names, colors, limits = [], [], []
    for number, channel in enumerate(channels):
        entry = channel if isinstance(channel, Mapping) else {}
        names.append(str(entry.get("label") or f"channel {number}"))
        colors.append(_hex_color(entry.get("color")))
        window = entry.get("window")
        limits.append(_window(window) if isinstance(window, Mapping) else None)
    named = any(isinstance(channel, Mapping) and channel.get("label") for channel in channels)
    return {
        "channel_names": tuple(names) if named else (),
        "channel_colors": tuple(colors) if any(colors) else (),
        "file_limits": () if None in limits else tuple(limits),
    }


def _hex_color(text: object) -> str | None:
    digits = str(text or "").lstrip("#")[:6].lower()
    return f"#{digits}" if len(digits) == 6 and all(digit in "0123456789abcdef" for digit in digits) else None


def _window(window: Mapping[str, Any]) -> tuple[float, float] | None:
    low, high = window.get("start"), window.get("end")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low < high:
        return float(low), float(high)
    return None
