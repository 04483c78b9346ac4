"""What holds for every label schema: it survives the document, the file and the way back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schema_documents import do, document, forgotten, reread, schemas

from napari_labeltool.core.schema import (
    LabelSchema,
    differences,
    merge_schema,
    read_schema,
    schema_of,
    validate,
    write_schema,
)
from napari_labeltool.core.schema_edits import SetSchema


@given(schemas())
def test_drawn_schemas_break_no_rule(schema: LabelSchema) -> None:
    assert [issue for issue in validate(schema) if issue.severity == "error"] == []


@given(schemas())
def test_a_schema_survives_an_empty_document(schema: LabelSchema) -> None:
    dataset = document([])
    do(dataset, SetSchema(schema))
    assert reread(dataset) == schema


@given(schemas(), schemas())
def test_a_schema_is_put_over_another_class_by_class(first: LabelSchema, second: LabelSchema) -> None:
    dataset = document([{"id": 7, "name": "old", "x": {"y": 1}, "labeltool": {"mine": [1]}}])
    old = schema_of(dataset).categories[0]
    start = LabelSchema((old, *first.categories), first.tag_groups, first.guideline)
    if "old" in {c.name for c in (*first.categories, *second.categories)}:
        return
    do(dataset, SetSchema(start))
    rows = [old, *schema_of(dataset).categories[1:]]
    target = tuple(
        replace(new, key=row.key, id=row.id) for row, new in zip(rows, second.categories, strict=False)
    ) + tuple(second.categories[len(rows) :])
    wanted = LabelSchema(target, second.tag_groups, second.guideline)
    if [issue for issue in validate(wanted) if issue.severity == "error"]:
        return
    do(dataset, SetSchema(wanted))
    assert reread(dataset) == forgotten(wanted)
    if target:
        record = dataset.categories.record(0)
        assert record["x"] == {"y": 1}
        assert record["labeltool"]["mine"] == [1]


@given(schemas())
def test_setting_the_schema_that_is_there_writes_nothing(schema: LabelSchema) -> None:
    dataset = document([])
    do(dataset, SetSchema(schema))
    present = schema_of(dataset)
    assert list(SetSchema(present).ops(dataset)) == []
    assert differences(present, present) == []


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json"])
@settings(deadline=None)
@given(schema=schemas(), ids=st.booleans())
def test_a_written_schema_reads_as_it_was(suffix: str, schema: LabelSchema, ids: bool) -> None:
    if ids:
        numbered = tuple(replace(c, id=(3, "x", -1, 0)[i]) for i, c in enumerate(schema.categories))
        schema = replace(schema, categories=numbered)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"schema{suffix}"
        write_schema(schema, path)
        assert read_schema(path) == schema


@given(schemas(), schemas())
def test_importing_deletes_nothing_and_importing_again_changes_nothing(
    base: LabelSchema, imported: LabelSchema
) -> None:
    merged, changes = merge_schema(base, imported)
    assert {c.name for c in merged.categories} == {c.name for c in (*base.categories, *imported.categories)}
    for old, new in zip(base.categories, merged.categories, strict=False):
        assert {p.name for p in old.keypoints} <= {p.name for p in new.keypoints}
        assert {a.name for a in old.attributes} <= {a.name for a in new.attributes}
    assert bool(changes) or merged == base
    assert merge_schema(merged, imported)[0] == merged
