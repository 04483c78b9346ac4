"""A real napari window with a stopwatch: what a person waits for after an event, with the picture drawn.

How a lag is counted
--------------------
The clock starts before a mouse or key event is handed to Qt (or the camera is set), and stops when

* everything that the event asked for has run (``QApplication.processEvents``),
* at least one draw of the canvas has begun after the event, and
* OpenGL has finished it (``glFinish``, without which a software renderer hands work on to its threads and the time
  is paid by whoever comes next).

When an event does not make napari draw, the canvas is made to (``update``), so that no lag is without a draw.

Work that is put off by a timer is not lost: after each event the loop runs on until nothing has been drawn and
nothing has taken longer than a millisecond for `QUIET` seconds. The longest single block of that is `Lag.later`; a
person who goes on with the mouse waits for it, so it counts: `Lag.seconds` is the larger of the two. `Lag.busy` is
all of the work together, without the waiting in between: it is what pan and zoom are judged by.

Which part is the draw: the durations of the canvas's draw events, ``glFinish`` included. The rest is the processing
of the event (napari's and ours) and Qt.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import psutil
from numpy.typing import NDArray
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QImage, QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_labeltool._napari_compat import canvas_widget, main_window

QUIET: Final = 0.12
"""Seconds without work after which a window has settled."""
PATIENCE: Final = 120.0
"""Seconds after which a window that never settles is taken as it is."""
WINDOW: Final = (1280, 800)
"""Width and height of the window in screen pixels; the canvas is what the docks leave of it."""
CONTROL = Qt.KeyboardModifier.ControlModifier
_NONE = Qt.KeyboardModifier.NoModifier


@dataclass(frozen=True, slots=True)
class Lag:
    """What one event cost, in seconds.

    Parameters
    ----------
    first
        From the event to its first finished draw.
    later
        The longest block of work after that, until the window settled.
    busy
        All work from the event until the window settled.
    draw
        The draws among `busy`.
    settled
        From the event to the end of the last work, waiting included.
    cpu
        Time of the processor for `busy`, in all threads of the program. On a machine that does nothing else it is
        about as long as `busy`, or longer where OpenGL draws with several threads; where it is much shorter,
        others kept the processor.
    """

    first: float
    later: float
    busy: float
    draw: float
    settled: float
    cpu: float

    @property
    def seconds(self) -> float:
        """What a person waits for."""
        return max(self.first, self.later)


class Window:
    """A napari window whose events are timed.

    Parameters
    ----------
    viewer
        The viewer, with a window that is shown.
    """

    def __init__(self, viewer: Any, *, resize: bool = True) -> None:
        self.viewer = viewer
        self.canvas = canvas_widget(viewer)
        self.draws: list[tuple[float, float]] = []
        self._began = 0.0
        scene = self.canvas._vispy_canvas
        self._context = scene.context
        scene.events.draw.connect(self._on_draw_begins, position="first")
        scene.events.draw.connect(self._on_draw_ends, position="last")
        if resize:
            main_window(viewer).resize(*WINDOW)
            self.settle()

    def _on_draw_begins(self, event: Any) -> None:
        self._began = time.perf_counter()

    def _on_draw_ends(self, event: Any) -> None:
        self._context.finish()
        self.draws.append((self._began, time.perf_counter()))

    # -- time
    def lag(self, action: Callable[[], object]) -> Lag:
        """Do something to the window and tell what it cost."""
        count, cpu, start = len(self.draws), time.process_time(), time.perf_counter()
        action()
        QApplication.processEvents()
        self._draw_since(count)
        first = time.perf_counter() - start
        cpu = time.process_time() - cpu
        blocks, settled, more_cpu = self._settle(QUIET)
        return Lag(
            first=first,
            later=max(blocks, default=0.0),
            busy=first + sum(blocks),
            draw=sum(end - begin for begin, end in self.draws[count:]),
            settled=first + settled,
            cpu=cpu + more_cpu,
        )

    def _draw_since(self, count: int) -> None:
        """Have the canvas drawn unless it was."""
        if len(self.draws) == count:
            QApplication.processEvents()
        while len(self.draws) == count:
            self.canvas.update()
            QApplication.processEvents()

    def settle(self, quiet: float = QUIET) -> list[float]:
        """Let the window work until it has nothing to do; return the seconds of each block of work."""
        return self._settle(quiet)[0]

    def _settle(self, quiet: float) -> tuple[list[float], float, float]:
        """Return the blocks of work, when the last one ended, and the time of the processor for them."""
        start = last = time.perf_counter()
        blocks, cpu = [], 0.0
        while True:
            count, begin, begin_cpu = len(self.draws), time.perf_counter(), time.process_time()
            QApplication.processEvents()
            end = time.perf_counter()
            if end - begin > 1e-3 or len(self.draws) > count:
                blocks.append(end - begin)
                cpu += time.process_time() - begin_cpu
                last = end
            if end - last > quiet or end - start > PATIENCE:
                return blocks, last - start, cpu
            time.sleep(1e-3)

    def redraw(self, times: int = 10) -> list[float]:
        """Draw again with nothing changed; return the seconds of each draw."""
        seconds = []
        for _ in range(times):
            count, start = len(self.draws), time.perf_counter()
            self.canvas.update()
            self._draw_since(count)
            seconds.append(time.perf_counter() - start)
        return seconds

    # -- what is seen
    def pixels(self) -> NDArray[np.uint8]:
        """Return what the canvas shows, (height, width, 3); it is drawn once more for that."""
        image = self.canvas.grabFramebuffer().convertToFormat(QImage.Format.Format_RGB888)
        height, width, stride = image.height(), image.width(), image.bytesPerLine()
        flat = np.frombuffer(image.constBits().asstring(height * stride), np.uint8)
        return flat.reshape(height, stride)[:, : width * 3].reshape(height, width, 3)

    def colored_pixels(self) -> int:
        """Return how many pixels of the canvas are coloured: annotations are, the frame of the picture is grey."""
        pixels = self.pixels().astype(np.int16)
        return int((pixels.max(-1) - pixels.min(-1) > 30).sum())

    def until_seen(self, wanted: int) -> float:
        """Let the window work until that many coloured pixels are on it; return the seconds of work that took."""
        worked, start = 0.0, time.perf_counter()
        while True:
            count, begin = len(self.draws), time.perf_counter()
            QApplication.processEvents()
            worked += time.perf_counter() - begin
            if len(self.draws) > count and self.colored_pixels() >= wanted:
                return worked
            if time.perf_counter() - start > PATIENCE:
                raise RuntimeError(
                    f"{self.colored_pixels()} coloured pixels are on the canvas, {wanted} expected."
                )
            time.sleep(1e-3)
            worked += 1e-3

    # -- camera
    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the canvas in screen pixels."""
        height, width = self.viewer.canvas.size
        return int(height), int(width)

    def look_at(self, center_yx: Sequence[float], zoom: float) -> None:
        """Set the camera: world coordinates of the middle of the canvas, screen pixels per world unit."""
        camera = self.viewer.scene.camera
        camera.center = (0.0, float(center_yx[0]), float(center_yx[1]))
        camera.zoom = zoom

    def point(self, y: float, x: float) -> QPoint:
        """Return where a place of the world lies on the canvas."""
        camera = self.viewer.scene.camera
        height, width = self.size
        center_y, center_x = camera.center[-2:]
        return QPoint(
            round((x - center_x) * camera.zoom + width / 2), round((y - center_y) * camera.zoom + height / 2)
        )

    # -- mouse and keys
    def _mouse(self, kind: Any, place: QPoint, button: Any, buttons: Any) -> None:
        at, everywhere = QPointF(place), QPointF(self.canvas.mapToGlobal(place))
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, at, everywhere, button, buttons, _NONE))

    def press(self, place: QPoint) -> None:
        """Press the left button."""
        left = Qt.MouseButton.LeftButton
        self._mouse(QEvent.Type.MouseButtonPress, place, left, left)

    def move(self, place: QPoint, held: bool = True) -> None:
        """Move the mouse, with the left button held or not."""
        none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
        self._mouse(QEvent.Type.MouseMove, place, none, left if held else none)

    def release(self, place: QPoint) -> None:
        """Let the left button go."""
        self._mouse(QEvent.Type.MouseButtonRelease, place, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton)

    def key(self, key: Any, modifier: Any = _NONE) -> None:
        """Press a key and let it go."""
        QTest.keyClick(self.canvas, key, modifier)

    def timed_drag(self, start: QPoint, end: QPoint, steps: int = 5) -> dict[str, list[Lag]]:
        """Drag from one place to another; return the lags of the press, of each step, and of the release."""
        self.move(start, held=False)
        self.settle(0.03)
        lags = {"press": [self.lag(lambda: self.press(start))], "step": []}
        for number in range(1, steps + 1):
            between = start + (end - start) * (number / steps)
            lags["step"].append(self.lag(lambda place=between: self.move(place)))  # type: ignore[misc]
        lags["release"] = [self.lag(lambda: self.release(end))]
        return lags


def memory_mb() -> float:
    """Return the resident memory of this process in MB (1e6 bytes)."""
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


def held_mb() -> float:
    """Return the resident memory of this process in MB after what the allocator keeps free was given back.

    glibc keeps up to twice the largest array that was ever let go of at the end of its heap, and frees it when no
    small object happens to lie behind it; so what the system counts goes up and down by many MB while the program
    holds the same. Elsewhere than with glibc this is `memory_mb`.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
    return memory_mb()


def renderer(window: Window) -> str:
    """Return what OpenGL calls the device that draws."""
    from vispy.gloo import gl

    window.canvas.makeCurrent()
    return str(gl.glGetParameter(gl.GL_RENDERER))


@contextlib.contextmanager
def labeling_window() -> Iterator[Window]:
    """Open napari with the labeling dock and no document as the command line does, and close it at the end."""
    from napari_labeltool.plugin import launch, uncollected
    from napari_labeltool.widgets.active import active_workspace

    with uncollected(for_good=True):
        viewer = launch(block=False)
    try:
        yield Window(viewer)
    finally:
        workspace = active_workspace(viewer)
        if workspace is not None and workspace.session.dirty:
            workspace.session.save()  # else closing the window would ask
        viewer.close()
