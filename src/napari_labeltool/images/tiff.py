"""TIFF, BigTIFF, OME-TIFF, ImageJ hyperstacks and whole-slide pyramids, read tile by tile."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import tifffile

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images.axes import Layout, lay_out
from napari_labeltool.images.cache import ChunkedArray
from napari_labeltool.images.lazy import LazyArray, Pixels, ViewArray
from napari_labeltool.images.model import ImageSource
from napari_labeltool.images.probe import DECODE_ERRORS, check_chunk, undecodable, unreadable
from napari_labeltool.images.tiff_metadata import Facts, read_facts

#: A tile or strip of more values than this is kept decoded: it would be decoded again for every look at a
#: part.
_KEPT_TILE: Final = 2**22
#: Strips are read together up to so many values.
_BAND: Final = 2**20
_FILE_NAME: Final = re.compile(r'\bFileName\s*=\s*"([^"]*)"')
_PALETTE: Final = 3
_SEPARATED: Final = 5
_COLOUR: Final = (2, 6)


def open_tiff(path: Path) -> ImageSource:
    """Describe a TIFF; tiles are read when they are looked at.

    Raises
    ------
    ReadError
        The file is damaged, or it holds no picture.
    """
    tif = open_tifffile(path)
    try:
        return _describe(path, tif)
    except ReadError:
        tif.close()
        raise
    except DECODE_ERRORS as error:
        tif.close()
        raise undecodable(path, error, "TIFF") from error


def read_tiff_size(path: Path) -> tuple[int, int]:
    """Give ``(height, width)`` of the picture that `open_tiff` shows.

    Raises
    ------
    ReadError
        The file is damaged, or it holds no picture.
    """
    with open_tifffile(path) as tif:
        try:
            series = main_series(path, tif)
            return int(series.shape[series.axes.index("Y")]), int(series.shape[series.axes.index("X")])
        except DECODE_ERRORS as error:
            raise undecodable(path, error, "TIFF") from error


def open_tifffile(path: Path) -> tifffile.TiffFile:
    """Open the file; an OME-TIFF that names parts of itself in other folders is held to its own file.

    Raises
    ------
    ReadError
        The header is damaged.
    """
    try:
        tif = tifffile.TiffFile(path)
        if tif.is_ome and any(
            re.search(r"[/\\]|^\.\.", name) for name in _FILE_NAME.findall(tif.ome_metadata or "")
        ):
            tif.close()
            tif = tifffile.TiffFile(path, _multifile=False)
        return tif
    except DECODE_ERRORS as error:
        raise undecodable(path, error, "TIFF") from error


def main_series(path: Path, tif: tifffile.TiffFile) -> Any:
    """Give the series with the largest picture: labels, overviews and thumbnails of slides are smaller.

    Raises
    ------
    ReadError
        There is no picture in the file.
    """
    series = [one for one in tif.series if "Y" in one.axes and "X" in one.axes and 0 not in one.shape]
    if not series:
        raise unreadable(path, "a TIFF with no picture in it", "Write it anew with the program that made it.")

    def area(one: Any) -> int:
        return int(one.shape[one.axes.index("Y")]) * int(one.shape[one.axes.index("X")])

    return max(series, key=area)


def _describe(path: Path, tif: tifffile.TiffFile) -> ImageSource:
    series = main_series(path, tif)
    page = series.keyframe
    if series.dtype is None or np.dtype(series.dtype).kind not in "biuf":
        raise unreadable(path, f"pixels of type {series.dtype}", "Convert it to integers or floats.")
    axes, samples_axis, converter = _colour(series, page)
    layout = lay_out(axes, series.shape, samples_axis)
    facts = read_facts(tif, series)
    levels = [_level(path, series, number, layout, converter) for number in range(len(series.levels))]
    y_axis = len(layout.axes) - 2
    same = [level for level in levels if level.shape[:y_axis] == levels[0].shape[:y_axis]]
    notes = []
    if len(tif.series) > 1:
        notes.append(f"The file holds {len(tif.series)} pictures; the largest one is shown.")
    count = levels[0].shape[layout.axes.index("C")] if "C" in layout.axes else 1
    return ImageSource(
        path=path,
        format="tiff",
        levels=tuple(sorted(same, key=lambda level: -level.shape[y_axis + 1])),
        axes=layout.axes,
        rgb=layout.samples or converter.samples is not None,
        pixel_size_yx=facts.pixel_size_yx,
        unit=facts.unit,
        plane_steps=facts.plane_steps,
        notes=tuple(notes),
        _close=tif.close,
        **_channel_facts(facts, count, page, series.axes),
    )


def _channel_facts(facts: Facts, count: int, page: Any, axes: str) -> dict[str, Any]:
    names = facts.channel_names if len(facts.channel_names) == count else ()
    if (
        not names
        and count == 2
        and "S" in axes
        and "C" not in axes
        and tuple(page.extrasamples)[:1] in ((1,), (2,))
    ):
        names = ("grey", "alpha")
    return {
        "channel_names": names,
        "channel_colors": facts.channel_colors if len(facts.channel_colors) == count else (),
        "file_limits": facts.file_limits if len(facts.file_limits) == count else (),
    }


@dataclass(frozen=True, slots=True)
class _Converter:
    """What is done to the values of a block; `samples` and `dtype` when that changes them."""

    convert: Callable[[Pixels], Pixels] | None = None
    samples: int | None = None
    dtype: np.dtype[Any] | None = None


def _colour(series: Any, page: Any) -> tuple[str, int | None, _Converter]:
    """Give the axes with their final letters, the samples axis, and the conversion to grey or RGB."""
    axes: str = series.axes
    dtype = np.dtype(series.dtype)
    photometric = int(page.photometric)
    samples_axis = axes.index("S") if "S" in axes else None
    if samples_axis is None:
        if photometric == _PALETTE and page.colormap is not None and dtype.kind == "u":
            table = np.ascontiguousarray((np.asarray(page.colormap).T >> 8).astype(np.uint8))
            return (
                axes,
                None,
                _Converter(lambda block: table[np.minimum(block, len(table) - 1)], 3, np.dtype("u1")),
            )
        if photometric == 0 and dtype.kind in "ub":
            return axes, None, _Converter(_inverter(int(page.bitspersample), dtype))
        return axes, None, _Converter()
    samples = int(series.shape[samples_axis])
    if photometric in _COLOUR and samples in (3, 4):
        return axes, samples_axis, _Converter()
    if photometric == _SEPARATED and samples == 4 and dtype == np.uint8:
        return axes, samples_axis, _Converter(_cmyk_to_rgb, 3)
    # Samples that are no colour (more than four, or grey and alpha) are channels; beside channels, planes.
    return axes.replace("S", "C" if "C" not in axes else "I"), None, _Converter()


def _inverter(bits: int, dtype: np.dtype[Any]) -> Callable[[Pixels], Pixels]:
    """White is zero in this file; grey is shown with black as zero."""
    if dtype.kind == "b":
        return np.logical_not
    top = dtype.type(2**bits - 1)
    return lambda block: top - block


def _cmyk_to_rgb(block: Pixels) -> Pixels:
    ink = 255 - block[..., :3].astype(np.uint16)
    black = 255 - block[..., 3:].astype(np.uint16)
    return ((ink * black + 127) // 255).astype(np.uint8)


def _level(path: Path, series: Any, number: int, layout: Layout, converter: _Converter) -> LazyArray:
    level = series.levels[number]
    base = _memory_map(path, level)
    if base is None:
        import zarr  # takes 0.2 s, and not all pictures are TIFF

        base = zarr.open_array(series.aszarr(level=number), mode="r")
        check_chunk(path, base.chunks, base.dtype.itemsize)
    view = ViewArray(
        base,
        layout.order,
        path,
        convert=converter.convert,
        samples=converter.samples,
        replaces_samples=converter.samples is not None and layout.samples,
        dtype=converter.dtype,
    )
    if view.random_access:
        return view
    kept = _kept_chunks(view.chunks, view.shape, len(layout.axes) - 2)
    return view if kept is None else ChunkedArray(view.shape, view.dtype, kept, view.__getitem__)


def _kept_chunks(chunks: tuple[int, ...], shape: tuple[int, ...], y_axis: int) -> tuple[int, ...] | None:
    """Give the chunks in which a level is kept decoded, None when tiles are cheap to decode again.

    Large tiles are kept, and strips of full width, of which many are read together.
    """
    size = math.prod(chunks)
    if size > _KEPT_TILE:
        return chunks
    if chunks[y_axis + 1] < shape[y_axis + 1] or math.prod(shape[y_axis:]) <= _KEPT_TILE:
        return None
    strips = max(_BAND // size, 1)
    return (*chunks[:y_axis], min(chunks[y_axis] * strips, shape[y_axis]), *chunks[y_axis + 1 :])


def _memory_map(path: Path, level: Any) -> np.memmap[Any, Any] | None:
    """Map an uncompressed picture that lies in one piece, which needs no decoder; None for others."""
    page = level.keyframe
    if level.dataoffset is None or not page.is_memmappable or level.is_multifile:
        return None
    dtype = np.dtype(level.dtype).newbyteorder(page.parent.byteorder)
    return np.memmap(path, dtype=dtype, mode="r", offset=level.dataoffset, shape=tuple(level.shape))
