"""The features table of the masks layer: which value is which annotation, and of which class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_labeltool._napari_compat.label_features import put_label_features
from napari_labeltool.core.edits import Edit, Relabel, Rows
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.convert_features import category_column, id_column
from napari_labeltool.layers.names import ANNOTATION_ID, CATEGORY, INDEX, ROW

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.layers.masks_table import MaskTable


class MaskFeatures:
    """Writes the features table of a Labels layer, when something in it changed, and reads what somebody wrote there.

    Parameters
    ----------
    layer
        The Labels layer.
    """

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self._written: tuple[Dataset, dict[int, str]] | None = None
        self._columns: tuple[NDArray[Any], ...] = ()
        self._codes = np.empty(0, np.int64)
        self._kind: Any = None

    def write(self, dataset: Dataset, rows: IntArray, values: IntArray, areas: IntArray) -> None:
        """Write which value is which annotation, and which is the area of which class.

        Parameters
        ----------
        dataset
            The dataset.
        rows, values
            (n,) objects that are shown.
        areas
            (k, 3) class, value and an annotation (-1 where none is shown) of each area.
        """
        areas = areas[areas[:, 2] >= 0]
        rows, values = np.concatenate([rows, areas[:, 2]]), np.concatenate([values, areas[:, 1]])
        columns: tuple[NDArray[Any], ...] = rows, values, dataset.annotations.category[rows]
        names = class_names(dataset)
        same = self._written is not None and self._written[0] is dataset and self._written[1] is names
        if same and all(np.array_equal(new, old) for new, old in zip(columns, self._columns)):
            return
        if not same:
            self._number(dataset, names)
        frame = pd.DataFrame(
            {
                INDEX: values,
                ANNOTATION_ID: _ids(dataset, rows),
                CATEGORY: pd.Categorical.from_codes(self._codes[columns[2]], dtype=self._kind),
                ROW: rows,
            }
        )
        if same:
            put_label_features(self.layer, frame, values)
        else:
            self.layer.features = frame
        self._written, self._columns = (dataset, names), columns

    def _number(self, dataset: Dataset, names: dict[int, str]) -> None:
        """Take over which class has which number in the column of classes."""
        classes = np.append(np.arange(dataset.categories.row_count), -1)
        column = category_column(dataset, classes)
        self._codes, self._kind = np.asarray(column.codes, np.int64), column.dtype

    def forget(self) -> None:
        """Write the table anew the next time, whatever somebody wrote into it."""
        self._written = None

    def relabels(self, table: MaskTable) -> list[Edit]:
        """Return the edits that somebody made by writing categories into the features table."""
        features = self.layer.features
        if CATEGORY not in features or ROW not in features:
            return []
        dataset = table.dataset
        names = {name: row for row, name in class_names(dataset).items()}
        edits: list[Edit] = []
        for row, name in zip(features[ROW], features[CATEGORY]):
            category = names.get(name)
            if table.value_of(row) is None or table.is_area(row) or category is None:
                continue
            if category != dataset.annotations.category[row]:
                edits.append(Relabel(Rows([row]), None if category < 0 else Rows([category])))
        return edits


def _ids(dataset: Dataset, rows: IntArray) -> Any:
    annotations = dataset.annotations
    if annotations.odd_ids and not annotations.odd_ids.keys().isdisjoint(rows.tolist()):
        return id_column([annotations.id_of(row) for row in rows.tolist()])
    return annotations.id[rows]
