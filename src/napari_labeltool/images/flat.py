"""PNG, JPEG, BMP, GIF, WebP, JPEG 2000 and PNM: formats whose pixels are decoded in one piece.

Pillow's own limit warns about, and then refuses, pictures that microscopes make every day, and it is a global
of the process. So its decoders are used directly, under the limit of `probe.check_pixels`, which is checked
on the header before any pixel is decoded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import imagecodecs
import numpy as np
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.WebPImagePlugin import WebPImageFile

from napari_labeltool.images.lazy import DecodedArray, Pixels
from napari_labeltool.images.model import ImageSource
from napari_labeltool.images.probe import (
    DECODE_ERRORS,
    MAX_DEFLATE_RATIO,
    ImageFormat,
    check_pixels,
    undecodable,
)

_DECODERS: Final[dict[ImageFormat, type[ImageFile]]] = {
    "png": PngImageFile,
    "jpeg": JpegImageFile,
    "bmp": BmpImageFile,
    "gif": GifImageFile,
    "webp": WebPImageFile,
    "jpeg2000": Jpeg2KImageFile,
    "pnm": PpmImageFile,
}
FLAT_FORMATS: Final = frozenset(_DECODERS)

#: The Pillow mode that a picture is converted to, its samples and type; other modes become RGB.
_MODES: Final[dict[str, tuple[str, int, str]]] = {
    "1": ("L", 1, "uint8"),
    "L": ("L", 1, "uint8"),
    "LA": ("RGBA", 4, "uint8"),
    "La": ("RGBA", 4, "uint8"),
    "PA": ("RGBA", 4, "uint8"),
    "RGBA": ("RGBA", 4, "uint8"),
    "RGBa": ("RGBA", 4, "uint8"),
    "I;16": ("I;16", 1, "uint16"),
    "I;16B": ("I;16B", 1, "uint16"),
    "I;16L": ("I;16L", 1, "uint16"),
    "I;16N": ("I;16N", 1, "uint16"),
    "I": ("I", 1, "int32"),
    "F": ("F", 1, "float32"),
}
_EXIF_ORIENTATION: Final = 0x0112


@dataclass(frozen=True, slots=True)
class FlatHeader:
    """What the header of a flat picture says.

    Parameters
    ----------
    height, width
        In pixels, as stored (no orientation tag applied).
    samples
        Values for each pixel after decoding: 1, 3 or 4.
    dtype
        Type after decoding.
    mode
        Pillow mode to convert to, or ``"16-bit png"``.
    orientation
        The camera's orientation tag, 1 (upright) to 8.
    animated
        Whether more frames follow the first one.
    """

    height: int
    width: int
    samples: int
    dtype: str
    mode: str
    orientation: int = 1
    animated: bool = False


def open_pillow(path: Path, kind: ImageFormat) -> ImageFile:
    """Open a file with the one decoder of Pillow that its content asks for; only the header is read.

    Raises
    ------
    ReadError
        The header is damaged.
    """
    try:
        return _DECODERS[kind](path)
    except DECODE_ERRORS as error:
        raise undecodable(path, error, kind) from error


def read_flat_header(path: Path, kind: ImageFormat) -> FlatHeader:
    """Read size and kind of the pixels without decoding them.

    Raises
    ------
    ReadError
        The header is damaged.
    """
    if kind == "png":
        with path.open("rb") as stream:
            head = stream.read(26)
        if len(head) == 26 and head[12:16] == b"IHDR" and head[24] == 16:
            width, height = struct.unpack(">II", head[16:24])
            samples = {0: 1, 2: 3, 4: 4, 6: 4}.get(head[25], 1)
            return FlatHeader(height, width, samples, "uint16", "16-bit png")
    with open_pillow(path, kind) as image:
        try:
            width, height = image.size
            orientation = image.getexif().get(_EXIF_ORIENTATION, 1) if kind in ("jpeg", "webp") else 1
            animated = bool(getattr(image, "is_animated", False))
        except DECODE_ERRORS as error:
            raise undecodable(path, error, kind) from error
        mode, samples, dtype = _MODES.get(image.mode, ("RGB", 3, "uint8"))
    return FlatHeader(height, width, samples, dtype, mode, int(orientation or 1), animated)


def open_flat(path: Path, kind: ImageFormat) -> ImageSource:
    """Describe a flat picture; its pixels are decoded at the first use.

    Raises
    ------
    ReadError
        The header is damaged, declares too many pixels, or more than the file's bytes can hold.
    """
    header = read_flat_header(path, kind)
    check_pixels(path, header.height, header.width)
    _check_png_bytes(path, kind, header)
    shape = (header.height, header.width) + ((header.samples,) if header.samples > 1 else ())

    def decode() -> Pixels:
        return _decode(path, kind, header, shape)

    return ImageSource(
        path=path,
        format=kind,
        levels=(DecodedArray(shape, header.dtype, decode),),
        axes="YX",
        rgb=header.samples > 1,
        notes=_notes(header),
    )


def _notes(header: FlatHeader) -> tuple[str, ...]:
    notes = []
    if header.orientation != 1:
        notes.append(
            f"The camera's orientation tag (EXIF {header.orientation}) is not applied: labels refer to the "
            "pixels as they are stored."
        )
    if header.animated:
        notes.append("The file is animated; the first frame is shown.")
    return tuple(notes)


def _check_png_bytes(path: Path, kind: ImageFormat, header: FlatHeader) -> None:
    if kind != "png":
        return
    bits = 1 if header.mode != "16-bit png" else 16
    least = header.height * header.width * bits // 8 // MAX_DEFLATE_RATIO
    size = path.stat().st_size
    if size < least:
        raise undecodable(
            path,
            ValueError(
                f"{header.height} x {header.width} pixels are declared, {size:,} bytes cannot hold them"
            ),
            "PNG",
        )


def _decode(path: Path, kind: ImageFormat, header: FlatHeader, shape: tuple[int, ...]) -> Pixels:
    try:
        pixels = (
            _decode_png16(path) if header.mode == "16-bit png" else _decode_pillow(path, kind, header.mode)
        )
    except DECODE_ERRORS as error:
        raise undecodable(path, error, kind) from error
    if pixels.shape != shape:
        found = ValueError(f"{pixels.shape} decoded, {shape} declared in the header")
        raise undecodable(path, found, kind)
    return np.ascontiguousarray(pixels, dtype=header.dtype)


def _decode_pillow(path: Path, kind: ImageFormat, mode: str) -> Pixels:
    with open_pillow(path, kind) as image:
        image.load()
        converted = image if image.mode == mode else image.convert(mode)
        return np.array(converted)


def _decode_png16(path: Path) -> Pixels:
    pixels: np.ndarray[Any, np.dtype[Any]] = imagecodecs.png_decode(path.read_bytes())
    if pixels.ndim == 3 and pixels.shape[2] == 2:
        return np.concatenate([pixels[..., :1].repeat(3, axis=2), pixels[..., 1:]], axis=2)
    return pixels
