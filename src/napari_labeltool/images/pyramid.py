"""Coarser levels for a big picture that has none.

Each level halves the one before by the mean of 2 x 2 pixels. Blocks come from the cache folder when they were
made before; else they are computed when they are looked at, or all of them in the background (`Pyramid.build`).
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import numpy as np
from psygnal import Signal

from napari_labeltool.images.cache import Chunk, ChunkCache, ChunkedArray, shared_cache
from napari_labeltool.images.halving import halve
from napari_labeltool.images.lazy import LazyArray, Pixels
from napari_labeltool.images.pyramid_build import Plane, PyramidBuild, PyramidProgress
from napari_labeltool.images.pyramid_cache import FileIdentity, PyramidCache
from napari_labeltool.images.pyramid_layout import Place, PyramidLayout
from napari_labeltool.images.pyramid_store import PlaneStore

#: A flat picture with a longer side than this gets coarser levels.
FLAT_SIDE: Final = 8192


class Pyramid:
    """The computed levels of one picture.

    Parameters
    ----------
    base
        The picture with axes ``(..., y, x)`` or, with `rgb`, ``(..., y, x, samples)``.
    rgb
        Whether the last axis holds the samples of a pixel.
    channel_axis
        Number of the channel axis; the other axes before y are those of planes.
    path
        The file, so that levels of the same file that were made before are used; None to make them anew.
    cache
        The folder of pyramids.
    memory
        Where blocks in use are kept.

    Attributes
    ----------
    progress
        Signal: how far the background work is (`PyramidProgress`). Emitted in the thread that does it; connect
        with ``thread="main"`` to be called in the main thread.
    levels
        `base`, then the coarser levels. An odd last row or column of a level is averaged with itself, so level k
        has ``ceil(side / 2**k)`` pixels.
    """

    progress = Signal(PyramidProgress)

    def __init__(
        self,
        base: LazyArray,
        rgb: bool,
        channel_axis: int | None = None,
        path: Path | None = None,
        cache: PyramidCache | None = None,
        memory: ChunkCache = shared_cache,
    ) -> None:
        self.base = base
        self.path = path
        self.layout = PyramidLayout.of(base, rgb, channel_axis)
        self._cache = PyramidCache() if cache is None else cache
        self._identity = None if path is None else FileIdentity.of(path)
        self._stores: dict[Plane, PlaneStore] = {}
        self._build: PyramidBuild | None = None
        self._lock = threading.Lock()
        levels: list[LazyArray] = [base]
        for number in range(1, self.layout.coarsest + 1):
            levels.append(StoredLevel(self, number, levels[-1], memory))
        self.levels: tuple[LazyArray, ...] = tuple(levels)

    # -- in the background
    def build(self, plane: Plane | None = None) -> bool:
        """Make the levels of one plane in the background; the work on another plane ends.

        Meanwhile the levels answer at once: blocks that are not made yet look coarse or empty, and those that were
        looked at are made first.

        Parameters
        ----------
        plane
            Indices along the plane axes (those before y, without channels); the first plane by default.

        Returns
        -------
        started
            False when there is nothing to do: the levels are there already.
        """
        wanted = next(iter(self.layout.planes())) if plane is None else tuple(plane)
        if self.is_complete(wanted):
            return False
        if self._build is not None and self._build.is_alive() and self._build.plane == wanted:
            return True
        self.cancel()
        self._build = PyramidBuild(
            self.layout, self.base, wanted, self._store(wanted), self.path, self.progress.emit
        )
        self._build.start()
        return True

    def cancel(self) -> None:
        """End the background work; what is made stays, and is not made again next time."""
        if self._build is not None:
            self._build.cancel()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the background work, so many seconds at most; tell whether it came to an end."""
        if self._build is None:
            return True
        self._build.join(timeout)
        return not self._build.is_alive()

    @property
    def building(self) -> PyramidBuild | None:
        """The background work that goes on now, or None."""
        return self._build if self._build is not None and self._build.is_alive() else None

    def is_complete(self, plane: Plane) -> bool:
        """Tell whether all levels of a plane are made."""
        return self._store(plane).is_complete

    def _store(self, plane: Plane) -> PlaneStore:
        with self._lock:
            store = self._stores.get(plane)
            if store is None:
                store = PlaneStore(self.layout, plane, self._cache, self._identity)
                self._stores[plane] = store
            return store

    # -- blocks
    def stored(self, place: Place, lead: tuple[int, ...]) -> Pixels | None:
        """Give a block that is made, or None."""
        return self._store(self.layout.plane_of(lead)).get(place, self.layout.channel_of(lead))

    def stand_in(self, place: Place, lead: tuple[int, ...]) -> Pixels | None:
        """Give what is shown for a block that is being made; None when it is to be computed now."""
        build = self._build
        if build is None or build.plane != self.layout.plane_of(lead) or not build.stands_in:
            return None
        build.want(place)
        return build.stand_in(place, lead)

    def close(self) -> None:
        """End the background work and close the files of the cache."""
        self.cancel()
        build = self._build
        if build is not None and build.is_alive() and build is not threading.current_thread():
            build.join(5)
        for store in self._stores.values():
            store.close()


class StoredLevel(ChunkedArray):
    """One computed level.

    Parameters
    ----------
    pyramid
        Knows the blocks that are made.
    number
        Of the level, 1 for the one that is half as large as the picture.
    finer
        The level before.
    cache
        Where blocks in use are kept.
    """

    def __init__(self, pyramid: Pyramid, number: int, finer: LazyArray, cache: ChunkCache) -> None:
        layout = pyramid.layout
        self._pyramid, self._number, self._finer, self._y_axis = pyramid, number, finer, layout.y_axis
        shape = layout.shapes[number]
        chunks = [1] * layout.y_axis + [*layout.blocks[number], *shape[layout.y_axis + 2 :]]
        super().__init__(shape, layout.dtype, chunks, self._halve_finer, cache)

    def block(self, chunk: Chunk) -> Pixels:
        """Give the block with these numbers along the axes."""
        found = self._cache.get(self._owner, chunk)
        if found is not None:
            return found
        lead, row, column = chunk[: self._y_axis], chunk[self._y_axis], chunk[self._y_axis + 1]
        place = Place(self._number, row, column)
        made = self._pyramid.stored(place, lead)
        if made is None:
            shown = self._pyramid.stand_in(place, lead)
            if shown is not None:
                return shown
            made = self._halve_finer(self._extent(chunk))
        self._cache.put(self._owner, chunk, made)
        return made

    def _halve_finer(self, extent: tuple[slice, ...]) -> Pixels:
        wanted: list[Any] = list(extent)
        for axis in (self._y_axis, self._y_axis + 1):
            wanted[axis] = slice(extent[axis].start * 2, min(extent[axis].stop * 2, self._finer.shape[axis]))
        return halve(np.asarray(self._finer[tuple(wanted)]), self._y_axis)
