"""Random edits in an open window: most through the workspace, some with mouse and keys; and the same without a window.

What the session of the window did is written down (each edit as it was applied, each undo and redo), so it can be
done again on a copy of the file by a session that knows of no window.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from napari_labeltool.core.edits import Relabel, Rows, SetAttributes, SetGeometry
from napari_labeltool.core.geometry import Box, Polygon
from napari_labeltool.session import Session, open_session

Step = tuple[Literal["apply", "undo", "redo"], Any]

WEIGHTS: Final = {
    "add": 5, "draw": 2, "move": 4, "drag": 2, "vertex": 3, "relabel": 4, "class key": 2, "delete": 3,
    "attributes": 4, "undo": 5, "redo": 3, "bulk relabel": 1,
}  # fmt: skip


def watch_steps(session: Session, told: Callable[[Step], object]) -> None:
    """Have somebody told of every step of a session after it was done."""
    apply, undo, redo = session.apply, session.undo, session.redo

    def told_apply(edit: Any, origin: object | None = None) -> Any:
        change = apply(edit, origin)
        if change is not None:
            told(("apply", edit))
        return change

    def told_after(kind: Literal["undo", "redo"], step: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            change = step()
            if change is not None:
                told((kind, None))
            return change

        return run

    session.apply = told_apply  # type: ignore[method-assign]
    session.undo = told_after("undo", undo)  # type: ignore[method-assign]
    session.redo = told_after("redo", redo)  # type: ignore[method-assign]


def record_steps(session: Session) -> list[Step]:
    """Have every step of a session written down; return the list, which grows."""
    steps: list[Step] = []
    watch_steps(session, steps.append)
    return steps


def do_step(session: Session, step: Step) -> None:
    """Do a step in another session of an equal document."""
    kind, edit = step
    if kind == "apply":
        session.apply(edit)
    else:
        (session.undo if kind == "undo" else session.redo)()


def do_again(path: Path, steps: list[Step], author: str) -> None:
    """Do steps on a document without a window, and save it."""
    with open_session(path, author=author) as session:
        for step in steps:
            do_step(session, step)
        session.save()


class RandomEdits:
    """Does edits by chance in the window of a workspace.

    Parameters
    ----------
    workspace
        The document; one with the 64 objects in the middle, see `synthetic`.
    side
        Width and height of the shown image in pixels.
    window
        With it some edits are made with mouse and keys; None makes all of them through the workspace.
    bulk
        Number of annotations that a bulk relabelling takes.
    """

    def __init__(
        self, workspace: Any, side: int, window: Any = None, *, bulk: int = 1000, seed: int = 0
    ) -> None:
        self.workspace, self.side, self.window, self.bulk = workspace, side, window, bulk
        self.rng = np.random.default_rng(seed)
        self.counts: Counter[str] = Counter()
        self.gestures: Any = None
        if window is not None:
            from gestures import OurGestures

            self.gestures = OurGestures(window, workspace, side)

    def run(self, count: int, each: Callable[[str], object] = lambda name: None) -> None:
        """Do that many edits; `each` is told the name of every one after it was done."""
        names, weights = list(WEIGHTS), np.array(list(WEIGHTS.values()), float)
        for name in self.rng.choice(names, count, p=weights / weights.sum()):
            getattr(self, name.replace(" ", "_"))()
            self.counts[str(name)] += 1
            each(str(name))

    # -- choice
    def row(self) -> int:
        """Return an alive annotation of the shown image."""
        table = self.workspace.dataset.annotations
        while True:
            row = int(self.rng.integers(table.row_count))
            if table.alive[row] and table.image[row] == self.workspace.image:
                return row

    def middle_row(self) -> int | None:
        """Return an alive annotation of the 64 in the middle that the mouse can take, None where there is none."""
        table = self.workspace.dataset.annotations
        height, width = self.window.size
        boxes = table.bbox[:64]
        offset = np.abs(boxes[:, :2] + boxes[:, 2:] / 2 - self.side / 2)
        seen = table.alive[:64] & (offset[:, 0] < width / 2 - 80) & (offset[:, 1] < height / 2 - 80)
        rows = np.flatnonzero(seen)
        return int(self.rng.choice(rows)) if len(rows) else None

    # -- edits through the workspace
    def add(self) -> None:
        """Add a box or a polygon."""
        left, top = self.rng.uniform(0.05, 0.95, 2) * self.side
        width, height = self.rng.uniform(10, 60, 2)
        geometry: Any = Box((round(left, 2), round(top, 2), round(width, 2), round(height, 2)))
        if self.rng.random() < 0.5:
            angles = np.sort(self.rng.uniform(0, 2 * np.pi, 9))
            points = np.stack([left + width * np.cos(angles), top + height * np.sin(angles)], 1).round(2)
            geometry = Polygon((points,))
        self.workspace.apply(self.workspace.new_object(geometry=geometry))

    def move(self) -> None:
        """Move an object."""
        self._change(lambda points: points + self.rng.uniform(-20, 20, 2).round(2), "Move")

    def vertex(self) -> None:
        """Move the first corner of an object."""

        def pulled(points: Any) -> Any:
            points = points.copy()
            points[0] += self.rng.uniform(-5, 5, 2).round(2)
            return points

        self._change(pulled, "Reshape")

    def _change(self, change: Callable[[Any], Any], verb: str) -> None:
        row = self.row()
        geometry = self.workspace.dataset.geometry(row)
        if isinstance(geometry, Polygon):
            changed: Any = Polygon(tuple(change(part) for part in geometry.parts_xy))
        else:
            left, top, width, height = geometry.bbox_xywh()
            corner = change(np.array([[left, top]]))[0]
            changed = Box((float(corner[0]), float(corner[1]), width, height))
        self.workspace.apply(SetGeometry(Rows([row]), changed, verb))

    def relabel(self) -> None:
        """Select an object and choose a class."""
        self.workspace.select([self.row()])
        self.workspace.set_category(int(self.rng.integers(10)))
        self.workspace.select(())

    def bulk_relabel(self) -> None:
        """Relabel many objects as one step."""
        table = self.workspace.dataset.annotations
        rows = np.flatnonzero(table.alive & (table.image == self.workspace.image))
        start = int(self.rng.integers(max(1, len(rows) - self.bulk)))
        chosen = rows[start : start + self.bulk]
        self.workspace.apply(Relabel(Rows(chosen), Rows([int(self.rng.integers(10))])))

    def delete(self) -> None:
        """Delete an object or two."""
        self.workspace.select({self.row(), self.row()})
        self.workspace.delete_selection()

    def attributes(self) -> None:
        """Set attributes of an object."""
        values = {"occluded": bool(self.rng.integers(2)), "grade": int(self.rng.integers(5))}
        self.workspace.apply(SetAttributes(Rows([self.row()]), values))

    def undo(self) -> None:
        """Undo a step or several."""
        for _ in range(int(self.rng.integers(1, 4))):
            self.workspace.undo()

    def redo(self) -> None:
        """Do a step or several again."""
        for _ in range(int(self.rng.integers(1, 4))):
            self.workspace.redo()

    # -- edits with mouse and keys
    def draw(self) -> None:
        """Draw a box with the mouse."""
        if self.gestures is None:
            self.add()
            return
        self._go_there()
        self.workspace.set_tool("box")
        x, y = self.rng.uniform(-250, 250, 2) + self.side / 2
        corner = self.gestures.at((x, y))
        self._drag(corner, (int(self.rng.integers(12, 60)), int(self.rng.integers(12, 60))))
        self.workspace.set_tool("select")

    def drag(self) -> None:
        """Drag an object with the mouse."""
        row = None if self.gestures is None else self.middle_row()
        if row is None:
            self.move()
            return
        self._go_there()
        self.workspace.set_tool("select")
        left, top, width, height = self.workspace.dataset.annotations.bbox[row]
        self._drag(
            self.gestures.at((left + width / 2, top + height / 2)),
            tuple(self.rng.integers(-12, 12, 2).tolist()),
        )
        self.workspace.select(())

    def class_key(self) -> None:
        """Press the key of a class while an object is selected."""
        if self.gestures is None:
            self.relabel()
            return
        from qtpy.QtCore import Qt

        self.workspace.select([self.row()])
        self.window.key(Qt.Key(int(Qt.Key.Key_0) + int(self.rng.integers(1, 10))))
        self.workspace.select(())

    def _go_there(self) -> None:
        self.workspace.select(())
        self.window.look_at((self.side / 2 - 0.5, self.side / 2 - 0.5), 1.0)
        self.window.settle(0.02)

    def _drag(self, start: Any, by: tuple[int, int]) -> None:
        from qtpy.QtCore import QPoint

        window, end = self.window, start + QPoint(*by)
        window.move(start, held=False)
        window.press(start)
        window.move(start + QPoint(by[0] // 2, by[1] // 2))
        window.move(end)
        window.release(end)
        window.settle(0.02)
