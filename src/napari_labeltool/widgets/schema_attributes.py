"""The page with the attributes of a class: a table, and a form for the chosen one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QTreeWidgetItem, QVBoxLayout, QWidget

from napari_labeltool.core.schema import Attribute
from napari_labeltool.widgets.schema_attribute_form import AttributeForm, value_text
from napari_labeltool.widgets.schema_changes import (
    moved,
    with_attribute,
    with_new_attribute,
    without_attribute,
)
from napari_labeltool.widgets.schema_dialogs import ask_choice
from napari_labeltool.widgets.schema_list_page import KeyedTree, ListPage
from napari_labeltool.widgets.schema_model import SchemaModel

_TYPE_SHORT = {"choice": "choice", "number": "number", "text": "text", "yes_no": "yes or no"}


def range_text(attribute: Attribute) -> str:
    """Return what values an attribute may have, in few words."""
    if attribute.type == "choice":
        return ", ".join(attribute.values)
    low, high = value_text(attribute.minimum), value_text(attribute.maximum)
    if attribute.type != "number" or not (low or high):
        return ""
    if low and high:
        return f"{low} to {high}"
    return f"from {low}" if low else f"up to {high}"


class AttributesPage(ListPage):
    """The attributes of one class.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.
    """

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.table = KeyedTree(["Name", "Type", "Values", "Default"], "Attributes of the class", self)
        self.ask: Callable[..., int | None] = ask_choice
        self.form = AttributeForm(self)
        self.form.check = self._check
        self.empty = QLabel(
            "An attribute is a property of each object, such as a stage or a score. Add the first one.", self
        )
        self.empty.setWordWrap(True)
        self.empty.setProperty("quiet", True)
        buttons, (self.add, self.remove, self.up, self.down) = self.list_buttons("attribute")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addLayout(buttons)
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addWidget(self.form)
        column.addStretch(0)
        self.table.currentItemChanged.connect(lambda: self._load_form())
        self.form.committed.connect(self._on_committed)

    def refresh(self) -> None:
        """Show the attributes as they are now."""
        category = self.category
        attributes = () if category is None else category.attributes
        row = self.table.row
        self.table.blockSignals(True)
        self.table.clear()
        for attribute in attributes:
            name = f"{attribute.name} *" if attribute.required else attribute.name
            texts = [name, _TYPE_SHORT[attribute.type], range_text(attribute), value_text(attribute.default)]
            item = QTreeWidgetItem(self.table, texts)
            item.setToolTip(0, f"{attribute.name} needs a value" if attribute.required else attribute.name)
            item.setToolTip(2, texts[2])
        self.table.choose(row)
        self.table.blockSignals(False)
        self.setEnabled(category is not None)
        self.table.setVisible(bool(attributes))
        self.empty.setVisible(not attributes)
        self._load_form()

    def show_category(self, key: int | None) -> None:
        """Show a class, by its key."""
        if key != self._key:
            self.form.load(None)
        super().show_category(key)

    def _load_form(self) -> None:
        category, row = self.category, self.table.row
        there = category is not None and 0 <= row < len(category.attributes)
        for button in (self.remove, self.up, self.down):
            button.setEnabled(there)
        self.form.load(category.attributes[row] if category is not None and there else None)

    def _check(self, attribute: Attribute) -> str | None:
        category, row = self.category, self.table.row
        if category is None or not 0 <= row < len(category.attributes):
            return None
        return self.complaint_about(with_attribute(category, row, attribute))

    def _on_committed(self, attribute: Attribute) -> None:
        category, row = self.category, self.table.row
        if category is None or self._key is None or not 0 <= row < len(category.attributes):
            return
        changed, old = with_attribute(category, row, attribute), category.attributes[row].name
        used = 0 if attribute.name == old else self.model.count_attribute(self._key, old)
        if not used:
            self.commit(changed)
            return
        many = "1 annotation has" if used == 1 else f"{used:,} annotations have"
        choices = [f"Rename it in the annotations too ({used:,})", f"Leave {old} in the annotations"]
        answer = self.ask("Rename an attribute", f"{many} a value for {old}.", choices, self.window())
        if answer == 0:
            self.model.rename_attribute(self._key, changed, old, attribute.name)
        elif answer == 1:
            self.commit(changed)
        else:
            self.form.load(None)
            self._load_form()

    def add_new(self) -> None:
        """Add an attribute and put the cursor into its name."""
        category = self.category
        if category is not None and self.commit(with_new_attribute(category)):
            self.table.choose(len(category.attributes))
            self.form.name.setFocus(Qt.FocusReason.OtherFocusReason)
            self.form.name.selectAll()

    def delete_current(self) -> None:
        """Delete the chosen attribute; the values that annotations have stay."""
        category, row = self.category, self.table.row
        if category is not None and row >= 0:
            self.form.load(None)
            self.commit(without_attribute(category, row))

    def move_current(self, step: int) -> None:
        """Move the chosen attribute up (-1) or down (1)."""
        category, row = self.category, self.table.row
        if category is None or row < 0 or not 0 <= row + step < len(category.attributes):
            return
        if self.commit(replace(category, attributes=moved(category.attributes, row, row + step))):
            self.table.choose(row + step)
