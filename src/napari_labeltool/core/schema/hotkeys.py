"""Keys of classes: which ones napari needs, and which ones are suggested."""

from __future__ import annotations

import re
from typing import Final

from napari_labeltool.core.schema.model import LabelSchema

NAPARI_KEYS: Final[dict[str, str]] = {
    "A": "select all",
    "B": "move to the back, preserve labels",
    "C": "auto contrast",
    "D": "edit vertices",
    "E": "ellipse, erase",
    "F": "move to the front, fill",
    "I": "insert a vertex",
    "L": "line, pick a label",
    "M": "new label",
    "O": "orient a plane",
    "P": "polygon, paint, add points",
    "R": "rectangle",
    "S": "select",
    "T": "path",
    "V": "show or hide the layer",
    "X": "remove a vertex, swap labels",
    "Y": "orient a plane",
    "Z": "pan and zoom",
    "SHIFT+A": "select all",
    "SHIFT+L": "polyline",
    "SHIFT+P": "lasso polygon",
    "SHIFT+V": "show or hide other layers",
}
"""Keys that napari 0.9 uses on images, Shapes, Points and Labels, with what they do.

The digits are not among them: napari binds them too, but to modes that have a letter as well.
"""

SUGGESTED_KEYS: Final[tuple[str, ...]] = (*"1234567890", *"QWGHJKUN")
"""Keys that are free on our layers, in the order in which classes get them."""

_HOTKEY = re.compile(r"(?:(?:SHIFT|ALT)\+)*(?:[A-Z0-9]|F[1-9]|F1[0-2])")


def normal_hotkey(hotkey: str) -> str:
    """Return a hotkey in the one spelling that is compared: ``" shift+g"`` is ``"SHIFT+G"``."""
    return hotkey.replace(" ", "").upper()


def is_hotkey(hotkey: str) -> bool:
    """Tell whether a text names a key: a letter, a digit or F1 to F12, with Shift or Alt if wanted."""
    return _HOTKEY.fullmatch(normal_hotkey(hotkey)) is not None


def effective_hotkeys(schema: LabelSchema) -> tuple[str | None, ...]:
    """Return the key of each class: the chosen one, or else a suggestion that no other class has.

    Returns
    -------
    tuple of str or None
        One for each of ``schema.categories``, in capitals (``"1"``, ``"Q"``, ``"SHIFT+G"``). Of several
        classes with one key, the first has it. Tags get no suggestion,
        and neither do classes when the keys run out.
    """
    keys: list[str | None] = []
    taken: set[str] = set()
    for category in schema.categories:
        key = normal_hotkey(category.hotkey or "")
        usable = is_hotkey(key) and key not in taken
        keys.append(key if usable else None)
        if usable:
            taken.add(key)
    free = iter([key for key in SUGGESTED_KEYS if key not in taken])
    return tuple(
        key if key is not None or category.is_tag or category.hotkey else next(free, None)
        for key, category in zip(keys, schema.categories)
    )
