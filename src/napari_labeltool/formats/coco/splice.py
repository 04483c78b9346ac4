"""A changed dataset as edits of the bytes that were read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from typing import Any, Final

import numpy as np

from napari_labeltool.core.dataset import ARRAY_KEYS, Dataset
from napari_labeltool.core.errors import WriteError
from napari_labeltool.core.source import Span
from napari_labeltool.core.table import Table
from napari_labeltool.core.values import REMOVED, JsonValue
from napari_labeltool.formats.coco.diff import Edit, apply_edits, changed_object, edit_items
from napari_labeltool.formats.coco.style import file_style, indent_before, indent_of_line, table_style
from napari_labeltool.formats.coco.text import Style
from napari_labeltool.formats.coco.tokens import Item

_CATEGORY: Final = re.compile(rb'("category_id"[ \t\r\n]*:[ \t\r\n]*)(-?\d+)(?=[ \t\r\n]*[,}])')
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Array:
    """A table's array in the file.

    Parameters
    ----------
    table
        The records.
    span
        From bracket to bracket.
    style
        Of its records.
    """

    table: Table
    span: Span
    style: Style


def splice(dataset: Dataset) -> Iterator[bytes | memoryview]:
    """Yield the text of a dataset that was read: what was not edited as it was read.

    Raises
    ------
    WriteError
        An edit that the file's form cannot hold, or a value that JSON cannot hold.
    """
    data = memoryview(dataset.source.data)
    at = 0
    block: list[bytes | memoryview] = []
    size = 0
    for edit in _edits(dataset):
        for piece in (data[at : edit.start], edit.text):
            if len(piece) >= _BLOCK:
                if block:
                    yield b"".join(block)
                yield piece
                block, size = [], 0
            elif len(piece):
                block.append(piece)
                size += len(piece)
        at = edit.end
        if size >= _BLOCK:
            yield b"".join(block)
            block, size = [], 0
    if block:
        yield b"".join(block)
    yield data[at:]


def _edits(dataset: Dataset) -> Iterator[Edit]:
    source = dataset.source
    base = file_style(source)
    arrays: list[_Array] = []
    missing: list[Table] = []
    tables: tuple[Table, ...] = (dataset.images, dataset.annotations, dataset.categories)
    for table in tables:
        if not table.is_changed():
            continue
        span = _array_span(dataset, table)
        if span is None:
            missing.append(table)
        else:
            style = _style_for(dataset, table, base)
            arrays.append(_Array(table, span, style))
    streams = [_array_edits(dataset, array) for array in arrays]
    streams.append(iter(_document_edits(dataset, base, missing)))
    return merge(*streams)


def _style_for(dataset: Dataset, table: Table, base: Style) -> Style:
    """Return the style of a table's records; of an empty one, that of another table of the file."""
    for other in (table, dataset.annotations, dataset.images, dataset.categories):
        if other.base_count:
            style = table_style(dataset.source, other.base_spans, base)
            forms = style.forms if other is table else {}
            return Style(**{**{f: getattr(style, f) for f in Style.__slots__}, "forms": forms})
    return base


def _array_span(dataset: Dataset, table: Table) -> Span | None:
    """Return the span of a table's array; None if the file has none."""
    source = dataset.source
    if source.form == "list":
        owner: Table = dataset.categories if dataset.categories.base_count else dataset.annotations
        if table is owner:
            return source.body
        raise WriteError(
            f"{source.path or 'the document'}: the file is a bare list of results, it has no place for"
            f" {table.name}. Nothing was written. Save the labels as a new dataset instead."
        )
    if table.name in source.keys:
        span = source.keys[table.name]
        opening = source.data[span[0] : span[0] + 1]
        if opening == b"[" or (opening == b"{" and table.base_count and _only_patched(table)):
            return span
        if opening == b"n":
            return None
        raise WriteError(
            f"{source.path or 'the document'}: `{table.name}` is not a list in this file, so records can "
            "be changed"
            " but neither added nor deleted there. Nothing was written. Make it a list in the tool that "
            "wrote it."
        )
    if table.base_count:
        span = (int(table.base_spans[0, 0]), int(table.base_spans[-1, 1]))
        if _only_patched(table):
            return span
        raise WriteError(
            f"{source.path or 'the document'}: the file holds a single image, {table.name} can be changed "
            "but neither"
            " added nor deleted there. Nothing was written. Save the labels as a new dataset instead."
        )
    return None


