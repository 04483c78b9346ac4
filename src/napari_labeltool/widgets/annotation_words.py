"""What the annotation list says of itself in words. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_labeltool.core.values import IntArray
from napari_labeltool.widgets.annotation_order import AnnotationOrder
from napari_labeltool.widgets.annotation_scope import EVERY_IMAGE

if TYPE_CHECKING:
    from napari_labeltool.widgets.annotation_model import AnnotationTableModel


def model_words(model: AnnotationTableModel, image: int, chosen: IntArray) -> str:
    """Return `list_words` of a model that may have no list, or wait for one."""
    text = "" if model.order is None else list_words(model.order, image, chosen)
    return f"Filtering and sorting… {text}" if model.filling.is_running else text


def empty_words(model: AnnotationTableModel, on_canvas: bool) -> str:
    """Return what stands in place of rows when the filter lets nothing through; nothing without a filter."""
    order = model.order
    if order is None or not order.query.terms or model.filling.is_running or not order.scope_count():
        return ""
    return f"No annotation passes the filter.{' The canvas shows none.' if on_canvas else ''}"


def list_words(order: AnnotationOrder, image: int, chosen: IntArray) -> str:
    """Return in words how many annotations there are, pass the filter, and are selected.

    Parameters
    ----------
    order
        The list.
    image
        Row of the shown image.
    chosen
        Rows of the selected annotations.
    """
    total, shown = order.scope_count(), len(order.rows)
    count = "1 annotation" if total == 1 else f"{total:,} annotations"
    text = count if shown == total else f"{shown:,} of {count} pass the filter"
    if total == 0:
        text = "No annotations in this image yet" if order.image != EVERY_IMAGE else "No annotations yet"
    if not len(chosen):
        return text
    here = int(np.count_nonzero(order.dataset.annotations.image[chosen] == image))
    elsewhere = f" ({here:,} in this image)" if here < len(chosen) else ""
    return f"{text}, {len(chosen):,} selected{elsewhere}"
