"""Masks as COCO run-length codes: exact in 64 bits, never as big as the picture.

Pixels are counted down the columns (column-major). pycocotools is the reference for the format; it is
silently wrong above 2**32 pixels, this module is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_labeltool.core.errors import LabeltoolError, ReadError
from napari_labeltool.core.rle_codec import decode_counts, encode_counts
from napari_labeltool.core.runs import (
    EMPTY,
    Edges,
    clip_edges,
    combine_edges,
    edges_from_crossings,
    edges_from_runs,
)
from napari_labeltool.core.spans import count_holes, label_spans

Window: TypeAlias = tuple[int, int, int, int]
"""A rectangle of pixels: (y0, x0, y1, x1), the last row and column not included."""

MOST_PIXELS_IN_FRAME = 2**53
MOST_PIXELS_AT_ONCE = 2**31


@dataclass(frozen=True, slots=True, eq=False)
class Rle:
    """A binary mask in a frame of ``height`` x ``width`` pixels.

    Parameters
    ----------
    height, width : int
        Size of the frame in pixels.
    counts : int64 array, shape (runs,)
        Run lengths down the columns, beginning with zeros; only the first may be 0, and they sum to
        ``height * width``. Use `from_counts` for anything that comes from outside.
    """

    height: int
    width: int
    counts: NDArray[np.int64]

    # -- construction ---------------------------------------------------------------------------------

    @classmethod
    def empty(cls, height: int, width: int) -> Rle:
        """Return the mask without any pixel."""
        return cls.from_edges(EMPTY, height, width)

    @classmethod
    def from_edges(cls, edges: Edges, height: int, width: int) -> Rle:
        """Return the mask whose column-major pixel numbers are the set ``edges`` (see `core.runs`)."""
        counts = np.diff(edges, prepend=0, append=height * width)
        if len(counts) > 1 and counts[-1] == 0:
            counts = counts[:-1]
        return cls(height, width, counts)

    @classmethod
    def from_counts(
        cls, counts: Sequence[int] | NDArray[np.integer] | str | bytes, height: int, width: int
    ) -> Rle:
        """Return the mask that a COCO segmentation holds.

        Parameters
        ----------
        counts : list of int, str or bytes
            Run lengths, or the compressed string.
        height, width : int
            ``size`` of the segmentation.

        Raises
        ------
        ReadError
            The counts are damaged, negative, or do not sum to ``height * width``.
        """
        if height < 0 or width < 0 or height * width > MOST_PIXELS_IN_FRAME:
            raise ReadError(
                f"segmentation.size: [{height}, {width}] found, expected [height, width], neither negative, "
                f"of at most 2**53 pixels. The mask was not decoded."
            )
        runs = decode_counts(counts) if isinstance(counts, (str, bytes)) else _checked_list(counts)
        if len(runs) and int(runs.min()) < 0:
            at = int(np.argmin(runs))
            raise ReadError(
                f"segmentation.counts[{at}]: {int(runs[at])} found, expected no negative run length. "
                f"The mask was not decoded."
            )
        total = int(runs.sum()) if len(runs) < 1024 or runs.max() < 2**40 else sum(runs.tolist())
        if total != height * width:
            raise ReadError(
                f"segmentation.counts: the runs sum to {total}, expected {height * width} "
                f"(size [{height}, {width}]). The mask was not decoded."
            )
        if len(runs) and (len(runs) == 1 or int(runs[1:].min()) > 0):
            return cls(height, width, runs)
        flips = np.cumsum(runs)
        return cls.from_edges(edges_from_crossings(flips[: len(flips) // 2 * 2]), height, width)

    @classmethod
    def from_mask(
        cls,
        mask: ArrayLike,
        *,
        height: int | None = None,
        width: int | None = None,
        offset_yx: tuple[int, int] = (0, 0),
    ) -> Rle:
        """Return the code of a mask array, which may be a crop of a larger frame.

        Parameters
        ----------
        mask : bool array, shape (h, w)
            The pixels; anything not zero is inside.
        height, width : int, optional
            Size of the frame; that of the array if left out.
        offset_yx : (int, int)
            Row and column of the frame at which the array's first pixel lies. What reaches out of the frame
            is cut off.
        """
        pixels = np.asarray(mask)
        if pixels.dtype != np.bool_:
            pixels = pixels != 0
        h, w = pixels.shape
        frame_h, frame_w = h if height is None else height, w if width is None else width
        y, x = int(offset_yx[0]), int(offset_yx[1])
        if (y, x) == (0, 0) and h == frame_h:
            pixels = pixels[:, :frame_w]
            edges = _flips(pixels.T.ravel())
            return cls.from_edges(edges, frame_h, frame_w)
        top, left = min(max(0, -y), h), min(max(0, -x), w)
        pixels = pixels[top : max(top, min(h, frame_h - y)), left : max(left, min(w, frame_w - x))]
        rows, columns = pixels.shape
        columns_first = np.zeros((columns, rows + 1), np.bool_)
        columns_first[:, :rows] = pixels.T
        edges = _flips(columns_first.ravel())
        column, row = np.divmod(edges[0::2], rows + 1)
        starts = (column + left + x) * frame_h + row + top + y
        return cls.from_edges(edges_from_runs(starts, starts + edges[1::2] - edges[0::2]), frame_h, frame_w)

    @classmethod
    def from_spans(
        cls,
        x: NDArray[np.int64],
        y0: NDArray[np.int64],
        y1: NDArray[np.int64],
        height: int,
        width: int,
    ) -> Rle:
        """Return the union of column spans, given in any order, overlapping or not.

        Parameters
        ----------
        x, y0, y1 : int64 array, shape (n,)
            Column, first row and end row of each span. What reaches out of the frame is cut off.
        height, width : int
            Size of the frame.
        """
        x, y0, y1 = (np.asarray(a, np.int64) for a in (x, y0, y1))
        y0, y1 = np.clip(y0, 0, height), np.clip(y1, 0, height)
        inside = (x >= 0) & (x < width)
        if not inside.all():
            x, y0, y1 = x[inside], y0[inside], y1[inside]
        return cls.from_edges(edges_from_runs(x * height + y0, x * height + y1), height, width)

    # -- the ways out ---------------------------------------------------------------------------------

    def to_compressed(self) -> str:
        """Return the compressed ``counts`` string, as pycocotools writes it."""
        return encode_counts(self.counts)

    def to_list(self) -> list[int]:
        """Return the run lengths as Python integers."""
        return [int(c) for c in self.counts.tolist()]

    def to_mask(self, window: Window | None = None) -> NDArray[np.bool_]:
        """Return the pixels of a window of the frame.

        Parameters
        ----------
        window : (y0, x0, y1, x1), optional
            The part wanted, the whole frame if left out; it may reach out of the frame, where nothing is set.

        Returns
        -------
        bool array, shape (y1 - y0, x1 - x0)

        Raises
        ------
        LabeltoolError
            The array would have more than 2**31 pixels.
        """
        y0, x0, y1, x1 = window if window is not None else (0, 0, self.height, self.width)
        rows, columns = max(y1 - y0, 0), max(x1 - x0, 0)
        if rows * columns > MOST_PIXELS_AT_ONCE:
            raise LabeltoolError(
                f"A mask array of {rows} x {columns} pixels was asked for, at most 2**31 pixels are decoded at "
                f"once. Ask for a smaller window."
            )
        if (y0, x0, y1, x1) == (0, 0, self.height, self.width):
            runs = self.counts
        else:
            x, a, b = self._spans_between(x0, x1)
            a, b = np.clip(a - y0, 0, rows), np.clip(b - y0, 0, rows)
            runs = np.empty(2 * len(x) + 1, np.int64)
            starts, ends = (x - x0) * rows + a, (x - x0) * rows + b
            runs[1::2] = ends - starts
            runs[0:-1:2] = starts
            runs[2:-1:2] -= ends[:-1]
            runs[-1] = rows * columns - (ends[-1] if len(ends) else 0)
        values = np.zeros(len(runs), np.bool_)
        values[1::2] = True
        return np.repeat(values, runs).reshape(columns, rows).T

    def spans(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the mask as column spans ``(x, y0, y1)``, ordered by column and row, never touching."""
        return _spans_of(self.edges, self.height)

    def _spans_between(
        self, x0: int, x1: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        first, end = max(x0, 0), min(x1, self.width)
        return _spans_of(clip_edges(self.edges, first * self.height, end * self.height), self.height)

    # -- what it is -----------------------------------------------------------------------------------

    @property
    def edges(self) -> Edges:
        """The set of column-major pixel numbers inside, see `core.runs`."""
        return np.cumsum(self.counts)[: len(self.counts) // 2 * 2]

    @property
    def area(self) -> int:
        """Number of pixels inside."""
        return int(self.counts[1::2].sum())

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is inside."""
        return len(self.counts) < 2

    @property
    def bbox_xywh(self) -> tuple[float, float, float, float]:
        """Tight box (left, top, width, height) in pixels; all zeros if the mask is empty."""
        if self.is_empty:
            return (0.0, 0.0, 0.0, 0.0)
        edges, height = self.edges, self.height
        first, last = edges[0::2] // height, (edges[1::2] - 1) // height
        if (first != last).any():
            top, bottom = 0, height
        else:
            top = int((edges[0::2] - first * height).min())
            bottom = int((edges[1::2] - first * height).max())
        left, right = int(first[0]), int(last[-1]) + 1
        return (float(left), float(top), float(right - left), float(bottom - top))

    def components(self, connectivity: Literal[4, 8] = 8) -> list[Rle]:
        """Return the connected parts, leftmost first.

        Parameters
        ----------
        connectivity : 4 or 8
            Whether pixels that touch at a corner only belong together (8) or not (4).
        """
        x, y0, y1 = self.spans()
        number, labels = label_spans(x, y0, y1, connectivity)
        if number <= 1:
            return [self] if number else []
        order = np.argsort(labels, kind="stable")
        cuts = np.flatnonzero(np.diff(labels[order])) + 1
        groups = np.split(order, cuts)
        return [Rle.from_spans(x[g], y0[g], y1[g], self.height, self.width) for g in groups]

    def has_holes(self) -> bool:
        """Whether background is shut in, so that no union of polygon parts can be this mask.

        A gap at a corner is a way out: four pixels around a fifth that touch at corners only shut nothing in.
        """
        return count_holes(*self.spans()) > 0

    def __eq__(self, other: object) -> bool:
        """Whether both have the same frame and the same pixels."""
        if not isinstance(other, Rle):
            return NotImplemented
        return (self.height, self.width) == (other.height, other.width) and np.array_equal(
            self.counts, other.counts
        )

    def __hash__(self) -> int:
        return hash((self.height, self.width, self.counts.tobytes()))


def _checked_list(counts: Sequence[int] | NDArray[np.integer]) -> NDArray[np.int64]:
    try:
        runs = np.asarray(counts)
    except ValueError:
        runs = np.empty((0, 0), object)
    if runs.ndim == 1 and not len(runs):
        return np.empty(0, np.int64)
    if runs.ndim == 1 and runs.dtype.kind in "iuf":
        whole = runs.astype(np.int64) if np.isfinite(runs).all() and np.abs(runs).max() < 2.0**62 else None
        if whole is not None and (whole == runs).all():
            return whole
    raise ReadError(
        "segmentation.counts: something other than whole numbers (or a number beyond 64 bits) found, expected "
        "a list of run lengths or a compressed string. The mask was not decoded."
    )


def _flips(flat: NDArray[np.bool_]) -> Edges:
    """Return the edges of the True runs of a flat array."""
    if not len(flat):
        return EMPTY
    inner = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    head = [0] if flat[0] else []
    tail = [len(flat)] if flat[-1] else []
    return np.concatenate([np.array(head, np.int64), inner, np.array(tail, np.int64)])


def _spans_of(edges: Edges, height: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    starts, ends = edges[0::2], edges[1::2]
    if not len(starts):
        return EMPTY, EMPTY, EMPTY
    first, last = starts // height, (ends - 1) // height
    columns = last - first + 1
    if int(columns.max()) == 1:
        return first, starts - first * height, ends - first * height
    x = np.repeat(first - np.cumsum(columns) + columns, columns) + np.arange(int(columns.sum()))
    y0 = np.maximum(np.repeat(starts, columns) - x * height, 0)
    y1 = np.minimum(np.repeat(ends, columns) - x * height, height)
    return x, y0, y1


# -- two masks of one frame -----------------------------------------------------------------------------


def _check_frames(a: Rle, b: Rle) -> None:
    if (a.height, a.width) != (b.height, b.width):
        raise LabeltoolError(
            f"Two masks of different frames were combined: {a.height} x {a.width} and {b.height} x {b.width} "
            f"pixels (height x width). They must be of one image."
        )


def union(a: Rle, b: Rle) -> Rle:
    """Return the pixels that are in ``a`` or in ``b``."""
    _check_frames(a, b)
    return Rle.from_edges(combine_edges(a.edges, b.edges, np.logical_or), a.height, a.width)


def intersection(a: Rle, b: Rle) -> Rle:
    """Return the pixels that are in ``a`` and in ``b``."""
    _check_frames(a, b)
    return Rle.from_edges(combine_edges(a.edges, b.edges, np.logical_and), a.height, a.width)


def difference(a: Rle, b: Rle) -> Rle:
    """Return the pixels that are in ``a`` and not in ``b``."""
    _check_frames(a, b)
    return Rle.from_edges(combine_edges(a.edges, b.edges, np.greater), a.height, a.width)


def iou(a: Rle, b: Rle) -> float:
    """Return the intersection over the union, 0 to 1; two empty masks have 0."""
    both = intersection(a, b).area
    either = a.area + b.area - both
    return both / either if either else 0.0


def replace_window(rle: Rle, window: Window, mask: ArrayLike) -> Rle:
    """Return ``rle`` with the pixels inside a window replaced, those outside kept.

    Parameters
    ----------
    rle : Rle
        The mask as it was.
    window : (y0, x0, y1, x1)
        The rectangle that is replaced; it may reach out of the frame.
    mask : bool array, shape (y1 - y0, x1 - x0)
        The new pixels of the window.
    """
    y0, x0, y1, x1 = window
    pixels = np.asarray(mask)
    if pixels.shape != (y1 - y0, x1 - x0):
        raise LabeltoolError(
            f"A mask of shape {pixels.shape} was given for the window {window}, expected ({y1 - y0}, {x1 - x0})."
        )
    columns = np.arange(max(x0, 0), min(x1, rle.width), dtype=np.int64)
    covered = Rle.from_spans(
        columns, np.full_like(columns, y0), np.full_like(columns, y1), rle.height, rle.width
    )
    new = Rle.from_mask(pixels, height=rle.height, width=rle.width, offset_yx=(y0, x0))
    kept = combine_edges(rle.edges, covered.edges, np.greater)
    return Rle.from_edges(combine_edges(kept, new.edges, np.logical_or), rle.height, rle.width)
