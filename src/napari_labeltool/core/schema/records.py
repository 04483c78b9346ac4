"""Category records of a document as `Category`, and the keys that a changed `Category` writes.

Under ``labeltool`` of a category stand ``hotkey``, ``kinds``, ``guideline``, ``attributes``,
``keypoint_colors``, ``edge_colors``, ``keypoint_positions`` and ``tag_group``;
keys there that are not ours are kept. A class of areas has COCO's own ``isthing`` 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from napari_labeltool.core.columns import is_flat, is_number
from napari_labeltool.core.palette import palette_color, parse_color, to_rgb
from napari_labeltool.core.records import ExternalId, labeltool_facts
from napari_labeltool.core.schema.model import (
    ATTRIBUTE_TYPES,
    KINDS,
    Attribute,
    Category,
    Keypoint,
    LabelKind,
    default_kinds,
)
from napari_labeltool.core.values import REMOVED, JsonValue

ATTRIBUTE_KEYS: Final = ("name", "type", "values", "min", "max", "required", "default")


def category_of(record: Mapping[str, JsonValue], row: int, id: ExternalId) -> Category:
    """Return the category of a record; what the record does not say, or says unreadably, gets a default."""
    facts = labeltool_facts(record)
    names = keypoint_names(record)
    colors, positions = _items(facts, "keypoint_colors"), _items(facts, "keypoint_positions")
    skeleton, edge_colors = _edges(record, facts, len(names))
    tag_group = facts.get("tag_group")
    tag_group = tag_group if isinstance(tag_group, str) and tag_group else None
    name = record.get("name")
    return Category(
        name=name if isinstance(name, str) else str(id),
        key=row,
        id=id,
        supercategory=_text(record.get("supercategory")),
        color=parse_color(record.get("color")) or palette_color(row),
        hotkey=_text(facts.get("hotkey")) or None,
        kinds=_kinds(facts, bool(names), tag_group),
        guideline=_text(facts.get("guideline")),
        attributes=tuple(filter(None, map(attribute_of, _items(facts, "attributes")))),
        keypoints=tuple(
            Keypoint(text, parse_color(_at(colors, index)), _position(_at(positions, index)), index)
            for index, text in enumerate(names)
        ),
        skeleton=skeleton,
        edge_colors=edge_colors,
        tag_group=tag_group,
        is_area=is_area(record),
    )


def is_area(record: Mapping[str, JsonValue]) -> bool:
    """Tell whether the masks of a class are one area ("stuff") instead of an object each ("things")."""
    return record.get("isthing") in (0, False)


def keypoint_names(record: Mapping[str, JsonValue]) -> list[str]:
    """Return the names of a record's keypoints."""
    names = record.get("keypoints")
    return [name if isinstance(name, str) else str(name) for name in names] if isinstance(names, list) else []


def attribute_of(entry: JsonValue) -> Attribute | None:
    """Return an attribute of a record, or None when it has no name."""
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return None
    kind = entry.get("type")
    default = entry.get("default")
    return Attribute(
        name=entry["name"],
        type=kind if kind in ATTRIBUTE_TYPES else "text",
        values=tuple(value if isinstance(value, str) else str(value) for value in _items(entry, "values")),
        minimum=_number(entry.get("min")),
        maximum=_number(entry.get("max")),
        required=entry.get("required") is True,
        default=None if isinstance(default, (list, dict)) else default,
    )


def counts_from_zero(pairs: Sequence[tuple[int, int]], keypoint_count: int) -> bool:
    """Tell whether a skeleton is counted from 0: the index 0 occurs and none is too high for that."""
    indices = [index for pair in pairs for index in pair]
    return bool(indices) and min(indices) == 0 and max(indices) < keypoint_count


