"""Pixel size, channel names and colours from the several places where TIFF writers put them."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import tifffile

from napari_labeltool.images.probe import DECODE_ERRORS

_UNITS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("µm", "μm", "um", "micron", "microns", "micrometer", "micrometre", "\\u00b5m"), "micrometer"
    ),
    **dict.fromkeys(("nm", "nanometer", "nanometre"), "nanometer"),
    **dict.fromkeys(("pm", "picometer", "picometre"), "picometer"),
    **dict.fromkeys(("mm", "millimeter", "millimetre"), "millimeter"),
    **dict.fromkeys(("cm", "centimeter", "centimetre"), "centimeter"),
    **dict.fromkeys(("m", "meter", "metre"), "meter"),
    **dict.fromkeys(("å", "angstrom", "ångström"), "angstrom"),
    **dict.fromkeys(("in", "inch", "inches"), "inch"),
}
_TIMES: Final[dict[str, str]] = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), "second"),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), "millisecond"),
    **dict.fromkeys(("min", "minute", "minutes"), "minute"),
    **dict.fromkeys(("h", "hour", "hours"), "hour"),
}
#: Micrometers in the unit of the TIFF tag ResolutionUnit (2 = inch, 3 = centimeter).
_RESOLUTION_UM: Final = {2: 25_400.0, 3: 10_000.0}
#: Coarser than this, an inch-based resolution is a printer's setting (72, 300, 600 dpi), not a measurement.
_COARSEST_UM: Final = 10.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the metadata of a file says; the fields are those of `ImageSource`."""

    pixel_size_yx: tuple[float, float] | None = None
    unit: str | None = None
    channel_names: tuple[str, ...] = ()
    channel_colors: tuple[str | None, ...] = ()
    file_limits: tuple[tuple[float, float], ...] = ()
    plane_steps: Mapping[str, tuple[float, str]] = field(default_factory=dict)


def step(size: object, unit: str | None) -> tuple[float, str] | None:
    """Give a distance along Z or T with the unit as pint names it, or None for one that makes no sense."""
    name = unit_name(unit) or _TIMES.get((unit or "").strip().lower())
    try:
        value = float(str(size))
    except ValueError:
        return None
    return (value, name) if name is not None and math.isfinite(value) and value > 0 else None


def _steps(**given: tuple[object, str | None]) -> dict[str, tuple[float, str]]:
    found = {axis: step(size, unit) for axis, (size, unit) in given.items()}
    return {axis: one for axis, one in found.items() if one is not None}


def unit_name(text: str | None) -> str | None:
    """Give the unit as pint names it (``"micrometer"``), or None for one that is no length (``"pixel"``)."""
    return _UNITS.get((text or "").strip().lower())


def calibration(
    size_y: object, size_x: object, unit: str | None
) -> tuple[tuple[float, float] | None, str | None]:
    """Give ``(pixel_size_yx, unit)``; None twice unless both sizes are positive and the unit is a length."""
    name = unit_name(unit)
    try:
        sizes = float(str(size_y)), float(str(size_x))
    except ValueError:
        return None, None
    if name is None or not all(math.isfinite(size) and size > 0 for size in sizes):
        return None, None
    return sizes, name


def read_facts(tif: tifffile.TiffFile, series: Any) -> Facts:
    """Collect the metadata of one series; what cannot be understood is left out."""
    page = series.keyframe
    if tif.is_ome and tif.ome_metadata:
        number = next((number for number, one in enumerate(tif.series) if one is series), 0)
        return _ome_facts(tif.ome_metadata, number)
    if tif.is_imagej and tif.imagej_metadata:
        return _imagej_facts(page, tif.imagej_metadata)
    if tif.is_svs:
        try:
            mpp = tifffile.tifffile.svs_description_metadata(page.description).get("MPP")
        except DECODE_ERRORS:
            mpp = None
        pixel_size, unit = calibration(mpp, mpp, "um")
        if pixel_size is not None:
            return Facts(pixel_size, unit)
    pixel_size, unit = _tag_calibration(page)
    return Facts(pixel_size, unit)


