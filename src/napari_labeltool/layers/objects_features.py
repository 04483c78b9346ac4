"""The features table and colours of the objects layer, and the edits that a change of the table means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from napari_labeltool._napari_compat.shapes import write_feature_table
from napari_labeltool.core.edits import Edit, Relabel, Rows, SetAttributes, SetStatus, Status
from napari_labeltool.core.edits.objects import same_json
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.values import JsonValue
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.feature_lines import plain, same_line, same_names
from napari_labeltool.layers.names import ANNOTATION_ID, CATEGORY, NEW, PART, ROW, STATUS
from napari_labeltool.layers.style import Rgba, category_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.objects_diff import Key, LayerShape
    from napari_labeltool.layers.objects_view import ShapesView

FIXED = (ROW, ANNOTATION_ID, CATEGORY, PART, STATUS)


@dataclass(frozen=True, slots=True)
class ShapeColors:
    """Colours of some shapes, (n, 4) each."""

    edge: Rgba
    face: Rgba


class ObjectFeatures:
    """What the features table of the objects layer says.

    Parameters
    ----------
    view
        The shapes of the layer.
    """

    def __init__(self, view: ShapesView) -> None:
        self.view = view
        self._written: dict[Key, dict[str, Any]] = {}
        self._names: dict[int, str] = {}

    @property
    def _dataset(self) -> Any:
        return self.view.workspace.dataset

    def entry(self, key: Key) -> dict[str, Any]:
        """Return the line of the table for one part of an annotation."""
        row, part = key
        record = self._dataset.annotations.record(row)
        status = labeltool_facts(record).get("status")
        attributes = record.get("attributes")
        return {
            **(attributes if isinstance(attributes, dict) else {}),
            ROW: row,
            ANNOTATION_ID: self._dataset.annotations.id_of(row),
            CATEGORY: class_names(self._dataset)[int(self._dataset.annotations.category[row])],
            PART: part,
            STATUS: status if status in get_args(Status) else "",
        }

    def entries(self, keys: Sequence[Key]) -> dict[Key, dict[str, Any]]:
        """Return the lines of the table for some parts."""
        return {key: self.entry(key) for key in keys}

    def write(self, keys: Sequence[Key]) -> None:
        """Write the table: for each shape the line of its annotation and part. What is equal stays."""
        entries = self.entries(keys)
        if self._is_written(entries):
            self.write_defaults()
            return
        layer, lines = self.view.layer, list(entries.values())
        self._written, self._names = entries, class_names(self._dataset)
        attributes = dict.fromkeys(self._attribute_names())
        for line in lines:
            attributes.update(dict.fromkeys(line))
        columns = [*FIXED, *(name for name in attributes if name not in FIXED)]
        defaults, line = layer.feature_defaults, self._defaults_of(columns)
        if not (same_line(defaults, line) and same_names(defaults[CATEGORY], self._names)):
            defaults = self._frame([line], columns)
        write_feature_table(layer, self._frame(lines, columns), defaults)

    def write_defaults(self) -> None:
        """Write the line of an object that is drawn now, unless it is there."""
        layer = self.view.layer
        defaults = self._defaults_of(layer.features.columns)
        if not same_line(layer.feature_defaults, defaults):
            layer.feature_defaults = defaults

    def _is_written(self, entries: Mapping[Key, dict[str, Any]]) -> bool:
        """Tell whether the layer's table holds just these lines, in this order, for the classes of now."""
        features = self.view.layer.features
        return (
            self._names is class_names(self._dataset)
            and len(features) == len(entries)
            and list(self._written) == list(entries)
            and features[ROW].tolist() == [row for row, _ in entries]
            and features[PART].tolist() == [part for _, part in entries]
            and all(same_json(entries[key], line) for key, line in self._written.items())
            and all(name == entry[CATEGORY] for name, entry in zip(features[CATEGORY], entries.values()))
        )

    def _frame(self, lines: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
        """Return lines as a table: numbers of rows and parts, classes as categories, all else as objects."""
        values: dict[str, Any] = {}
        for name in columns:
            column = np.empty(len(lines), object)
            column[:] = [line.get(name) for line in lines]
            values[name] = column.astype(np.int64) if name in (ROW, PART) else column
        values[CATEGORY] = pd.Categorical(values[CATEGORY], categories=list(self._names.values()))
        return pd.DataFrame(values, index=pd.RangeIndex(len(lines)))

    def _attribute_names(self) -> list[str]:
        schema = self.view.workspace.session.schema
        return [attribute.name for category in schema.categories for attribute in category.attributes]

    def _defaults_of(self, columns: Iterable[str]) -> dict[str, Any]:
        """Return the line of an object that is drawn now."""
        names = class_names(self._dataset)
        name = names.get(self.view.workspace.category, names[-1])
        return {**dict.fromkeys(columns), ROW: NEW, ANNOTATION_ID: NEW, CATEGORY: name, PART: 0, STATUS: ""}

    def colors(self, categories: Sequence[int]) -> ShapeColors:
        """Return the colours of shapes by the rows of their classes, -1 for unlabelled."""
        workspace = self.view.workspace
        all_colors = category_colors(workspace.session.schema, workspace.dataset.categories.row_count)
        edge = all_colors[list(categories)]
        face = edge.copy()
        face[:, 3] = workspace.options.face_opacity
        return ShapeColors(edge, face)

    def category_at(self, index: int) -> int:
        """Return the row of the class that the table gives a shape; the chosen class when it says nothing."""
        name = self.view.layer.features[CATEGORY].iloc[index]
        by_name = {text: row for row, text in class_names(self._dataset).items()}
        return by_name.get(name, self.view.workspace.category)

    def edits(self, shapes: Sequence[LayerShape]) -> list[Edit]:
        """Return the edits that make the dataset agree with what somebody wrote into the table."""
        table = self.view.layer.features
        columns = {name: table[name].array for name in table.columns}
        by_name = {text: row for row, text in class_names(self._dataset).items()}
        edits: list[Edit] = []
        done: set[int] = set()
        for shape in shapes:
            written = self._written.get((shape.row, shape.part))
            if written is None or shape.row in done:
                continue
            now = {name: plain(column[shape.index]) for name, column in columns.items()}
            changed = {k: v for k, v in now.items() if k in now and not same_json(written.get(k), v)}
            if not changed:
                continue
            done.add(shape.row)
            edits += self._edits_of(shape.row, changed, by_name)
        return edits

    @staticmethod
    def _edits_of(row: int, changed: Mapping[str, JsonValue], by_name: Mapping[str, int]) -> list[Edit]:
        edits: list[Edit] = []
        category = by_name.get(changed.get(CATEGORY) or "")
        if category is not None:
            edits.append(Relabel(Rows([row]), None if category < 0 else Rows([category])))
        if changed.get(STATUS) in get_args(Status):
            edits.append(SetStatus(Rows([row]), changed[STATUS]))
        attributes = {name: value for name, value in changed.items() if name not in FIXED}
        if attributes:
            edits.append(SetAttributes(Rows([row]), attributes))
        return edits
