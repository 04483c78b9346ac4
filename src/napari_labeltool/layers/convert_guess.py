"""What a layer without our mark means: its classes, and which of its points belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from napari_labeltool.layers.assumptions import Assumptions
from napari_labeltool.layers.convert_features import json_value
from napari_labeltool.layers.coordinates import LayerView
from napari_labeltool.layers.names import ANNOTATION_ID, CATEGORY, INDEX, KEYPOINT, VISIBILITY

CATEGORY_COLUMNS: Final = (
    CATEGORY,
    "category_name",
    "class",
    "class_name",
    "cell_type",
    "celltype",
    "label",
    "name",
    "type",
    "species",
)
"""Columns that name a class, the surest first; letter case and spaces do not matter."""

_NAMES_AND_NUMBERS: Final = ("label", "name", "type")
"""Columns that often number or name each object instead: only texts that occur again count."""

GROUP_COLUMNS: Final = (
    ANNOTATION_ID,
    "object_id",
    "instance_id",
    "instance",
    "individual",
    "individuals",
    "animal",
    "track_id",
    "group",
    "object",
    "id",
)
KEYPOINT_COLUMNS: Final = (
    KEYPOINT,
    "keypoints",
    "bodypart",
    "bodyparts",
    "landmark",
    "joint",
    "node",
    "part",
)

_COUNTER: Final = re.compile(r" \[\d+\]$")


def find_column(features: pd.DataFrame, names: Sequence[str]) -> str | None:
    """Return the first column whose name is one of `names`, letter case and spaces aside."""
    by_name = {str(column).strip().lower().replace(" ", "_"): str(column) for column in features.columns}
    return next((by_name[name] for name in names if name in by_name), None)


def category_column_of(features: pd.DataFrame) -> str | None:
    """Return the column that names the classes, or None."""
    for name in CATEGORY_COLUMNS:
        column = find_column(features, (name,))
        if column is not None and _is_category(features[column], name):
            return column
    return None


def _is_category(values: pd.Series, name: str) -> bool:
    given = [value for value in map(json_value, values) if value is not None]
    if not given or any(isinstance(value, float) and not value.is_integer() for value in given):
        return False
    if name not in _NAMES_AND_NUMBERS:
        return True
    texts = all(isinstance(value, str) for value in given)
    return texts and (len(given) < 4 or len(set(given)) < len(given))


def category_names(view: LayerView, column: str | None) -> list[str | None]:
    """Return the name of the class for each line of a layer's features; None where the line says none."""
    if column is None:
        return [None] * len(view.features)
    names = []
    for value in view.columns[column]:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        names.append(None if value is None else str(value).strip() or None)
    return names


def layer_class(view: LayerView) -> str:
    """Return the name of the class that the layer's own name is."""
    return _COUNTER.sub("", view.name).strip() or view.type


def say_category(view: LayerView, column: str | None, what: str, notes: Assumptions) -> None:
    """Note where the classes of a layer came from."""
    if column is None:
        notes.add(
            f"Layer {view.name!r}: it has no column with classes (such as 'category'), so {what} got the"
            f" class {layer_class(view)!r}, the name of the layer."
        )
    elif column != CATEGORY:
        notes.add(f"Layer {view.name!r}: the column {column!r} was read as the class.")


# -- label images ----------------------------------------------------------------------------------


def lines_by_value(view: LayerView) -> dict[int, int]:
    """Return the line of the features table for each label value, as napari finds it."""
    features = view.features
    column = find_column(features, (INDEX,))
    if column is None:
        column = find_column(features, ("label",))
        if column is not None and not _are_values(features[column]):
            column = None
    if column is None:
        return {line: line for line in range(len(features))}
    values = pd.to_numeric(features[column], errors="coerce")
    return {int(value): line for line, value in enumerate(values) if np.isfinite(value)}


def _are_values(column: pd.Series) -> bool:
    whole = pd.api.types.is_integer_dtype(column.dtype)
    return bool(whole and column.is_unique)


def value_columns(view: LayerView) -> tuple[str, ...]:
    """Return the columns that number the values of a label image and are no attributes."""
    features = view.features
    columns = [find_column(features, (INDEX,))]
    label = find_column(features, ("label",))
    if label is not None and _are_values(features[label]):
        columns.append(label)
    return tuple(column for column in columns if column is not None)


# -- points ----------------------------------------------------------------------------------------


def point_groups(view: LayerView, notes: Assumptions) -> tuple[list[list[int]], tuple[str, ...]]:
    """Return which points are the keypoints of one object, and the columns that say so.

    Without a column that numbers objects, or without one that names keypoints, each point is an object.
    """
    features = view.features
    every = [[line] for line in range(len(features))]
    group = find_column(features, GROUP_COLUMNS)
    if group is None or not len(features):
        return every, ()
    keys = view.columns[group]
    by_key: dict[Any, list[int]] = {}
    for line, key in enumerate(keys):
        by_key.setdefault(("alone", line) if key is None or key == -1 else key, []).append(line)
    if len(by_key) < len(features):
        notes.add(
            f"Layer {view.name!r}: points with the same value of {group!r} are keypoints of one object."
        )
    return list(by_key.values()), (group,)


def keypoint_names_of(view: LayerView) -> tuple[list[str | None], str | None]:
    """Return the name of the keypoint that each point is (None when not said), and the column of it."""
    column = find_column(view.features, KEYPOINT_COLUMNS)
    if column is None:
        return [None] * len(view.features), None
    values = view.columns[column]
    return [None if value is None else str(value) for value in values], column


def visibilities(view: LayerView) -> list[float]:
    """Return the visibility of each point; 2, visible, where the layer says none."""
    column = find_column(view.features, (VISIBILITY,))
    if column is None:
        return [2.0] * len(view.features)
    values = pd.to_numeric(view.features[column], errors="coerce").fillna(2.0)
    return [float(value) for value in values]