def raw_pairs(record: Mapping[str, JsonValue]) -> list[tuple[int, tuple[int, int]]]:
    """Return the entries of a record's ``skeleton`` that are two whole numbers, each with its place."""
    skeleton = record.get("skeleton")
    return [
        (place, (int(pair[0]), int(pair[1])))
        for place, pair in enumerate(skeleton if isinstance(skeleton, list) else [])
        if is_flat(pair)
        and len(pair) == 2
        and all(math.isfinite(number) and number == int(number) for number in pair)
    ]


def _edges(
    record: Mapping[str, JsonValue], facts: Mapping[str, JsonValue], count: int
) -> tuple[tuple[tuple[int, int], ...], tuple[str | None, ...]]:
    placed = raw_pairs(record)
    first = 0 if counts_from_zero([pair for _, pair in placed], count) else 1
    skeleton = tuple((a - first, b - first) for _, (a, b) in placed)
    listed = _items(facts, "edge_colors")
    colors = tuple(parse_color(_at(listed, place)) for place, _ in placed)
    return skeleton, colors if any(colors) else ()


def _kinds(
    facts: Mapping[str, JsonValue], has_keypoints: bool, tag_group: str | None
) -> frozenset[LabelKind]:
    if not isinstance(facts.get("kinds"), list):
        return default_kinds(has_keypoints, tag_group)
    return frozenset(kind for kind in KINDS if kind in facts["kinds"])


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _number(value: JsonValue) -> float | None:
    return value if is_number(value) and math.isfinite(value) else None


def _items(facts: Mapping[str, JsonValue], key: str) -> list[JsonValue]:
    value = facts.get(key)
    return value if isinstance(value, list) else []


def _at(items: list[JsonValue], index: int) -> JsonValue:
    return items[index] if index < len(items) else None


def _position(value: JsonValue) -> tuple[float, float] | None:
    if not (is_flat(value) and len(value) == 2 and all(0 <= number <= 1 for number in value)):
        return None
    return float(value[0]), float(value[1])


# -- writing


def new_record(category: Category, id: ExternalId) -> dict[str, JsonValue]:
    """Return the record of a new class."""
    record: dict[str, JsonValue] = {
        "id": id,
        "name": category.name,
        "supercategory": category.supercategory,
        "color": list(to_rgb(category.color)),
    }
    if category.keypoints:
        record["keypoints"] = [point.name for point in category.keypoints]
        record["skeleton"] = _skeleton_value(category)
    if category.is_area:
        record["isthing"] = 0
    facts = {"kinds": _kinds_value(category, []), **_fact_values(Category(""), category, {})}
    record["labeltool"] = {key: value for key, value in facts.items() if value is not REMOVED}
    return record


def changed_values(record: Mapping[str, JsonValue], before: Category, after: Category) -> dict[str, Any]:
    """Return the keys of a record that must change to make it say `after`; none when nothing does.

    Parameters
    ----------
    record
        The record as it is.
    before
        What `category_of` says of it.
    after
        What it shall say; its key and id are not looked at.
    """
    values: dict[str, Any] = {}
    if after.name != before.name:
        values["name"] = after.name
    if after.supercategory != before.supercategory:
        values["supercategory"] = after.supercategory
    color = parse_color(after.color)
    if color is not None and color != before.color:
        values["color"] = _color_value(record.get("color"), color)
    if after.is_area != before.is_area:
        values["isthing"] = 0 if after.is_area else 1
    names = [point.name for point in after.keypoints]
    if names != [point.name for point in before.keypoints]:
        values["keypoints"] = names if names or "keypoints" in record else REMOVED
    facts = _fact_values(before, after, labeltool_facts(record))
    reread = category_of({**record, **values}, before.key or 0, before.id)
    odd_entries = len(before.skeleton) != len(record.get("skeleton") or ())
    if reread.skeleton != after.skeleton or ("edge_colors" in facts and odd_entries):
        values["skeleton"] = _skeleton_value(after)
    if facts:
        values["labeltool"] = _merged(record, facts)
    draft = {key: value for key, value in {**record, **values}.items() if value is not REMOVED}
    if category_of(draft, before.key or 0, before.id).kinds != after.kinds:
        raw = labeltool_facts(record).get("kinds")
        facts["kinds"] = _kinds_value(after, raw if isinstance(raw, list) else [])
        values["labeltool"] = _merged(record, facts)
    return values


