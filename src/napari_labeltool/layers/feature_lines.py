"""Lines of a features table, compared with what they should say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from napari_labeltool.core.edits.objects import same_json
from napari_labeltool.core.values import JsonValue


def plain(value: Any) -> JsonValue:
    """Return a table value as JSON: NumPy scalars as Python's, missing as None."""
    if value is None or (not isinstance(value, (list, dict)) and pd.isna(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def same_names(column: pd.Series[Any], names: Mapping[int, str]) -> bool:
    """Tell whether a column is of just these names of classes."""
    return hasattr(column, "cat") and list(column.cat.categories) == list(names.values())


def same_line(table: pd.DataFrame, line: Mapping[str, Any]) -> bool:
    """Tell whether a table of one line says the same as some values by column."""
    if len(table) != 1 or list(table.columns) != list(line):
        return False
    # `iloc` would take ten times as long
    return all(same_json(plain(table[name].array[0]), plain(value)) for name, value in line.items())
