"""A bounded memory of computed blocks, and arrays made of such blocks."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from napari_labeltool.images.lazy import LazyArray, Pixels

Chunk = tuple[int, ...]

#: Bytes that all computed blocks of all open images may take together.
DEFAULT_CACHE_BYTES: Final = 512 * 2**20


class ChunkCache:
    """Blocks by key; the least recently used ones are forgotten when their bytes exceed the limit.

    Parameters
    ----------
    max_bytes
        Limit for all blocks together. One block larger than that is still kept until the next one comes.
    """

    def __init__(self, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self.max_bytes = max_bytes
        self._blocks: OrderedDict[tuple[int, Chunk], Pixels] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._owners = itertools.count()

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        return self._bytes

    def new_owner(self) -> int:
        """Give a number that no other array uses in its keys."""
        return next(self._owners)

    def get(self, owner: int, chunk: Chunk) -> Pixels | None:
        """Give the block, or None when it is not held; it counts as used."""
        with self._lock:
            block = self._blocks.get((owner, chunk))
            if block is not None:
                self._blocks.move_to_end((owner, chunk))
            return block

    def put(self, owner: int, chunk: Chunk, block: Pixels) -> None:
        """Hold a block and forget the oldest ones beyond the limit."""
        with self._lock:
            replaced = self._blocks.pop((owner, chunk), None)
            self._bytes += block.nbytes - (replaced.nbytes if replaced is not None else 0)
            self._blocks[(owner, chunk)] = block
            while self._bytes > self.max_bytes and len(self._blocks) > 1:
                _, oldest = self._blocks.popitem(last=False)
                self._bytes -= oldest.nbytes

    def forget(self, owner: int) -> None:
        """Release all blocks of one array."""
        with self._lock:
            for key in [key for key in self._blocks if key[0] == owner]:
                self._bytes -= self._blocks.pop(key).nbytes


#: The cache that all images of the process share, so that the limit holds for them together.
shared_cache: Final = ChunkCache()


class ChunkedArray(LazyArray):
    """An array made of blocks that are computed when first needed and kept in a `ChunkCache`.

    Parameters
    ----------
    shape, dtype
        Of the entire array.
    chunks
        Lengths of a block along each axis; blocks at the far edges are shorter.
    compute
        Given one slice for each axis (a block's extent), returns that block. May be called from several
        threads, rarely twice for one block.
    cache
        Where blocks are kept.
    """

    def __init__(
        self,
        shape: Sequence[int],
        dtype: DTypeLike,
        chunks: Sequence[int],
        compute: Callable[[tuple[slice, ...]], NDArray[Any]],
        cache: ChunkCache = shared_cache,
    ) -> None:
        super().__init__(shape, dtype)
        self._chunks = tuple(
            int(min(chunk, length)) for chunk, length in zip(chunks, self.shape, strict=True)
        )
        self._compute = compute
        self._cache = cache
        self._owner = cache.new_owner()

    @property
    def chunks(self) -> tuple[int, ...]:
        """Lengths of the blocks."""
        return self._chunks

    def with_cache(self, cache: ChunkCache) -> ChunkedArray:
        """Give an array of the same blocks that are kept in another cache."""
        return ChunkedArray(self.shape, self.dtype, self._chunks, self._compute, cache)

    def release(self) -> None:
        """Forget the blocks that are in memory."""
        self._cache.forget(self._owner)

    def block(self, chunk: Chunk) -> Pixels:
        """Give the block with these numbers along the axes."""
        found = self._cache.get(self._owner, chunk)
        if found is None:
            found = self._compute(self._extent(chunk))
            self._cache.put(self._owner, chunk, found)
        return found

    def _extent(self, chunk: Chunk) -> tuple[slice, ...]:
        return tuple(
            slice(number * length, min((number + 1) * length, end))
            for number, length, end in zip(chunk, self._chunks, self.shape, strict=True)
        )

    def _read(self, slices: tuple[slice, ...]) -> Pixels:
        out = np.empty([len(range(part.start, part.stop, part.step)) for part in slices], self.dtype)
        if out.size == 0:
            return out
        numbers = [
            range(part.start // length, (part.stop - 1) // length + 1)
            for part, length in zip(slices, self._chunks, strict=True)
        ]
        for chunk in itertools.product(*numbers):
            target: list[slice] = []
            source: list[slice] = []
            for part, extent in zip(slices, self._extent(chunk), strict=True):
                first = max(-(-(extent.start - part.start) // part.step), 0)
                last = -(-(min(extent.stop, part.stop) - part.start) // part.step)
                start = part.start + first * part.step - extent.start
                target.append(slice(first, last))
                source.append(slice(start, start + max(last - first, 0) * part.step, part.step))
            if all(part.stop > part.start for part in target):
                out[tuple(target)] = self.block(chunk)[tuple(source)]
        return out