def _ome_facts(text: str, index: int) -> Facts:
    try:
        root = ElementTree.fromstring(text.encode("utf-8"))
    except ElementTree.ParseError:
        return Facts()
    images = [element for element in root if element.tag.rpartition("}")[2] == "Image"]
    if not images:
        return Facts()
    image = images[index] if index < len(images) else images[0]
    pixels = next((element for element in image if element.tag.rpartition("}")[2] == "Pixels"), None)
    if pixels is None:
        return Facts()
    unit_x, unit_y = (pixels.get(f"PhysicalSize{axis}Unit", "µm") for axis in "XY")
    pixel_size, unit = calibration(
        pixels.get("PhysicalSizeY"), pixels.get("PhysicalSizeX"), unit_x if unit_x == unit_y else None
    )
    channels = [element for element in pixels if element.tag.rpartition("}")[2] == "Channel"]
    names = tuple(channel.get("Name") or f"channel {number}" for number, channel in enumerate(channels))
    named = any(channel.get("Name") for channel in channels)
    colors = tuple(_ome_color(channel.get("Color")) for channel in channels)
    steps = _steps(
        Z=(pixels.get("PhysicalSizeZ"), pixels.get("PhysicalSizeZUnit", "µm")),
        T=(pixels.get("TimeIncrement"), pixels.get("TimeIncrementUnit", "s")),
    )
    return Facts(pixel_size, unit, names if named else (), colors if any(colors) else (), plane_steps=steps)


def _ome_color(text: str | None) -> str | None:
    """Give ``#rrggbb`` of OME's signed 32-bit RGBA; white, the default of the schema, tells nothing."""
    try:
        value = int(text or "")
    except ValueError:
        return None
    color = f"#{(value & 0xFFFFFFFF) >> 8:06x}"
    return None if color == "#ffffff" else color


def _imagej_facts(page: Any, metadata: dict[str, Any]) -> Facts:
    size_x, size_y = (_tag_pixel_size(page, name) for name in ("XResolution", "YResolution"))
    pixel_size, unit = calibration(size_y, size_x, str(metadata.get("unit", "")))
    count = int(metadata.get("channels", 1) or 1)
    ranges = [float(value) for value in metadata.get("Ranges", ())]
    if not ranges and "min" in metadata and "max" in metadata and count == 1:
        ranges = [float(metadata["min"]), float(metadata["max"])]
    pairs = tuple(zip(ranges[::2], ranges[1::2], strict=False))
    limits = pairs if len(pairs) == count and all(low < high for low, high in pairs) else ()
    colors = tuple(_lut_color(lut) for lut in metadata.get("LUTs", ()))
    steps = _steps(
        Z=(metadata.get("spacing"), str(metadata.get("unit", ""))), T=(metadata.get("finterval"), "s")
    )
    return Facts(pixel_size, unit, (), colors if count > 1 and any(colors) else (), limits, steps)


def _lut_color(lut: Any) -> str | None:
    if getattr(lut, "shape", None) != (3, 256):
        return None
    red, green, blue = (int(lut[row][255]) for row in range(3))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _tag_pixel_size(page: Any, name: str) -> float | None:
    """Give one over the resolution in a tag: lengths of one pixel in the tag's unit."""
    tag = page.tags.get(name)
    if tag is None:
        return None
    try:
        numerator, denominator = tag.value
        return float(denominator) / float(numerator)
    except (TypeError, ValueError, ZeroDivisionError):
        return None


def _tag_calibration(page: Any) -> tuple[tuple[float, float] | None, str | None]:
    unit_tag = page.tags.get("ResolutionUnit")
    factor = _RESOLUTION_UM.get(int(unit_tag.value) if unit_tag is not None else 2)
    size_x, size_y = (_tag_pixel_size(page, name) for name in ("XResolution", "YResolution"))
    if factor is None or size_x is None or size_y is None:
        return None, None
    if factor == _RESOLUTION_UM[2] and max(size_x, size_y) * factor > _COARSEST_UM:
        return None, None
    return calibration(size_y * factor, size_x * factor, "um")
