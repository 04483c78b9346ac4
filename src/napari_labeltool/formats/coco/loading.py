"""Bringing a file into memory, and telling how far the reading is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any, BinaryIO, Final, TypeAlias

ReadProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of bytes that are done, and of all."""

_LOADING: Final = 0.2
"""Share of the time of reading a large file until its bytes are in memory."""
_PATIENCE: Final = 0.05
"""Seconds between two calls while something is waited for."""
LARGE: Final = 1 << 24
"""Bytes from which a file is worth a thread."""


class Steps:
    """How far the reading of a file is.

    Parameters
    ----------
    size
        Of the file, in bytes.
    progress
        Who is told, if anybody.
    """

    def __init__(self, size: int, progress: ReadProgress | None) -> None:
        self.size = size
        self.progress = progress
        self._done = 0

    def decoded(self, count: int) -> None:
        """Note that all annotations up to a byte of the file are decoded."""
        self._tell(int(self.size * _LOADING + count * (1 - _LOADING)))

    def loaded(self, count: int) -> None:
        """Note that so many bytes are in memory."""
        self._tell(int(count * _LOADING))

    def wait_for(self, work: Future[Any]) -> None:
        """Wait for a thread, telling how far the reading is all the while."""
        while self.progress is not None and not work.done():
            try:
                work.result(_PATIENCE)
            except NotYet:
                self._tell(self._done)

    def _tell(self, done: int) -> None:
        self._done = min(max(done, self._done), self.size)
        if self.progress is not None:
            self.progress(self._done, self.size)


def load(file: BinaryIO, steps: Steps) -> bytes:
    """Return the content of a file; a large one is read by a thread, so that a slow disk does not hold up a stop.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    if steps.progress is None or steps.size < LARGE:
        return file.read()
    pool = ThreadPoolExecutor(1, "coco-load")
    try:
        loading = pool.submit(file.read)
        steps.wait_for(loading)
        data = loading.result()
    finally:
        pool.shutdown(wait=False)
    steps.loaded(len(data))
    return data
