"""The page with the keypoints of a class: the preview of its skeleton, the points and the edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSplitter, QTreeWidgetItem, QVBoxLayout, QWidget

from napari_labeltool.core.schema import Category
from napari_labeltool.core.skeleton import keypoint_color
from napari_labeltool.widgets.schema_changes import (
    with_keypoint,
    with_keypoint_moved,
    with_new_keypoint,
    without_keypoint,
)
from napari_labeltool.widgets.schema_dialogs import ask_choice
from napari_labeltool.widgets.schema_fields import CheckedLine, FieldMessage
from napari_labeltool.widgets.schema_list_page import KeyedTree, ListPage
from napari_labeltool.widgets.schema_model import SchemaModel
from napari_labeltool.widgets.schema_skeleton import EdgeList, SkeletonSection
from napari_labeltool.widgets.swatch import ColorButton, swatch_icon
from napari_labeltool.widgets.theme import theme_colors


class KeypointsPage(ListPage):
    """The keypoints and the skeleton of one class.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.
    """

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.ask: Callable[..., int | None] = ask_choice
        self.skeleton = SkeletonSection(model, self)
        self.table = KeyedTree(["Point"], "Keypoints of the class", self)
        self.table.setHeaderHidden(True)
        self.name = CheckedLine(self._check_name, "Name of the keypoint", "Name of the point", self)
        self.color = ColorButton(parent=self, may_be_empty="As the class")
        self.edges = EdgeList(model, self)
        self.message = FieldMessage(self)
        self.empty = QLabel(
            "Keypoints are named points that every object of the class has, such as nose and left_eye,"
            " in a fixed order. Add the first one.",
            self,
        )
        self.empty.setWordWrap(True)
        self.empty.setProperty("quiet", True)
        self._arrange()
        self.table.currentItemChanged.connect(lambda: self._load_point())
        self.name.committed.connect(self._on_name)
        self.color.color_chosen.connect(self._on_color)
        self.skeleton.node_chosen.connect(self.table.choose)

    def _arrange(self) -> None:
        buttons, (self.add, self.remove, self.up, self.down) = self.list_buttons("point")
        self.points = QWidget(self)
        left = QVBoxLayout(self.points)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(3)
        left.addWidget(self.table, 1)
        left.addWidget(self.name)
        left.addWidget(self.color)
        lists = QSplitter(Qt.Orientation.Horizontal, self)
        lists.addWidget(self.points)
        lists.addWidget(self.edges)
        self.below = QSplitter(Qt.Orientation.Vertical, self)
        self.below.addWidget(self.skeleton)
        self.below.addWidget(lists)
        for splitter in (lists, self.below):
            splitter.setChildrenCollapsible(False)
        self.below.setStretchFactor(0, 3)
        self.below.setStretchFactor(1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addLayout(buttons)
        column.addWidget(self.empty)
        column.addWidget(self.message)
        column.addWidget(self.below, 1)
        column.addStretch(0)

    # -- from the schema
    def set_model(self, model: SchemaModel) -> None:
        """Show no class of another schema."""
        self.skeleton.set_model(model)
        self.edges.set_model(model)
        super().set_model(model)

    def show_category(self, key: int | None) -> None:
        """Show a class, by its key."""
        if key != self._key:
            self.name.load("")
        super().show_category(key)

    def refresh(self) -> None:
        """Show the keypoints as they are now."""
        category = self.category
        shown = Category("") if category is None else category
        row = self.table.row
        self.table.blockSignals(True)
        self.table.clear()
        for index, point in enumerate(shown.keypoints):
            item = QTreeWidgetItem(self.table, [f"{index + 1}  {point.name}"])
            item.setIcon(0, swatch_icon(keypoint_color(shown, index), theme_colors(self).ink))
        self.table.choose(row)
        self.table.blockSignals(False)
        self.setEnabled(category is not None)
        there = bool(shown.keypoints)
        self.below.setVisible(there)
        self.empty.setVisible(not there)
        missing = there and "keypoints" not in shown.kinds
        self.message.say(
            "The class may not be drawn by keypoints; tick Keypoints on the page Class." if missing else "",
            "warning",
        )
        self.skeleton.show_category(self._key)
        self.edges.show_category(self._key)
        self._load_point()

    def _load_point(self) -> None:
        category, row = self.category, self.table.row
        there = category is not None and 0 <= row < len(category.keypoints)
        point = category.keypoints[row] if category is not None and there else None
        for widget in (self.name, self.color, self.remove, self.up, self.down):
            widget.setEnabled(there)
        self.name.load("" if point is None else point.name)
        self.color.set_color((point.color or "") if point is not None else "")
        self.skeleton.preview.choose(row if there else -1)

    # -- to the schema
    def _check_name(self, text: str) -> str | None:
        category, row = self.category, self.table.row
        if category is None or not 0 <= row < len(category.keypoints):
            return None
        if not text:
            return "A keypoint needs a name."
        return self.complaint_about(with_keypoint(category, row, replace(category.keypoints[row], name=text)))

    def _on_name(self, text: str) -> None:
        category, row = self.category, self.table.row
        if category is not None and row >= 0:
            self.commit(with_keypoint(category, row, replace(category.keypoints[row], name=text)))

    def _on_color(self, color: str) -> None:
        category, row = self.category, self.table.row
        if category is not None and row >= 0:
            self.commit(with_keypoint(category, row, replace(category.keypoints[row], color=color or None)))

    def add_new(self) -> None:
        """Add a keypoint and put the cursor into its name."""
        category = self.category
        if category is not None and self.commit(with_new_keypoint(category)):
            self.table.choose(len(category.keypoints))
            self.name.line.setFocus(Qt.FocusReason.OtherFocusReason)
            self.name.line.selectAll()

    def delete_current(self) -> None:
        """Delete the chosen keypoint, its edges, and after a question the places that annotations have."""
        category, row = self.category, self.table.row
        index = self.model.index_of(self._key)
        if category is None or index is None or not 0 <= row < len(category.keypoints):
            return
        name = category.keypoints[row].name
        placed = self.model.count_keypoint(self._key, row)
        if placed:
            many = "1 annotation has" if placed == 1 else f"{placed:,} annotations have"
            answer = self.ask(
                "Delete a keypoint in use",
                f"{many} {name} labelled. Deleting the keypoint takes it from all of them.",
                [f"Delete {name} and its places in the annotations"],
                self.window(),
            )
            if answer is None:
                return
        self.name.load("")
        schema = self.model.schema.with_category(index, without_keypoint(category, row))
        self.model.apply(schema, drop_keypoints=bool(placed))

    def move_current(self, step: int) -> None:
        """Move the chosen keypoint up (-1) or down (1) in the order; annotations follow."""
        category, row = self.category, self.table.row
        if category is None or row < 0 or not 0 <= row + step < len(category.keypoints):
            return
        if self.commit(with_keypoint_moved(category, row, row + step)):
            self.table.choose(row + step)
