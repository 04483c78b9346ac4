"""Where a dataset came from: the bytes that were read, and the places in them that a save splices at."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

Span = tuple[int, int]
"""First byte and the byte after the last, as offsets into `Source.data`."""


@dataclass(frozen=True, slots=True, eq=False)
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

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileStamp):
            return NotImplemented
        return (self.size, self.mtime_ns) == (other.size, other.mtime_ns) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash((self.size, self.mtime_ns))

    def moved_to(self, mtime_ns: int) -> FileStamp:
        """Return the stamp of another file with the same content."""
        return FileStamp(self.size, mtime_ns, self.digest)


class Making:
    """A hash that a thread makes once, from when it is begun or asked for; again where it could not be made.

    Parameters
    ----------
    make
        Returns the hash; is let go of then, with what is hashed.
    """

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._lock = Lock()
        self._result: Future[str] | None = None

    def begin(self) -> Future[str]:
        """Begin if nobody did; return what will have the hash."""
        with self._lock:
            if self._result is None or (self._result.done() and self._result.exception() is not None):
                pool = ThreadPoolExecutor(1, "labeltool-digest")
                self._result = pool.submit(self._run)
                pool.shutdown(wait=False)
            return self._result

    def _run(self) -> str:
        digest = self._make()
        self._make = lambda: digest
        return digest


class PendingStamp(FileStamp):
    """A stamp whose digest is not made yet; who asks for it waits.

    Parameters
    ----------
    size, mtime_ns
        As of `FileStamp`.
    making
        Gives the digest.
    """

    __slots__ = ("_making",)
    _making: Making

    def __init__(self, size: int, mtime_ns: int, making: Making) -> None:
        object.__setattr__(self, "size", size)
        object.__setattr__(self, "mtime_ns", mtime_ns)
        object.__setattr__(self, "_making", making)

    def begin(self) -> None:
        """Begin to make the digest in a thread, so that nobody will wait for it later."""
        self._making.begin()

    def moved_to(self, mtime_ns: int) -> FileStamp:
        """Return the stamp of another file with the same content."""
        return PendingStamp(self.size, mtime_ns, self._making)

    def __reduce__(self) -> tuple[type[FileStamp], tuple[int, int, str]]:
        # a copy has the digest; what makes it cannot be copied
        return FileStamp, (self.size, self.mtime_ns, self.digest)

    @property
    def digest(self) -> str:
        """Hash of the content."""
        return self._making.begin().result()


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
