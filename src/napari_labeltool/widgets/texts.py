"""Sentences: what is shown, what can be done next, and why something cannot be done now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from napari_labeltool.core.records import ImageState
from napari_labeltool.core.schema import Category, LabelKind
from napari_labeltool.core.semantic import area_categories

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Tool, Workspace
    from napari_labeltool.session import Recovery, Statistics

STATE_WORDS: Final[Mapping[ImageState, str]] = {
    "todo": "To do",
    "in_work": "In work",
    "done": "Done",
    "needs_review": "Needs review",
    "rejected": "Rejected",
}

TOOL_WORDS: Final[Mapping[Tool, str]] = {
    "select": "Select",
    "box": "Box",
    "rotated_box": "Rotated",
    "polygon": "Polygon",
    "mask": "Mask",
    "pan": "Pan",
    "keypoints": "Keypoints",
}
"""Name of each tool, in the order of the buttons."""

TOOL_KEYS: Final[Mapping[Tool, str]] = {tool: f"Ctrl+{number}" for number, tool in enumerate(TOOL_WORDS, 1)}
"""Keys that put a tool in place; neither napari nor the schema, whose keys have no Ctrl, has a use for them."""

_TOOL_TIPS: Final[Mapping[Tool, str]] = {
    "select": "Select, move and reshape objects",
    "box": "Draw boxes",
    "rotated_box": "Draw boxes that can be turned",
    "polygon": "Draw polygons corner by corner",
    "mask": "Paint masks pixel by pixel",
    "keypoints": "Place named points one after another",
    "pan": "Move the picture; the wheel zooms with every tool",
}

_KIND_WORDS: Final[Mapping[LabelKind, str]] = {
    "box": "boxes",
    "rotated_box": "rotated boxes",
    "polygon": "polygons",
    "mask": "masks",
    "keypoints": "keypoints",
    "tag": "tags of images",
}
_KIND_OF_TOOL: Final[Mapping[Tool, LabelKind]] = {
    "box": "box",
    "rotated_box": "rotated_box",
    "polygon": "polygon",
    "mask": "mask",
    "keypoints": "keypoints",
}


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: ``"1 edit"``, ``"1,204 edits"``."""
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def clock(moment: float) -> str:
    """Return a time in seconds since 1970 as ``"2025-11-24 14:03"``, today's as ``"14:03"``."""
    when = datetime.fromtimestamp(moment)
    return when.strftime("%H:%M" if when.date() == datetime.now().date() else "%Y-%m-%d %H:%M")


# -- images
def position_words(place: int, count: int) -> str:
    """Return which image of how many is shown, counted from 0: ``"12 / 300"``."""
    return f"{place + 1:,} / {count:,}"


def progress_words(statistics: Statistics) -> str:
    """Return how far the work is: ``"58 % done, 3 need review"``."""
    if not statistics.images:
        return "No images"
    by_state = statistics.images_by_state
    percent = int(100 * statistics.done_fraction)
    words = [f"{percent} % done"]
    if by_state["needs_review"]:
        count = by_state["needs_review"]
        words.append(f"{count:,} {'needs' if count == 1 else 'need'} review")
    if by_state["rejected"]:
        words.append(f"{by_state['rejected']:,} rejected")
    return ", ".join(words)


def progress_tip(statistics: Statistics) -> str:
    """Return the counts behind the progress, a line each."""
    lines = [f"{STATE_WORDS[state]}: {count:,}" for state, count in statistics.images_by_state.items()]
    lines.append(f"With annotations: {statistics.annotated_images:,} of {statistics.images:,} images")
    lines.append(f"Nothing to label: {statistics.verified_empty:,}")
    return "\n".join(lines)


def image_words(count: int, state: ImageState, verified_empty: bool) -> str:
    """Return an image in the list: ``"214 objects, in work"``."""
    objects = "nothing to label" if verified_empty and not count else plural(count, "object")
    return f"{objects} · {STATE_WORDS[state].lower()}"


def shown_words(shown: int, count: int) -> str:
    """Return how many images a filter leaves: ``"12 of 300 images"``."""
    return plural(count, "image") if shown == count else f"{shown:,} of {plural(count, 'image')}"


