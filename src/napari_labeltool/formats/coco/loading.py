"""Bringing a file into memory, and telling how far the reading is."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from napari_labeltool.core.values import IntArray
from napari_labeltool.formats.coco.tally import Counter, Tally

ReadProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of bytes that are done, and of all."""

_LOADING: Final = 0.2
"""Share of the time of reading a large file that goes into bringing its bytes into memory."""
_PATIENCE: Final = 0.05
"""Seconds between two calls while something is waited for."""
_BLOCK: Final = 1 << 23
_LAST_ASCII: Final = 0x7F
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
        self._progress = progress
        self._loaded = 0
        self._decoded = 0

    def decoded(self, count: int) -> None:
        """Note that all annotations up to a byte of the file are decoded."""
        self._decoded = max(count, self._decoded)
        self.tell()

    def loaded(self, count: int) -> None:
        """Note that so many bytes are in memory."""
        self._loaded = max(count, self._loaded)
        self.tell()

    def tell(self) -> None:
        """Tell how far it is; what is told never goes back."""
        if self._progress is not None:
            done = round(self._loaded * _LOADING + self._decoded * (1 - _LOADING))
            self._progress(min(done, self.size), self.size)


class Block(NamedTuple):
    """One more piece of a text that is in memory, and what was counted there.

    Parameters
    ----------
    end
        Where it ends.
    braces
        (n,) offsets of the opening braces in it.
    is_ascii
        Whether there is nothing else in it.
    tallies
        What stands before the first brace, from each brace to the next, and from the last brace on; None where
        nobody wants to know.
    """

    end: int
    braces: IntArray
    is_ascii: bool
    tallies: tuple[Tally, Tally, Tally] | None


def blocks_of(text: bytes, counter: Counter) -> Iterator[Block]:
    """Yield the blocks of a text that is in memory."""
    for start in range(0, len(text), _BLOCK):
        yield block_of(text, start, min(start + _BLOCK, len(text)), counter)


def block_of(text: bytes | memoryview, start: int, end: int, counter: Counter) -> Block:
    """Return a piece of a text, with what is counted there."""
    characters = np.frombuffer(text, np.uint8, end - start, start)
    braces = counter.places(characters, "{")
    is_ascii = not len(characters) or bool(characters.max() <= _LAST_ASCII)
    tallies = None
    if counter.is_wanted:
        first = int(not len(braces) or braces[0] > 0)
        starts = np.concatenate([np.zeros(first, np.int64), braces])
        last = max(len(starts) - 1, first)
        parts = (slice(0, first), slice(first, last), slice(last, len(starts)))
        head, body, rest = counter.tallies(characters, starts, parts, start)
        tallies = head, body, rest
    return Block(end, braces + start, is_ascii, tallies)


class Arrival:
    """The content of a large file while a thread brings it into memory.

    Who leaves the context early stops the thread after its present block, and does not wait for a slow disk.

    Parameters
    ----------
    file
        Belongs to this object from now on, which closes it.
    steps
        Are told of every block, and often while one is waited for.
    counter
        Counts in the blocks.

    Attributes
    ----------
    text
        The content as far as it has arrived.
    """

    def __init__(self, file: io.FileIO, steps: Steps, counter: Counter) -> None:
        self._file = file
        self._steps = steps
        self._counter = counter
        # of zeros that take no memory until they are written to; its value is these very bytes, no copy
        self._whole = io.BytesIO(bytes(steps.size))
        self.text = self._whole.getbuffer()
        self._blocks: SimpleQueue[Block | None] = SimpleQueue()
        self._is_stopped = False
        self._pool = ThreadPoolExecutor(1, "coco-load")
        self._loading = self._pool.submit(self._load)

    def __enter__(self) -> Arrival:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_stopped = True
        self._pool.shutdown(wait=False)

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks as they arrive."""
        while not self._loading.done() or not self._blocks.empty():
            try:
                block = self._blocks.get(timeout=_PATIENCE)
            except Empty:
                self._steps.tell()
                continue
            if block is None:
                return
            self._steps.loaded(block.end)
            yield block

    def whole(self) -> bytes:
        """Return the content of the file when all has arrived; `text` is gone then.

        Raises
        ------
        OSError
            The file cannot be read.
        """
        for _ in self.blocks():
            pass
        count, more = self._loading.result()
        self.text.release()
        data = self._whole.getvalue()
        return data if count == len(data) and not more else data[:count] + more

    def _load(self) -> tuple[int, bytes]:
        """Return how many of the expected bytes were read, and what came beyond."""
        at = 0
        try:
            with self._file as file:
                while at < self._steps.size and not self._is_stopped:
                    count = file.readinto(self.text[at : at + _BLOCK])
                    if not count:
                        return at, b""
                    self._blocks.put(block_of(self.text, at, at + count, self._counter))
                    at += count
                return at, b"" if self._is_stopped else file.readall()
        finally:
            self._blocks.put(None)
