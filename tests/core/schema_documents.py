"""Documents for tests of the label schema, built from plain values, and strategies of schemas."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.columns import AnnotationColumns, bbox_of, flags_of, kind_of
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.history import History
from napari_labeltool.core.ops import op_from_json, op_to_json
from napari_labeltool.core.records import Categories, Images
from napari_labeltool.core.schema import (
    KINDS,
    TAG_GROUP_TYPES,
    Attribute,
    Category,
    Keypoint,
    LabelSchema,
    TagGroup,
    schema_of,
)
from napari_labeltool.core.source import Source


def document(
    categories: list[Any], annotations: list[dict[str, Any]] | None = None, labeltool: Any = None
) -> Dataset:
    """Return a dataset of one image as a reader gives it, every record with bytes of its own."""
    arrays = {
        "images": [{"id": 1, "file_name": "a.png", "width": 100, "height": 80}],
        "categories": categories,
        "annotations": annotations or [],
    }
    data = b""
    spans: dict[str, Any] = {}
    for name, records in arrays.items():
        places = []
        for record in records:
            raw = json.dumps(record).encode()
            places.append((len(data), len(data) + len(raw)))
            data += raw
        spans[name] = np.array(places, np.int64).reshape(-1, 2)
    keys = {}
    if labeltool is not None:
        raw = json.dumps(labeltool).encode()
        keys["labeltool"] = (len(data), len(data) + len(raw))
        data += raw
    source = Source(data=data, keys=keys)
    tables = Images(source, spans["images"]), Categories(source, spans["categories"])
    columns = AnnotationColumns.empty(len(arrays["annotations"]))
    columns.spans = spans["annotations"]
    for row, record in enumerate(arrays["annotations"]):
        category = tables[1].row_of_id(record.get("category_id"))
        columns.id[row] = record["id"]
        columns.image[row] = 0
        columns.category[row] = -1 if category is None else category
        columns.kind[row] = kind_of(record)
        columns.flags[row] = flags_of(record)
        columns.bbox[row] = bbox_of(record) or np.nan
    return Dataset(source, *tables, Annotations(source, columns))


def state(dataset: Dataset) -> Any:
    """Return all that a document says, to compare before and after."""
    return json.dumps(
        [
            [dataset.categories.record(int(row)) for row in dataset.categories.rows()],
            [dataset.annotation(int(row)) for row in dataset.annotations.rows()],
            dataset.document.record(0),
            dataset.is_changed(),
        ]
    )


def do(dataset: Dataset, edit: Any) -> History:
    """Apply an edit by way of its journal entries, and check that undo and redo bring back both states."""
    before = state(dataset)
    label = edit.label(dataset)
    assert label[:1].isupper()
    ops = tuple(op_from_json(json.loads(json.dumps(op_to_json(op)))) for op in edit.ops(dataset))
    history = History()
    history.do(dataset, label, ops)
    after = state(dataset)
    history.undo(dataset)
    assert state(dataset) == before
    history.redo(dataset)
    assert state(dataset) == after
    return history


def forgotten(schema: LabelSchema) -> LabelSchema:
    """Return a schema without what ties it to one document."""
    return replace(schema, categories=tuple(replace(c, key=None, id=None) for c in schema.categories))


def reread(dataset: Dataset) -> LabelSchema:
    """Return the schema of a document without what ties it to that document."""
    return forgotten(schema_of(dataset))


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda text: bool(text.strip())
)
guidelines = st.just("") | texts | st.just("one\ntwo\n") | st.just(" yes: no #\r\n")
colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
unit = st.floats(0, 1).map(lambda number: number + 0.0)
numbers = st.integers(-100, 100) | st.floats(-1e6, 1e6)


@st.composite
def attributes(draw: st.DrawFn) -> Attribute:
    """Draw an attribute that breaks no rule."""
    kind = draw(st.sampled_from(["choice", "number", "text", "yes_no"]))
    name, required = draw(texts), draw(st.booleans())
    if kind == "choice":
        values = tuple(draw(st.lists(texts, min_size=1, max_size=4, unique=True)))
        return Attribute(name, "choice", values, None, None, required, draw(st.sampled_from([None, *values])))
    if kind == "number":
        low, high = sorted([draw(numbers), draw(numbers)])
        default = draw(st.sampled_from([None, low, high]))
        return Attribute(name, "number", (), low, high, required, default)
    if kind == "text":
        return Attribute(name, "text", (), None, None, required, draw(st.none() | texts))
    return Attribute(name, "yes_no", (), None, None, required, draw(st.none() | st.booleans()))


@st.composite
def categories(draw: st.DrawFn, groups: tuple[str, ...]) -> Category:
    """Draw a class that breaks no rule of its own."""
    names = draw(st.lists(texts, max_size=4, unique=True))
    points = tuple(
        Keypoint(name, draw(st.none() | colors), draw(st.none() | st.tuples(unit, unit))) for name in names
    )
    pairs = [(a, b) for a in range(len(names)) for b in range(a)]
    skeleton = tuple(draw(st.lists(st.sampled_from(pairs), unique=True, max_size=4)) if pairs else ())
    edge_colors = tuple(draw(st.none() | colors) for _ in skeleton)
    return Category(
        name=draw(texts),
        supercategory=draw(st.just("") | texts),
        color=draw(colors),
        kinds=frozenset(draw(st.sets(st.sampled_from(KINDS), min_size=1))),
        is_area=draw(st.booleans()),
        guideline=draw(guidelines),
        attributes=tuple(draw(st.lists(attributes(), max_size=3, unique_by=lambda a: a.name))),
        keypoints=points,
        skeleton=skeleton,
        edge_colors=edge_colors if any(edge_colors) else (),
        tag_group=draw(st.none() | st.sampled_from(groups)) if groups else None,
    )


@st.composite
def schemas(draw: st.DrawFn) -> LabelSchema:
    """Draw a schema that breaks no rule; its classes belong to no document."""
    names = tuple(draw(st.lists(texts, max_size=2, unique=True)))
    drawn = draw(st.lists(categories(names), max_size=4, unique_by=lambda c: c.name))
    keys = iter(draw(st.permutations(["1", "2", "q", "Shift+G", None, None])))
    classes = tuple(replace(category, hotkey=next(keys)) for category in drawn)
    groups = []
    for name in names:
        alone = sum(c.tag_group == name for c in classes) == 1
        allowed = [kind for kind in TAG_GROUP_TYPES if alone or kind != "binary"]
        groups.append(TagGroup(name, draw(st.sampled_from(allowed)), draw(guidelines)))
    return LabelSchema(classes, tuple(groups), draw(guidelines))
