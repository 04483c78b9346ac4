"""Filtering and sorting a long list of annotations beside the work, in a thread that stops when it is not wanted."""

from __future__ import annotations

import threading

from qtpy.QtCore import QObject, Signal

from napari_labeltool.widgets.annotation_order import AnnotationOrder


class _Stopped(Exception):
    """The result is not wanted any more."""


class BackgroundFilling(QObject):
    """Fills copies of an order, one at a time; the last one asked for counts.

    Attributes
    ----------
    filled
        Signal: the copy that is filled (`AnnotationOrder`), and the version of the dataset that it began with.
    """

    filled = Signal(object, int)
    _ended = Signal(int, object, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._thread: threading.Thread | None = None
        self._ended.connect(self._on_ended)

    @property
    def is_running(self) -> bool:
        """Whether a result is waited for."""
        return self._thread is not None

    def start(self, order: AnnotationOrder) -> None:
        """Fill a copy of an order; what was asked for before is dropped."""
        self.stop()
        number = self._number

        def check() -> None:
            if number != self._number:
                raise _Stopped

        copy, version = order.copy(), order.dataset.version

        def fill() -> None:
            try:
                copy.fill_beside(check)
            except (_Stopped, IndexError, KeyError, ValueError):
                # stopped, or the dataset was changed meanwhile; then the order is asked for again
                self._tell(number, None, version)
            else:
                self._tell(number, copy, version)

        self._thread = threading.Thread(target=fill, name="labeltool-list", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Drop what was asked for."""
        self._number += 1
        self._thread = None

    def _tell(self, number: int, copy: AnnotationOrder | None, version: int) -> None:
        try:
            self._ended.emit(number, copy, version)
        except RuntimeError:
            return  # the list was closed meanwhile

    def _on_ended(self, number: int, copy: AnnotationOrder | None, version: int) -> None:
        if number == self._number:
            self._thread = None
            self.filled.emit(copy, version)
