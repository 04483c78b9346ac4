"""Whether chunks of records are plain polygons, found by a thread beside the decoding of the next ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final

from napari_labeltool.formats.coco.segments import are_polygons

_MOST_WAITING: Final = 8
_WORTH_A_THREAD: Final = 1 << 16


class PolygonChecks:
    """Chunks whose text is looked at by a thread, NumPy working there without the interpreter's lock.

    Parameters
    ----------
    take
        Called in the thread of the decoding, in the order of the chunks, with whether all are polygons of one
        part, the first row and the records.
    """

    def __init__(self, take: Callable[[bool, int, Sequence[Any]], None]) -> None:
        self._take = take
        self._waiting: deque[tuple[Future[bool], int, Sequence[Any]]] = deque()
        self._pool = ThreadPoolExecutor(1, "coco-polygons")

    def __enter__(self) -> PolygonChecks:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, text: bytes, boxed: bool, first: int, records: Sequence[Any]) -> None:
        """Look at a chunk; see `segments.are_polygons` for the text."""
        if len(text) < _WORTH_A_THREAD:
            self.settle()
            self._take(are_polygons(text, len(records), boxed), first, records)
            return
        self._waiting.append((self._pool.submit(are_polygons, text, len(records), boxed), first, records))
        if len(self._waiting) > _MOST_WAITING:
            self._settle_first()

    def settle(self) -> None:
        """Wait for all chunks."""
        while self._waiting:
            self._settle_first()

    def _settle_first(self) -> None:
        found, first, records = self._waiting.popleft()
        self._take(found.result(), first, records)
