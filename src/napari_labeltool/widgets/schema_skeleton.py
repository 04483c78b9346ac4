"""The skeleton of a class: its preview, and the list of its edges."""

from __future__ import annotations

from dataclasses import replace

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QTreeWidgetItem, QVBoxLayout, QWidget

from napari_labeltool.core.schema import Category
from napari_labeltool.core.skeleton import layout_of
from napari_labeltool.widgets.schema_changes import (
    edge_between,
    with_edge_switched,
    without_edge,
    without_positions,
)
from napari_labeltool.widgets.schema_class_page import CategoryPage
from napari_labeltool.widgets.schema_list_page import KeyedTree, ListPage
from napari_labeltool.widgets.schema_model import SchemaModel
from napari_labeltool.widgets.skeleton_preview import SkeletonPreview
from napari_labeltool.widgets.theme import IconButton


class SkeletonSection(CategoryPage):
    """The preview in which keypoints are dragged and joined, with a sentence about what a click does.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.

    Attributes
    ----------
    node_chosen
        Signal: index of the keypoint that was clicked.
    """

    node_chosen = Signal(int)

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.preview = SkeletonPreview(self)
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.hint.setProperty("quiet", True)
        self.reset = IconButton("reset", "Put all points back to their default places in the preview", self)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.hint, 1)
        row.addWidget(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.preview, 1)
        column.addLayout(row)
        self.reset.clicked.connect(self._on_reset)
        self.preview.node_chosen.connect(self.node_chosen)
        self.preview.node_moved.connect(self._on_moved)
        self.preview.edge_switched.connect(self._on_edge)
        self.preview.hint_changed.connect(self.hint.setText)

    def show_category(self, key: int | None) -> None:
        """Show a class, by its key."""
        if key != self._key:
            self.preview.chosen = -1
        super().show_category(key)

    def refresh(self) -> None:
        """Show the skeleton as it is now."""
        category = self.category
        self.preview.show_category(category)
        placed = category is not None and any(point.position is not None for point in category.keypoints)
        self.reset.setEnabled(placed)

    def _on_moved(self, index: int, x: float, y: float) -> None:
        """Keep all places once one is chosen, so that the others stay when points are added."""
        category = self.category
        if category is None:
            return
        places = [(round(float(a), 3), round(float(b), 3)) for a, b in layout_of(category)]
        places[index] = (x, y)
        points = tuple(replace(point, position=place) for point, place in zip(category.keypoints, places))
        self.commit(replace(category, keypoints=points))

    def _on_reset(self) -> None:
        if self.category is not None:
            self.commit(without_positions(self.category))

    def _on_edge(self, first: int, second: int) -> None:
        if self.category is not None:
            self.commit(with_edge_switched(self.category, first, second))


class EdgeList(ListPage):
    """The edges between the keypoints of a class; with the keys as well as in the preview.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.
    """

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.table = KeyedTree(["Joined points"], "Edges of the skeleton", self)
        self.first, self.second = QComboBox(self), QComboBox(self)
        self.first.setAccessibleName("First point of the edge")
        self.second.setAccessibleName("Second point of the edge")
        self.join = IconButton("add", "Join the two points, or part them", self, text="Join")
        self.remove = IconButton("delete", "Delete the chosen edge (Delete)", self)
        self.table.setHeaderHidden(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.table, 1)
        for combo in (self.first, self.second):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(6)
            combo.currentIndexChanged.connect(self._show_join)
            column.addWidget(combo)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.join)
        row.addStretch(1)
        row.addWidget(self.remove)
        column.addLayout(row)
        self.join.clicked.connect(self.add_new)
        self.remove.clicked.connect(self.delete_current)

    def refresh(self) -> None:
        """Show the edges as they are now."""
        category = self.category or Category("")
        names = [point.name for point in category.keypoints]
        row = self.table.row
        self.table.clear()
        for first, second in category.skeleton:
            ends = [names[end] if 0 <= end < len(names) else f"no point {end + 1}" for end in (first, second)]
            QTreeWidgetItem(self.table, [" – ".join(ends)])
        self.table.choose(row)
        for combo, start in ((self.first, 0), (self.second, 1)):
            place = max(combo.currentIndex(), 0) if combo.count() else start
            combo.blockSignals(True)
            combo.clear()
            combo.addItems(names)
            combo.setCurrentIndex(min(place, len(names) - 1))
            combo.blockSignals(False)
        self.remove.setEnabled(bool(category.skeleton))
        self._show_join()

    def _show_join(self) -> None:
        category = self.category
        first, second = self.first.currentIndex(), self.second.currentIndex()
        possible = category is not None and first != second and min(first, second) >= 0
        self.join.setEnabled(possible)
        joined = category is not None and possible and edge_between(category, first, second) is not None
        self.join.setText("Part" if joined else "Join")

    def add_new(self) -> None:
        """Join the two points, or part them."""
        category = self.category
        if category is not None:
            self.commit(with_edge_switched(category, self.first.currentIndex(), self.second.currentIndex()))

    def delete_current(self) -> None:
        """Delete the chosen edge."""
        category, row = self.category, self.table.row
        if category is not None and 0 <= row < len(category.skeleton):
            self.commit(without_edge(category, row))
