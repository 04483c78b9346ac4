"""The blocks of one plane's pyramid: on disk while the cache has room for them, else the coarse ones in memory."""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path
from typing import Any, Final

import imagecodecs
import numpy as np

from napari_labeltool.images.lazy import Pixels
from napari_labeltool.images.probe import DECODE_ERRORS
from napari_labeltool.images.pyramid_cache import FileIdentity, PyramidCache, PyramidKey
from napari_labeltool.images.pyramid_file import Address, PyramidFile, PyramidFileError
from napari_labeltool.images.pyramid_layout import Place, PyramidLayout

_COMPRESSION: Final = 1
#: Bytes of coarse levels that are kept in memory for one plane when the disk has no room.
_MEMORY_BYTES: Final = 128 * 2**20


class PlaneStore:
    """Blocks of one plane; may be used from several threads.

    Parameters
    ----------
    layout
        Geometry of the pyramid.
    plane
        Indices along the plane axes.
    cache
        The folder of pyramids.
    identity
        Of the picture's file; None for one that cannot be told from a changed one, which is kept in memory.
    """

    def __init__(
        self,
        layout: PyramidLayout,
        plane: tuple[int, ...],
        cache: PyramidCache,
        identity: FileIdentity | None,
    ) -> None:
        self.layout = layout
        self.cache = cache
        self._identity = identity
        self.key: PyramidKey | None = None if identity is None else cache.key(identity, layout, plane)
        self.is_complete = False
        #: Finer levels than this one are not kept.
        self.first_level = 1
        self._file: PyramidFile | None = None
        self._memory: dict[Address, Pixels] = {}
        self._take_complete()

    def _take_complete(self) -> bool:
        file = None if self.key is None else self.cache.open_complete(self.key)
        if file is not None:
            self._file, self.is_complete = file, True
            self.first_level = min((address.level for address in file.addresses()), default=1)
        return self.is_complete

    def prepare(self) -> None:
        """Get ready for blocks to be added; what an earlier, interrupted attempt left is taken over.

        The caller holds the lock of the file.
        """
        if self.is_complete or self._take_complete():
            return
        allowed = self.cache.allowance() if self.key is not None else 0
        self.first_level = self._first_level(allowed)
        if self.key is not None and self.layout.plane_bytes(self.first_level) <= allowed:
            try:
                self.key.partial.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._open_partial(self.key)
                return
            except OSError:
                pass  # the folder cannot be written: memory, below
        self.first_level = self._first_level(_MEMORY_BYTES)

    def _first_level(self, allowed: int) -> int:
        levels = range(1, self.layout.coarsest + 1)
        return next((level for level in levels if self.layout.plane_bytes(level) <= allowed), levels[-1])

    @staticmethod
    def _open_partial(key: PyramidKey) -> PyramidFile:
        try:
            return PyramidFile(key.partial, key.header, writable=True)
        except PyramidFileError:
            key.partial.unlink()
            return PyramidFile(key.partial, key.header, writable=True)

    def follow(self) -> None:
        """Take in the blocks that another process adds; the caller waits for that one's lock."""
        if self.key is None or self.is_complete:
            return
        with contextlib.suppress(OSError, PyramidFileError):
            if self._file is None:
                self._file = PyramidFile(self.key.partial, self.key.header)
            self._file.rescan()

    def leave(self) -> None:
        """End `follow`."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    # -- blocks
    def _shape(self, place: Place) -> tuple[int, ...]:
        rows, columns = self.layout.region(place)
        tail = self.layout.shapes[0][self.layout.y_axis + 2 :]
        lead = (1,) * self.layout.y_axis
        return (*lead, rows.stop - rows.start, columns.stop - columns.start, *tail)

    def has(self, place: Place, channel: int) -> bool:
        """Tell whether a block is there."""
        address = Address(place.level, channel, place.row, place.column)
        return address in self._memory or (self._file is not None and address in self._file)

    def get(self, place: Place, channel: int) -> Pixels | None:
        """Give a block, with axes of length 1 before y, or None when it is not there or damaged."""
        address = Address(place.level, channel, place.row, place.column)
        if address in self._memory:
            return self._memory[address]
        file = self._file
        payload = None if file is None else file.read(address)
        if file is not None and payload is not None:
            shape = self._shape(place)
            size = math.prod(shape) * self.layout.dtype.itemsize
            try:
                values = np.frombuffer(imagecodecs.zstd_decode(payload, out=size), self.layout.dtype)
                return values.reshape(shape)
            except DECODE_ERRORS:
                file.forget(address)
        if file is not None and file.is_damaged and self.is_complete and self.key is not None:
            self.cache.discard(self.key)  # made anew at the next opening
        return None

    def put(self, place: Place, channel: int, block: Pixels) -> None:
        """Keep a block.

        Raises
        ------
        OSError
            The disk is full.
        """
        if place.level < self.first_level:
            return
        address = Address(place.level, channel, place.row, place.column)
        if self._file is None:
            self._memory[address] = block
        else:
            encode: Any = imagecodecs.zstd_encode
            self._file.append(address, bytes(encode(np.ascontiguousarray(block), level=_COMPRESSION)))

    def finish(self) -> None:
        """Say that all blocks are there; the file counts when the picture is still the one it was.

        Raises
        ------
        OSError
            The disk is full.
        """
        file, key, identity = self._file, self.key, self._identity
        if file is not None and key is not None and identity is not None:
            file.finish()
            if FileIdentity.of(Path(identity.path)) == identity:
                if os.name == "nt":  # an open file cannot be renamed there
                    file.close()
                os.replace(key.partial, key.complete)
                if os.name == "nt":
                    self._file = self.cache.open_complete(key)
                self.cache.prune(keep=key)
        self.is_complete = True

    def close(self) -> None:
        """Close the file and forget what is in memory."""
        self._memory.clear()
        if self._file is not None:
            self._file.close()
