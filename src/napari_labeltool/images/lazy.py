"""Arrays that read only what is asked of them.

All of them take integers, slices and an ellipsis as index and return NumPy arrays; that is what napari's
layers and NumPy's functions use. They can be read from several threads.
"""

from __future__ import annotations

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from napari_labeltool.images.probe import DECODE_ERRORS, undecodable

Index = int | slice | EllipsisType
Pixels = NDArray[Any]


class LazyArray(ABC):
    """An array with a known shape whose values are read on indexing.

    Parameters
    ----------
    shape
        Lengths of the axes.
    dtype
        Type of the values.
    """

    def __init__(self, shape: Sequence[int], dtype: DTypeLike) -> None:
        self.shape: tuple[int, ...] = tuple(int(length) for length in shape)
        self.dtype: np.dtype[Any] = np.dtype(dtype)

    @abstractmethod
    def _read(self, slices: tuple[slice, ...]) -> Pixels:
        """Read a block: one slice for each axis, with bounds inside the array and a positive step."""

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that the entire array would take in memory."""
        return self.size * self.dtype.itemsize

    @property
    def chunks(self) -> tuple[int, ...]:
        """Lengths of the blocks that are read at once; the whole array where there are none."""
        return self.shape

    @property
    def random_access(self) -> bool:
        """Whether single pixels can be picked without decoding others."""
        return False

    def release(self) -> None:  # noqa: B027 - most kinds keep nothing
        """Give back the memory of what was read; it is read again when needed."""

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Index | tuple[Index, ...]) -> Pixels:
        slices, picked, flipped = _normalise(key, self.shape)
        block = self._read(slices)
        if flipped:
            block = np.flip(block, flipped)
        return (
            block[tuple(0 if axis in picked else slice(None) for axis in range(self.ndim))]
            if picked
            else block
        )

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Pixels:
        block = self._read(tuple(slice(0, length, 1) for length in self.shape))
        return np.array(block, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.shape} {self.dtype}>"


class DecodedArray(LazyArray):
    """A picture of a format that can only be decoded as a whole; decoded at the first use and kept.

    Parameters
    ----------
    shape, dtype
        What the header declares.
    decode
        Returns the picture; called once, and again after `release`.
    """

    def __init__(self, shape: Sequence[int], dtype: DTypeLike, decode: Callable[[], Pixels]) -> None:
        super().__init__(shape, dtype)
        self._decode = decode
        self._pixels: Pixels | None = None
        self._lock = threading.Lock()

    @property
    def is_decoded(self) -> bool:
        """Whether the pixels are in memory."""
        return self._pixels is not None

    @property
    def random_access(self) -> bool:
        """Whether the pixels are in memory."""
        return self.is_decoded

    def load(self) -> Pixels:
        """Decode now (if not yet done) and return the picture.

        Raises
        ------
        ReadError
            The file is damaged.
        """
        with self._lock:
            if self._pixels is None:
                pixels = self._decode()
                pixels.flags.writeable = False
                self._pixels = pixels
            return self._pixels

    def release(self) -> None:
        """Forget the decoded picture; the next use decodes it again."""
        with self._lock:
            self._pixels = None

    def _read(self, slices: tuple[slice, ...]) -> Pixels:
        return self.load()[slices]


class ViewArray(LazyArray):
    """Another array with its axes in another order, and its values converted while they are read.

    Parameters
    ----------
    base
        A NumPy, memory-mapped or zarr array.
    order
        For each axis of this array the axis of `base`. Axes of `base` that are not named have length 1 and
        are dropped.
    path
        The file, for error messages.
    convert
        Applied to each block that was read. It keeps the shape, except for the samples axis.
    samples
        Length of the last axis after `convert` when that changes or adds it; it is always read whole.
    replaces_samples
        Whether the last axis of `order` is the samples axis that `convert` replaces by one of length
        `samples`.
    dtype
        Type after `convert`; that of `base` by default.
    """

    def __init__(
        self,
        base: Any,
        order: Sequence[int],
        path: Path,
        *,
        convert: Callable[[Pixels], Pixels] | None = None,
        samples: int | None = None,
        replaces_samples: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None:
        self._base = base
        self._order = tuple(order)
        self._path = path
        self._convert = convert
        #: So many axes of this array are sliced in `base`; a converted samples axis is sliced afterwards.
        self._sliced = len(self._order) - (1 if replaces_samples else 0)
        shape = [int(base.shape[axis]) for axis in self._order[: self._sliced]]
        if samples is not None:
            shape.append(samples)
        super().__init__(shape, base.dtype.newbyteorder("=") if dtype is None else dtype)

    @property
    def chunks(self) -> tuple[int, ...]:
        """Lengths of the blocks that are read at once, in the order of this array's axes."""
        chunks = getattr(self._base, "chunks", None)
        if chunks is None:
            return tuple(min(length, 1024) for length in self.shape[:-1]) + self.shape[-1:]
        mine = [int(chunks[axis]) for axis in self._order[: self._sliced]]
        return (*mine, *self.shape[len(mine) :])

    @property
    def random_access(self) -> bool:
        """Whether the pixels lie in memory or in a mapped file, not encoded."""
        return isinstance(self._base, np.ndarray)

    def _read(self, slices: tuple[slice, ...]) -> Pixels:
        base_slices = [slice(0, int(length), 1) for length in self._base.shape]
        for axis, part in zip(self._order[: self._sliced], slices, strict=False):
            base_slices[axis] = part
        try:
            block = np.asarray(self._base[tuple(base_slices)])
        except DECODE_ERRORS as error:
            raise undecodable(self._path, error, "image") from error
        dropped = tuple(axis for axis in range(block.ndim) if axis not in self._order)
        block = block.squeeze(dropped) if dropped else block
        rank = {axis: position for position, axis in enumerate(sorted(self._order))}
        block = block.transpose([rank[axis] for axis in self._order])
        if self._convert is not None:
            block = self._convert(block)
        tail: Any = (..., *slices[self._sliced :])
        return np.asarray(block[tail], self.dtype)


