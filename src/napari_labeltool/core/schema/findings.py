"""What a document says about its classes that cannot be used as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.palette import parse_color
from napari_labeltool.core.problems import Problem
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.schema.checks import validate
from napari_labeltool.core.schema.model import KINDS
from napari_labeltool.core.schema.reading import schema_of
from napari_labeltool.core.schema.records import counts_from_zero, keypoint_names, raw_pairs
from napari_labeltool.core.values import JsonValue


def schema_problems(dataset: Dataset) -> list[Problem]:
    """Return what the document says about its classes that cannot be used as it stands, and all broken rules.

    Beside the findings of `validate`: skeletons that are counted from 0 or hold entries that are no pairs,
    unreadable colours and kinds.
    """
    schema = schema_of(dataset)
    problems = []
    for row in map(int, dataset.categories.rows()):
        record = dataset.categories.record(row)
        name = dataset.categories.name_of(row)
        for key, code, message in _record_findings(record):
            where = f"categories[{row}].{key}"
            problems.append(Problem(code, "warning", where, f"{name}: {message}", "categories", row))
    for issue in validate(schema):
        row_or_none = None if issue.category is None else schema.categories[issue.category].key
        where, table = issue.where, None if issue.category is None else "categories"
        if row_or_none is not None:
            where = where.replace(f"categories[{issue.category}]", f"categories[{row_or_none}]", 1)
        problems.append(Problem(issue.code, "warning", where, issue.message, table, row_or_none))
    return problems


def _record_findings(record: Mapping[str, JsonValue]) -> Iterator[tuple[str, str, str]]:
    pairs = [pair for _, pair in raw_pairs(record)]
    skeleton = record.get("skeleton")
    if counts_from_zero(pairs, len(keypoint_names(record))):
        yield (
            "skeleton",
            "skeleton-from-zero",
            "the skeleton is counted from 0, COCO counts from 1. It is drawn as it was meant;"
            " it is written from 1 when it is edited.",
        )
    if skeleton is not None and not (isinstance(skeleton, list) and len(pairs) == len(skeleton)):
        yield "skeleton", "skeleton-unreadable", "entries that are not two whole numbers are not drawn."
    color = record.get("color")
    if color is not None and parse_color(color) is None:
        message = (
            f"the colour {color!s:.60} is neither [red, green, blue] nor #rrggbb;"
            " a colour of the palette is shown."
        )
        yield "color", "color-unreadable", message
    kinds = labeltool_facts(record).get("kinds")
    unknown = [kind for kind in kinds if kind not in KINDS] if isinstance(kinds, list) else []
    if unknown:
        yield (
            "labeltool.kinds",
            "unknown-kind",
            f"the kinds {unknown!s:.60} are not known here; they are kept.",
        )
