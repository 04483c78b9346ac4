"""What a file is by its first bytes, the limits on what is decoded, and the words for what cannot be read."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError
from typing import Final, Literal

from PIL.Image import DecompressionBombError
from tifffile import TiffFileError

from napari_labeltool.core.errors import ReadError

ImageFormat = Literal["tiff", "png", "jpeg", "bmp", "gif", "webp", "jpeg2000", "pnm", "npy", "ome-zarr"]

#: Pixels that a format that is decoded in one piece (PNG, JPEG, ...) may declare: 23,170 x 23,170.
MAX_DECODED_PIXELS: Final = 2**29
#: Bytes that one tile, strip or chunk of a lazily read file may take in memory.
MAX_CHUNK_BYTES: Final = 2**31
#: deflate cannot shrink more than this; a PNG that claims more pixels than its bytes can hold is damaged.
MAX_DEFLATE_RATIO: Final = 1032

#: Suffixes (lower case) of the files that a folder scan takes for images.
IMAGE_SUFFIXES: Final = frozenset(
    (
        *(".tif", ".tiff", ".btf", ".tf8", ".svs", ".ndpi", ".scn", ".lsm", ".qptiff"),
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp"),
        *(".jp2", ".j2k", ".jpx", ".pgm", ".ppm", ".pbm", ".pnm", ".npy"),
    )
)

#: What the decoders raise on damaged input. Anything else is a defect of ours and is not hidden.
DECODE_ERRORS: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    DecompressionBombError,
    TiffFileError,
    TokenError,
    struct.error,
    zlib.error,
)

_MAGIC: Final[tuple[tuple[bytes, ImageFormat], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
    (b"\x93NUMPY", "npy"),
)

_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"RIFF", "a RIFF file (video or sound)"),
    (b"version https://git-lfs", "a Git LFS pointer, not the picture itself: run `git lfs pull`"),
    (b"<svg", "an SVG drawing"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
    (b"{", "a text file, perhaps JSON"),
)


_MICROSCOPES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"ZISRAWFILE", "a Zeiss CZI file"),
    (b"\xda\xce\xbe\x0a", "a Nikon ND2 file"),
    (b"\x70\x00\x00\x00", "a Leica LIF file"),
    (b"\xd0\xcf\x11\xe0", "a compound file (Olympus OIB, old Office)"),
    (b"\x89HDF", "an HDF5 file (Imaris, ilastik, ...)"),
)


def sniff(path: Path) -> ImageFormat:
    """Tell the format of a file from its content; the suffix is not trusted.

    Raises
    ------
    ReadError
        The path does not exist, cannot be read, is empty, or holds no image format that is known here.
    """
    if path.is_dir():
        if any((path / name).is_file() for name in (".zattrs", ".zgroup", ".zarray", "zarr.json")):
            return "ome-zarr"
        raise unreadable(path, "a folder that is not OME-Zarr", "Open one of the images in it.")
    if path.exists() and not path.is_file():
        raise unreadable(path, "a device or pipe")  # opening it could wait for ever
    try:
        with path.open("rb") as stream:
            head = stream.read(132)
    except OSError as error:
        raise unreadable(path, error.strerror or str(error), "Check the path and its permissions.") from error
    for magic, known in _MAGIC:
        if head.startswith(magic):
            return known
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if len(head) > 2 and head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace():
        return "pnm"
    microscope = next((words for magic, words in _MICROSCOPES if head.startswith(magic)), None)
    if microscope is not None:
        raise unreadable(
            path, microscope, "Convert it to OME-TIFF or OME-Zarr, for example with Bio-Formats."
        )
    if head[4:8] == b"ftyp" or head[128:132] == b"DICM":
        words = "a DICOM file" if head[128:132] == b"DICM" else "a HEIF, AVIF or video file"
        raise unreadable(path, words, "Convert it to PNG or TIFF.")
    raise unreadable(path, describe_bytes(head))


def describe_bytes(head: bytes) -> str:
    """Say in words what the first bytes of a file look like."""
    if not head:
        return "an empty file"
    for magic, words in _OTHERS:
        if head.lstrip().startswith(magic):
            return words
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < 129 else "ignore")
    except UnicodeDecodeError:
        text = "\0"
    if all(character.isprintable() or character.isspace() for character in text):
        return f"a text file that starts with {text[:24]!r}"
    return f"unknown bytes {head[:8].hex(' ')}"


def unreadable(path: Path, found: str, action: str | None = None) -> ReadError:
    """Build the error for an image that cannot be read.

    Parameters
    ----------
    path
        The file.
    found
        What is there instead of a readable image.
    action
        What the person can do.
    """
    expected = (
        "A TIFF, OME-TIFF, OME-Zarr, PNG, JPEG, BMP, GIF, WebP, JPEG 2000, PNM or NPY image was expected."
    )
    return ReadError(f"{path}: found {found.rstrip('.')}. {action or expected} The image was not opened.")


def undecodable(path: Path, error: BaseException, name: str) -> ReadError:
    """Build the error for a file whose decoder gave up; `name` is the format in words."""
    reason = (str(error) or type(error).__name__).splitlines()[0][:200].rstrip(".")
    return ReadError(
        f"{path}: the {name} data cannot be decoded ({reason}). The file is damaged or was cut short. "
        "Copy it again from its source, or write it anew with the program that made it."
    )


def check_pixels(path: Path, height: int, width: int, limit: int = MAX_DECODED_PIXELS) -> None:
    """Refuse a picture that would have to be decoded in one piece and declares too many pixels.

    Raises
    ------
    ReadError
        `height` x `width` exceeds `limit`, or one of them is not positive.
    """
    if height <= 0 or width <= 0:
        raise unreadable(
            path, f"a picture of {height} x {width} pixels (height x width)", "It holds no pixels."
        )
    if height * width > limit:
        raise ReadError(
            f"{path}: {height} x {width} pixels (height x width) are declared, at most {limit:,} pixels are "
            "decoded in one piece. Convert it to a tiled TIFF or OME-Zarr, which are read in parts."
        )


def check_chunk(path: Path, chunk: Sequence[int], itemsize: int) -> None:
    """Refuse a lazily read file whose single tile or chunk would not fit.

    Raises
    ------
    ReadError
        One chunk takes more than `MAX_CHUNK_BYTES`.
    """
    size = math.prod(int(length) for length in chunk) * itemsize
    if size > MAX_CHUNK_BYTES:
        raise ReadError(
            f"{path}: one tile takes {size / 2**30:,.1f} GiB ({' x '.join(map(str, chunk))}), at most "
            f"{MAX_CHUNK_BYTES / 2**30:.0f} GiB are read at once. Write the picture with smaller tiles, "
            "256 to 1024 pixels wide."
        )
