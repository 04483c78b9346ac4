"""Which annotations belong into the keypoints layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.values import IntArray

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


def with_keypoints(workspace: Workspace) -> IntArray:
    """Return the annotations of the shown image that have keypoints and are to be seen."""
    table = workspace.dataset.annotations
    rows = table.rows_of_image(workspace.image)
    rows = rows[(table.flags[rows] & Flag.KEYPOINTS) > 0]
    return np.asarray(rows[workspace.shown.passes(rows)])


def can_have_points(workspace: Workspace, row: int) -> bool:
    """Tell whether an annotation has keypoints that are to be seen on the shown image."""
    table = workspace.dataset.annotations
    return (
        bool(table.alive[row])
        and int(table.image[row]) == workspace.image
        and bool(table.flags[row] & Flag.KEYPOINTS)
        and workspace.shown.passes_one(row)
    )


def few_enough(workspace: Workspace, rows: tuple[int, ...]) -> tuple[int, ...]:
    """Return annotations, or none of them where they are more than the layer holds."""
    return rows if len(rows) <= workspace.options.promote_limit else ()
