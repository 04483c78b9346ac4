"""Which annotations belong into the objects layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_labeltool.layers.convert_shapes import SHAPE_KINDS

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


def can_be_shape(workspace: Workspace, row: int) -> bool:
    """Tell whether an annotation of the shown image belongs into a Shapes layer."""
    table = workspace.dataset.annotations
    return (
        bool(table.alive[row])
        and int(table.image[row]) == workspace.image
        and table.kind[row] in SHAPE_KINDS
        and bool(np.isfinite(table.bbox[row]).all())
        and workspace.shown.passes_one(row)
    )


def shapes_of_image(workspace: Workspace) -> list[int]:
    """Return the annotations of the shown image that belong into a Shapes layer."""
    table = workspace.dataset.annotations
    rows = table.rows_of_image(workspace.image)
    rows = rows[np.isin(table.kind[rows], SHAPE_KINDS) & np.isfinite(table.bbox[rows]).all(1)]
    return [int(row) for row in rows[workspace.shown.passes(rows)]]


def all_can_be_shapes(workspace: Workspace) -> bool:
    """Tell whether the shown image has so few shapes that all of them can be in the layer."""
    limit = workspace.options.promote_limit
    count = workspace.shown.index.count
    # among very many annotations, masks as a rule, a few shapes are not looked for
    return count <= limit or (count <= 4 * limit and len(shapes_of_image(workspace)) <= limit)
