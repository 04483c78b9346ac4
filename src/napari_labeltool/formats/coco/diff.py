"""Changing JSON text in place: equal values keep their text, new ones are written in the style around."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from napari_labeltool.core.source import Span
from napari_labeltool.core.values import REMOVED, JsonValue, decode_json
from napari_labeltool.formats.coco.style import indent_before, indent_of_line
from napari_labeltool.formats.coco.text import EXACT_KEYS, NumberForm, Style, form_of
from napari_labeltool.formats.coco.tokens import Item, array_items, object_items


class Edit(NamedTuple):
    """Bytes of the file from start to end are replaced by a text."""

    start: int
    end: int
    text: bytes


def same(a: JsonValue, b: JsonValue) -> bool:
    """Tell whether two JSON values are equal; true is not 1, 1 is 1.0, NaN is NaN."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(value, b[key]) for key, value in a.items())
    return bool(a == b)


def apply_edits(data: bytes, span: Span, edits: Sequence[Edit]) -> bytes:
    """Return the text of a span with some edits inside it, which are in order and do not overlap."""
    pieces: list[bytes] = []
    at = span[0]
    for edit in edits:
        pieces += (data[at : edit.start], edit.text)
        at = edit.end
    pieces.append(data[at : span[1]])
    return b"".join(pieces)


def changed_object(
    data: bytes,
    start: int,
    changes: Mapping[str, Any],
    style: Style,
    forms: Mapping[str, NumberForm] | None = None,
) -> list[Edit]:
    """Return the edits that change keys of the object whose brace is at `start`.

    Parameters
    ----------
    data
        The text.
    start
        Offset of the brace.
    changes
        Key to new value, or to `REMOVED`.
    style
        For what is written anew.
    forms
        How numbers of a key are written where the old text does not show it.
    """
    return edit_items(data, start, object_items(data, start), changes, style, forms or {})


def edit_items(
    data: bytes,
    start: int,
    items: Sequence[Item],
    changes: Mapping[str, Any],
    style: Style,
    forms: Mapping[str, NumberForm],
) -> list[Edit]:
    """Return the edits that change some keys of an object whose items are known; see `changed_object`."""
    edits: list[Edit] = []
    keep = [changes.get(item.key) is not REMOVED for item in items]
    edits += cut([(item.key_start, item.end) for item in items], keep)
    last = {item.key: item for item in items}
    for key, value in changes.items():
        item = last.get(key)
        if value is not REMOVED and item is not None:
            form = "plain" if key in EXACT_KEYS else form_of(data[item.start : item.end])
            if form == "plain" and key not in EXACT_KEYS:
                form = forms.get(key, "plain")
            edits += changed_value(data, item.start, item.end, value, style, form)
    added = {key: value for key, value in changes.items() if value is not REMOVED and key not in last}
    if added:
        edits.append(_added(data, start, items, any(keep), added, style, forms))
    return sorted(edits)


def cut(spans: Sequence[Span], keep: Sequence[bool]) -> list[Edit]:
    """Return the edits that take values out of a list or object, each with exactly one separator."""
    edits: list[Edit] = []
    kept_before = False
    for k, (start, end) in enumerate(spans):
        if keep[k]:
            kept_before = True
        elif kept_before:
            edits.append(Edit(spans[k - 1][1], end, b""))
        else:
            edits.append(Edit(start, spans[k + 1][0] if k + 1 < len(spans) else end, b""))
    return edits


def _added(
    data: bytes,
    start: int,
    items: Sequence[Item],
    anything_kept: bool,
    added: Mapping[str, JsonValue],
    style: Style,
    forms: Mapping[str, NumberForm],
) -> Edit:
    """Return the edit that appends keys to an object."""
    indent = indent_of_line(data, start)
    if items:
        own = indent_before(data, items[-1].key_start)
        indent = own if own is not None else indent_of_line(data, items[-1].key_start)
    texts = [
        f"{style.string(key)}{style.colon}".encode()
        + style.encode(value, indent, "plain" if key in EXACT_KEYS else forms.get(key, "plain"))
        for key, value in added.items()
    ]
    if not items:
        pad = style.object_pad.encode()
        return Edit(start + 1, start + 1, pad + style.comma.encode().join(texts) + pad)
    lead = data[start + 1 : items[0].key_start]
    if len(items) > 1:
        between = data[items[-2].end : items[-1].key_start]
    elif b"\n" in lead:
        between = style.line_comma.encode() + lead
    else:
        between = style.comma.encode()
    first = between if anything_kept else b""
    return Edit(items[-1].end, items[-1].end, first + between.join(texts))


def changed_value(
    data: bytes, start: int, end: int, new: JsonValue, style: Style, form: NumberForm
) -> list[Edit]:
    """Return the edits that turn the value at a span into another one.

    Parameters
    ----------
    data
        The text.
    start, end
        Span of the value.
    new
        What it becomes.
    style
        For what is written anew.
    form
        How whole numbers are written.
    """
    return _changed(data, start, end, decode_json(data[start:end]), new, style, form)


def _changed(
    data: bytes, start: int, end: int, old: JsonValue, new: JsonValue, style: Style, form: NumberForm
) -> list[Edit]:
    if same(old, new):
        return []
    if isinstance(old, dict) and isinstance(new, Mapping) and old:
        changes = {key: REMOVED for key in old if key not in new}
        changes.update(
            {key: value for key, value in new.items() if key not in old or not same(old[key], value)}
        )
        return edit_items(data, start, object_items(data, start), changes, style, {})
    if isinstance(old, list) and isinstance(new, (list, tuple)) and old and new:
        return _changed_list(data, start, end, old, list(new), style, form)
    return [Edit(start, end, style.encode(new, indent_of_line(data, start), form))]


def _changed_list(
    data: bytes, start: int, end: int, old: list[Any], new: list[Any], style: Style, form: NumberForm
) -> list[Edit]:
    spans = array_items(data, start)
    if len(old) == len(new):
        edits: list[Edit] = []
        for (begin, stop), before, after in zip(spans, old, new, strict=True):
            edits += _changed(data, begin, stop, before, after, style, form)
        return edits
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and same(old[head], new[head]):
        head += 1
    tail = 0
    while tail < shorter - head and same(old[-1 - tail], new[-1 - tail]):
        tail += 1
    gone = len(old) - tail - head
    fresh = new[head : len(new) - tail]
    between = _separator(data, start, spans, style)
    indent = indent_of_line(data, spans[0][0])
    texts = [style.encode(value, indent, form) for value in fresh]
    if gone and not fresh:
        return cut(spans, [not head <= k < head + gone for k in range(len(spans))])
    if gone:
        return [Edit(spans[head][0], spans[head + gone - 1][1], between.join(texts))]
    if head:
        return [Edit(spans[head - 1][1], spans[head - 1][1], b"".join(between + text for text in texts))]
    return [Edit(spans[0][0], spans[0][0], b"".join(text + between for text in texts))]


def _separator(data: bytes, start: int, spans: Sequence[Span], style: Style) -> bytes:
    """Return what stands between two values of a list."""
    if len(spans) > 1:
        return data[spans[0][1] : spans[1][0]]
    lead = data[start + 1 : spans[0][0]]
    return style.line_comma.encode() + lead if b"\n" in lead else style.comma.encode()
