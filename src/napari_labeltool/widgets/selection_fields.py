"""What can be said of the selected annotations: their attributes, status and comment. No Qt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

import numpy as np

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import STATUSES
from napari_labeltool.core.edits.objects import same_json
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.schema import Attribute, category_at, observed_attributes
from napari_labeltool.core.values import IntArray, JsonValue

READ_LIMIT: Final = 2000
"""Selected annotations up to which their records are read to find the values that they share."""
CLASS_LIMIT: Final = 20
"""Classes among the selected annotations up to which attributes that all of them have are looked for."""


class Mixed(Enum):
    """What stands in place of a value that several annotations do not share."""

    VARIOUS = "various"
    UNREAD = "not read"
    """There are too many annotations to read them all; a value can still be set for all."""


FieldValue = JsonValue | Mixed


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of the selected annotations.

    Parameters
    ----------
    attribute
        As the schema declares it, or guessed from the values.
    value
        The value that all of them have; None for none.
    is_declared
        Whether the schema has it.
    locked
        Why it cannot be edited here; empty when it can.
    """

    attribute: Attribute
    value: FieldValue
    is_declared: bool
    locked: str = ""

    @property
    def complaint(self) -> str:
        """What is wrong with the value, or missing; empty when nothing is."""
        if isinstance(self.value, Mixed) or self.locked or not self.is_declared:
            return ""
        return self.attribute.check(self.value) or ""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a form shows of some annotations.

    Parameters
    ----------
    rows
        Rows of the annotations.
    fields
        Their attributes, the declared ones first.
    status, comment
        Shared by all of them, ``""`` for none.
    """

    rows: tuple[int, ...] = ()
    fields: tuple[Field, ...] = ()
    status: str | Mixed = ""
    comment: str | Mixed = ""


def selection_of(dataset: Dataset, rows: Sequence[int]) -> Selection:
    """Return what a form shows of some annotations (by row).

    Attributes are those that the schema declares for all their classes, and those that the records carry
    beside; lists, objects and the rotation of a rotated box are shown only.
    """
    rows = tuple(rows)
    if not rows:
        return Selection()
    sample = np.array(rows if len(rows) <= READ_LIMIT else (), np.int64)
    records = [dataset.annotations.record(int(row)) for row in sample]
    facts = [labeltool_facts(record) for record in records]
    declared = _declared(dataset, np.array(rows, np.int64))
    carried = [record.get("attributes") for record in records]
    values = [value if isinstance(value, dict) else {} for value in carried]
    fields = [Field(attribute, _shared(values, attribute.name), True) for attribute in declared]
    names = {attribute.name for attribute in declared}
    guessed = observed_attributes(dataset, rows)
    for name in dict.fromkeys(key for value in values for key in value):
        if name not in names:
            fields.append(Field(Attribute(name, guessed.get(name, "text")), _shared(values, name), False))
    rotated = bool((dataset.annotations.flags[list(rows)] & Flag.ROTATED).any())
    locked = tuple(_locked(field, values, rotated) for field in fields)
    status = [fact.get("status") if fact.get("status") in STATUSES else "" for fact in facts]
    comment = [fact.get("comment") if isinstance(fact.get("comment"), str) else "" for fact in facts]
    return Selection(rows, locked, _common(status), _common(comment))


def _declared(dataset: Dataset, rows: IntArray) -> list[Attribute]:
    """Return the attributes that every class of some annotations declares alike."""
    categories = np.unique(dataset.annotations.category[rows]).tolist()
    if len(categories) > CLASS_LIMIT or categories[0] < 0:
        return []
    first, *others = [category_at(dataset, int(row)).attributes for row in categories]
    return [attribute for attribute in first if all(attribute in other for other in others)]


def _shared(values: Sequence[dict[str, JsonValue]], name: str) -> FieldValue:
    return _common([value.get(name) for value in values])


def _common(values: Sequence[Any]) -> Any:
    if not values:
        return Mixed.UNREAD
    return values[0] if all(same_json(value, values[0]) for value in values) else Mixed.VARIOUS


def _locked(field: Field, values: Sequence[dict[str, JsonValue]], rotated: bool) -> Field:
    name = field.attribute.name
    if any(isinstance(value.get(name), (list, dict)) for value in values):
        return replace(field, locked="A list or an object; it is kept as it is and shown only.")
    if rotated and name == "rotation":
        return replace(field, locked="The angle of the rotated box; turn the box on the canvas.")
    return field


def value_words(value: FieldValue) -> str:
    """Return a value as it is shown: yes and no in words, a list or object as JSON, nothing for none."""
    if isinstance(value, Mixed):
        return value.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
