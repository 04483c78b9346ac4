"""The journal of one open document: every finished edit is in the file before the next one begins."""

from __future__ import annotations

import getpass
import os
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from napari_labeltool.core.history import Change
from napari_labeltool.core.ops import Op, op_to_json
from napari_labeltool.core.source import FileStamp
from napari_labeltool.core.values import JsonValue
from napari_labeltool.journal.flushing import BackgroundFlush
from napari_labeltool.journal.lines import encode_line
from napari_labeltool.journal.places import Place
from napari_labeltool.journal.reading import Header, JournalContent, header_to_json, stamp_to_json

_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


def user_name() -> str:
    """Return the login name, or ``"unknown"`` where the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def new_header(document: str, base: FileStamp | None, author: str) -> Header:
    """Return the header of a journal that this process begins now."""
    return Header(document, base, time.time(), author, socket.gethostname(), os.getpid())


@dataclass(slots=True)
class _Open:
    fd: int
    flush: BackgroundFlush


@dataclass(slots=True)
class _Queue:
    """Lines that are not in the file yet: they wait for the first edit, or could not be written.

    The first line of a new file is not among them: it has the hash of the document, which may still be being made.
    """

    number: int = 1
    lines: list[bytes] = field(default_factory=list)
    is_new: bool = True


class Journal:
    """Appends lines to a journal file, which comes into being with the first of them.

    A line that cannot be written (disk full) is kept and tried again with the next one; `problem` says so.
    What is in the file is always a whole number of lines.

    Parameters
    ----------
    place
        Where it lies.
    header
        The first line.
    """

    def __init__(self, place: Place, header: Header) -> None:
        self.place = place
        self.header = header
        self.problem: str | None = None
        self._queue = _Queue()
        self._file: _Open | None = None

    @classmethod
    def resume(cls, place: Place, content: JournalContent) -> Journal:
        """Go on with a journal that was read, after its last good line."""
        journal = cls(place, content.header)
        journal._queue = _Queue(number=1 + len(content.steps), is_new=False)
        fd = os.open(place.journal, _APPEND, 0o600)
        os.ftruncate(fd, content.valid_bytes)
        journal._file = _Open(fd, BackgroundFlush(fd))
        journal._put({"opened": [user_name(), socket.gethostname(), os.getpid()], "t": time.time()})
        return journal

    @property
    def exists(self) -> bool:
        """Whether there is anything in the file."""
        return self._file is not None

    @property
    def pending_count(self) -> int:
        """Number of lines that could not be written yet."""
        return len(self._queue.lines) if self.problem is not None else 0

    # -- what is written
    def set_start(self, label: str, ops: Iterable[Op]) -> None:
        """Say with which operations the document began; written with the first edit."""
        self._put({"start": label, "ops": [op_to_json(op) for op in ops], "t": time.time()}, write=False)

    def append_change(self, change: Change) -> None:
        """Write down one edit."""
        ops = [op_to_json(op) for op in change.ops]
        self._put({"do": change.label, "ops": ops, "t": time.time()})

    def append_undo(self) -> None:
        """Write down that the last edit was undone."""
        self._put({"undo": 1, "t": time.time()})

    def append_redo(self) -> None:
        """Write down that the last undone edit was done again."""
        self._put({"redo": 1, "t": time.time()})

    def append_saving(self) -> None:
        """Write down that the document is about to be replaced."""
        self._put({"saving": 1, "t": time.time()})
        self.flush()

    def append_saved(self, stamp: FileStamp) -> None:
        """Write down that the document was saved and is now the file of that stamp."""
        self._put({"saved": stamp_to_json(stamp), "t": time.time()})
        self.flush()

    # -- life
    def flush(self) -> None:
        """Wait until all lines are on the disk."""
        if self._file is not None:
            self._file.flush.request()
            self._file.flush.wait()

    def copy_to(self, place: Place, header: Header) -> Journal:
        """Return a journal at another place with all lines so far; this one stays as it is.

        Parameters
        ----------
        place
            The other place, where no journal is.
        header
            The first line there.

        Raises
        ------
        OSError
            The other place cannot be written.
        """
        lines = self.place.journal.read_bytes().splitlines(keepends=True) if self._file is not None else []
        other = Journal(place, header)
        other._queue = _Queue(self._queue.number, lines[1:] + self._queue.lines)
        other._write()
        if other.problem is not None:
            other.remove()
            raise OSError(other.problem)
        return other

    def retry(self) -> bool:
        """Try again to write what could not be written; tell whether everything is in the file."""
        if self.problem is not None:
            self._write()
        return self.problem is None

    def close(self) -> None:
        """Flush and close the file; it stays."""
        if self._file is not None:
            self._file.flush.end()
            os.close(self._file.fd)
            self._file = None

    def remove(self) -> None:
        """Close and delete the journal and its base: nothing in it is needed any more."""
        self.close()
        self.place.remove_journal()

    # -- the file
    def _put(self, entry: Mapping[str, JsonValue], *, write: bool = True) -> None:
        self._queue.lines.append(encode_line(self._queue.number, entry))
        self._queue.number += 1
        if write:
            self._write()

    def _write(self) -> None:
        lines = self._queue.lines
        try:
            if self._queue.is_new:
                lines = [encode_line(0, header_to_json(self.header)), *lines]
            if self._file is None:
                self.place.folder.mkdir(parents=True, exist_ok=True)
                fd = os.open(self.place.journal, _APPEND | os.O_EXCL, 0o600)
                self._file = _Open(fd, BackgroundFlush(fd))
            _write_whole(self._file.fd, b"".join(lines))
        except (OSError, MemoryError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no memory is left"
            self.problem = (
                f"{self.place.journal}: the journal cannot be written ({reason or error});"
                f" {_words(len(self._queue.lines))} in memory only. Free some space, or save under another"
                " name."
            )
            return
        self.problem = None
        self._queue.is_new = False
        self._queue.lines.clear()
        self._file.flush.request()


def _words(count: int) -> str:
    return "1 edit is" if count == 1 else f"{count:,} edits are"


def _write_whole(fd: int, data: bytes) -> None:
    """Append all of the data or nothing of it."""
    before = os.fstat(fd).st_size
    try:
        written = 0
        while written < len(data):
            written += os.write(fd, data[written:] if written else data)
    except OSError:
        os.ftruncate(fd, before)
        raise
