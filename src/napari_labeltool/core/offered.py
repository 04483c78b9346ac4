"""The image record of a plane that is looked at: added by the first edit that needs it, in the same step."""

from __future__ import annotations

from collections.abc import Sequence

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.ops import Append, Op, Patch


def with_offered_image(dataset: Dataset, ops: Sequence[Op]) -> tuple[Op, ...]:
    """Return operations with one before them that adds the offered image record, when one of them is about it."""
    images = dataset.images
    row = images.row_count
    if not images.is_offered(row) or not any(_is_about(op, row) for op in ops):
        return tuple(ops)
    return (Append("images", row, images.record(row)), *ops)


def _is_about(op: Op, image: int) -> bool:
    if isinstance(op, Append):
        return op.table == "annotations" and op.image == image
    return isinstance(op, Patch) and op.table == "images" and op.row == image
