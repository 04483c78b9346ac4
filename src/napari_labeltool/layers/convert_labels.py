"""Masks of the dataset as a label image of napari, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.rle_painting import painted_values
from napari_labeltool.layers.convert_features import category_column, id_column
from napari_labeltool.layers.names import ANNOTATION_ID, CATEGORY, INDEX, ROW

_MOST_PIXELS = 2**31


def label_image(
    dataset: Dataset,
    rows: Iterable[int],
    window: Window | None = None,
    *,
    with_rows: bool = False,
) -> tuple[NDArray[np.int32], pd.DataFrame]:
    """Return the masks of annotations as a label image; where they overlap the later one is on top.

    Parameters
    ----------
    dataset
        The dataset.
    rows
        Rows of annotations of one image; polygons are rasterised as pycocotools does it. Rows whose mask
        cannot be decoded (``dataset.problems`` lists them) and rows without a mask are left out.
    window
        (y0, x0, y1, x1) in pixels; the whole image when left out.
    with_rows
        Add the column ``row``.

    Returns
    -------
    labels : (y1 - y0, x1 - x0) int32 array
        0 is background; the n-th row that has a mask gets the value n, from 1.
    features : DataFrame
        A line for each value: ``index``, ``annotation_id``, ``category``, and ``row`` when asked for.

    Raises
    ------
    LabeltoolError
        No window is given and no size is known, or the image is too big to be one array.
    """
    rows = [int(row) for row in rows]
    masks: list[Rle] = []
    used: list[int] = []
    for row in rows:
        try:
            rle = dataset.rle(row)
        except LabeltoolError:
            continue
        if rle is not None:
            masks.append(rle)
            used.append(row)
    if window is None:
        height, width = _size(dataset, rows, masks)
        window = (0, 0, height, width)
    features = pd.DataFrame({INDEX: np.arange(1, len(used) + 1, dtype=np.int64)})
    features[ANNOTATION_ID] = id_column([dataset.annotations.id_of(row) for row in used])
    features[CATEGORY] = category_column(dataset, dataset.annotations.category[used])
    if with_rows:
        features[ROW] = np.array(used, np.int64)
    return paint(masks, window), features


def _size(dataset: Dataset, rows: Sequence[int], masks: Sequence[Rle]) -> tuple[int, int]:
    size = dataset.images.size(int(dataset.annotations.image[rows[0]])) if rows else None
    if size is None and masks:
        size = max(rle.height for rle in masks), max(rle.width for rle in masks)
    if size is None:
        raise LabeltoolError(
            "label image: neither a window nor an image with width and height found. Name the window."
        )
    return size


def paint(masks: Sequence[Rle], window: Window, values: Sequence[int] | None = None) -> NDArray[np.int32]:
    """Return a label image of masks, in order, so that the last is on top.

    Parameters
    ----------
    masks
        The masks; a frame of another size is neither stretched nor moved.
    window
        (y0, x0, y1, x1) in pixels.
    values
        The value of each; 1, 2, ... when left out.

    Returns
    -------
    (y1 - y0, x1 - x0) int32 array

    Raises
    ------
    LabeltoolError
        The window has more than 2**31 pixels.
    """
    top, left, bottom, right = window
    height, width = max(bottom - top, 0), max(right - left, 0)
    if height * width > _MOST_PIXELS:
        raise LabeltoolError(
            f"label image: {height:,} x {width:,} pixels asked for, expected at most 2**31. Name a smaller"
            " window."
        )
    numbers = np.arange(1, len(masks) + 1) if values is None else np.asarray(values, np.int64)
    return painted_values(masks, numbers, window, np.int32)


def masks_from_labels(
    labels: NDArray[Any],
    *,
    height: int | None = None,
    width: int | None = None,
    offset_yx: tuple[int, int] = (0, 0),
) -> list[tuple[int, Rle]]:
    """Return a mask for each value of a label image except 0, in the order of the values.

    One pass over the pixels, however many values there are; disconnected pixels of one value are one mask.

    Parameters
    ----------
    labels
        (h, w) integer or bool array.
    height, width
        Size of the frame of the masks in pixels; that of the array when left out.
    offset_yx
        Row and column of the frame at which the array's first pixel lies; what reaches out is cut off.

    Returns
    -------
    list of (value, Rle)
    """
    h, w = labels.shape
    frame_h, frame_w = h if height is None else height, w if width is None else width
    y, x = int(offset_yx[0]), int(offset_yx[1])
    top, left = min(max(0, -y), h), min(max(0, -x), w)
    cropped = labels[top : max(top, min(h, frame_h - y)), left : max(left, min(w, frame_w - x))]
    y, x = y + top, x + left
    rows, columns = cropped.shape
    if not rows or not columns:
        return []
    flat = np.ascontiguousarray(cropped.T).ravel()
    changes = flat[1:] != flat[:-1]
    if rows != frame_h:
        # a run ends with its column where the frame goes on below or above the array
        changes[rows - 1 :: rows] = True
    starts = np.concatenate([np.zeros(1, np.int64), np.flatnonzero(changes) + 1])
    values = flat[starts]
    ends = np.append(starts[1:], len(flat))
    filled = values != 0
    starts, ends, values = starts[filled], ends[filled], values[filled]
    if not len(values):
        return []
    order = np.argsort(values, kind="stable")
    starts, ends, values = starts[order], ends[order], values[order]
    column = starts // rows
    shift = (column + x) * frame_h + y - column * rows
    edges = np.empty(2 * len(starts), np.int64)
    edges[0::2], edges[1::2] = starts + shift, ends + shift
    bounds = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1], [True]]))
    return [
        (int(values[first]), Rle.from_edges(edges[2 * first : 2 * last], frame_h, frame_w))
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist())
    ]
