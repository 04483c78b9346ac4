"""JSON text in a given style: white space, escapes and number forms as a file has them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from napari_labeltool.core.errors import WriteError
from napari_labeltool.core.values import JsonValue

EXACT_KEYS: Final = frozenset({"id", "image_id", "category_id"})
"""Keys whose numbers are written as the type that they have, whatever stood there before."""

NumberForm = Literal["plain", "whole", "point"]
"""How whole numbers are written: as Python has them, without a point, or with ``.0``."""

_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(\.\d+)?([eE][+-]?\d+)?', re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Style:
    """How JSON is written.

    Parameters
    ----------
    ascii
        Whether characters beyond ASCII are escaped.
    slash
        Whether ``/`` is escaped as ``\\/``.
    newline
        ``"\\n"`` or ``"\\r\\n"``.
    unit
        White space of one level of indentation.
    comma, colon
        Between values of one line, and behind a key.
    line_comma
        The comma at the end of a line.
    list_pad, object_pad
        White space inside the brackets of one line.
    records_by_line, lists_by_line, objects_by_line
        Whether records, lists and nested objects have a line for each value.
    forms
        How numbers of a key are written, by key.
    """

    ascii: bool = True
    slash: bool = False
    newline: str = "\n"
    unit: str = "  "
    comma: str = ", "
    colon: str = ": "
    line_comma: str = ","
    list_pad: str = ""
    object_pad: str = ""
    records_by_line: bool = False
    lists_by_line: bool = False
    objects_by_line: bool = False
    forms: Mapping[str, NumberForm] = field(default_factory=dict)

    def encode(self, value: JsonValue, indent: str = "", form: NumberForm = "plain") -> bytes:
        """Return a value as text.

        Parameters
        ----------
        value
            What JSON can hold.
        indent
            Indentation of the line on which the value begins.
        form
            How whole numbers are written.

        Raises
        ------
        WriteError
            A number that is not finite, which JSON cannot hold.
        """
        return self._text(value, indent, form).encode("utf-8")

    def record(self, record: Mapping[str, JsonValue], indent: str) -> bytes:
        """Return a record as text; `indent` is that of its line."""
        return self._object(record, indent, self.records_by_line, self.forms).encode("utf-8")

    def string(self, value: str) -> str:
        """Return a string as JSON text."""
        text = json.dumps(value, ensure_ascii=self.ascii)
        if not self.ascii:
            text = _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
        return text.replace("/", "\\/") if self.slash else text

    def _text(self, value: JsonValue, indent: str, form: NumberForm) -> str:
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, Mapping):
            return self._object(value, indent, self.objects_by_line, {}, form)
        if isinstance(value, (list, tuple)):
            return self._list(value, indent, form)
        return number_text(value, form)

    def _list(self, values: list[Any] | tuple[Any, ...], indent: str, form: NumberForm) -> str:
        if not values:
            return "[]"
        inner = indent + self.unit
        texts = [self._text(value, inner if self.lists_by_line else indent, form) for value in values]
        if not self.lists_by_line:
            return f"[{self.list_pad}{self.comma.join(texts)}{self.list_pad}]"
        between = self.line_comma + self.newline + inner
        return f"[{self.newline}{inner}{between.join(texts)}{self.newline}{indent}]"

    def _object(
        self,
        values: Mapping[str, JsonValue],
        indent: str,
        by_line: bool,
        forms: Mapping[str, NumberForm],
        form: NumberForm = "plain",
    ) -> str:
        if not values:
            return "{}"
        inner = indent + self.unit if by_line else indent
        texts = [
            f"{self.string(key)}{self.colon}"
            + self._text(value, inner, "plain" if key in EXACT_KEYS else forms.get(key, form))
            for key, value in values.items()
        ]
        if not by_line:
            return f"{{{self.object_pad}{self.comma.join(texts)}{self.object_pad}}}"
        between = self.line_comma + self.newline + inner
        return f"{{{self.newline}{inner}{between.join(texts)}{self.newline}{indent}}}"


def number_text(value: Any, form: NumberForm = "plain") -> str:
    """Return null, true, false or a number as JSON text.

    Raises
    ------
    WriteError
        A number that is not finite, or a value that JSON cannot hold.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value}.0" if form == "point" else str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise WriteError(
                f"{value} was found among the values to write, finite numbers were expected: JSON has no "
                "word for"
                " it. Nothing was written. Undo the edit that made it, or give the value anew."
            )
        if form == "whole" and value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        return repr(float(value))
    if hasattr(value, "item"):
        return number_text(value.item(), form)
    raise WriteError(
        f"a value of the type {type(value).__name__} was found, which JSON cannot hold; null, true, "
        "false, numbers,"
        " texts, lists and objects were expected. Nothing was written."
    )


def form_of(text: bytes) -> NumberForm:
    """Return how a JSON text writes whole numbers."""
    whole = fraction = False
    for match in _TOKEN.finditer(text):
        if match.group().startswith(b'"'):
            continue
        point, exponent = match.groups()
        if point is None and exponent is None:
            whole = True
        elif point is not None and exponent is None and not point.strip(b".0"):
            return "point"
        else:
            fraction = True
    if whole:
        return "whole"
    return "point" if fraction else "plain"