class FixedArray(LazyArray):
    """Another array at one index along some of its axes.

    Parameters
    ----------
    base
        The array.
    at
        Index by number of the axis.
    """

    def __init__(self, base: LazyArray, at: Mapping[int, int]) -> None:
        self._base = base
        self._free = tuple(axis for axis in range(base.ndim) if axis not in at)
        self._at = dict(at)
        super().__init__([base.shape[axis] for axis in self._free], base.dtype)

    @property
    def chunks(self) -> tuple[int, ...]:
        """Lengths of the blocks that are read at once."""
        return tuple(self._base.chunks[axis] for axis in self._free)

    @property
    def random_access(self) -> bool:
        """Whether single pixels can be picked without decoding others."""
        return self._base.random_access

    def _read(self, slices: tuple[slice, ...]) -> Pixels:
        parts = dict(zip(self._free, slices, strict=True))
        return self._base[
            tuple(self._at[axis] if axis in self._at else parts[axis] for axis in range(self._base.ndim))
        ]


def _normalise(
    key: Index | tuple[Index, ...], shape: tuple[int, ...]
) -> tuple[tuple[slice, ...], frozenset[int], tuple[int, ...]]:
    """Give slices with bounds and a positive step, the axes picked by an integer, and the axes to flip."""
    parts = key if isinstance(key, tuple) else (key,)
    dots = [number for number, part in enumerate(parts) if part is Ellipsis]
    if dots:
        fill = (slice(None),) * (len(shape) - len(parts) + 1)
        parts = parts[: dots[0]] + fill + parts[dots[0] + 1 :]
    if len(parts) > len(shape):
        raise IndexError(f"{len(parts)} indices for {len(shape)} axes")
    parts = parts + (slice(None),) * (len(shape) - len(parts))
    slices: list[slice] = []
    picked: set[int] = set()
    flipped: list[int] = []
    for axis, (part, length) in enumerate(zip(parts, shape, strict=True)):
        if isinstance(part, slice):
            start, stop, step = part.indices(length)
            count = len(range(start, stop, step))
            if count == 0:
                slices.append(slice(0, 0, 1))
            elif step < 0:
                slices.append(slice(start + (count - 1) * step, start + 1, -step))
                flipped.append(axis)
            else:
                slices.append(slice(start, stop, step))
        elif isinstance(part, (int, np.integer)):
            position = int(part) + (length if part < 0 else 0)
            if not 0 <= position < length:
                raise IndexError(f"index {int(part)} is out of bounds for axis {axis} with length {length}")
            slices.append(slice(position, position + 1, 1))
            picked.add(axis)
        else:
            raise TypeError(f"axis {axis}: {type(part).__name__} found, an integer or a slice expected")
    return tuple(slices), frozenset(picked), tuple(flipped)
