"""Which annotations the masks layer may show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_labeltool.core.semantic import MASK_KINDS
from napari_labeltool.core.values import IntArray

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.core.pixels import Window
    from napari_labeltool.layers.workspace import Workspace


def rows_meeting(dataset: Dataset, image: int, window: Window) -> IntArray:
    """Return the alive annotations of an image whose box meets a window, or says nothing, in no special order.

    Parameters
    ----------
    dataset
        The dataset.
    image
        Row of the image.
    window
        (y0, x0, y1, x1) in pixels.
    """
    table = dataset.annotations
    rows = table.rows_of_image(image)
    boxes = table.bbox[rows]
    far = (boxes[:, 0] >= window[3]) | (boxes[:, 1] >= window[2])
    far |= boxes[:, 0] + boxes[:, 2] <= window[1]
    far |= boxes[:, 1] + boxes[:, 3] <= window[0]
    far &= (boxes[:, 2] > 0) & (boxes[:, 3] > 0)
    return np.asarray(rows[~far])


def masks_to_show(workspace: Workspace, window: Window | None = None) -> IntArray:
    """Return the annotations of the shown image that are masks of visible classes, in file order.

    Parameters
    ----------
    workspace
        The session in its viewer.
    window
        (y0, x0, y1, x1) in pixels: only those that meet it; all of the image when left out.
    """
    dataset, image = workspace.dataset, workspace.image
    rows = (
        dataset.annotations.rows_of_image(image) if window is None else rows_meeting(dataset, image, window)
    )
    rows = rows[np.isin(dataset.annotations.kind[rows], MASK_KINDS)]
    if workspace.hidden:
        rows = rows[~np.isin(dataset.annotations.category[rows], list(workspace.hidden))]
    return np.sort(rows)


def is_to_show(workspace: Workspace, row: int) -> bool:
    """Tell whether an annotation is a mask to be shown, as far as the dataset tells without decoding it."""
    annotations = workspace.dataset.annotations
    return (
        bool(annotations.alive[row])
        and int(annotations.image[row]) == workspace.image
        and int(annotations.kind[row]) in MASK_KINDS
        and int(annotations.category[row]) not in workspace.hidden
    )
