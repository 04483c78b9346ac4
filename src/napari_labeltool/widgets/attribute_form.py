"""The form of the attributes of the selected annotations."""

from __future__ import annotations

from functools import partial
from typing import Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from napari_labeltool.core.schema import Attribute
from napari_labeltool.widgets.attribute_editors import AttributeEditor, make_editor
from napari_labeltool.widgets.section import chain_focus
from napari_labeltool.widgets.selection_fields import Field, Selection

LABEL_WIDTH: Final = 92
"""Pixels that the names of a form get; longer ones are cut, their tooltip has them whole."""


class AttributeForm(QWidget):
    """A row for each attribute.

    Attributes
    ----------
    entered
        Signal: rows of the annotations, name of the attribute and its new value (None for none).
    refused
        Signal: a sentence about what was typed and could not be taken over.
    """

    entered = Signal(tuple, str, object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editors: dict[str, AttributeEditor] = {}
        self._shape: tuple[tuple[Attribute, bool], ...] = ()
        self._rows: tuple[int, ...] = ()
        # never shown: it keeps the place of the editors in the order of the Tab key
        self._anchor = QToolButton(self)
        self._anchor.hide()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)

    def show_selection(self, selection: Selection) -> None:
        """Show the attributes of annotations; what is being typed for others is committed before."""
        if selection.rows != self._rows:
            self.flush()
        self._rows = selection.rows
        if not selection.rows:
            self.hide()  # the editors stay: the next selection is likely to need them
            return
        shape = tuple((field.attribute, bool(field.locked)) for field in selection.fields)
        if shape != self._shape:
            self._build(selection.fields)
            self._shape = shape
        for field in selection.fields:
            self.editors[field.attribute.name].show_field(field)
        self.setVisible(bool(selection.fields))

    def flush(self) -> None:
        """Commit what is being typed; tell what cannot be."""
        for editor in tuple(self.editors.values()):
            complaint = editor.flush()
            if complaint:
                self.refused.emit(f"{complaint} It was not written.")

    def _build(self, fields: tuple[Field, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()
        self.editors = {}
        for place, field in enumerate(fields):
            editor = make_editor(field, self)
            label = form_label(field.attribute.name, self, field.attribute.required)
            label.setBuddy(editor)
            editor.entered.connect(partial(self._on_entered, field.attribute.name))
            self._grid.addWidget(label, place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(editor, place, 1)
            self.editors[field.attribute.name] = editor

        chain_focus(self._anchor, [stop for editor in self.editors.values() for stop in editor.stops()])

    def _on_entered(self, name: str, value: object) -> None:
        self.entered.emit(self._rows, name, value)


def form_label(name: str, parent: QWidget, required: bool = False) -> QLabel:
    """Return the label of a field: cut to the width of the column, a star for what is required."""
    label = QLabel(parent)
    star = " *" if required else ""
    room = LABEL_WIDTH - label.fontMetrics().horizontalAdvance(star)
    text = label.fontMetrics().elidedText(name.replace("_", " "), Qt.TextElideMode.ElideMiddle, room)
    label.setText((text + star).replace("&", "&&"))
    label.setFixedWidth(LABEL_WIDTH)
    label.setContentsMargins(0, 4, 0, 0)
    label.setToolTip(f"{name}: a value is required" if required else name)
    return label
