"""What was viewed in each viewer, followed for as long as a document is open, whether the dock is shown or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import Qt, QTimer

from napari_labeltool.layers.coverage import REST_SECONDS, Coverage
from napari_labeltool.layers.coverage_drawing import RegionDrawing
from napari_labeltool.layers.coverage_marks import mark_view
from napari_labeltool.layers.coverage_route import go_on
from napari_labeltool.layers.coverage_view import CoverageView
from napari_labeltool.session.coverage import WRITE_AFTER
from napari_labeltool.widgets.active import active_changed, active_workspace, bare_viewer
from napari_labeltool.widgets.coverage_texts import (
    ALL_VIEWED,
    MARK_KEY,
    NEXT_PLACE_KEY,
    PLACE_BEFORE_KEY,
    SHADE_KEY,
    SMALL,
)

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


class CoverageWatch:
    """Coverage of one workspace, with its timers, drawing and keys.

    Parameters
    ----------
    workspace
        The session in its viewer.

    Attributes
    ----------
    only_chosen
        Whether regions are marked for the chosen class alone.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.coverage = Coverage(workspace)
        self.view = CoverageView(self.coverage)
        self.drawing = RegionDrawing(self.coverage)
        self.only_chosen = False
        self._rest = _timer(1000 * REST_SECONDS + 20, self.coverage.take_rest)
        self._write = _timer(1000 * WRITE_AFTER + 100, self._write_due)
        self.coverage.moved.connect(self._on_moved)
        self.coverage.viewed_changed.connect(self._on_viewed)
        self._on_moved()
        actions = {
            NEXT_PLACE_KEY: self.go_on,
            PLACE_BEFORE_KEY: self.go_back,
            SHADE_KEY: self.switch_shade,
            MARK_KEY: self.mark_view,
        }
        for key, action in actions.items():
            workspace.keys.extra[key.replace("Ctrl", "Control").replace("+", "-")] = _for_key(action)
        workspace.keys.bind_layers()

    def _on_moved(self) -> None:
        if self.coverage.is_large:
            self._rest.start()

    def _on_viewed(self) -> None:
        if not self._write.isActive():
            self._write.start()

    def _write_due(self) -> None:
        """Write what was viewed; what could not be written now is tried again."""
        self.coverage.write_due()
        if self.coverage.store.waits:
            self._write.start()

    @property
    def category(self) -> int:
        """Row of the class that regions are marked for, -1 for all."""
        return self.workspace.category if self.only_chosen else -1

    def go_on(self, step: int = 1) -> None:
        """Go to the next place that was not viewed, or say that there is none."""
        if not go_on(self.coverage, step):
            self.workspace.message.emit("info", ALL_VIEWED if self.coverage.is_large else SMALL)

    def go_back(self) -> None:
        """Go to the place before that was not viewed."""
        self.go_on(-1)

    def switch_shade(self) -> None:
        """Shade what was not viewed, or no longer."""
        self.coverage.set_shaded(not self.coverage.store.shaded)
        self._on_viewed()
        if not self.coverage.is_large:
            self.workspace.message.emit("info", SMALL)

    def mark_view(self) -> None:
        """Mark what is in view as exhaustively labelled."""
        mark_view(self.coverage, category=self.category)

    def close(self) -> None:
        """Let go of the workspace; what was viewed is written."""
        self._rest.stop()
        self._write.stop()
        self.drawing.stop()
        self.view.close()
        self.coverage.close()


def _timer(milliseconds: float, action: Callable[[], object]) -> QTimer:
    timer = QTimer()
    timer.setSingleShot(True)
    timer.setTimerType(
        Qt.TimerType.PreciseTimer
    )  # others may come a twentieth too early, and nothing is due then
    timer.setInterval(round(milliseconds))
    timer.timeout.connect(action)
    return timer


def _for_key(action: Callable[[], object]) -> Callable[[Any], None]:
    def run(_: Any) -> None:
        action()

    return run


_WATCHES: Final[dict[int, CoverageWatch]] = {}


def watch_of(workspace: Workspace) -> CoverageWatch:
    """Return the coverage of a workspace, which is followed from now on."""
    key = id(bare_viewer(workspace.viewer))
    watch = _WATCHES.get(key)
    if watch is None or watch.workspace is not workspace:
        end_watch(workspace.viewer)
        watch = _WATCHES[key] = CoverageWatch(workspace)
    return watch


def end_watch(viewer: Any) -> None:
    """Follow what is viewed in a viewer no longer."""
    watch = _WATCHES.pop(id(bare_viewer(viewer)), None)
    if watch is not None:
        watch.close()


def _on_active_changed(viewer: Any) -> None:
    workspace = active_workspace(viewer)
    if workspace is None:
        end_watch(viewer)
    else:
        watch_of(workspace)


active_changed.connect(_on_active_changed)
