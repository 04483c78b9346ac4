"""The annotation formats that can be read and written."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import ReadError, WriteError
from napari_labeltool.core.source import FileStamp
from napari_labeltool.formats.coco import looks_like_coco, read_coco, write_coco

PathLike = str | os.PathLike[str]


class Writer(Protocol):
    """Writes a dataset to a file, atomically."""

    def __call__(
        self, dataset: Dataset, path: PathLike, *, backup: bool = True, force: bool = False
    ) -> FileStamp:
        """Write the dataset; return the identity of the written file."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """One file format.

    Parameters
    ----------
    name
        For example ``"coco"``.
    title
        For people, for example ``"COCO JSON"``.
    extensions
        Lower-case endings of file names, with the dot.
    sniff
        Tells from a few kilobytes whether a file has this format.
    read, write
        File to dataset and back.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    sniff: Callable[[PathLike], bool]
    read: Callable[[PathLike], Dataset]
    write: Writer


COCO: Final = Format("coco", "COCO JSON", (".json",), looks_like_coco, read_coco, write_coco)

_FORMATS: Final[dict[str, Format]] = {COCO.name: COCO}


def register(added: Format) -> None:
    """Add a format, or replace the one of the same name."""
    _FORMATS[added.name] = added


def formats() -> tuple[Format, ...]:
    """Return all formats."""
    return tuple(_FORMATS.values())


def format_of(path: PathLike) -> Format | None:
    """Return the format of an existing file by its content, or None."""
    return next((known for known in _FORMATS.values() if known.sniff(path)), None)


def format_for(path: PathLike) -> Format:
    """Return the format by which a new file is written, from the ending of its name.

    Raises
    ------
    WriteError
        No format has that ending.
    """
    name = Path(path).name.lower()
    for known in _FORMATS.values():
        if name.endswith(known.extensions):
            return known
    endings = ", ".join(ending for known in _FORMATS.values() for ending in known.extensions)
    raise WriteError(f"{path}: the ending names no format that can be written. Use one of: {endings}.")


def read(path: PathLike) -> Dataset:
    """Read a file of any known format; one that none recognises is read as COCO, for its error message.

    Raises
    ------
    ReadError
        The file cannot be opened, is damaged, or is of no known format.
    """
    if Path(path).is_dir():
        raise ReadError(f"{path}: a folder was found, a file was expected. Choose the JSON file inside it.")
    return (format_of(path) or COCO).read(path)
