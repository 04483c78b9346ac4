"""Read a journal back, whatever state a crash left it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.ops import Op, op_from_json
from napari_labeltool.core.source import FileStamp
from napari_labeltool.core.values import JsonValue
from napari_labeltool.journal.lines import decode_line

FORMAT_KEY: Final = "labeltool-journal"
FORMAT_VERSION: Final = 1

StepKind: TypeAlias = Literal["start", "do", "undo", "redo", "saving", "saved", "opened"]
STEP_KINDS: Final[tuple[StepKind, ...]] = ("start", "do", "undo", "redo", "saving", "saved", "opened")


@dataclass(frozen=True, slots=True)
class Header:
    """The first line.

    Parameters
    ----------
    document
        File name of the document.
    base
        Identity of the bytes that the rows refer to; None for a document that began empty.
    time
        When the journal was begun, in seconds since 1970.
    author, host, pid
        Who began it.
    """

    document: str
    base: FileStamp | None
    time: float
    author: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class Step:
    """One line after the header.

    Parameters
    ----------
    kind
        ``"start"``: operations that belong to the base and cannot be undone (images found in a folder);
        ``"do"``, ``"undo"``, ``"redo"``: what a person did; ``"saving"``: a save was about to replace the
        file; ``"saved"``: it did, `stamp` is the file then; ``"opened"``: the session went on after a crash.
    time
        In seconds since 1970.
    label
        Words of a ``"do"``.
    ops
        Operations of a ``"do"`` or ``"start"``.
    stamp
        The file after a ``"saved"``.
    """

    kind: StepKind
    time: float
    label: str = ""
    ops: tuple[Op, ...] = ()
    stamp: FileStamp | None = None


@dataclass(frozen=True, slots=True)
class JournalContent:
    """What a journal holds.

    Parameters
    ----------
    path
        The file.
    header
        Its first line.
    steps
        The lines after it, up to the first that cannot be read.
    valid_bytes
        Length of what could be read; a session that goes on cuts the file to it.
    damage
        What is wrong with the rest, or None. A last line that was cut short by a crash is no damage: its edit
        was never finished.
    """

    path: Path
    header: Header
    steps: tuple[Step, ...]
    valid_bytes: int
    damage: str | None = field(default=None)


def stamp_to_json(stamp: FileStamp | None) -> JsonValue:
    """Return a stamp as a JSON object; `stamp_from_json` is its inverse."""
    if stamp is None:
        return None
    return {"size": stamp.size, "mtime_ns": stamp.mtime_ns, "digest": stamp.digest}


def stamp_from_json(value: JsonValue) -> FileStamp | None:
    """Return the stamp of a JSON object."""
    return None if value is None else FileStamp(value["size"], value["mtime_ns"], value["digest"])


def header_to_json(header: Header) -> dict[str, JsonValue]:
    """Return a header as the JSON object of the first line."""
    return {
        FORMAT_KEY: FORMAT_VERSION,
        "document": header.document,
        "base": stamp_to_json(header.base),
        "t": header.time,
        "author": header.author,
        "host": header.host,
        "pid": header.pid,
    }


def _header(entry: Mapping[str, JsonValue], path: Path) -> Header:
    version = entry.get(FORMAT_KEY)
    if version != FORMAT_VERSION:
        raise ReadError(
            f"{path}: journal version {version!r} found, {FORMAT_VERSION} expected. It was written by another"
            " version of napari-labeltool; open the document with that one to get the edits back."
        )
    try:
        return Header(
            str(entry["document"]),
            stamp_from_json(entry["base"]),
            float(entry["t"]),
            str(entry["author"]),
            str(entry["host"]),
            int(entry["pid"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ReadError(f"{path}: the journal's first line is incomplete ({error}).") from error


def _step(entry: Mapping[str, JsonValue]) -> Step:
    kind = next(kind for kind in STEP_KINDS if kind in entry)
    moment = float(entry["t"])
    if kind in ("do", "start"):
        return Step(kind, moment, str(entry[kind]), tuple(op_from_json(op) for op in entry["ops"]))
    return Step(kind, moment, stamp=stamp_from_json(entry["saved"]) if kind == "saved" else None)


def read_journal(path: Path) -> JournalContent:
    """Read a journal.

    Parameters
    ----------
    path
        The journal.

    Raises
    ------
    ReadError
        The file cannot be read, its first line is no journal header, or a later version wrote it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"{path}: the journal cannot be read ({error.strerror or error}).") from error
    lines = data.splitlines(keepends=True)
    first = decode_line(lines[0], 0) if lines else None
    if first is None:
        raise ReadError(
            f"{path}: no journal header found in {len(data)} bytes. It holds no edits that can be read."
        )
    header = _header(first, path)
    steps: list[Step] = []
    valid = len(lines[0])
    damage: str | None = None
    for number, line in enumerate(lines[1:], start=1):
        entry = decode_line(line, number)
        try:
            step = None if entry is None else _step(entry)
        except (KeyError, TypeError, ValueError, StopIteration):
            step = None
        if step is None:
            left = len(lines) - number
            torn = left == 1 and not line.endswith(b"\n")
            if not torn:
                damage = (
                    f"line {number + 1} of {path.name} is damaged; it and {left - 1} after it cannot be read"
                )
            break
        steps.append(step)
        valid += len(line)
    return JournalContent(path, header, tuple(steps), valid, damage)
