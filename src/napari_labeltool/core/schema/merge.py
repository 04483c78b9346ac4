"""Bringing a label schema from a file into the one of a document."""

from __future__ import annotations

from dataclasses import replace

from napari_labeltool.core.palette import next_color
from napari_labeltool.core.schema.differences import differences
from napari_labeltool.core.schema.hotkeys import normal_hotkey
from napari_labeltool.core.schema.model import Category, Keypoint, LabelSchema


def merge_schema(base: LabelSchema, imported: LabelSchema) -> tuple[LabelSchema, list[str]]:
    """Return a schema brought up to date by another one, and what that changes.

    Classes, attributes, keypoints and tag groups are matched by name. What `imported` says wins, what it
    leaves empty stays; nothing is ever deleted. Of several classes of one name the first is meant.

    Parameters
    ----------
    base
        The schema of the document.
    imported
        The schema to import.

    Returns
    -------
    schema : LabelSchema
        For `SetSchema`.
    changes : list of str
        One sentence for each change, and one for each key that was not taken over because a class has it.
    """
    categories = list(base.categories)
    place = {category.name: index for index, category in reversed(list(enumerate(categories)))}
    for category in imported.categories:
        index = place.get(category.name)
        if index is None:
            place[category.name] = len(categories)
            color = category.color or next_color([c.color for c in categories])
            categories.append(replace(category, key=None, color=color))
        else:
            categories[index] = _merged(categories[index], category)
    categories, refused = _without_key_clashes(base, categories)
    groups = {group.name: group for group in base.tag_groups}
    for group in imported.tag_groups:
        old = groups.get(group.name)
        guideline = group.guideline or (old.guideline if old else "")
        groups[group.name] = replace(group, guideline=guideline)
    merged = LabelSchema(tuple(categories), tuple(groups.values()), imported.guideline or base.guideline)
    return merged, [f"{text}." for text in differences(base, merged)] + refused


def _merged(old: Category, new: Category) -> Category:
    attributes = {attribute.name: attribute for attribute in old.attributes}
    attributes.update({attribute.name: attribute for attribute in new.attributes})
    keypoints = _merged_keypoints(old.keypoints, new.keypoints)
    skeleton, edge_colors = old.skeleton, old.edge_colors
    if new.skeleton:
        names = [point.name for point in keypoints]
        order = [names.index(point.name) for point in new.keypoints]
        skeleton = tuple((_through(order, a), _through(order, b)) for a, b in new.skeleton)
        edge_colors = new.edge_colors
    return replace(
        old,
        supercategory=new.supercategory or old.supercategory,
        color=new.color or old.color,
        hotkey=new.hotkey or old.hotkey,
        kinds=new.kinds,
        guideline=new.guideline or old.guideline,
        attributes=tuple(attributes.values()),
        keypoints=keypoints,
        skeleton=skeleton,
        edge_colors=edge_colors,
        tag_group=new.tag_group or old.tag_group,
        is_area=new.is_area,
    )


def _through(order: list[int], index: int) -> int:
    """Return where a keypoint of the imported class is now; an edge to none stays one."""
    return order[index] if 0 <= index < len(order) else -1


def _merged_keypoints(old: tuple[Keypoint, ...], new: tuple[Keypoint, ...]) -> tuple[Keypoint, ...]:
    fresh = {point.name: point for point in new}
    kept = [
        replace(
            point,
            color=fresh[point.name].color or point.color,
            position=fresh[point.name].position or point.position,
        )
        if point.name in fresh
        else point
        for point in old
    ]
    known = {point.name for point in old}
    return (*kept, *(replace(point, key=None) for name, point in fresh.items() if name not in known))


def _without_key_clashes(base: LabelSchema, categories: list[Category]) -> tuple[list[Category], list[str]]:
    """Take back imported hotkeys that another class of the document has."""
    owners = {normal_hotkey(c.hotkey): c.key for c in base.categories if c.hotkey}
    result, sentences = [], []
    for category in categories:
        owner = owners.get(normal_hotkey(category.hotkey or ""), category.key)
        old = base.by_key(category.key)
        is_new = category.hotkey and (old is None or category.hotkey != old.hotkey)
        if is_new and owner != category.key:
            sentences.append(f"The key {category.hotkey} of {category.name} is taken and was not imported.")
            category = replace(category, hotkey=old.hotkey if old else None)
        result.append(category)
    return result, sentences
