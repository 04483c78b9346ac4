"""The file in which the blocks of one plane's computed pyramid are kept.

A header, then one block after another as they are made, each with its address, length and checksum, and a mark
at the end. So a file that was cut short at any place is still good up to there, and a damaged block is noticed.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

_MAGIC: Final = b"NLTPYR1\n"
_HEAD: Final = struct.Struct("<8sI")
_BLOCK: Final = struct.Struct("<4sBHIIII")
_MARK: Final = b"BLK\n"
_END: Final = b"END\n"


class Address(NamedTuple):
    """A block: level, channel, row and column in the level's grid."""

    level: int
    channel: int
    row: int
    column: int


class _Span(NamedTuple):
    offset: int
    length: int
    checksum: int


class PyramidFileError(ValueError):
    """The file is no pyramid file, or one of another picture."""


class PyramidFile:
    """Blocks by address; may be used from several threads.

    Parameters
    ----------
    path
        The file.
    header
        Says which picture and layout the blocks belong to.
    writable
        Whether blocks are to be added; the file is made when it is not there, and what lies after the last good
        block is cut off.

    Raises
    ------
    PyramidFileError
        The file has another header or none.
    OSError
        It cannot be opened or made.
    """

    def __init__(self, path: Path, header: bytes, *, writable: bool = False) -> None:
        self.path = path
        self.is_complete = False
        self.is_damaged = False
        self._lock = threading.Lock()
        self._spans: dict[Address, _Span] = {}
        is_new = writable and (not path.exists() or path.stat().st_size == 0)
        self._stream: BinaryIO = path.open(
            "x+b" if writable and not path.exists() else "r+b" if writable else "rb"
        )
        try:
            if is_new:
                self._stream.write(_HEAD.pack(_MAGIC, len(header)) + header)
                self._stream.flush()
            self._end = self._check_header(header)
            self._scan()
            if writable and not self.is_complete:
                self._stream.truncate(self._end)
        except BaseException:
            self._stream.close()
            raise

    def _check_header(self, header: bytes) -> int:
        self._stream.seek(0)
        expected = _HEAD.pack(_MAGIC, len(header)) + header
        if self._stream.read(len(expected)) != expected:
            raise PyramidFileError(f"{self.path}: blocks of another picture or of an older version")
        return len(expected)

    def _scan(self) -> None:
        """Take in the blocks that follow the last known one, as far as they are whole."""
        size = os.fstat(self._stream.fileno()).st_size
        while self._end + _BLOCK.size <= size:
            self._stream.seek(self._end)
            mark, level, channel, row, column, length, checksum = _BLOCK.unpack(
                self._stream.read(_BLOCK.size)
            )
            after = self._end + _BLOCK.size + length
            if mark == _END and length == 0:
                self.is_complete = checksum == len(self._spans) and after == size
                return
            if mark != _MARK or after > size:
                return
            self._spans[Address(level, channel, row, column)] = _Span(
                self._end + _BLOCK.size, length, checksum
            )
            self._end = after

    def rescan(self) -> None:
        """Take in what another process added."""
        with self._lock:
            self._scan()

    def __contains__(self, address: Address) -> bool:
        return address in self._spans

    def addresses(self) -> tuple[Address, ...]:
        """Give the addresses of the blocks that are there."""
        return tuple(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    def read(self, address: Address) -> bytes | None:
        """Give the bytes of a block; None when it is not there or damaged, which `is_damaged` then says."""
        span = self._spans.get(address)
        if span is None:
            return None
        with self._lock:
            if self._stream.closed:
                return None
            self._stream.seek(span.offset)
            payload = self._stream.read(span.length)
        if len(payload) != span.length or zlib.crc32(payload) != span.checksum:
            self.forget(address)
            return None
        return payload

    def forget(self, address: Address) -> None:
        """Take a block for damaged."""
        self.is_damaged = True
        self._spans.pop(address, None)

    def append(self, address: Address, payload: bytes) -> None:
        """Add a block.

        Raises
        ------
        OSError
            The disk is full.
        """
        with self._lock:
            if self._stream.closed:
                return
            self._stream.seek(self._end)
            checksum = zlib.crc32(payload)
            self._stream.write(_BLOCK.pack(_MARK, *address, len(payload), checksum))
            self._stream.write(payload)
            self._stream.flush()
            self._spans[address] = _Span(self._end + _BLOCK.size, len(payload), checksum)
            self._end += _BLOCK.size + len(payload)

    def finish(self) -> None:
        """Say that no more blocks come."""
        with self._lock:
            self._stream.seek(self._end)
            self._stream.write(_BLOCK.pack(_END, 0, 0, 0, 0, 0, len(self._spans)))
            self._stream.flush()
            self.is_complete = True

    def close(self) -> None:
        """Close the file; blocks read as missing from now on."""
        with self._lock:
            self._stream.close()