def _only_patched(table: Table) -> bool:
    return bool(table.alive[: table.base_count].all()) and not table.alive[table.base_count :].any()


def _array_edits(dataset: Dataset, array: _Array) -> Iterator[Edit]:
    """Yield the edits of one array, in the order of the file."""
    table = array.table
    n = table.base_count
    alive, spans = table.alive[:n], table.base_spans
    changed = {row for row in table.patched_rows() if row < n}
    if table is dataset.annotations:
        changed.update(dataset.annotations.category_changed_rows().tolist())
    dead = np.flatnonzero(~alive)
    changed.update(dead.tolist())
    first_alive = int(np.argmax(alive)) if alive.any() else n
    for row in sorted(changed):
        start, end = spans[row].tolist()
        if alive[row]:
            text = _record_text(dataset, table, row, array.style)
            yield Edit(start, end, text)
        elif row > first_alive:
            yield Edit(int(spans[row - 1, 1]), end, b"")
        else:
            yield Edit(start, int(spans[row + 1, 0]) if row + 1 < n else end, b"")
    appended = (np.flatnonzero(table.alive[n:]) + n).tolist()
    if appended:
        yield _appended(dataset, array, appended, bool(alive.any()))


def _record_text(dataset: Dataset, table: Table, row: int, style: Style) -> bytes:
    """Return the text of an edited record that was read."""
    data = dataset.source.data
    start, end = table.base_spans[row].tolist()
    changes: dict[str, Any] = dict(table.patch_of(row))
    annotations = dataset.annotations
    if table is annotations and annotations.category_id_is_changed(row):
        category = int(annotations.category[row])
        value: Any = REMOVED if category < 0 else dataset.categories.id_of(category)
        if not changes and type(value) is int:
            quick = _relabelled(data[start:end], value)
            if quick is not None:
                return quick
        changes["category_id"] = value
    if data[start : start + 1] != b"{":
        fresh = {key: value for key, value in changes.items() if value is not REMOVED}
        return style.record(fresh, indent_of_line(data, start))
    return apply_edits(data, (start, end), changed_object(data, start, changes, style, style.forms))


def _relabelled(record: bytes, category: int) -> bytes | None:
    """Return a record with another integer ``category_id``; None where that needs a closer look."""
    match = _CATEGORY.search(record)
    if match is None or record.count(b'"category_id"') != 1 or b"{" in record[1 : match.start()]:
        return None
    return b"%b%d%b" % (record[: match.start(2)], category, record[match.end(2) :])


def _appended(dataset: Dataset, array: _Array, rows: list[int], follows: bool) -> Edit:
    """Return the edit that appends records to an array that is in the file."""
    data, table, style = dataset.source.data, array.table, array.style
    n = table.base_count
    if n:
        first = int(table.base_spans[0, 0])
        indent = indent_before(data, first)
        if n > 1:
            between = data[int(table.base_spans[0, 1]) : int(table.base_spans[1, 0])]
        else:
            lead = data[array.span[0] + 1 : first]
            between = style.line_comma.encode() + lead if b"\n" in lead else style.comma.encode()
        texts = [_new_text(dataset, table, row, style, indent or indent_of_line(data, first)) for row in rows]
        end = int(table.base_spans[-1, 1])
        return Edit(end, end, (between if follows else b"") + between.join(texts))
    indent = indent_of_line(data, array.span[0])
    return Edit(*array.span, _new_array(dataset, table, rows, style, indent))


