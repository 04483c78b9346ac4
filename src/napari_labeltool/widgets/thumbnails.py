"""Thumbnails that are made aside, the newest wish first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from qtpy.QtCore import QObject, QRunnable, QThreadPool, Signal
from qtpy.QtGui import QImage, QPixmap

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images import ThumbnailCache

THUMBNAIL_SIZE: Final = 64
KEPT: Final = 600
"""Number of thumbnails that are kept in memory."""
WAITING: Final = 48
"""Number of wishes that wait; older ones are dropped, because their rows were scrolled away."""


class _Ready(QObject):
    """Carries a thumbnail from a thread to the user interface."""

    made = Signal(str, object)


class Thumbnails(QObject):
    """Gives thumbnails that are there, and makes those that are not.

    Parameters
    ----------
    parent
        Parent object.
    cache
        Thumbnails on disk.

    Attributes
    ----------
    ready
        Signal: the thumbnail of this path can be had now.
    """

    ready = Signal(str)

    def __init__(self, parent: QObject | None = None, cache: ThumbnailCache | None = None) -> None:
        super().__init__(parent)
        self._cache = ThumbnailCache() if cache is None else cache
        self._made: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._wishes: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._running = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._carrier = _Ready()
        self._carrier.made.connect(self._on_made)

    def get(self, path: Path) -> QPixmap | None:
        """Return the thumbnail of a file; None while it is being made, and for a file that has none."""
        key = str(path)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        with self._lock:
            self._wishes[key] = None
            self._wishes.move_to_end(key)
            while len(self._wishes) > WAITING:
                self._wishes.popitem(last=False)
            start, self._running = self._running == 0, 1
        if start:
            self._pool.start(_Maker(self))
        return None

    def forget(self) -> None:
        """Forget what was made, because files may be others now."""
        self._made.clear()

    def make_next(self) -> bool:
        """Make the thumbnail that was wished for last; false when there is no wish. Runs in a thread."""
        with self._lock:
            if not self._wishes:
                self._running = 0
                return False
            key, _ = self._wishes.popitem(last=True)
        try:
            pixels = self._cache.get(key, THUMBNAIL_SIZE)
        except (ReadError, OSError):
            self._carrier.made.emit(key, None)
            return True
        height, width = pixels.shape[:2]
        image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self._carrier.made.emit(key, image)
        return True

    def _on_made(self, key: str, image: QImage | None) -> None:
        self._made[key] = None if image is None else QPixmap.fromImage(image)
        while len(self._made) > KEPT:
            self._made.popitem(last=False)
        self.ready.emit(key)

    def stop(self) -> None:
        """Drop all wishes and wait for the thumbnail that is being made."""
        with self._lock:
            self._wishes.clear()
        self._pool.waitForDone()


class _Maker(QRunnable):
    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails

    def run(self) -> None:
        """Make thumbnails until there is no wish left."""
        while self._thumbnails.make_next():
            pass