# -- tools
def tool_refusal(tool: Tool, category: Category | None, read_only_reason: str = "") -> str | None:
    """Return why a tool cannot be used now, or None.

    Parameters
    ----------
    tool
        The tool.
    category
        The class for new objects, None for none.
    read_only_reason
        Why nothing can be edited, empty when it can.
    """
    if tool in ("select", "pan"):
        return None
    if read_only_reason:
        return f"Nothing can be drawn. {read_only_reason}"
    kind = _KIND_OF_TOOL[tool]
    if category is None:
        return "Choose a class with keypoints first." if tool == "keypoints" else None
    if tool == "keypoints" and not category.keypoints:
        return f"Class {category.name} has no keypoints. Add them in Label schema, or choose another class."
    if kind not in category.kinds:
        allowed = ", ".join(_KIND_WORDS[k] for k in _KIND_WORDS if k in category.kinds)
        return f"Class {category.name} is labelled with {allowed or 'nothing'}. Change it in Label schema."
    return None


def tool_changed_words(before: Tool, after: Tool, category: str) -> str:
    """Return why another tool is in place now: ``"Tool Box now: cup is not labelled with masks."``."""
    return (
        f"Tool {TOOL_WORDS[after]} now: {category} is not labelled with {_KIND_WORDS[_KIND_OF_TOOL[before]]}."
    )


def tool_tip(tool: Tool, refusal: str | None) -> str:
    """Return what a tool does, with its key, or why it cannot be used now."""
    if refusal is not None:
        return f"{TOOL_WORDS[tool]}: {refusal}"
    return f"{_TOOL_TIPS[tool]} ({TOOL_KEYS[tool]})"


def tool_hint(workspace: Workspace, keypoint: str = "") -> str:
    """Return what the next click on the picture does.

    Parameters
    ----------
    workspace
        The session in its viewer.
    keypoint
        What the next click places with the keypoints tool, in words.
    """
    name = workspace.dataset.categories.name_of(workspace.category)
    match workspace.tool:
        case "box":
            return f"Drag from corner to corner: a new box, {name}."
        case "rotated_box":
            return f"Drag from corner to corner: a new {name}; then Select turns it by the handle above it."
        case "polygon":
            return f"Click corner after corner of a {name}; a double click or Enter ends it."
        case "mask":
            if workspace.category in area_categories(workspace.dataset):
                return f"Paint the area {name}, below objects. E erases areas, F fills, [\u00a0and\u00a0] size it."
            return f"Paint {name}: drag adds pixels. E erases, F fills, [\u00a0and\u00a0] size the brush."
        case "keypoints":
            return f"Next click: {keypoint}." if keypoint else "Choose a class with keypoints."
        case "pan":
            return "Drag moves the picture, the wheel zooms."
        case _:
            return selection_hint(workspace)


def selection_hint(workspace: Workspace) -> str:
    """Return what a click does with the select tool."""
    count = len(workspace.selection)
    if count == 0:
        return "Click an object, or draw a rectangle (with Ctrl also over objects); Shift adds."
    return f"{plural(count, 'object')} selected: drag moves, a class's key changes the class, Delete removes."


# -- opening
def recovery_words(recovery: Recovery) -> str:
    """Return what a journal holds that was not saved, in sentences."""
    first, last = clock(recovery.first), clock(recovery.last)
    when = f"at {first}" if first == last else f"between {first} and {last}"
    was = "was" if recovery.count == 1 else "were"
    text = (
        f"{plural(recovery.count, 'edit')} of {recovery.document.name}, made by {recovery.author} {when},"
        f" {was} not saved before the program ended."
    )
    return f"{text} {recovery.damage[0].upper()}{recovery.damage[1:]}." if recovery.damage else text


def missing_words(missing: int, looked_at: int, count: int, first: str) -> str:
    """Return how many pictures were not found.

    Parameters
    ----------
    missing, looked_at
        Pictures that were not found, of how many that were looked for.
    count
        Images of the document.
    first
        Name of the first that was not found.
    """
    if count == 1:
        return f"The picture {first} was not found. Choose the folder that it lies in."
    of = f"of {count:,}" if looked_at == count else f"of the {looked_at:,} looked for"
    if missing == 1:
        return f"1 {of} pictures was not found: {first}. Choose the folder that it lies in."
    return f"{missing:,} {of} pictures were not found, such as {first}. Choose the folder that they lie in."


def unsaved_words(name: str, edits: int) -> str:
    """Return the question before a project with unsaved edits is left."""
    them = "it" if edits == 1 else "them"
    return (
        f"{plural(edits, 'edit')} of {name} {'is' if edits == 1 else 'are'} not saved to the file."
        f" The journal keeps {them} and offers {them} when the file is opened again."
    )