def _new_array(dataset: Dataset, table: Table, rows: list[int], style: Style, indent: str) -> bytes:
    """Return the text of an array that had no record; `indent` is that of its line."""
    by_line = style.records_by_line or style.lists_by_line
    inner = indent + style.unit if by_line else indent
    texts = [_new_text(dataset, table, row, style, inner) for row in rows]
    if not by_line:
        return b"[" + style.comma.encode().join(texts) + b"]"
    line = (style.newline + inner).encode()
    return b"[" + line + (style.line_comma.encode() + line).join(texts) + f"{style.newline}{indent}]".encode()


def _new_text(dataset: Dataset, table: Table, row: int, style: Style, indent: str) -> bytes:
    return style.record(new_record(dataset, table, row), indent)


def new_record(dataset: Dataset, table: Table, row: int) -> dict[str, JsonValue]:
    """Return an appended record as it is written; in a list of results without ids it has none (case 58)."""
    if table is not dataset.annotations:
        return table.record(row)
    record = dataset.annotation(row)
    if dataset.source.form == "list" and not _results_have_ids(dataset):
        record.pop("id", None)
    return record


def _results_have_ids(dataset: Dataset) -> bool:
    return any(
        "id" in table.base(row)
        for table in (dataset.annotations,)
        for row in range(min(table.base_count, 20))
    )


def _document_edits(dataset: Dataset, base: Style, missing: list[Table]) -> list[Edit]:
    """Return the edits of top-level keys that are no arrays of records, and of arrays that are missing."""
    source = dataset.source
    changes: dict[str, Any] = {}
    patch: Mapping[str, Any] = dataset.document.patch_of(dataset.document.ROW)
    if source.form == "list":
        if patch:
            raise WriteError(
                f"{source.path or 'the document'}: the file is a bare list of results, it has no place for "
                f"{', '.join(patch)}. Nothing was written. Save the labels as a new dataset instead."
            )
        return []
    arrays: dict[str, bytes] = {}
    for table in missing:
        rows = np.flatnonzero(table.alive).tolist()
        indent = indent_of_line(source.data, min(source.key_starts.values(), default=source.body[0]))
        arrays[table.name] = _new_array(dataset, table, rows, _style_for(dataset, table, base), indent)
    changes.update({key: value for key, value in patch.items() if key not in ARRAY_KEYS})
    items = sorted(
        (Item(key, source.key_starts[key], *span) for key, span in source.keys.items()),
        key=lambda item: item.key_start,
    )
    edits = edit_items(source.data, source.body[0], items, changes, base, {}) if changes else []
    if arrays:
        edits = _with_arrays(dataset, items, edits, arrays, base)
    return edits


def _with_arrays(
    dataset: Dataset, items: list[Item], edits: list[Edit], arrays: Mapping[str, bytes], base: Style
) -> list[Edit]:
    """Add arrays to the edits of the top level: in the place of a null, or behind the last key."""
    data = dataset.source.data
    last = max(items, key=lambda item: item.end)
    if len(items) > 1:
        between = data[items[-2].end : items[-1].key_start]
    else:
        lead = data[dataset.source.body[0] + 1 : items[0].key_start]
        between = base.line_comma.encode() + lead if b"\n" in lead else base.comma.encode()
    fresh = b""
    for name, text in arrays.items():
        if name in dataset.source.keys:
            edits.append(Edit(*dataset.source.keys[name], text))
        else:
            fresh += between + f'"{name}"{base.colon}'.encode() + text
    if fresh:
        # before the edit that appends other keys at the same place, so that arrays stand before ours
        edits.append(Edit(last.end, last.end, fresh))
        appended = [edit for edit in edits if edit.start == edit.end == last.end]
        edits = [edit for edit in edits if not (edit.start == edit.end == last.end)]
        edits.append(Edit(last.end, last.end, b"".join(edit.text for edit in reversed(appended))))
    return sorted(edits)
