"""The document on disk: read, written, and told apart from what another program wrote."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import FileChangedError, ReadError, WriteError
from napari_labeltool.core.source import FileStamp
from napari_labeltool.formats.atomic import digest_of, is_unchanged, stamp_of
from napari_labeltool.formats.coco import parse_coco, render_coco, write_coco
from napari_labeltool.journal import Place


@dataclass(slots=True)
class DocumentFile:
    """The file of a session.

    Parameters
    ----------
    path
        The COCO file.
    stamp
        The file as this session read or saved it last; None when it is not there yet.
    saved_at
        Time of the last save in this session, in seconds since 1970, or None.
    """

    path: Path
    stamp: FileStamp | None
    saved_at: float | None = None

    def stamp_on_disk(self) -> FileStamp | None:
        """Return the file as it is on disk now, None when it is not there."""
        return stamp_of(self.path) if self.path.exists() else None

    def is_changed_on_disk(self) -> bool:
        """Tell whether another program wrote the file since this session read or saved it.

        A file that was deleted does not count: saving brings it back and overwrites nothing.
        """
        if not self.path.exists():
            return False
        return self.stamp is None or not is_unchanged(self.path, self.stamp)

    def check_unchanged(self) -> None:
        """Refuse to overwrite another program's work.

        Raises
        ------
        FileChangedError
            The file on disk is not the one that this session read or saved last.
        """
        if self.is_changed_on_disk():
            when = "came into being" if self.stamp is None else "was changed by another program"
            raise FileChangedError(
                f"{self.path}: the file {when} since it was opened here, nothing was written. Save under"
                " another name to keep both, or overwrite it; the edits stay in the journal until then."
            )


def keep_base(dataset: Dataset, place: Place, document: Path) -> None:
    """Keep the bytes that a journal's rows refer to, before a save replaces them on disk.

    A hard link to the document costs nothing where it is still those bytes; else they are written anew.

    Parameters
    ----------
    dataset
        Its source has the bytes; nothing is kept for a document that began empty.
    place
        Where to.
    document
        The document, which may be the same bytes.

    Raises
    ------
    WriteError
        There is no room for them.
    """
    data = dataset.source.data
    if not data or place.base.exists():
        return
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        if _linked(dataset.source.stamp, document, place.base):
            return
        with _temporary_beside(place.base) as part:
            part.write_bytes(data)
            os.replace(part, place.base)
    except OSError as error:
        raise WriteError(
            f"{place.base}: the {len(data):,} bytes that undo after a crash needs cannot be kept"
            f" ({error.strerror or error}). Nothing was saved. Free some space or save under another name."
        ) from error


def _linked(stamp: FileStamp | None, document: Path, base: Path) -> bool:
    """Link the document as the base if it is still what was read and the file system has links."""
    try:
        if stamp is None or not is_unchanged(document, stamp):
            return False
        os.link(document.resolve(), base)
    except OSError:
        return False
    return True


@contextmanager
def _temporary_beside(path: Path) -> Iterator[Path]:
    part = path.with_name(f"{path.name}.part-{os.getpid()}")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def read_base(place: Place, document: Path, base: FileStamp | None) -> Dataset:
    """Read the dataset that a journal's rows refer to.

    Parameters
    ----------
    place
        Where the journal lies.
    document
        The document, which is the base as long as it was not saved.
    base
        What the journal says the base is; None for a document that began empty.

    Raises
    ------
    ReadError
        Neither the kept bytes nor the document are that base.
    """
    if base is None:
        return Dataset()
    for candidate in (place.base, document):
        if candidate.exists() and stamp_of(candidate).digest == base.digest:
            return parse_coco(candidate.read_bytes(), document, base)
    raise ReadError(
        f"{document}: the file was changed by another program since the edits in its journal were made, and"
        " the bytes that they belong to are not there any more."
    )


def digest_when_written(dataset: Dataset) -> str:
    """Return the digest that the document would have if it were saved now.

    Raises
    ------
    WriteError
        The document cannot be written in the form that the file has.
    """
    return digest_of(b"".join(render_coco(dataset)))


def write_document(
    dataset: Dataset,
    path: Path,
    expected: FileStamp | None,
    *,
    backup: bool,
    overwrite: bool,
    accept_loss: bool,
) -> FileStamp:
    """Write a document.

    Parameters
    ----------
    dataset
        What to write.
    path
        Where to.
    expected
        What the file should be now, if it is there.
    backup
        Whether to keep the file that is there now under another name.
    overwrite
        Whether to replace whatever is there.
    accept_loss
        Whether to save a file that cannot be saved without losing something (one JSON key twice).

    Raises
    ------
    FileChangedError
        The file is not as expected.
    WriteError
        The file cannot be written, or something would be lost.
    """
    lossy = dataset.source.lossy
    if lossy is not None and dataset.is_changed() and not accept_loss:
        raise WriteError(
            f"{path}: not saved: {lossy}; one of each pair would be lost. What was there is untouched. Remove"
            " one of them in a text editor, or accept the loss."
        )
    target = Path(os.path.realpath(path))
    if expected is not None:
        dataset.written[target] = expected
    force = overwrite or accept_loss or not target.exists()
    return write_coco(dataset, target, backup=backup, force=force)
