"""The keys that have a meaning while labelling, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from napari_labeltool.core.schema import effective_hotkeys
from napari_labeltool.widgets.coverage_texts import MARK_KEY, NEXT_PLACE_KEY, PLACE_BEFORE_KEY, SHADE_KEY
from napari_labeltool.widgets.texts import TOOL_KEYS, TOOL_WORDS

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

SAVE_KEY: Final = "Ctrl+Return"
"""Saves from the canvas. napari's menu has Ctrl+S for the selected layers, so there it keeps that meaning."""
DONE_KEY: Final = "Ctrl+PageDown"
UNLABELLED_KEY: Final = "Shift+PageDown"
KEYS_KEY: Final = "F1"


@dataclass(frozen=True, slots=True)
class KeyHelp:
    """A key and its meaning, in words.

    Parameters
    ----------
    key
        As it is written on the keyboard.
    what
        What it does.
    where
        In which part of the window.
    """

    key: str
    what: str
    where: str


_EVERYWHERE: Final = "Canvas and dock"
_CANVAS: Final = "Canvas"
_DOCK: Final = "Dock"

_OURS: Final = (
    KeyHelp("PageDown", "Next image", _EVERYWHERE),
    KeyHelp("PageUp", "Image before", _EVERYWHERE),
    KeyHelp("Alt+Right", "Next image", _DOCK),
    KeyHelp("Alt+Left", "Image before", _DOCK),
    KeyHelp(UNLABELLED_KEY, "Next image without objects", _EVERYWHERE),
    KeyHelp(DONE_KEY, "Mark the image as done and go to the next", _EVERYWHERE),
    KeyHelp("Ctrl+Z", "Undo", _EVERYWHERE),
    KeyHelp("Ctrl+Shift+Z", "Do again what was undone", _EVERYWHERE),
    KeyHelp("Delete", "Delete the selected objects", _CANVAS),
    KeyHelp("Backspace", "Delete the selected objects", _CANVAS),
    KeyHelp(SAVE_KEY, "Save the document", _EVERYWHERE),
    KeyHelp("Ctrl+S", "Save the document", _DOCK),
    KeyHelp("Ctrl+S", "napari's own: save the selected layers to files of theirs", _CANVAS),
    KeyHelp("Ctrl+F", "Filter the list of images", _DOCK),
    KeyHelp(NEXT_PLACE_KEY, "Next place of a large picture that was not viewed", _CANVAS),
    KeyHelp(PLACE_BEFORE_KEY, "Place before that was not viewed", _CANVAS),
    KeyHelp(SHADE_KEY, "Shade what was not viewed", _CANVAS),
    KeyHelp(MARK_KEY, "Mark what is in view as exhaustively labelled", _CANVAS),
    KeyHelp(KEYS_KEY, "Show this list", _EVERYWHERE),
)

_NAPARI: Final = (
    KeyHelp("R", "Draw rectangles", "Layer objects"),
    KeyHelp("P", "Draw polygons", "Layer objects"),
    KeyHelp("Shift+P", "Draw polygons freehand", "Layer objects"),
    KeyHelp("S", "Select", "Layer objects"),
    KeyHelp("D", "Move corners", "Layer objects"),
    KeyHelp("I", "Insert corners", "Layer objects"),
    KeyHelp("X", "Remove corners", "Layer objects"),
    KeyHelp("Enter", "End the polygon that is being drawn", "Layer objects"),
    KeyHelp("P", "Place points", "Layer keypoints"),
    KeyHelp("S", "Select points", "Layer keypoints"),
    KeyHelp("P", "Paint", "Layer masks"),
    KeyHelp("E", "Erase", "Layer masks"),
    KeyHelp("F", "Fill", "Layer masks"),
    KeyHelp("L", "Pick an object to go on painting it", "Layer masks"),
    KeyHelp("M", "Begin a new object", "Layer masks"),
    KeyHelp("[ and ]", "Smaller and larger brush", "Layer masks"),
    KeyHelp("Z", "Move the picture", "Every layer"),
    KeyHelp("Space", "Move the picture while held", "Every layer"),
    KeyHelp("V", "Show or hide the layer", "Every layer"),
)


def key_help(workspace: Workspace | None) -> list[KeyHelp]:
    """Return every key that has a meaning while labelling, those of the classes first."""
    found: list[KeyHelp] = []
    if workspace is not None:
        schema = workspace.session.schema
        for category, hotkey in zip(schema.categories, effective_hotkeys(schema)):
            if hotkey is not None:
                verb = "Tag the image with" if category.is_tag else "Class"
                key = "+".join(part.capitalize() for part in hotkey.split("+"))
                found.append(KeyHelp(key, f"{verb} {category.name}", _CANVAS))
    found += [KeyHelp(TOOL_KEYS[tool], f"Tool {name}", _EVERYWHERE) for tool, name in TOOL_WORDS.items()]
    return [*found, *_OURS, *_NAPARI]
