"""What distinguishes two label schemas, in words."""

from __future__ import annotations

from collections.abc import Iterator

from napari_labeltool.core.schema.model import Category, LabelSchema

_FIELDS = (
    ("supercategory", "group of classes"),
    ("color", "colour"),
    ("hotkey", "key"),
    ("kinds", "kinds"),
    ("guideline", "guideline"),
    ("attributes", "attributes"),
    ("keypoints", "keypoints"),
    ("skeleton", "skeleton"),
    ("edge_colors", "edge colours"),
    ("tag_group", "tag group"),
    ("is_area", "kind of masks"),
)


def differences(before: LabelSchema, after: LabelSchema) -> list[str]:
    """Return what changes from one schema to another, in words; none when nothing does.

    Classes are matched by key; a class of `after` without one is new.

    Returns
    -------
    list of str
        Such as ``"Rename class cell to nucleus"``, ``"Add class mitosis"``, ``"Change key of nucleus"``.
    """
    words: list[str] = []
    kept = {category.key for category in after.categories}
    words += [f"Delete class {c.name}" for c in before.categories if c.key not in kept]
    by_key = {category.key: category for category in before.categories if category.key is not None}
    for category in after.categories:
        old = None if category.key is None else by_key.get(category.key)
        if old is None:
            words.append(f"Add class {category.name}")
        else:
            words += _category_differences(old, category)
    old_groups = {group.name: group for group in before.tag_groups}
    new_groups = {group.name: group for group in after.tag_groups}
    words += [f"Remove tag group {name}" for name in old_groups if name not in new_groups]
    words += [f"Add tag group {name}" for name in new_groups if name not in old_groups]
    words += [
        f"Change tag group {name}"
        for name, group in new_groups.items()
        if name in old_groups and old_groups[name] != group
    ]
    stayed = ({category.key for category in before.categories} & kept) - {None}
    orders = [[c.key for c in schema.categories if c.key in stayed] for schema in (before, after)]
    if orders[0] != orders[1]:
        words.append("Change the order of classes")
    if not words and before.tag_groups != after.tag_groups:
        words.append("Change the order of tag groups")
    if before.guideline != after.guideline:
        words.append("Change the guideline")
    return words


def _category_differences(before: Category, after: Category) -> Iterator[str]:
    if before.name != after.name:
        yield f"Rename class {before.name} to {after.name}"
    fields = [word for field, word in _FIELDS if _differs(field, before, after)]
    if fields:
        yield f"Change {', '.join(fields)} of {after.name}"


def _differs(field: str, before: Category, after: Category) -> bool:
    old, new = getattr(before, field), getattr(after, field)
    if field == "color":
        return bool(new) and old.lower() != new.lower()
    if field == "edge_colors" and not any(old) and not any(new):
        return False
    return bool(old != new)
