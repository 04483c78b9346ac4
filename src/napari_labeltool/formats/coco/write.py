"""Writing COCO without losing anything: `Dataset` to bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import WriteError
from napari_labeltool.core.source import FileStamp
from napari_labeltool.core.table import Table
from napari_labeltool.core.values import REMOVED
from napari_labeltool.formats.atomic import write_atomic
from napari_labeltool.formats.coco.splice import new_record, splice
from napari_labeltool.formats.coco.text import Style

_FIRST_KEYS: Final[tuple[str, ...]] = ("info", "licenses")


def write_coco(
    dataset: Dataset,
    path: str | os.PathLike[str],
    *,
    backup: bool = True,
    overwrite: bool = False,
    force: bool = False,
) -> FileStamp:
    """Write a dataset as COCO JSON, atomically.

    What was not edited is written as the bytes that were read; a dataset without edits gives the very file.

    Parameters
    ----------
    dataset
        What to write.
    path
        Where to; the file that it was read from, or another one.
    backup
        Whether to keep the file that was there as ``NAME.backup``.
    overwrite
        Write even if another program changed the file since.
    force
        Write in any case: as `overwrite`, and even if one of two equal keys is lost.

    Returns
    -------
    FileStamp
        Of the written file.

    Raises
    ------
    FileChangedError
        The file is no longer what was read or written last.
    WriteError
        The file cannot be written, or something would be lost; what was there is untouched.
    """
    target = Path(os.path.realpath(path))
    source = dataset.source
    if source.lossy is not None and dataset.is_changed() and not force:
        raise WriteError(
            f"{path}: not saved: {source.lossy}; one of each pair would be lost. What was there is "
            "untouched. Remove"
            " one of them in a text editor, or save with force if that does not matter."
        )
    expected = dataset.written.get(target)
    if expected is None and source.path is not None and Path(os.path.realpath(source.path)) == target:
        expected = source.stamp
    stamp = write_atomic(
        target,
        render_coco(dataset),
        backup=backup,
        expected=None if force or overwrite else expected,
        content=source.stamp if source.data and not dataset.is_changed() else None,
    )
    dataset.written[target] = stamp
    return stamp


def render_coco(dataset: Dataset) -> Iterator[bytes | memoryview]:
    """Yield the text of a dataset in pieces, none of them the whole of a large file with edits.

    Raises
    ------
    WriteError
        While it is consumed: an edit that the file's form cannot hold, or a value that JSON cannot hold.
    """
    if not dataset.source.data:
        yield from _new_document(dataset)
    elif not dataset.is_changed():
        yield memoryview(dataset.source.data)
    else:
        yield from splice(dataset)


def _new_document(dataset: Dataset) -> Iterator[bytes]:
    """Yield a document that never was a file: two spaces of indentation, one record a line."""
    style = Style()
    patch: dict[str, Any] = {
        key: value for key, value in dataset.document.patch_of(0).items() if value is not REMOVED
    }
    first = {key: patch.pop(key) for key in _FIRST_KEYS if key in patch}
    opening = b"{\n"
    for key, value in first.items():
        yield opening + f"  {style.string(key)}: ".encode() + style.encode(value)
        opening = b",\n"
    tables: tuple[Table, ...] = (dataset.images, dataset.annotations, dataset.categories)
    for table in tables:
        yield opening + f'  "{table.name}": ['.encode()
        yield from _lines(dataset, table, style)
        opening = b",\n"
    for key, value in patch.items():
        yield opening + f"  {style.string(key)}: ".encode() + style.encode(value)
    yield b"\n}\n"


def _lines(dataset: Dataset, table: Table, style: Style) -> Iterator[bytes]:
    rows = np.flatnonzero(table.alive).tolist()
    for k, row in enumerate(rows):
        yield (b",\n    " if k else b"\n    ") + style.record(new_record(dataset, table, row), "    ")
    yield b"\n  ]" if rows else b"]"
