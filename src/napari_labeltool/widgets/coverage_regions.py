"""The regions of the shown image that are exhaustively labelled: marking, listing, removing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from napari_labeltool.core.coverage_regions import ExhaustiveRegions
from napari_labeltool.layers.coverage_marks import mark_selection, remove_region
from napari_labeltool.widgets.coverage_texts import MARK_KEY, percent, region_words
from napari_labeltool.widgets.theme import IconButton

if TYPE_CHECKING:
    from napari_labeltool.core.coverage_regions import Region
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.widgets.coverage_watch import CoverageWatch

_ROWS_SHOWN: Final = 3
_NOTHING: Final = "Mark as exhaustively labelled:"
_DELETE: Final = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class RegionPanel(QWidget):
    """Buttons that mark regions, and the list of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.watch: CoverageWatch | None = None
        self.heading = QLabel(_NOTHING, self)
        self.heading.setToolTip("Regions in which every object is labelled; they are written to the file")
        self.heading.setProperty("quiet", True)
        self.mark_view = IconButton(
            "check", f"Mark what is in view as exhaustively labelled ({MARK_KEY})", self, text="This view"
        )
        self.mark_selected = IconButton(
            "polygon",
            "Mark what the selected box or polygon encloses as exhaustively labelled",
            self,
            text="Selected",
        )
        self.draw = IconButton(
            "box",
            "Draw a rectangle that is exhaustively labelled; a second click calls it off",
            self,
            text="Draw",
        )
        self.draw.setCheckable(True)
        self.regions = RegionList(self)
        marks = QHBoxLayout()
        marks.setSpacing(2)
        for button in (self.mark_view, self.mark_selected, self.draw):
            marks.addWidget(button)
        marks.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.heading)
        layout.addLayout(marks)
        layout.addWidget(self.regions)
        self.mark_view.clicked.connect(self._mark_view)
        self.mark_selected.clicked.connect(self._mark_selected)
        self.draw.clicked.connect(self._draw)
        self.regions.asked.connect(self._show_region)
        self.regions.removed.connect(self._remove_region)

    def show_regions(self) -> None:
        """Show the regions as they are now."""
        if self.watch is not None:
            self.regions.show_regions(self.watch.coverage.regions, self._classes_of)
            self.heading.setText(self._words(self.watch.workspace))

    @staticmethod
    def _words(workspace: Workspace) -> str:
        if workspace.image < 0:
            return _NOTHING
        found = ExhaustiveRegions(workspace.dataset, workspace.image)
        height, width = workspace.pictures.shape_yx
        part = found.area() / max(height * width, 1)
        return f"Exhaustively labelled: {percent(part)} of the picture" if part else _NOTHING

    def show_selection(self, rows: tuple[int, ...]) -> None:
        """Offer to mark what is selected, if anything is."""
        self.mark_selected.setEnabled(bool(rows))

    def show_waiting(self, waits: bool) -> None:
        """Show whether the next drag on the canvas draws a region."""
        self.draw.setChecked(waits)

    def _classes_of(self, region: Region) -> str:
        if region.categories is None or self.watch is None:
            return "all classes"
        table = self.watch.workspace.dataset.categories
        rows = [table.row_of_id(category) for category in region.categories]
        return ", ".join("unknown" if row is None else table.name_of(row) for row in rows) or "no class"

    def _mark_view(self) -> None:
        if self.watch is not None:
            self.watch.mark_view()

    def _mark_selected(self) -> None:
        if self.watch is not None:
            mark_selection(self.watch.coverage, category=self.watch.category)

    def _draw(self, wanted: bool) -> None:
        if self.watch is None:
            return
        if wanted:
            self.watch.drawing.start(self.watch.category)
            self.watch.workspace.message.emit("info", "Drag a rectangle over what is exhaustively labelled.")
        else:
            self.watch.drawing.stop()

    def _show_region(self, index: int) -> None:
        if self.watch is None:
            return
        coverage = self.watch.coverage
        for region in coverage.regions:
            if region.index == index:
                left, top, width, height = region.bbox_xywh
                canvas = self.watch.workspace.viewer.canvas.size
                zoom = 0.9 * min(canvas[0] / max(height, 1), canvas[1] / max(width, 1))
                coverage.camera.look_at(left + width / 2, top + height / 2, zoom)

    def _remove_region(self, index: int) -> None:
        if self.watch is not None:
            remove_region(self.watch.coverage, index)


class RegionList(QListWidget):
    """Regions, one a line: a double click or Enter shows one, Delete removes it.

    Attributes
    ----------
    asked, removed
        Signals: `Region.index`.
    """

    asked = Signal(int)
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Exhaustively labelled regions")
        self.setToolTip("Double click: look at it. Delete: remove it; Ctrl+Z brings it back.")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemActivated.connect(lambda item: self.asked.emit(item.data(Qt.ItemDataRole.UserRole)))

    def show_regions(self, regions: tuple[Region, ...], classes: Callable[[Region], str]) -> None:
        """Show regions; the list is hidden without any."""
        self.clear()
        for region in regions:
            words = region_words(region, classes(region))
            item = QListWidgetItem(words, self)
            item.setData(Qt.ItemDataRole.UserRole, region.index)
            item.setToolTip(f"{words}\nDouble click: look at it. Delete: remove it.")
        self.setVisible(bool(regions))
        height = max(self.sizeHintForRow(0), self.fontMetrics().lineSpacing() + 4)
        self.setFixedHeight(min(max(len(regions), 1), _ROWS_SHOWN) * height + 2 * self.frameWidth() + 2)

    def event(self, event: QEvent) -> bool:
        """Keep Delete from the menus of the window."""
        deletes = isinstance(event, QKeyEvent) and event.key() in _DELETE
        if deletes and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove the chosen region with Delete."""
        item = self.currentItem()
        if event.key() in _DELETE and item is not None:
            self.removed.emit(item.data(Qt.ItemDataRole.UserRole))
        else:
            super().keyPressEvent(event)
