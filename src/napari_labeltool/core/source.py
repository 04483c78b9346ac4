"""Where a dataset came from: the bytes that were read, and the places in them that a save splices at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

Span = tuple[int, int]
"""First byte and the byte after the last, as offsets into `Source.data`."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells whether a file on disk is still the one that was read.

    Parameters
    ----------
    size
        In bytes.
    mtime_ns
        Time of the last change in nanoseconds.
    digest
        Hash of the content.
    """

    size: int
    mtime_ns: int
    digest: str


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a document and their layout.

    Parameters
    ----------
    data
        The file's content to the last byte, a byte order mark included.
    path
        The file, or None for a document that was never saved.
    stamp
        Identity of the file on disk when it was read.
    body
        Span of the top-level value, braces included.
    keys
        Span of the value of every top-level key, in the order of the file.
    key_starts
        Offset of the opening quote of every top-level key.
    form
        ``"object"`` for a COCO dataset, ``"list"`` for a bare list of results or annotations.
    lossy
        Why a save would lose something (for example duplicate JSON keys), or None.
    """

    data: bytes = b""
    path: Path | None = None
    stamp: FileStamp | None = None
    body: Span = (0, 0)
    keys: dict[str, Span] = field(default_factory=dict)
    key_starts: dict[str, int] = field(default_factory=dict)
    form: str = "object"
    lossy: str | None = None
