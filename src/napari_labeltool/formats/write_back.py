"""Bringing a large file to the disk while more of it is still being written."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final

_STEP: Final = 1 << 26
"""Bytes that are brought to the disk at once."""
_MOST_WAITING: Final = 2


class WriteBack:
    """A file that reaches the disk step by step in a thread, not all of it at the end.

    What is on the disk leaves the page cache: the program that writes it has it in memory already, and pages
    that are used again cost much less than fresh ones. Smaller files than one step are left alone, and all files
    where the system cannot do it.

    Parameters
    ----------
    handle
        Descriptor of the file, open for writing.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._begun = 0
        self._waiting: deque[Future[None]] = deque()
        self._pool = ThreadPoolExecutor(1, "labeltool-write-back")

    def __enter__(self) -> WriteBack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def written(self, count: int) -> None:
        """Note that the file is so long now.

        Raises
        ------
        OSError
            A part that was written before did not reach the disk.
        """
        if sys.platform == "linux" and count - self._begun >= _STEP:
            self._waiting.append(self._pool.submit(_bring, self._handle, self._begun, count))
            self._begun = count
            if len(self._waiting) > _MOST_WAITING:
                self._waiting.popleft().result()

    def finish(self) -> None:
        """Return when all is on the disk.

        Raises
        ------
        OSError
            Something did not reach it.
        """
        for part in self._waiting:
            part.result()
        os.fsync(self._handle)
        if self._begun:
            _let_go(self._handle, 0, 0)


def _bring(handle: int, start: int, end: int) -> None:
    if sys.platform == "linux":
        os.fdatasync(handle)
        _let_go(handle, start, end - start)


def _let_go(handle: int, start: int, size: int) -> None:
    """Advise the system not to keep what is on the disk; sandboxes and odd file systems refuse advice."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.posix_fadvise(handle, start, size, os.POSIX_FADV_DONTNEED)
