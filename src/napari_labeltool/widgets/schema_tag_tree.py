"""The groups of image tags and their tags as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from napari_labeltool.core.schema import Category, TagGroupType
from napari_labeltool.widgets.schema_model import SchemaModel
from napari_labeltool.widgets.swatch import swatch_icon
from napari_labeltool.widgets.theme import theme_colors

GROUP_WORDS: Final[dict[TagGroupType, str]] = {
    "binary": "Yes or no: one tag, there or not",
    "multiclass": "Exactly one of several tags",
    "multilabel": "Any number of tags",
}
_GROUP_SHORT: Final[dict[TagGroupType, str]] = {
    "binary": "yes or no",
    "multiclass": "one of",
    "multilabel": "any of",
}
_GROUP_ROLE: Final = Qt.ItemDataRole.UserRole
_KEY_ROLE: Final = Qt.ItemDataRole.UserRole + 1


class TagTree(QTreeWidget):
    """Groups with their tags, and the tags that stand in no group.

    Parameters
    ----------
    parent
        Parent widget.

    Attributes
    ----------
    command
        Signal: ``"delete"``, ``"rename"``, ``"up"`` or ``"down"``, for Delete, F2, Alt+Up and Alt+Down.
    """

    command = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderLabels(["Group and tags", "Answer", "Images"])
        self.setAccessibleName("Groups of image tags")
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            self.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell what the keys mean."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        commands = {
            (Qt.Key.Key_Delete, False): "delete",
            (Qt.Key.Key_F2, False): "rename",
            (Qt.Key.Key_Up, True): "up",
            (Qt.Key.Key_Down, True): "down",
        }
        command = commands.get((event.key(), alt))
        if command is None:
            super().keyPressEvent(event)
        else:
            self.command.emit(command)

    # -- what is chosen
    @property
    def group_index(self) -> int | None:
        """Place of the chosen group, or of the group of the chosen tag."""
        item = self.currentItem()
        index = None if item is None else (item.parent() or item).data(0, _GROUP_ROLE)
        return None if index is None else int(index)

    @property
    def tag_key(self) -> int | None:
        """Key of the chosen tag."""
        item = self.currentItem()
        return None if item is None else item.data(0, _KEY_ROLE)

    def choose_group(self, index: int) -> None:
        """Choose a group by its place."""
        self.setCurrentItem(self.topLevelItem(index))

    # -- what is shown
    def show_groups(self, model: SchemaModel) -> None:
        """Show the groups and tags of a schema; what was chosen stays chosen."""
        tag, group = self.tag_key, self.group_index
        schema = model.schema
        self.blockSignals(True)
        self.clear()
        for index, value in enumerate(schema.tag_groups):
            item = QTreeWidgetItem(self, [value.name, _GROUP_SHORT[value.type], ""])
            item.setData(0, _GROUP_ROLE, index)
            item.setToolTip(0, value.guideline or GROUP_WORDS[value.type])
            self._add_tags(item, schema.in_group(value.name), model, tag)
            if index == group and self.currentItem() is None:
                self.setCurrentItem(item)
        names = {value.name for value in schema.tag_groups}
        loose = [c for c in schema.categories if "tag" in c.kinds and c.tag_group not in names]
        if loose:
            item = QTreeWidgetItem(self, ["Tags without a group", "any of", ""])
            self._add_tags(item, loose, model, tag)
        self.expandAll()
        if self.currentItem() is None and self.topLevelItemCount():
            self.setCurrentItem(self.topLevelItem(0))
        self.blockSignals(False)

    def _add_tags(
        self, parent: QTreeWidgetItem, tags: Sequence[Category], model: SchemaModel, chosen: int | None
    ) -> None:
        for category in tags:
            item = QTreeWidgetItem(parent, [category.name, "", f"{model.count(category.key):,}"])
            item.setIcon(0, swatch_icon(category.color, theme_colors(self).ink))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setData(0, _KEY_ROLE, category.key)
            item.setToolTip(0, category.guideline or category.name)
            if chosen is not None and category.key == chosen:
                self.setCurrentItem(item)
