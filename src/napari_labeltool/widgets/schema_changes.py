"""Changes of a label schema as the editor makes them: from one value to the next, no Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from napari_labeltool.core.palette import next_color
from napari_labeltool.core.schema import (
    DRAWN_KINDS,
    Attribute,
    Category,
    Keypoint,
    LabelKind,
    LabelSchema,
    TagGroup,
    TagGroupType,
    new_errors,
)

ItemT = TypeVar("ItemT")


def moved(items: Sequence[ItemT], start: int, end: int) -> tuple[ItemT, ...]:
    """Return items with one of them taken to another place."""
    result = list(items)
    result.insert(end, result.pop(start))
    return tuple(result)


def free_name(stem: str, taken: Collection[str]) -> str:
    """Return `stem`, or `stem` with the first number from 2 on that makes it new."""
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem} {number}"
    return name


def complaint(before: LabelSchema, after: LabelSchema) -> str | None:
    """Return what forbids a change as a sentence, or None when it may be made.

    Beside the rules of the schema, a class may not get the name of another one: a file that came with such a
    pair keeps it, a person has no reason to make one.
    """
    old, new = (Counter(c.name for c in schema.categories) for schema in (before, after))
    for name, count in new.items():
        if count > max(1, old[name]):
            return f"Another class is named {name}. Choose another name, or merge the two classes."
    errors = new_errors(before, after)
    return errors[0].message if errors else None


# -- classes
def with_new_category(schema: LabelSchema, *, tag_group: str | None = None) -> LabelSchema:
    """Return the schema with a new class at the end: something to draw, or a tag of a group."""
    taken = {category.name for category in schema.categories}
    stem = "new class" if tag_group is None else "new tag"
    category = Category(
        name=free_name(stem, taken),
        color=next_color([c.color for c in schema.categories]),
        kinds=DRAWN_KINDS if tag_group is None else frozenset({"tag"}),
        tag_group=tag_group,
    )
    return schema.with_added([category])


def with_copy(schema: LabelSchema, index: int) -> LabelSchema:
    """Return the schema with a copy of a class at the end, with a name and colour of its own and no key."""
    original = schema.categories[index]
    taken = {category.name for category in schema.categories}
    copy = replace(
        original,
        name=free_name(f"{original.name} copy", taken),
        key=None,
        id=None,
        hotkey=None,
        color=next_color([c.color for c in schema.categories]),
        keypoints=tuple(replace(point, key=None) for point in original.keypoints),
    )
    return schema.with_added([copy])


def with_category_moved(schema: LabelSchema, start: int, end: int) -> LabelSchema:
    """Return the schema with a class at another place."""
    return replace(schema, categories=moved(schema.categories, start, end))


def without_categories(schema: LabelSchema, keys: Collection[int | None]) -> LabelSchema:
    """Return the schema without some classes."""
    return replace(schema, categories=tuple(c for c in schema.categories if c.key not in keys))


# -- attributes
def with_new_attribute(category: Category) -> Category:
    """Return the class with one more attribute, a text."""
    name = free_name("new attribute", {attribute.name for attribute in category.attributes})
    return replace(category, attributes=(*category.attributes, Attribute(name, "text")))


def with_attribute(category: Category, index: int, attribute: Attribute) -> Category:
    """Return the class with an attribute exchanged."""
    items = list(category.attributes)
    items[index] = attribute
    return replace(category, attributes=tuple(items))


def without_attribute(category: Category, index: int) -> Category:
    """Return the class without an attribute."""
    return replace(category, attributes=category.attributes[:index] + category.attributes[index + 1 :])


# -- keypoints
def with_new_keypoint(category: Category) -> Category:
    """Return the class with one more keypoint; it may be drawn by keypoints from now on."""
    name = free_name("point", {point.name for point in category.keypoints})
    kinds: frozenset[LabelKind] = category.kinds if category.keypoints else category.kinds | {"keypoints"}
    return replace(category, keypoints=(*category.keypoints, Keypoint(name)), kinds=kinds)


def with_keypoint(category: Category, index: int, keypoint: Keypoint) -> Category:
    """Return the class with a keypoint exchanged; it stays the same point for the annotations."""
    points = list(category.keypoints)
    points[index] = replace(keypoint, key=points[index].key)
    return replace(category, keypoints=tuple(points))


def with_keypoint_moved(category: Category, start: int, end: int) -> Category:
    """Return the class with a keypoint at another place of the list; edges keep joining the same points."""
    order = moved(range(len(category.keypoints)), start, end)
    place = {old: new for new, old in enumerate(order)}
    return replace(
        category,
        keypoints=tuple(category.keypoints[old] for old in order),
        skeleton=tuple((place.get(a, a), place.get(b, b)) for a, b in category.skeleton),
    )


def without_keypoint(category: Category, index: int) -> Category:
    """Return the class without a keypoint and the edges at it; the last one takes the kind with it."""
    kept = [edge for edge, ends in enumerate(category.skeleton) if index not in ends]

    def shifted(end: int) -> int:
        return end - 1 if end > index else end

    points = category.keypoints[:index] + category.keypoints[index + 1 :]
    colors = category.edge_colors
    return replace(
        category,
        keypoints=points,
        skeleton=tuple((shifted(category.skeleton[e][0]), shifted(category.skeleton[e][1])) for e in kept),
        edge_colors=tuple(colors[edge] if edge < len(colors) else None for edge in kept) if colors else (),
        kinds=category.kinds if points else category.kinds - {"keypoints"},
    )


def edge_between(category: Category, first: int, second: int) -> int | None:
    """Return the index of the edge between two keypoints, whichever way it points, or None."""
    wanted = {first, second}
    return next((index for index, ends in enumerate(category.skeleton) if set(ends) == wanted), None)


def with_edge_switched(category: Category, first: int, second: int) -> Category:
    """Return the class with an edge between two keypoints added, or taken away when it is there."""
    if first == second:
        return category
    index = edge_between(category, first, second)
    if index is not None:
        return without_edge(category, index)
    colors = category.edge_colors
    if colors:
        colors = (*colors, *[None] * (len(category.skeleton) - len(colors)), None)
    return replace(category, skeleton=(*category.skeleton, (first, second)), edge_colors=colors)


def without_edge(category: Category, index: int) -> Category:
    """Return the class without an edge of its skeleton."""
    return replace(
        category,
        skeleton=category.skeleton[:index] + category.skeleton[index + 1 :],
        edge_colors=category.edge_colors[:index] + category.edge_colors[index + 1 :],
    )


def without_positions(category: Category) -> Category:
    """Return the class with its keypoints at the default places of the preview."""
    return replace(category, keypoints=tuple(replace(point, position=None) for point in category.keypoints))


# -- tag groups
def with_new_group(schema: LabelSchema, type_: TagGroupType = "multilabel") -> LabelSchema:
    """Return the schema with one more group of image tags, without tags yet."""
    name = free_name("new group", {group.name for group in schema.tag_groups})
    return replace(schema, tag_groups=(*schema.tag_groups, TagGroup(name, type_)))


def with_group(schema: LabelSchema, index: int, group: TagGroup) -> LabelSchema:
    """Return the schema with a group exchanged; its tags follow a new name."""
    groups = list(schema.tag_groups)
    old, groups[index] = groups[index], group
    categories = schema.categories
    if old.name != group.name:
        categories = tuple(
            replace(c, tag_group=group.name) if c.tag_group == old.name else c for c in categories
        )
    return replace(schema, tag_groups=tuple(groups), categories=categories)


def without_group(schema: LabelSchema, index: int, *, keep_tags: bool) -> LabelSchema:
    """Return the schema without a group; its tags stay without one, or go too."""
    name = schema.tag_groups[index].name
    categories = tuple(
        replace(c, tag_group=None) if c.tag_group == name else c
        for c in schema.categories
        if keep_tags or c.tag_group != name
    )
    groups = schema.tag_groups[:index] + schema.tag_groups[index + 1 :]
    return replace(schema, tag_groups=groups, categories=categories)
