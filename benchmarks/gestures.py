"""Gestures of a person with mouse and keyboard, timed: on our objects layer, and on a plain Shapes layer of napari.

Both are done at the 64 objects in the middle of a document, at a zoom of one screen pixel for one pixel. A sample of
a gesture is its slowest event (press, five steps, release), since that is what is felt; of a vertex drag it is each
step by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPoint, Qt
from rows import GESTURES
from synthetic import PITCH, places_xy
from window import CONTROL, Lag, Window

from napari_labeltool.layers.workspace import Workspace

Samples = dict[str, list[Lag]]

SHIFT: Final = QPoint(16, 10)
"""By how much objects are moved, in screen pixels."""


def worst(lags: dict[str, list[Lag]]) -> Lag:
    """Return the slowest event of a gesture."""
    return max((lag for part in lags.values() for lag in part), key=lambda lag: lag.seconds)


def places_in_view(window: Window, side: int) -> NDArray[np.float64]:
    """Return those of the 64 places that lie well within the canvas, (n, 2) x, y."""
    places, middle = places_xy(side), side / 2
    height, width = window.size
    seen = (np.abs(places[:, 0] - middle) < width / 2 - PITCH) & (
        np.abs(places[:, 1] - middle) < height / 2 - PITCH
    )
    return places[seen]


class Gestures:
    """What both programs are measured with; the two classes below say how each does it."""

    def __init__(self, window: Window, side: int) -> None:
        self.window = window
        self.side = side
        window.look_at((side / 2 - 0.5, side / 2 - 0.5), 1.0)
        window.settle()
        self.samples: Samples = {name: [] for name in GESTURES}
        self.parts: Samples = {}

    def _note(self, gesture: str, lags: dict[str, list[Lag]]) -> None:
        for part, values in lags.items():
            self.parts.setdefault(f"{gesture}: {part}", []).extend(values)

    def at(self, place: Sequence[float]) -> QPoint:
        """Return where a place of the picture (x, y, corner origin) lies on the canvas."""
        return self.window.point(place[1] - 0.5, place[0] - 0.5)

    def drag(self, start: QPoint, end: QPoint) -> dict[str, list[Lag]]:
        """Drag, timed."""
        return self.window.timed_drag(start, end)

    def key(self, key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> Lag:
        """Press a key, timed."""
        return self.window.lag(lambda: self.window.key(key, modifier))

    def take(self, gesture: str, lags: dict[str, list[Lag]]) -> None:
        """Keep the samples of a gesture."""
        self._note(gesture, lags)
        self.samples[gesture].append(worst(lags))


class OurGestures(Gestures):
    """Gestures in the labeling dock's window; each is undone, so that the document stays as it is."""

    def __init__(self, window: Window, workspace: Workspace, side: int) -> None:
        super().__init__(window, side)
        self.workspace = workspace

    def run(self, repetitions: int) -> Samples:
        """Do all gestures that many times, each time at another object; return the samples."""
        places = places_in_view(self.window, self.side)
        for number in range(repetitions):
            place = places[number % len(places)]
            self.add(place)
            self.move(place)
            self.drag_vertex(place)
            self.relabel(place)
            self.delete(place)
        return self.samples

    def _undo(self, check: Callable[[], bool]) -> None:
        lag = self.key(Qt.Key.Key_Z, CONTROL)
        self.samples["undo"].append(lag)
        self._expect(check(), "undo")

    def _expect(self, done: bool, gesture: str) -> None:
        if not done:
            label = self.workspace.session.undo_label
            raise RuntimeError(f"{gesture}: the gesture had no effect; the last step is {label!r}")

    def _row_at(self, place: NDArray[np.float64]) -> int:
        boxes = self.workspace.dataset.annotations.bbox[: len(places_xy())]
        return int(np.argmin(np.abs(boxes[:, :2] + boxes[:, 2:] / 2 - place).sum(1)))

    def _choose(self, place: NDArray[np.float64]) -> int:
        """Click an object, as the gesture before would have."""
        self.workspace.set_tool("select")
        self.window.settle()
        self.window.press(self.at(place))
        self.window.release(self.at(place))
        self.window.settle()
        row = self._row_at(place)
        self._expect(self.workspace.selection == (row,), "select")
        return row

    def _let_go(self) -> None:
        self.workspace.select(())
        self.workspace.set_tool("select")
        self.window.settle()

    def add(self, place: NDArray[np.float64]) -> None:
        """Draw a box in the gap beside an object, and undo it."""
        table = self.workspace.dataset.annotations
        before = len(table.rows())
        self.workspace.set_tool("box")
        self.window.settle()
        corner = self.at(place + PITCH / 2 - 8)
        self.take("add a box", self.drag(corner, corner + QPoint(16, 14)))
        self._expect(len(table.rows()) == before + 1, "add a box")
        self._undo(lambda: len(table.rows()) == before)
        self._let_go()

    def move(self, place: NDArray[np.float64]) -> None:
        """Press on an object that is not selected and drag it in the same press, and undo it."""
        table, row = self.workspace.dataset.annotations, self._row_at(place)
        before = table.bbox[row].copy()
        start = self.at(place)
        self.take("move", self.drag(start, start + SHIFT))
        self._expect(not np.array_equal(table.bbox[row], before), "move")
        self._undo(lambda: np.array_equal(table.bbox[row], before))
        self._let_go()

    def drag_vertex(self, place: NDArray[np.float64]) -> None:
        """Drag a vertex of a selected object, and undo it."""
        table = self.workspace.dataset.annotations
        row = self._choose(place)
        before = self.workspace.dataset.annotation(row)
        outline = before.get("segmentation")
        left, top, _, _ = table.bbox[row]
        vertex = np.array(outline[0][:2] if outline else [left, top])
        self.window.key(Qt.Key.Key_D)
        self.window.settle()
        start = self.at(vertex)
        lags = self.drag(start, start + QPoint(-9, -7))
        self._note("vertex drag", lags)
        self.samples["vertex drag step"] += [*lags["press"], *lags["step"], *lags["release"]]
        self._expect(self.workspace.dataset.annotation(row) != before, "vertex drag step")
        self._undo(lambda: bool(self.workspace.dataset.annotation(row) == before))
        self._let_go()

    def relabel(self, place: NDArray[np.float64]) -> None:
        """Press the key of another class on a selected object, and undo it."""
        table = self.workspace.dataset.annotations
        row = self._choose(place)
        before = int(table.category[row])
        number = 1 if before != 0 else 2
        lag = self.key(Qt.Key(int(Qt.Key.Key_0) + number))
        self.take("relabel one", {"key": [lag]})
        self._expect(int(table.category[row]) == number - 1, "relabel one")
        self._undo(lambda: int(table.category[row]) == before)
        self._let_go()

    def delete(self, place: NDArray[np.float64]) -> None:
        """Press the delete key on a selected object, and undo it."""
        table = self.workspace.dataset.annotations
        row = self._choose(place)
        self.take("delete", {"key": [self.key(Qt.Key.Key_Delete)]})
        self._expect(not table.alive[row], "delete")
        self._undo(lambda: bool(table.alive[row]))
        self._let_go()


