"""The context menu of the annotation list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from qtpy.QtWidgets import QMenu, QWidget

from napari_labeltool.core.edits import STATUSES, DeleteObjects, Edit, Relabel, Rows, SetStatus
from napari_labeltool.core.values import IntArray
from napari_labeltool.widgets.annotation_facts import STATUS_WORDS
from napari_labeltool.widgets.class_looks import ClassLook
from napari_labeltool.widgets.swatch import swatch_icon

MOST_CLASSES: Final = 25
"""A document with more classes offers the current one and the first of the others."""


def annotation_menu(
    parent: QWidget,
    rows: IntArray,
    classes: list[ClassLook],
    apply: Callable[[Edit], object],
    zoom: Callable[[], object],
) -> QMenu:
    """Return the menu of what can be done with annotations.

    Parameters
    ----------
    parent
        Owner.
    rows
        Rows of the annotations.
    classes
        What they can be relabelled to, the most likely first.
    apply
        Called with the edit that was chosen.
    zoom
        Called when they are to be looked at.
    """
    menu = QMenu(parent)
    menu.addAction("Zoom to\tEnter").triggered.connect(lambda: zoom())
    target = Rows(rows)
    relabel = menu.addMenu("Relabel to")
    ink = parent.palette().windowText().color().name()
    for look in classes[:MOST_CLASSES]:
        action = relabel.addAction(swatch_icon(look.color, ink), look.name.replace("&", "&&"))
        edit = Relabel(target, None if look.row < 0 else Rows([look.row]))
        action.triggered.connect(lambda _=False, edit=edit: apply(edit))
    if len(classes) > MOST_CLASSES:
        relabel.addAction("More: pick in Classes").setEnabled(False)
    status = menu.addMenu("Status")
    for value in STATUSES:
        action = status.addAction(STATUS_WORDS[value] or "no status")
        action.triggered.connect(lambda _=False, value=value: apply(SetStatus(target, value)))
    menu.addSeparator()
    words = "annotation" if len(rows) == 1 else f"{len(rows):,} annotations"
    menu.addAction(f"Delete {words}\tDelete").triggered.connect(lambda: apply(DeleteObjects(target)))
    return menu
