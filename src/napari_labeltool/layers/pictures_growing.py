"""Image layers of a large flat picture while its coarse levels are being made."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from napari.utils import cancelable_progress
from psygnal import Signal

from napari_labeltool._napari_compat import deliver_queued_signals, show_new_pixels
from napari_labeltool._napari_compat.activity import SLOW, USUAL, is_mouse_held, turn_activity_sign
from napari_labeltool.images.pyramid import Pyramid
from napari_labeltool.images.pyramid_build import PyramidProgress

#: Seconds between two times that layers show what was made meanwhile, which takes a slice of the picture each.
_REFRESH_SECONDS: Final = 0.9


class Growing:
    """Starts the background work on a picture and lets layers show what it has made.

    All of it happens in the main thread; reports of the background thread wait until that is free. In a process
    without Qt they wait until ``psygnal.emit_queued()`` is called.

    Parameters
    ----------
    layers
        Returns the layers that show the picture.

    Attributes
    ----------
    progress
        Signal: how far it is (`PyramidProgress`).
    """

    progress = Signal(PyramidProgress)

    def __init__(self, layers: Callable[[], list[Any]]) -> None:
        self._layers = layers
        self._pyramid: Pyramid | None = None
        self._refreshed = 0.0

    def start(self, pyramid: Pyramid | None, plane: tuple[int, ...]) -> None:
        """Go over to a picture, None for one with levels in its file; the work on the one before ends."""
        if pyramid is not self._pyramid:
            self.stop()
            self._pyramid = pyramid
            if pyramid is not None:
                pyramid.progress.connect(self._on_progress, thread="main")
        if pyramid is not None and pyramid.build(plane):
            deliver_queued_signals()
            self._refreshed = time.monotonic()

    def cancel(self) -> None:
        """End the work; what is made stays, the rest of the levels is computed when it is looked at."""
        if self._pyramid is not None:
            self._pyramid.cancel()

    def stop(self) -> None:
        """End the work and let go of the picture."""
        pyramid, self._pyramid = self._pyramid, None
        if pyramid is not None:
            pyramid.progress.disconnect(self._on_progress, missing_ok=True)
            if pyramid.building is not None:
                pyramid.cancel()
                self.progress.emit(PyramidProgress("cancelled", 0, 0, pyramid.path))

    def _on_progress(self, report: PyramidProgress) -> None:
        if self._pyramid is None or report.path != self._pyramid.path:
            return
        now = time.monotonic()
        due = now - self._refreshed >= _REFRESH_SECONDS and not is_mouse_held()
        if report.is_over or due:
            for layer in self._layers():
                show_new_pixels(layer)
            self._refreshed = time.monotonic()
        self.progress.emit(report)


class ActivityBar:
    """Progress of `Growing` in napari's activity dock, with a button that ends the work.

    Parameters
    ----------
    growing
        The work.
    """

    def __init__(self, growing: Growing) -> None:
        self._growing = growing
        self._bar: Any = None
        growing.progress.connect(self._show)

    def _show(self, report: PyramidProgress) -> None:
        if self._bar is None and not report.is_over:
            name = "the picture" if report.path is None else report.path.name
            self._bar = cancelable_progress(
                total=report.total, desc=f"Coarse levels of {name}", cancel_callback=self._growing.cancel
            )
            turn_activity_sign(SLOW)
        bar = self._bar
        if bar is None:
            return
        if report.is_over:
            self.close()
        elif bar.is_canceled:
            self._growing.cancel()
        else:
            bar.update(report.done - bar.n)

    def close(self) -> None:
        """Take the bar away."""
        bar, self._bar = self._bar, None
        if bar is not None:
            turn_activity_sign(USUAL)
            bar.close()
