"""The values of a schema file as a `LabelSchema`, with an error that names the line when they do not fit."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NoReturn, TypeVar

from napari_labeltool.core.errors import SchemaError
from napari_labeltool.core.palette import PALETTE, parse_color
from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.schema.located import Located, Place
from napari_labeltool.core.schema.model import (
    ATTRIBUTE_TYPES,
    KINDS,
    TAG_GROUP_TYPES,
    Attribute,
    Category,
    Keypoint,
    LabelSchema,
    default_kinds,
)
from napari_labeltool.core.tags import TagGroup
from napari_labeltool.core.values import JsonValue

FORMAT: Final = "napari-labeltool label schema"
VERSION: Final = 1
T = TypeVar("T")
Name = TypeVar("Name", bound=str)

TOP_KEYS = ("format", "version", "guideline", "classes", "tag_groups")
CLASS_KEYS = (
    "name",
    "id",
    "supercategory",
    "color",
    "hotkey",
    "kinds",
    "guideline",
    "attributes",
    "keypoints",
    "skeleton",
    "tag_group",
    "isthing",
)
ATTRIBUTE_KEYS = ("name", "type", "values", "min", "max", "required", "default")


class SchemaParser:
    """Reads one document; every method takes the place of the value, so that an error can name its line."""

    def __init__(self, file: str, document: Located) -> None:
        self._file = file
        self._document = document

    def schema(self) -> LabelSchema:
        """Return the schema.

        Raises
        ------
        SchemaError
            A value is not what it should be.
        """
        top = self._object(self._document.value, (), TOP_KEYS)
        if top.get("format") != FORMAT:
            self._fail(("format",), top.get("format"), f"format: {FORMAT}")
        if top.get("version") != VERSION:
            self._fail(
                ("version",), top.get("version"), f"version: {VERSION} (a newer program may have written it)"
            )
        return LabelSchema(
            tuple(self._list(top, "classes", (), self._class)),
            tuple(self._list(top, "tag_groups", (), self._group)),
            self._text(top, "guideline", ()),
        )

    def _class(self, value: JsonValue, place: Place) -> Category:
        entry = self._object(value, place, CLASS_KEYS)
        keypoints = tuple(self._list(entry, "keypoints", place, self._keypoint))
        names = [point.name for point in keypoints]
        edges = self._list(entry, "skeleton", place, lambda item, at: self._edge(item, at, names))
        colors = tuple(color for _, color in edges)
        tag_group = self._text(entry, "tag_group", place) or None
        kinds = self._list(entry, "kinds", place, lambda item, at: self._one_of(item, at, KINDS))
        return Category(
            name=self._name(entry, place),
            id=self._id(entry, place),
            supercategory=self._text(entry, "supercategory", place),
            color=self._color(entry, place) or "",
            hotkey=self._text(entry, "hotkey", place) or None,
            kinds=frozenset(kinds) if "kinds" in entry else default_kinds(bool(names), tag_group),
            guideline=self._text(entry, "guideline", place),
            attributes=tuple(self._list(entry, "attributes", place, self._attribute)),
            keypoints=keypoints,
            skeleton=tuple(edge for edge, _ in edges),
            edge_colors=colors if any(colors) else (),
            tag_group=tag_group,
            is_area=self._is_area(entry, place),
        )

    def _is_area(self, entry: JsonValue, place: Place) -> bool:
        value = entry.get("isthing", 1)
        if value not in (0, 1):
            self._fail((*place, "isthing"), value, "0 for one area, 1 for an object each")
        return bool(value == 0)

    def _attribute(self, value: JsonValue, place: Place) -> Attribute:
        entry = self._object(value, place, ATTRIBUTE_KEYS)
        kind = self._one_of(entry.get("type"), (*place, "type"), ATTRIBUTE_TYPES)
        default = entry.get("default")
        if isinstance(default, (list, dict)):
            self._fail((*place, "default"), default, "one value")
        if kind in ("choice", "text") and default is not None:
            default = self._text(entry, "default", place)
        required = entry.get("required", False)
        if not isinstance(required, bool):
            self._fail((*place, "required"), required, "true or false")
        return Attribute(
            name=self._name(entry, place),
            type=kind,
            values=tuple(self._list(entry, "values", place, self._plain_text)),
            minimum=self._number(entry, "min", place),
            maximum=self._number(entry, "max", place),
            required=required,
            default=default,
        )

    def _keypoint(self, value: JsonValue, place: Place) -> Keypoint:
        if not isinstance(value, dict):
            return Keypoint(self._plain_text(value, place))
        entry = self._object(value, place, ("name", "color", "position"))
        position = entry.get("position")
        if position is None:
            return Keypoint(self._name(entry, place), self._color(entry, place))
        numbers = self._list(entry, "position", place, self._unit_number)
        if len(numbers) != 2:
            self._fail((*place, "position"), position, "x, y between 0 and 1")
        return Keypoint(self._name(entry, place), self._color(entry, place), (numbers[0], numbers[1]))

    def _edge(self, value: JsonValue, place: Place, names: list[str]) -> tuple[tuple[int, int], str | None]:
        color = None
        if isinstance(value, dict):
            entry = self._object(value, place, ("from", "to", "color"))
            color = self._color(entry, place)
            value = [entry.get("from"), entry.get("to")]
        if not isinstance(value, list) or len(value) != 2:
            self._fail(place, value, "two keypoints, for example [head, tail]")
        return (self._end(value[0], place, names), self._end(value[1], place, names)), color

    def _end(self, value: JsonValue, place: Place, names: list[str]) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value - 1
        if not isinstance(value, str) or value not in names:
            self._fail(place, value, f"the name of a keypoint{_nearest(value, names)}, or its number from 1")
        return names.index(value)

    def _group(self, value: JsonValue, place: Place) -> TagGroup:
        entry = self._object(value, place, ("name", "type", "guideline"))
        kind = self._one_of(entry.get("type"), (*place, "type"), TAG_GROUP_TYPES)
        return TagGroup(self._name(entry, place), kind, self._text(entry, "guideline", place))

    # -- single values

    def _object(self, value: JsonValue, place: Place, keys: Collection[str]) -> dict[str, JsonValue]:
        if not isinstance(value, dict):
            self._fail(place, value, f"an object with {', '.join(keys)}")
        for key in value:
            if key not in keys:
                self._fail((*place, key), f"the key {key}", f"one of {', '.join(keys)}{_nearest(key, keys)}")
        return value

    def _list(
        self, entry: dict[str, JsonValue], key: str, place: Place, item: Callable[[JsonValue, Place], T]
    ) -> list[T]:
        value = entry.get(key)
        place = (*place, key)
        if value is None:
            return []
        if not isinstance(value, list):
            self._fail(place, value, "a list")
        return [item(one, (*place, index)) for index, one in enumerate(value)]

    def _plain_text(self, value: JsonValue, place: Place) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            self._fail(place, value, "text (true, false and numbers with a point in quotes)")
        return value

    def _text(self, entry: dict[str, JsonValue], key: str, place: Place) -> str:
        value = entry.get(key)
        return "" if value is None else self._plain_text(value, (*place, key))

    def _name(self, entry: dict[str, JsonValue], place: Place) -> str:
        if entry.get("name") is None:
            self._fail((*place, "name"), None, "a name")
        return self._text(entry, "name", place)

    def _id(self, entry: dict[str, JsonValue], place: Place) -> ExternalId:
        value = entry.get("id")
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, str))):
            self._fail((*place, "id"), value, "a whole number or text")
        return value

    def _color(self, entry: dict[str, JsonValue], place: Place) -> str | None:
        value = entry.get("color")
        color = parse_color(value)
        if value is not None and color is None:
            self._fail((*place, "color"), value, f"a colour such as '{PALETTE[0]}' (in quotes)")
        return color

    def _number(self, entry: dict[str, JsonValue], key: str, place: Place) -> float | None:
        value = entry.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            self._fail((*place, key), value, "a number")
        return value

    def _unit_number(self, value: JsonValue, place: Place) -> float:
        number = self._number({"value": value}, "value", place[:-1])
        if number is None or not 0 <= number <= 1:
            self._fail(place, value, "a number between 0 and 1")
        return float(number)

    def _one_of(self, value: JsonValue, place: Place, allowed: Sequence[Name]) -> Name:
        for name in allowed:
            if name == value:
                return name
        self._fail(place, value, f"one of {', '.join(allowed)}{_nearest(value, allowed)}")

    def _fail(self, place: Place, found: Any, expected: str) -> NoReturn:
        line = self._document.line(place)
        where = self._file if line is None else f"{self._file}, line {line}"
        words = "nothing" if found is None else f"{found:.80}" if isinstance(found, str) else f"{found!r:.80}"
        path = path_text(place)
        raise SchemaError(
            f"{where}: {path}{': ' if path else ''}{words} found, expected {expected}. Nothing was imported."
        )


def path_text(place: Place) -> str:
    """Return a place as people read it: ``classes[2].attributes[0].type``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def _nearest(value: JsonValue, names: Collection[str]) -> str:
    close = difflib.get_close_matches(value, names, 1) if isinstance(value, str) else []
    return f" (is {close[0]} meant?)" if close else ""
