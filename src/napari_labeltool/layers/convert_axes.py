"""The one place where x, y of the document and y, x of napari swap, with the half pixel between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.names import HALF_PIXEL

DECIMALS = 3
"""Decimals of a coordinate that came from napari, where float32 has no more to say."""


def xy_to_yx(points_xy: ArrayLike, shift: float = -HALF_PIXEL) -> FloatArray:
    """Return points of the document as napari has them.

    Parameters
    ----------
    points_xy
        (n, 2) x, y in pixels; with the default `shift`, measured from the corner of the first pixel.
    shift
        Added to both: -0.5 for vertices and boxes, 0 for keypoints that are pixel numbers.

    Returns
    -------
    (n, 2) float64 array
        y, x in data coordinates: the centre of the first pixel is the origin.
    """
    return np.asarray(points_xy, np.float64)[..., ::-1] + shift


def yx_to_xy(points_yx: ArrayLike, shift: float = HALF_PIXEL) -> FloatArray:
    """Return points of napari as the document has them; the inverse of `xy_to_yx` with the opposite shift."""
    return np.asarray(points_yx, np.float64)[..., ::-1] + shift


def keypoint_shift(dataset: Dataset) -> float:
    """Return what is added to keypoints on the way to napari: ``labeltool.keypoint_shift``, or 0."""
    value = dataset.document.facts.get("keypoint_shift")
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def restored_xy(points_yx: ArrayLike, before_xy: FloatArray | None, shift: float = HALF_PIXEL) -> FloatArray:
    """Return points of napari as the document has them, exact where they were not moved.

    napari keeps vertices as float32. A coordinate that is still the one which was shown gets back the number
    that it was shown from; any other is rounded to `DECIMALS`.

    Parameters
    ----------
    points_yx
        (n, 2) y, x as the layer has them.
    before_xy
        (m, 2) x, y as they were shown; None when there were none.
    shift
        The opposite of the shift with which they were shown.

    Returns
    -------
    (n, 2) float64 array
    """
    new_yx = np.asarray(points_yx, np.float32).reshape(-1, 2)
    restored = np.round(yx_to_xy(np.asarray(points_yx, np.float64).reshape(-1, 2), shift), DECIMALS)
    if before_xy is None or not len(before_xy):
        return restored
    shown_yx = xy_to_yx(before_xy, -shift).astype(np.float32)
    if len(shown_yx) == len(new_yx):
        same = (new_yx == shown_yx)[:, ::-1]
        restored = np.where(same, before_xy, restored)
        if same.all():
            return restored
    known = {tuple(point): index for index, point in reversed(list(enumerate(shown_yx.tolist())))}
    for index, point in enumerate(new_yx.tolist()):
        if len(shown_yx) == len(new_yx) and point == shown_yx[index].tolist():
            continue
        found = known.get(tuple(point))
        if found is not None:
            restored[index] = before_xy[found]
    return restored
