"""Categories and attributes of the dataset as columns of a features table, and back."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from napari_labeltool.core.columns import Flag, is_number
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.schema.records import category_of
from napari_labeltool.core.values import JsonValue
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.names import (
    ANNOTATION_ID,
    CATEGORY,
    INDEX,
    KEYPOINT,
    PART,
    ROW,
    STATUS,
    UNLABELLED,
    VISIBILITY,
)

OWN_COLUMNS: Final = frozenset({ANNOTATION_ID, CATEGORY, PART, STATUS, KEYPOINT, VISIBILITY, INDEX, ROW})
"""Columns that the conventions give a meaning; an attribute of such a name has a prefix."""

PREFIX: Final = "attributes."


def category_column(dataset: Dataset, categories: ArrayLike) -> pd.Categorical:
    """Return category rows (-1 for none) as a categorical of the names of all classes and "unlabelled"."""
    by_row = class_names(dataset)
    names = [by_row.get(int(row), UNLABELLED) for row in np.asarray(categories).ravel()]
    return pd.Categorical(names, categories=list(dict.fromkeys(by_row.values())))


def id_column(ids: Sequence[ExternalId]) -> Any:
    """Return annotation ids as an int64 column, or an object column when some are no integers."""
    whole = all(isinstance(value, int) and abs(value) < 2**63 for value in ids)
    if whole:
        return np.array(ids, np.int64)
    column = np.empty(len(ids), object)
    column[:] = ids
    return column


# -- attributes ------------------------------------------------------------------------------------


def column_name(attribute: str) -> str:
    """Return the column of an attribute."""
    return PREFIX + attribute if attribute in OWN_COLUMNS or attribute.startswith(PREFIX) else attribute


def attribute_name(column: str) -> str:
    """Return the attribute of a column; the inverse of `column_name`."""
    return column.removeprefix(PREFIX)


def attributes_of(dataset: Dataset, row: int) -> dict[str, JsonValue]:
    """Return the attributes of an annotation that a features table can show.

    Lists and objects are left out, and the ``rotation`` of a rotated box, which its corners tell.
    """
    values = dataset.annotations.value(row, "attributes")
    rotated = bool(dataset.annotations.flags[row] & Flag.ROTATED)
    return {
        name: value
        for name, value in (values.items() if isinstance(values, dict) else ())
        if not isinstance(value, (dict, list)) and not (rotated and name == "rotation")
    }


def attribute_columns(
    dataset: Dataset, rows: Sequence[int], repeats: Sequence[int] | None = None
) -> dict[str, Any]:
    """Return a column for each attribute that the annotations or the schema of their classes have.

    Parameters
    ----------
    dataset
        The dataset.
    rows
        Rows of annotations.
    repeats
        How often each row occurs in the table; once when left out.

    Returns
    -------
    dict of column name to column
        A choice is a categorical, yes/no is bool, numbers are int64 or float64 (NaN for none), else text (""
        for none).
    """
    values = [attributes_of(dataset, row) for row in rows]
    choices: dict[str, list[str]] = {}
    names: dict[str, None] = {}
    for category in dict.fromkeys(dataset.annotations.category[list(rows)].tolist()):
        if category < 0:
            continue
        schema = category_of(
            dataset.categories.record(category), category, dataset.categories.id_of(category)
        )
        for attribute in schema.attributes:
            names[attribute.name] = None
            if attribute.type == "choice":
                choices[attribute.name] = list(attribute.values)
    names.update(dict.fromkeys(name for of_row in values for name in of_row))
    times = [1] * len(rows) if repeats is None else repeats
    columns = {}
    for name in names:
        column = [of_row.get(name) for of_row, n in zip(values, times) for _ in range(n)]
        columns[column_name(name)] = feature_column(column, choices.get(name))
    return columns


def feature_column(values: Sequence[JsonValue], choices: Sequence[str] | None = None) -> Any:
    """Return JSON values (None for none) as a column of the type that fits all of them."""
    given = [value for value in values if value is not None]
    if choices is not None and all(isinstance(value, str) for value in given):
        return pd.Categorical(values, categories=list(dict.fromkeys([*choices, *given])))
    complete = len(given) == len(values)
    if given and all(isinstance(value, bool) for value in given) and complete:
        return np.array(values, bool)
    if given and all(map(is_number, given)):
        if complete and all(isinstance(value, int) and abs(value) < 2**63 for value in given):
            return np.array(values, np.int64)
        return np.array([np.nan if value is None else value for value in values], np.float64)
    column = np.empty(len(values), object)
    text = all(isinstance(value, str) for value in given)
    column[:] = ["" if value is None and text else value for value in values]
    return column


def json_value(value: Any) -> JsonValue:
    """Return a cell of a features table as JSON can hold it; None for what says nothing (NaN, NA, "")."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) or None


def attribute_cells(
    columns: Mapping[str, Sequence[JsonValue]], line: int, skipped: Collection[str] = OWN_COLUMNS
) -> dict[str, JsonValue]:
    """Return the attributes that a line of a features table gives, None for an empty cell.

    Parameters
    ----------
    columns
        The table as JSON values.
    line
        Position of the line; none of them for -1.
    skipped
        Columns that are no attributes.
    """
    if line < 0:
        return {}
    return {
        attribute_name(column): values[line] for column, values in columns.items() if column not in skipped
    }


def changed_attributes(
    before: Mapping[str, JsonValue], cells: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return the attributes that cells change; an empty cell takes a value away.

    Values that are kept out of features tables (lists, objects) are never changed.
    """
    changes: dict[str, JsonValue] = {}
    for name, value in cells.items():
        old = before.get(name)
        if isinstance(old, (dict, list)) or (value is None and old in (None, "")):
            continue
        if isinstance(old, bool) and is_number(value) and value == old:
            continue
        if value != old or isinstance(value, bool) != isinstance(old, bool):
            changes[name] = value
    return changes
