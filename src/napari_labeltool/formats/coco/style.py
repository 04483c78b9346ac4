"""Finding the style in which a file is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from napari_labeltool.core.source import Source, Span
from napari_labeltool.core.values import IntArray
from napari_labeltool.formats.coco.text import NumberForm, Style, form_of
from napari_labeltool.formats.coco.tokens import Item, array_items, object_items

_SAMPLE: Final = 20
_MOST_BYTES: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 12


def indent_of_line(data: bytes, at: int) -> str:
    """Return the white space that begins the line on which the offset lies; none for a line of many kilobytes."""
    start = _line_start(data, at)
    end = start
    while end < at and data[end] in b" \t":
        end += 1
    return data[start:end].decode("ascii")


def indent_before(data: bytes, at: int) -> str | None:
    """Return the white space between the start of the line and the offset; None if more stands there."""
    start = _line_start(data, at)
    indent = indent_of_line(data, at)
    return indent if start > 0 and data[start - 1 : start] == b"\n" and start + len(indent) == at else None


def _line_start(data: bytes, at: int) -> int:
    """Return where the line of the offset begins; the offset itself if that is far, so that no search is long."""
    first = max(at - _LONGEST_LINE, 0)
    found = data.rfind(b"\n", first, at) + 1
    return found if found else (0 if first == 0 else at)


def file_style(source: Source) -> Style:
    """Return the style of the file as a whole: escapes, line ends, indentation of the top level."""
    data = source.data
    # one character is found ten times as fast as two
    newline = "\r\n" if b"\r" in data and b"\r\n" in data else "\n"
    style = Style(ascii=data.isascii(), slash=b"\\" in data and b"\\/" in data, newline=newline)
    items = [Item(key, source.key_starts[key], *span) for key, span in source.keys.items()]
    style = _with_colon(data, items, style)
    if items:
        indent = indent_before(data, items[0].key_start)
        if indent:
            return replace(
                style,
                unit=indent,
                records_by_line=True,
                lists_by_line=True,
                objects_by_line=True,
                line_comma=_line_comma(data, items, style.line_comma),
            )
        style = _with_comma(data, items, style)
    return style


def table_style(source: Source, spans: IntArray, base: Style) -> Style:
    """Return the style of the records of one array.

    Parameters
    ----------
    source
        The file.
    spans
        (n, 2) spans of the records; the first few are looked at.
    base
        Used for what the records do not show.
    """
    data = source.data
    style = base
    forms: dict[str, NumberForm] = {}
    texts: dict[str, bytes] = {}
    seen_list = seen_object = False
    for row, (start, end) in enumerate(spans[:_SAMPLE].tolist()):
        if end - start > _MOST_BYTES or data[start : start + 1] != b"{":
            continue
        items = object_items(data, start)
        if not items:
            continue
        if row == 0 or style is base:
            style = _record_style(data, (start, end), items, style)
        for item in items:
            texts[item.key] = texts.get(item.key, b"") + b" " + data[item.start : item.end]
            opening = data[item.start : item.start + 1]
            if opening == b"[" and not seen_list:
                seen_list, style = _list_style(data, item, style)
            elif opening == b"{" and not seen_object:
                seen_object, style = _object_style(data, item, style)
    for key, text in texts.items():
        forms[key] = form_of(text)
    if not seen_object:
        style = replace(style, objects_by_line=style.lists_by_line if seen_list else style.records_by_line)
    return replace(style, forms=forms)


def _record_style(data: bytes, span: Span, items: list[Item], style: Style) -> Style:
    style = _with_colon(data, items, style)
    indent = indent_before(data, items[0].key_start)
    by_line = indent is not None and b"\n" in data[span[0] : items[0].key_start]
    if by_line and indent is not None:
        outer = indent_of_line(data, span[1] - 1)
        unit = indent.removeprefix(outer) if indent.startswith(outer) and indent != outer else style.unit
        comma = _line_comma(data, items, style.line_comma)
        return replace(style, records_by_line=True, lists_by_line=True, unit=unit, line_comma=comma)
    pad = data[span[0] + 1 : items[0].key_start].decode("ascii")
    return replace(
        _with_comma(data, items, style), records_by_line=False, lists_by_line=False, object_pad=pad
    )


def _list_style(data: bytes, item: Item, style: Style) -> tuple[bool, Style]:
    values = array_items(data, item.start)
    if not values:
        return False, style
    lead = data[item.start + 1 : values[0][0]]
    if b"\n" in lead:
        return True, replace(style, lists_by_line=True)
    style = replace(style, lists_by_line=False, list_pad=lead.decode("ascii"))
    if len(values) > 1:
        style = replace(style, comma=data[values[0][1] : values[1][0]].decode("ascii"))
    elif data[values[0][0] : values[0][0] + 1] == b"[":
        return True, _list_style(data, Item("", 0, *values[0]), style)[1]
    return True, style


def _object_style(data: bytes, item: Item, style: Style) -> tuple[bool, Style]:
    inner = object_items(data, item.start)
    if not inner:
        return False, style
    return True, replace(style, objects_by_line=b"\n" in data[item.start + 1 : inner[0].key_start])


def _with_colon(data: bytes, items: list[Item], style: Style) -> Style:
    if not items:
        return style
    between = data[items[0].key_start : items[0].start]
    return replace(style, colon=between[between.rindex(b'"') + 1 :].decode("ascii"))


def _with_comma(data: bytes, items: list[Item], style: Style) -> Style:
    if len(items) < 2:
        return style
    between = data[items[0].end : items[1].key_start]
    return style if b"\n" in between else replace(style, comma=between.decode("ascii"))


def _line_comma(data: bytes, items: list[Item], usual: str) -> str:
    if len(items) < 2:
        return usual
    return data[items[0].end : items[1].key_start].partition(b"\n")[0].rstrip(b"\r").decode("ascii")
