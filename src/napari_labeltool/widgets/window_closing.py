"""When the viewer's window is closed."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QMainWindow, QWidget


class WindowWatch(QObject):
    """Asks before a window is closed, and tells when it was.

    Parameters
    ----------
    window
        The window.
    ask
        Called before the user closes the window; false keeps it open.
    closed
        Called once the window is gone.

    Notes
    -----
    A script that calls ``viewer.close()`` is not asked: napari has taken the canvas apart by then, and what was
    not saved is in the journal.
    """

    def __init__(self, window: QMainWindow, ask: Callable[[], bool], closed: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._ask = ask
        self._closed = closed
        self._closing = False
        window.installEventFilter(self)

    def window(self) -> QMainWindow:
        """Return the window that is watched."""
        return self._window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at the events of the window."""
        if event.type() == QEvent.Type.Close:
            if self._has_canvas() and not self._ask():
                event.ignore()
                return True
            self._closing = True
        elif event.type() == QEvent.Type.Hide and self._closing:
            self._closing = False
            self._closed()
        return False

    def _has_canvas(self) -> bool:
        """Tell whether the canvas is still there: a script that closes the viewer hides it first."""
        center = self._window.centralWidget()
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        return center is not None and any(
            child.isVisibleTo(center) for child in center.findChildren(QWidget, options=direct)
        )
