"""Objects that layers show, written into a dataset as edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, get_args

import numpy as np

from napari_labeltool.core.columns import Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import (
    AddObject,
    DeleteObjects,
    Edit,
    Relabel,
    Rows,
    SetAttributes,
    SetGeometry,
    SetKeypoints,
    SetStatus,
    Status,
)
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.geometry import Geometry
from napari_labeltool.core.ops import Append
from napari_labeltool.core.palette import next_color
from napari_labeltool.core.records import ExternalId, labeltool_facts
from napari_labeltool.core.schema import Category, Keypoint, schema_of
from napari_labeltool.core.schema.model import LabelKind, default_kinds
from napari_labeltool.core.schema.records import new_record
from napari_labeltool.core.schema_edits import SetSchema
from napari_labeltool.core.semantic import PaintAreas
from napari_labeltool.core.values import FloatArray, JsonValue
from napari_labeltool.layers.assumptions import Assumptions
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.convert_features import attributes_of, changed_attributes
from napari_labeltool.layers.convert_points import keypoint_labels_of
from napari_labeltool.layers.names import NEW

_STATUSES: Final = get_args(Status)


class ObjectWriter:
    """Adds and changes annotations and classes of a dataset; what is refused is noted, not raised.

    Parameters
    ----------
    dataset
        The dataset that is changed.
    notes
        Takes what was refused.
    """

    def __init__(self, dataset: Dataset, notes: Assumptions) -> None:
        self.dataset = dataset
        self.notes = notes
        self._classes: dict[str, int] = {}
        self._read_classes()

    def _read_classes(self) -> None:
        self._classes = {name: row for row, name in class_names(self.dataset).items() if row >= 0}

    # -- classes
    def category(self, name: str | None, keypoints: Sequence[str] = ()) -> int:
        """Return the row of the class of a name (-1 for None); it is made when missing."""
        if name is None:
            return -1
        row = self._classes.get(name)
        if row is None:
            row = self._by_other_name(name)
        if row is None:
            row = self._add_class(name, keypoints)
        elif keypoints:
            self._add_keypoints(row, keypoints)
        self._classes[name] = row
        return row

    def _by_other_name(self, name: str) -> int | None:
        alike = [row for known, row in self._classes.items() if known.casefold() == name.casefold()]
        if alike:
            return alike[0]
        categories = self.dataset.categories
        row = categories.row_of_id(int(name)) if name.isdecimal() else categories.row_of_id(name)
        return row if row is not None and categories.alive[row] else None

    def _add_class(self, name: str, keypoints: Sequence[str]) -> int:
        table = self.dataset.categories
        used = [category.color for category in schema_of(self.dataset).categories]
        points = tuple(Keypoint(point) for point in keypoints)
        category = Category(name, color=next_color(used), keypoints=points, kinds=default_kinds(bool(points)))
        row = table.row_count
        self.dataset.apply([Append("categories", row, new_record(category, table.next_id()))])
        return row

    def _add_keypoints(self, row: int, names: Sequence[str]) -> None:
        known = keypoint_labels_of(self.dataset, row)
        missing = [name for name in names if name not in known]
        if not missing:
            return
        schema = schema_of(self.dataset)
        index = next(i for i, category in enumerate(schema.categories) if category.key == row)
        category = schema.categories[index]
        points = (*category.keypoints, *(Keypoint(name) for name in missing))
        kinds: frozenset[LabelKind] = category.kinds | {"keypoints"}
        changed = schema.with_category(index, replace(category, keypoints=points, kinds=kinds))
        self._apply(SetSchema(changed))
        self.notes.add(f"Class {category.name!r}: the keypoints {', '.join(missing)} were added to it.")

    # -- annotations
    def paint_areas(self, edit: PaintAreas) -> None:
        """Change areas; a refusal is noted."""
        self._apply(edit)

    def row_of(self, id: ExternalId, session_row: int, image: int, used: set[int]) -> int | None:
        """Return the annotation that a marked layer means: by its row, else by id on the image, each once."""
        table = self.dataset.annotations
        here = 0 <= session_row < table.row_count and table.alive[session_row] and session_row not in used
        if here and table.id_of(session_row) == id and table.image[session_row] == image:
            return session_row
        if id == NEW or id is None:
            return None
        try:
            rows = table.rows_of_ids([id])
        except KeyError:
            return None
        return next((int(row) for row in rows if table.image[row] == image and int(row) not in used), None)

    def add(
        self,
        image: int,
        category: int,
        geometry: Geometry | None = None,
        keypoints: FloatArray | None = None,
        attributes: Mapping[str, JsonValue] | None = None,
        id: ExternalId = NEW,
        status: JsonValue = None,
    ) -> int | None:
        """Add an annotation, with its id when it has one that is free; return its row, None when refused."""
        given = {name: value for name, value in (attributes or {}).items() if value is not None}
        edit = AddObject(
            Rows([image]), None if category < 0 else Rows([category]), geometry, keypoints, given or None
        )
        try:
            ops = edit.ops(self.dataset)
        except LabeltoolError as refusal:
            self.notes.add(str(refusal))
            return None
        row = self.dataset.annotations.row_count
        self.dataset.apply([self._with_id(op, id) if isinstance(op, Append) else op for op in ops])
        if status in _STATUSES and status:
            self._apply(SetStatus(Rows([row]), status))
        return row

    def _with_id(self, op: Append, id: ExternalId) -> Append:
        if id == NEW or id is None or isinstance(id, float):
            return op
        try:
            self.dataset.annotations.rows_of_ids([id])
        except KeyError:
            return replace(op, record={**op.record, "id": id})
        return op

    def set_geometry(self, row: int, geometry: Geometry) -> None:
        """Give an annotation a geometry, when it is another one than it has."""
        before = self.dataset.geometry(row)
        if geometry == before:
            return
        if self.dataset.annotations.kind[row] == Kind.ODD:
            self.notes.add(
                f"{self.dataset.name_of(row)}: moved, but not written: its segmentation follows no"
                " convention and is kept as it is."
            )
            return
        self._apply(SetGeometry(Rows([row]), geometry))

    def set_keypoints(self, row: int, keypoints: FloatArray) -> None:
        """Give an annotation keypoints, when they differ."""
        before = self.dataset.keypoints(row)
        if before is None or not np.array_equal(before, keypoints):
            self._apply(SetKeypoints(Rows([row]), keypoints))

    def set_values(
        self, row: int, category: int, attributes: Mapping[str, JsonValue], status: JsonValue
    ) -> None:
        """Give an annotation a class, attributes and a status, as far as they differ."""
        table = self.dataset.annotations
        if table.category[row] != category:
            self._apply(Relabel(Rows([row]), None if category < 0 else Rows([category])))
        changes = changed_attributes(self._attributes(row), attributes)
        if changes:
            self._apply(SetAttributes(Rows([row]), changes))
        facts = labeltool_facts({"labeltool": table.value(row, "labeltool")})
        if (status or "") != (facts.get("status") or ""):
            if (status or "") in _STATUSES:
                self._apply(SetStatus(Rows([row]), status or ""))
            else:
                self.notes.add(
                    f"{self.dataset.name_of(row)}: the status {status!r} was not written; known ones are"
                    f" {', '.join(filter(None, _STATUSES))}."
                )

    def _attributes(self, row: int) -> Mapping[str, JsonValue]:
        values = self.dataset.annotations.value(row, "attributes")
        shown = attributes_of(self.dataset, row)
        hidden = {k: v for k, v in values.items() if k not in shown} if isinstance(values, dict) else {}
        return {**shown, **{name: [value] for name, value in hidden.items()}}

    def delete(self, rows: Sequence[int], what: str) -> None:
        """Delete annotations, and say so."""
        if rows:
            names = ", ".join(self.dataset.name_of(row) for row in rows[:3])
            more = f" and {len(rows) - 3:,} more" if len(rows) > 3 else ""
            self._apply(DeleteObjects(Rows(list(rows))))
            self.notes.add(f"Deleted, because {what}: {names}{more}.")

    def _apply(self, edit: Edit) -> None:
        try:
            self.dataset.apply(edit.ops(self.dataset))
        except LabeltoolError as refusal:
            self.notes.add(str(refusal))


def status_cell(value: Any) -> JsonValue:
    """Return a status as a features table has it, "" for none."""
    return value if isinstance(value, str) else ""
