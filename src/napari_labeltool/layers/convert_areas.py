"""Areas (semantic masks) in a label image: one value a class, below the objects, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import Rows
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.semantic import PaintAreas, area_categories, area_rows
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.convert_features import category_column, id_column
from napari_labeltool.layers.convert_labels import label_image, paint
from napari_labeltool.layers.names import ANNOTATION_ID, CATEGORY, INDEX, NEW


def area_masks(dataset: Dataset, image: int) -> list[tuple[int, Rle]]:
    """Return class (by row) and mask of the areas of an image that can be decoded, in file order."""
    found: list[tuple[int, Rle]] = []
    for row in area_rows(dataset, image).tolist():
        try:
            rle = dataset.rle(row)
        except LabeltoolError:
            continue
        if rle is not None:
            found.append((int(dataset.annotations.category[row]), rle))
    return found


def label_image_of_all(
    dataset: Dataset, image: int, rows: Sequence[int], window: Window | None
) -> tuple[NDArray[np.int32], pd.DataFrame]:
    """Return masks as a label image: a value for each object, then one for each class of areas, below them.

    Parameters
    ----------
    dataset
        The dataset.
    image
        Row of the image.
    rows
        Rows of all its masks.
    window
        (y0, x0, y1, x1) in pixels; the whole image when left out.
    """
    areas = area_masks(dataset, image)
    own = set(area_rows(dataset, image).tolist())
    data, features = label_image(dataset, [row for row in rows if row not in own], window)
    if not areas:
        return data, features
    classes = list(dict.fromkeys(category for category, _ in areas))
    first = len(features) + 1
    values = {category: first + number for number, category in enumerate(classes)}
    frame = (0, 0, *data.shape) if window is None else window
    below = paint([rle for _, rle in areas], frame, [values[category] for category, _ in areas])
    ids = [*features[ANNOTATION_ID].tolist(), *[NEW] * len(classes)]
    names = [*features[CATEGORY].tolist(), *category_column(dataset, classes)]
    table = pd.DataFrame({INDEX: np.arange(1, len(ids) + 1, dtype=np.int64)})
    table[ANNOTATION_ID] = id_column(ids)
    table[CATEGORY] = pd.Categorical(names, categories=features[CATEGORY].cat.categories)
    return np.where(data > 0, data, below), table


def area_values(dataset: Dataset, names: Mapping[int, str | None]) -> dict[int, int]:
    """Return the class of areas (by row) of each value whose class is one of areas.

    Parameters
    ----------
    dataset
        The dataset.
    names
        Name of the class of each value.
    """
    classes = area_categories(dataset)
    by_name = {name: row for row, name in class_names(dataset).items() if row in classes}
    return {value: by_name[name] for value, name in names.items() if name in by_name}


def paint_areas_edit(
    image: int,
    labels: NDArray[Any],
    shown: NDArray[Any],
    values: Mapping[int, int],
    frame: tuple[int, int],
    offset_yx: tuple[int, int],
) -> PaintAreas | None:
    """Return the edit that makes areas what a label image shows; None when nothing of them changed.

    What lies hidden below objects stays.

    Parameters
    ----------
    image
        Row of the image.
    labels, shown
        (h, w) values in the layer, and those that the dataset has there.
    values
        Class (by row) of each value that is an area's.
    frame
        Height and width of the image in pixels.
    offset_yx
        Row and column of the image at which the label image begins.
    """
    size: dict[str, Any] = {"height": frame[0], "width": frame[1], "offset_yx": offset_yx}
    gone = (labels == 0) & np.isin(shown, list(values))
    painted: list[tuple[Rows | None, Rle]] = [(None, Rle.from_mask(gone, **size))] if gone.any() else []
    for value, category in values.items():
        new = (labels == value) & (shown != value)
        if new.any():
            painted.append((Rows([category]), Rle.from_mask(new, **size)))
    return PaintAreas(Rows([image]), painted) if painted else None