def merged_facts(before: Mapping[str, JsonValue], changes: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Return an object with keys set or removed, the others as they were."""
    merged = {**before, **changes}
    return {key: value for key, value in merged.items() if value is not REMOVED}


def _merged(record: Mapping[str, JsonValue], changes: Mapping[str, Any]) -> Any:
    return merged_facts(labeltool_facts(record), changes) or REMOVED


def _fact_values(before: Category, after: Category, raw: Mapping[str, JsonValue]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if after.hotkey != before.hotkey:
        facts["hotkey"] = after.hotkey or REMOVED
    if after.guideline != before.guideline:
        facts["guideline"] = after.guideline or REMOVED
    if after.tag_group != before.tag_group:
        facts["tag_group"] = after.tag_group or REMOVED
    if after.attributes != before.attributes:
        facts["attributes"] = _attribute_values(before, after, raw) or REMOVED
    colors = [point.color for point in after.keypoints]
    if colors != [point.color for point in before.keypoints]:
        facts["keypoint_colors"] = colors if any(colors) else REMOVED
    positions = [point.position and list(point.position) for point in after.keypoints]
    if positions != [point.position and list(point.position) for point in before.keypoints]:
        facts["keypoint_positions"] = positions if any(positions) else REMOVED
    if edge_colors(after) != edge_colors(before):
        facts["edge_colors"] = list(edge_colors(after)) if any(edge_colors(after)) else REMOVED
    return {key: value for key, value in facts.items() if value is not REMOVED or key in raw}


def edge_colors(category: Category) -> tuple[str | None, ...]:
    """Return one colour or None for each edge of a class."""
    count = len(category.skeleton)
    return (category.edge_colors + (None,) * count)[:count]


def _attribute_values(
    before: Category, after: Category, raw: Mapping[str, JsonValue]
) -> list[dict[str, JsonValue]]:
    known: dict[str, dict[str, JsonValue]] = {}
    for entry in _items(raw, "attributes"):
        if attribute_of(entry) is not None:
            known.setdefault(entry["name"], entry)
    values = []
    for attribute in after.attributes:
        entry = known.get(attribute.name, {})
        if attribute == before.attribute(attribute.name):
            values.append(entry)
            continue
        kept = {key: value for key, value in entry.items() if key not in ATTRIBUTE_KEYS}
        values.append({**attribute_value(attribute), **kept})
    return values


def attribute_value(attribute: Attribute) -> dict[str, JsonValue]:
    """Return an attribute as a record holds it; what it does not say is left out."""
    value: dict[str, JsonValue] = {"name": attribute.name, "type": attribute.type}
    if attribute.values:
        value["values"] = list(attribute.values)
    if attribute.minimum is not None:
        value["min"] = attribute.minimum
    if attribute.maximum is not None:
        value["max"] = attribute.maximum
    if attribute.required:
        value["required"] = True
    if attribute.default is not None:
        value["default"] = attribute.default
    return value


def _skeleton_value(category: Category) -> list[list[int]]:
    return [[first + 1, second + 1] for first, second in category.skeleton]


def _kinds_value(category: Category, raw: list[JsonValue]) -> list[JsonValue]:
    unknown = [kind for kind in raw if kind not in KINDS]
    return [kind for kind in KINDS if kind in category.kinds] + unknown


def _color_value(raw: JsonValue, color: str) -> JsonValue:
    """Return a colour in the form that the record uses already, else as a list."""
    if isinstance(raw, str):
        return color
    alpha = raw[3:] if isinstance(raw, list) and parse_color(raw) and len(raw) == 4 else []
    return [*to_rgb(color), *alpha]
