"""What was viewed of a large picture, the way on, and the regions that are exhaustively labelled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.core.coverage import empty_tiles
from napari_labeltool.layers.pictures_planes import plane_of
from napari_labeltool.widgets.collapsible import Collapsible
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.coverage_map import CoverageMap, Overviews
from napari_labeltool.widgets.coverage_menu import CoverageMenu
from napari_labeltool.widgets.coverage_regions import RegionPanel
from napari_labeltool.widgets.coverage_texts import (
    NEXT_PLACE_KEY,
    SHADE_KEY,
    percent,
    viewed_words,
    zoom_words,
)
from napari_labeltool.widgets.coverage_watch import CoverageWatch, watch_of
from napari_labeltool.widgets.section import Section
from napari_labeltool.widgets.theme import IconButton

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

_FRAME_MS: Final = 60
_MICROMETRES: Final = ("micrometer", "micrometre", "µm", "um")
Confirm = Callable[[QWidget, str, str], bool]


def ask(parent: QWidget, text: str, action: str) -> bool:
    """Ask whether to do what cannot be undone."""
    box = QMessageBox(QMessageBox.Icon.Question, "Coverage", text, parent=parent)
    button = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    return box.clickedButton() is button


class CoverageSection(Section):
    """The section of the dock; it is hidden over a picture that is seen at once and has no regions.

    Attributes
    ----------
    title_changed
        Signal: words for the header.
    confirm
        Asks before what cannot be undone: parent, question, words of the button.
    """

    title_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.watch: CoverageWatch | None = None
        self.confirm: Confirm = ask
        super().__init__(parent)
        self.map = CoverageMap(self)
        self.words = _two_lines(self)
        self.next = IconButton(
            "next_open",
            f"Go to the next place that was not viewed ({NEXT_PLACE_KEY})",
            self,
            text="Next unviewed",
        )
        self.shade = IconButton(
            "eye_off", f"Shade on the picture what was not viewed ({SHADE_KEY})", self, text="Shade"
        )
        self.shade.setCheckable(True)
        self.more = IconButton("menu", "More: working zoom, background, forget views", self)
        self.menu = CoverageMenu(self)
        self.more.setMenu(self.menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.regions = RegionPanel(self)
        self._lay_out()
        self._overviews = Overviews(self)
        self.destroyed.connect(self._overviews.stop)
        self._path: Path | None = None
        self._frame = QTimer(self, singleShot=True, interval=_FRAME_MS)
        self._connect()

    def _lay_out(self) -> None:
        way = QHBoxLayout()
        way.setSpacing(2)
        for widget in (self.next, self.shade):
            way.addWidget(widget)
        way.addStretch(1)
        way.addWidget(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.map)
        layout.addWidget(self.words)
        layout.addLayout(way)
        layout.addWidget(self.regions)

    def _connect(self) -> None:
        self.map.asked.connect(self._go)
        self.next.clicked.connect(self._go_on)
        self.shade.clicked.connect(self._switch_shade)
        self._overviews.made.connect(self._on_overview)
        self._frame.timeout.connect(self._show_view)

    # -- the workspace
    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to what is viewed and what is marked."""
        self.watch = self.regions.watch = watch_of(workspace)
        coverage = self.watch.coverage
        connections.add(workspace.image_changed, self._on_image)
        connections.add(workspace.selection_changed, self.regions.show_selection)
        connections.add(coverage.moved, self._on_moved)
        connections.add(coverage.viewed_changed, self._show_coverage)
        connections.add(coverage.regions_changed, self._show_regions)
        connections.add(self.watch.drawing.waiting_changed, self.regions.show_waiting)

    def workspace_exchanged(self) -> None:
        """Show the picture of the workspace."""
        if self.workspace is None:
            self.watch = self.regions.watch = None
        self._on_image(-1)

    def _on_image(self, row: int) -> None:
        workspace = self.workspace
        if self.watch is None or workspace is None:
            self._set_shown(False)
            return
        self.map.show_picture(*self.watch.coverage.shape_yx)
        self._path = None
        self._show_coverage()
        self._show_regions()
        self.regions.show_selection(workspace.selection)

    def _wish_overview(self) -> None:
        """Ask for the overview of the shown picture, once, when it is to be seen."""
        workspace = self.workspace
        if workspace is None or workspace.pictures.source is None:
            return
        path = workspace.pictures.source.path
        if path != self._path:
            self._path = path
            self._overviews.ask(path, plane_of(workspace.dataset, workspace.image))

    def _on_overview(self, path: str, pixels: np.ndarray | None) -> None:
        if self.watch is None or path != str(self._path):
            return
        self.map.show_overview(pixels)
        self._find_background()

    def _find_background(self) -> None:
        """Let empty background count as nothing to view, if the user wants that and it is known."""
        coverage = None if self.watch is None else self.watch.coverage
        if coverage is None or coverage.viewed is None:
            return
        pixels = self.map.overview if coverage.store.skips_empty else None
        empty = None if pixels is None else empty_tiles(pixels, coverage.viewed.grid)
        if empty is not None or coverage.empty is not None:
            coverage.empty = empty
            coverage.viewed_changed.emit()

    # -- showing
    def _set_shown(self, shown: bool) -> None:
        frame = self.parentWidget()
        if isinstance(frame, Collapsible):
            frame.setVisible(shown)

    def _show_coverage(self) -> None:
        watch = self.watch
        if watch is None:
            return
        coverage = watch.coverage
        self._set_shown(coverage.is_large or bool(coverage.regions))
        for widget in (self.words, self.next, self.shade, self.more):
            widget.setVisible(coverage.is_large)
        if coverage.is_large or coverage.regions:
            self._wish_overview()
        tile = 1 if coverage.viewed is None else coverage.viewed.grid.tile
        self.map.show_coverage(coverage.wanted(), tile, coverage.regions)
        self.shade.setChecked(coverage.store.shaded)
        title = f"Coverage: {percent(coverage.fraction)} viewed" if coverage.is_large else "Coverage"
        self.title_changed.emit(title)
        self._show_view()

    def _on_moved(self) -> None:
        if not self._frame.isActive():
            self._frame.start()

    def _show_view(self) -> None:
        watch = self.watch
        if watch is None:
            return
        coverage = watch.coverage
        self.map.show_view(coverage.rectangle() if coverage.is_large else None)
        zoom = zoom_words(coverage.working_zoom, self.micrometres)
        words = viewed_words(coverage.fraction, coverage.is_working, zoom, skips=coverage.empty is not None)
        if words != self.words.text():
            self.words.setText(words)

    @property
    def micrometres(self) -> float | None:
        """Size of a pixel of the shown picture, None when it is not known."""
        return micrometres_of(self.workspace)

    def _show_regions(self) -> None:
        self.regions.show_regions()
        self._show_coverage()

    # -- what the user does
    def _go_on(self) -> None:
        if self.watch is not None:
            self.watch.go_on()

    def _switch_shade(self) -> None:
        if self.watch is not None:
            self.watch.switch_shade()

    def _go(self, x: float, y: float, working: bool) -> None:
        if self.watch is not None:
            coverage = self.watch.coverage
            coverage.camera.look_at(x, y, coverage.working_zoom if working else None)

    def set_skips_empty(self, skips: bool) -> None:
        """Say whether empty background needs to be viewed."""
        if self.watch is not None:
            self.watch.coverage.store.set_skips_empty(skips)
            self._find_background()

    def mark_all(self, viewed: bool) -> None:
        """Note that all of the picture was viewed, or nothing, if the user confirms it."""
        if self.watch is None:
            return
        text, action = (
            ("Count all of this picture as viewed? This cannot be undone.", "Mark as viewed")
            if viewed
            else ("Forget what you have viewed of this picture? This cannot be undone.", "Forget")
        )
        if self.confirm(self, text, action):
            self.watch.coverage.mark_all(viewed)


def _two_lines(parent: QWidget) -> QLabel:
    """Return a label for words of two lines, as high whether they need both or not."""
    words = QLabel(parent)
    words.setWordWrap(True)
    words.setProperty("quiet", True)
    words.setMinimumHeight(2 * words.fontMetrics().lineSpacing())
    words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return words


def micrometres_of(workspace: Workspace | None) -> float | None:
    """Return the size of a pixel of the shown picture, None when it is not known in such a unit."""
    source = None if workspace is None else workspace.pictures.source
    if source is None or source.pixel_size_yx is None or source.unit not in _MICROMETRES:
        return None
    return float(source.pixel_size_yx[0])