class PlainGestures(Gestures):
    """The same gestures on a plain Shapes layer, as far as napari can do them: it has no undo of shapes.

    Parameters
    ----------
    window
        A window of napari without our dock.
    layer
        A Shapes layer of rectangles, the first 64 of which are those in the middle.
    """

    def __init__(self, window: Window, layer: Any, side: int) -> None:
        super().__init__(window, side)
        self.layer = layer

    def run(self, repetitions: int) -> Samples:
        """Do all gestures that many times, each time at another object; return the samples."""
        places = places_in_view(self.window, self.side)
        corners = [np.asarray(corner) for corner in self.layer.data[: len(places_xy())]]
        middles = np.array([corner.mean(0)[::-1] + 0.5 for corner in corners])
        for number in range(repetitions):
            place = places[number % len(places)]
            index = int(np.argmin(np.abs(middles - place).sum(1)))
            self.add(place)
            self.move(index, place)
            self.drag_vertex(index)
            self.relabel(index)
        return self.samples

    def add(self, place: NDArray[np.float64]) -> None:
        """Draw a rectangle, and delete it with the key."""
        self.layer.mode = "add_rectangle"
        self.window.settle()
        before = len(self.layer.data)
        corner = self.at(place + PITCH / 2 - 8)
        self.take("add a box", self.drag(corner, corner + QPoint(16, 14)))
        self.layer.mode = "select"
        self.layer.selected_data = {len(self.layer.data) - 1}
        self.window.settle()
        self.take("delete", {"key": [self.key(Qt.Key.Key_Delete)]})
        if len(self.layer.data) != before:
            raise RuntimeError(
                f"{len(self.layer.data)} shapes, {before} expected: drawing or deleting failed"
            )

    def move(self, index: int, place: NDArray[np.float64]) -> None:
        """Drag a rectangle there and back again."""
        self.layer.selected_data = set()
        self.layer.mode = "select"
        self.window.settle()
        before = self.layer.data[index].copy()
        start = self.at(place)
        self.take("move", self.drag(start, start + SHIFT))
        if np.array_equal(self.layer.data[index], before):
            raise RuntimeError("move: the rectangle did not move")
        self.take("move", self.drag(start + SHIFT, start))

    def drag_vertex(self, index: int) -> None:
        """Drag a corner of a selected rectangle there and back again."""
        self.layer.selected_data = {index}
        self.layer.mode = "direct"
        self.window.settle()
        y, x = self.layer.data[index][0]
        start, end = self.at((x + 0.5, y + 0.5)), self.at((x + 0.5, y + 0.5)) + QPoint(-9, -7)
        for first, last in ((start, end), (end, start)):
            lags = self.drag(first, last)
            self._note("vertex drag", lags)
            self.samples["vertex drag step"] += [*lags["press"], *lags["step"], *lags["release"]]

    def relabel(self, index: int) -> None:
        """Give a selected rectangle another class and the colour of it, as scripts and napari's table do."""
        self.layer.mode = "select"
        self.layer.selected_data = {index}
        self.window.settle()

        def change() -> None:
            self.layer.features.loc[index, "category"] = "other"
            self.layer.current_edge_color = "red" if index % 2 else "blue"

        self.take("relabel one", {"script": [self.window.lag(change)]})
