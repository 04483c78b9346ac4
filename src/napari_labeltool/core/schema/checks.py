"""The rules of a label schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from napari_labeltool.core.palette import parse_color
from napari_labeltool.core.problems import Severity
from napari_labeltool.core.schema.hotkeys import NAPARI_KEYS, is_hotkey, normal_hotkey
from napari_labeltool.core.schema.model import ATTRIBUTE_TYPES, Attribute, Category, LabelSchema


@dataclass(frozen=True, slots=True)
class SchemaIssue:
    """One broken rule.

    Parameters
    ----------
    code
        Stable name of the rule.
    where
        Place in the schema, for example ``"categories[2].hotkey"``.
    message
        What was found and what to do, as a sentence.
    severity
        ``"error"``: an edit that brings it in is refused; ``"warning"``: it probably is not what was meant.
    category
        Place in ``schema.categories``, or None.
    """

    code: str
    where: str
    message: str
    severity: Severity = "error"
    category: int | None = None


def validate(schema: LabelSchema) -> list[SchemaIssue]:
    """Return the rules that a schema breaks, in its order; none when all is well.

    Several classes of one name that a file brought are a warning, for they stay distinct; a new class with a
    name that is taken is an error.
    """
    issues = list(_name_issues(schema))
    issues += _hotkey_issues(schema)
    groups = {group.name for group in schema.tag_groups}
    for index, category in enumerate(schema.categories):
        place = f"categories[{index}]"
        for suffix, code, message, severity in _category_findings(category, groups):
            issues.append(SchemaIssue(code, f"{place}{suffix}", message, severity, index))
    issues += _group_issues(schema)
    return issues


def new_errors(before: LabelSchema, after: LabelSchema) -> list[SchemaIssue]:
    """Return the errors of `after` that were not in `before`: a file may keep those that it came with.

    A class renamed to a name that another one has counts as an error too.
    """

    def identity(schema: LabelSchema, issue: SchemaIssue) -> tuple[str, int | str | None]:
        if issue.category is None:
            return issue.code, issue.message
        return issue.code, schema.categories[issue.category].key

    known = {identity(before, issue) for issue in validate(before)}
    names = {category.key: category.name for category in before.categories}
    found = []
    for issue in validate(after):
        code, subject = identity(after, issue)
        if issue.code == "duplicate-name" and issue.category is not None:
            category = after.categories[issue.category]
            if category.key is None or names.get(category.key) != category.name:
                found.append(replace(issue, severity="error"))
        elif issue.severity == "error" and (subject is None or (code, subject) not in known):
            found.append(issue)
    return found


def _name_issues(schema: LabelSchema) -> Iterator[SchemaIssue]:
    total = Counter(category.name for category in schema.categories)
    for index, category in enumerate(schema.categories):
        where = f"categories[{index}].name"
        if not category.name.strip():
            yield SchemaIssue("empty-name", where, "A class has no name. Give it one.", "error", index)
        elif total[category.name] > 1:
            yield SchemaIssue(
                "duplicate-name",
                where,
                f"{total[category.name]} classes are named {category.name}."
                " They stay distinct; rename or merge them.",
                "error" if category.key is None else "warning",
                index,
            )


def _hotkey_issues(schema: LabelSchema) -> Iterator[SchemaIssue]:
    first: dict[str, str] = {}
    for index, category in enumerate(schema.categories):
        if category.hotkey is None:
            continue
        where = f"categories[{index}].hotkey"
        key = normal_hotkey(category.hotkey)
        if not is_hotkey(key):
            message = (
                f"{category.name}: the key {category.hotkey!r} is not a letter, a digit or F1 to F12"
                " (with Shift+ or Alt+ if wanted). Choose another."
            )
            yield SchemaIssue("hotkey-unreadable", where, message, "error", index)
        elif key in NAPARI_KEYS:
            use = NAPARI_KEYS[key]
            message = f"{category.name}: napari needs the key {category.hotkey} ({use}). Choose another."
            yield SchemaIssue("hotkey-of-napari", where, message, "error", index)
        elif key in first:
            message = (
                f"{category.name} and {first[key]} have the same key {category.hotkey}. Give one another key."
            )
            yield SchemaIssue("duplicate-hotkey", where, message, "error", index)
        first.setdefault(key, category.name)


Finding = tuple[str, str, str, Severity]


def _category_findings(category: Category, groups: set[str]) -> Iterator[Finding]:
    name = category.name
    if category.color and parse_color(category.color) is None:
        yield (
            ".color",
            "color-unreadable",
            f"{name}: the colour {category.color!r} is not #rrggbb. Choose another.",
            "error",
        )
    if not category.kinds:
        yield ".kinds", "no-kinds", f"{name}: nothing may be drawn of this class. Choose a kind.", "warning"
    if "keypoints" in category.kinds and not category.keypoints:
        yield (
            ".keypoints",
            "no-keypoints",
            f"{name} is drawn by keypoints but names none. Add them.",
            "warning",
        )
    if category.tag_group is not None and category.tag_group not in groups:
        yield (
            ".tag_group",
            "tag-group-unknown",
            f"{name}: there is no tag group named {category.tag_group}. Add it or choose another.",
            "error",
        )
    for index, attribute in enumerate(category.attributes):
        for suffix, code, message in attribute_findings(attribute):
            yield f".attributes[{index}]{suffix}", code, f"{name}, {message}", "error"
    yield from _doubles(
        ".attributes", "duplicate-attribute", name, "attributes", (a.name for a in category.attributes)
    )
    yield from _doubles(
        ".keypoints", "duplicate-keypoint", name, "keypoints", (point.name for point in category.keypoints)
    )
    for index, point in enumerate(category.keypoints):
        if not point.name.strip():
            message = f"{name}: keypoint {index + 1} has no name. Give it one."
            yield f".keypoints[{index}]", "empty-keypoint", message, "warning"
        if point.color is not None and parse_color(point.color) is None:
            message = f"{name}: the colour {point.color!r} of {point.name} is not #rrggbb. Choose another."
            yield f".keypoints[{index}].color", "color-unreadable", message, "error"
    yield from _skeleton_findings(category)


def _doubles(place: str, code: str, name: str, what: str, names: Iterable[str]) -> Iterator[Finding]:
    for text, count in Counter(names).items():
        if count > 1:
            yield place, code, f"{name}: {count} {what} are named {text}. Rename all but one.", "error"


def _skeleton_findings(category: Category) -> Iterator[Finding]:
    count, name = len(category.keypoints), category.name
    seen: set[frozenset[int]] = set()
    for index, (first, second) in enumerate(category.skeleton):
        place, words = f".skeleton[{index}]", f"{name}: the edge {first + 1}-{second + 1} of the skeleton"
        if not (0 <= first < count and 0 <= second < count):
            message = f"{words} points to no keypoint; there are {count}, counted from 1. It is not drawn."
            yield place, "edge-out-of-range", message, "error"
        elif first == second:
            yield place, "edge-to-itself", f"{words} joins a keypoint to itself. Remove it.", "error"
        elif frozenset((first, second)) in seen:
            yield place, "duplicate-edge", f"{words} occurs twice. Remove one.", "warning"
        seen.add(frozenset((first, second)))
    for index, color in enumerate(category.edge_colors):
        if color is not None and parse_color(color) is None:
            message = f"{name}: the colour {color!r} of edge {index + 1} is not #rrggbb. Choose another."
            yield f".edge_colors[{index}]", "color-unreadable", message, "error"


def attribute_findings(attribute: Attribute) -> Iterator[tuple[str, str, str]]:
    """Yield the rules that an attribute breaks: place in it, code and sentence."""
    name = attribute.name
    if not name.strip():
        yield ".name", "empty-attribute-name", "an attribute has no name. Give it one."
    if attribute.type not in ATTRIBUTE_TYPES:
        expected = ", ".join(ATTRIBUTE_TYPES)
        yield ".type", "attribute-type", f"{name}: {attribute.type!r} found, expected one of {expected}."
    if attribute.type == "choice" and not attribute.values:
        yield ".values", "choice-without-values", f"{name} is a choice without values. Add them."
    if len(set(attribute.values)) < len(attribute.values):
        yield ".values", "duplicate-value", f"{name} has a value twice. Remove one."
    low, high = attribute.minimum, attribute.maximum
    if low is not None and high is not None and low > high:
        yield (
            ".min",
            "bounds-crossed",
            f"{name}: the minimum {low:g} is above the maximum {high:g}. Exchange them.",
        )
    elif attribute.default is not None:
        complaint = attribute.check(attribute.default)
        if complaint is not None:
            yield ".default", "default-not-allowed", f"the default does not fit. {complaint}"


def _group_issues(schema: LabelSchema) -> Iterator[SchemaIssue]:
    total = Counter(group.name for group in schema.tag_groups)
    for index, group in enumerate(schema.tag_groups):
        where = f"tag_groups[{index}]"
        members = len(schema.in_group(group.name))
        if not group.name.strip():
            yield SchemaIssue("empty-group-name", f"{where}.name", "A tag group has no name. Give it one.")
        elif total[group.name] > 1:
            message = f"{total[group.name]} tag groups are named {group.name}. Rename all but one."
            yield SchemaIssue("duplicate-group", f"{where}.name", message)
        if not members:
            message = f"The tag group {group.name} has no tags. Add some or remove it."
            yield SchemaIssue("tag-group-empty", where, message, "warning")
        elif group.type == "binary" and members != 1:
            message = (
                f"The tag group {group.name} is yes or no and has {members} tags, one is needed."
                " Remove the others, or let it be one of several."
            )
            yield SchemaIssue("binary-group-size", where, message)
