"""Which annotations the masks layer may show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_labeltool.core.semantic import MASK_KINDS
from napari_labeltool.core.values import IntArray

if TYPE_CHECKING:
    from napari_labeltool.core.pixels import Window
    from napari_labeltool.layers.workspace import Workspace


def rows_meeting(workspace: Workspace, window: Window) -> IntArray:
    """Return the alive masks of the shown image whose box meets a window, hidden ones too, in no special order.

    Parameters
    ----------
    workspace
        The session in its viewer.
    window
        (y0, x0, y1, x1) in pixels.
    """
    return workspace.shown.masks.query(window[1], window[0], window[3], window[2])


def masks_to_show(workspace: Workspace, window: Window | None = None) -> IntArray:
    """Return the annotations of the shown image that are masks and not hidden, in file order.

    Parameters
    ----------
    workspace
        The session in its viewer.
    window
        (y0, x0, y1, x1) in pixels: only those that meet it; all of the image when left out.
    """
    annotations = workspace.dataset.annotations
    if window is None:
        rows = annotations.rows_of_image(workspace.image)
    else:
        rows = rows_meeting(workspace, window)
    rows = rows[np.isin(annotations.kind[rows], MASK_KINDS)]
    return np.sort(rows[workspace.shown.passes(rows)])


def is_to_show(workspace: Workspace, row: int) -> bool:
    """Tell whether an annotation is a mask to be shown, as far as the dataset tells without decoding it."""
    annotations = workspace.dataset.annotations
    return (
        bool(annotations.alive[row])
        and int(annotations.image[row]) == workspace.image
        and int(annotations.kind[row]) in MASK_KINDS
        and workspace.shown.passes_one(row)
    )
