"""Masks as COCO run-length codes: exact in 64 bits, never as big as the picture.

Pixels are counted down the columns (column-major). pycocotools is the reference for the format; it is
silently wrong above 2**32 pixels, this module is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.pixels import (
    Window,
    box_of_edges,
    edges_of_crop,
    pixels_of_runs,
    pixels_of_spans,
    spans_of_edges,
)
from napari_labeltool.core.rle_codec import checked_counts, encode_counts
from napari_labeltool.core.runs import (
    EMPTY,
    Edges,
    clip_edges,
    combine_edges,
    edges_from_crossings,
    edges_from_runs,
)
from napari_labeltool.core.spans import connected_groups, count_holes

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
        runs = checked_counts(counts, height, width)
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
        frame_h, frame_w = pixels.shape
        frame_h, frame_w = frame_h if height is None else height, frame_w if width is None else width
        offset = (int(offset_yx[0]), int(offset_yx[1]))
        return cls.from_edges(edges_of_crop(pixels, offset, frame_h, frame_w), frame_h, frame_w)

    @classmethod
    def from_spans(
        cls, x: NDArray[np.int64], y0: NDArray[np.int64], y1: NDArray[np.int64], height: int, width: int
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
        if window is None:
            window = (0, 0, self.height, self.width)
        rows, columns = max(window[2] - window[0], 0), max(window[3] - window[1], 0)
        if rows * columns > MOST_PIXELS_AT_ONCE:
            raise LabeltoolError(
                f"A mask array of {rows} x {columns} pixels was asked for, at most 2**31 pixels are decoded "
                f"at once. Ask for a smaller window."
            )
        if window == (0, 0, self.height, self.width):
            return pixels_of_runs(self.counts, rows, columns)
        first, end = max(window[1], 0), min(window[3], self.width)
        inside = clip_edges(self.edges, first * self.height, end * self.height)
        return pixels_of_spans(*spans_of_edges(inside, self.height), window)

    def spans(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the mask as column spans ``(x, y0, y1)``, ordered by column and row, never touching."""
        return spans_of_edges(self.edges, self.height)

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
        left, top, right, bottom = box_of_edges(self.edges, self.height)
        return (float(left), float(top), float(right - left), float(bottom - top))

    def components(self, connectivity: Literal[4, 8] = 8) -> list[Rle]:
        """Return the connected parts, leftmost first.

        Parameters
        ----------
        connectivity : 4 or 8
            Whether pixels that touch at a corner only belong together (8) or not (4).
        """
        x, y0, y1 = self.spans()
        groups = connected_groups(x, y0, y1, connectivity)
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
            f"A mask of shape {pixels.shape} was given for the window {window}, "
            f"expected ({y1 - y0}, {x1 - x0})."
        )
    columns = np.arange(max(x0, 0), min(x1, rle.width), dtype=np.int64)
    covered = Rle.from_spans(
        columns, np.full_like(columns, y0), np.full_like(columns, y1), rle.height, rle.width
    )
    new = Rle.from_mask(pixels, height=rle.height, width=rle.width, offset_yx=(y0, x0))
    kept = combine_edges(rle.edges, covered.edges, np.greater)
    return Rle.from_edges(combine_edges(kept, new.edges, np.logical_or), rle.height, rle.width)
