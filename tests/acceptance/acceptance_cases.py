"""A person at the real window: a project is opened, edited with mouse and keyboard, saved, and read by others."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.demo_drive.hand import Hand, Place
from napari_labeltool.formats.coco import parse_coco
from napari_labeltool.layers.workspace import Tool, Workspace
from napari_labeltool.plugin import launch
from napari_labeltool.widgets.active import active_workspace
from napari_labeltool.widgets.labeling_dock import LabelingDock
from napari_labeltool.widgets.texts import TOOL_KEYS
from napari_labeltool.widgets.tool_bar import ToolBar

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Person(Hand):
    """A hand, with what a person knows of the program's keys and buttons."""

    def __init__(self, workspace: Workspace, document: Path) -> None:
        super().__init__(workspace)
        self.document = document
        self.before = document.read_bytes()
        self.window.resize(1280, 800)
        self.wait(300)
        self.dock: Any = self.window.findChild(LabelingDock)

    @property
    def dataset(self) -> Dataset:
        """What is labelled."""
        return self.workspace.dataset

    @property
    def pixel(self) -> float:
        """Size of a screen pixel in pixels of the picture."""
        return 1 / float(self.workspace.viewer.scene.camera.zoom)

    def row(self, annotation: int) -> int:
        """Return the row of an annotation."""
        return int(np.flatnonzero(self.dataset.annotations.id == annotation)[0])

    def record(self, annotation: int) -> dict[str, Any]:
        """Return the record of an annotation as it is now."""
        return self.dataset.annotation(self.row(annotation))

    def take(self, tool: Tool) -> None:
        """Press the key of a tool."""
        number = int(TOOL_KEYS[tool].removeprefix("Ctrl+"))
        self.key(Qt.Key(int(Qt.Key.Key_0) + number), CONTROL)
        assert self.workspace.tool == tool

    def class_key(self, number: int) -> None:
        """Press the key of a class."""
        self.key(Qt.Key(int(Qt.Key.Key_0) + number))

    def go_to(self, image: int) -> None:
        """Turn pages until an image (by row) is shown."""
        for _ in range(abs(image - self.workspace.image)):
            forth = image > self.workspace.image
            self.key(Qt.Key.Key_PageDown if forth else Qt.Key.Key_PageUp)
        assert self.workspace.image == image
        self.wait(150)

    def choose(self, place: Place, annotation: int) -> None:
        """Click an object."""
        self.take("select")
        self.click(place)
        assert self.workspace.selection == (self.row(annotation),)

    def scroll(self, place: Place, notches: int) -> None:
        """Turn the mouse wheel over a place."""
        from qtpy.QtCore import QPointF
        from qtpy.QtGui import QWheelEvent
        from qtpy.QtWidgets import QApplication

        point = QPointF(self.point(place))
        everywhere = QPointF(self.canvas.mapToGlobal(self.point(place)))
        for _ in range(abs(notches)):
            turn = QPoint(0, 120 if notches > 0 else -120)
            event = QWheelEvent(
                point,
                everywhere,
                QPoint(0, 0),
                turn,
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(self.canvas, event)
            self.wait(6)
        self.wait()

    def set_point(self, visibility: int) -> None:
        """Press the button for the visibility of the chosen keypoint."""
        self.press(self.dock.findChild(ToolBar).points.visibility[visibility])

    def undo(self, steps: int) -> None:
        """Undo steps with the keyboard."""
        for _ in range(steps):
            self.key(Qt.Key.Key_Z, CONTROL)

    def redo(self, steps: int) -> None:
        """Do steps again with the keyboard."""
        for _ in range(steps):
            self.key(Qt.Key.Key_Z, CONTROL | SHIFT)

    def save(self) -> Saved:
        """Press the key for saving, and read what was written."""
        self.key(Qt.Key.Key_Return, CONTROL)
        self.wait(100)
        assert not self.workspace.session.dirty, self.workspace.session.state_words()
        return Saved(self.document, self.before)


class Saved:
    """What another program reads in the saved file."""

    def __init__(self, document: Path, before: bytes) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            self.coco = COCO(str(document))
        self.after = parse_coco(document.read_bytes())
        self.before = parse_coco(before)

    def __getitem__(self, annotation: int) -> dict[str, Any]:
        found: dict[str, Any] = self.coco.anns[annotation]
        return found

    def corners(self, annotation: int) -> np.ndarray[Any, Any]:
        """Return left, top, right, bottom of the box of an annotation."""
        left, top, width, height = self[annotation]["bbox"]
        return np.array([left, top, left + width, top + height])

    def outline(self, annotation: int, part: int = 0) -> np.ndarray[Any, Any]:
        """Return the (n, 2) vertices of a part of a polygon."""
        return np.array(self[annotation]["segmentation"][part]).reshape(-1, 2)

    def points(self, annotation: int) -> np.ndarray[Any, Any]:
        """Return the (k, 3) keypoints of an annotation."""
        return np.array(self[annotation]["keypoints"], float).reshape(-1, 3)

    def mask(self, annotation: int) -> np.ndarray[Any, Any]:
        """Return the pixels of an annotation."""
        return self.coco.annToMask(self[annotation]).astype(bool)

    def new_ids(self) -> list[int]:
        """Return the ids that were not there before."""
        return sorted(self.coco.anns.keys() - set(self.before.annotations.id.tolist()))

    def assert_only_changed(self, *annotations: int) -> None:
        """Check that every other record, and all that is no annotation, has the bytes that it had."""
        for table in ("images", "categories"):
            old, new = (getattr(data, table) for data in (self.before, self.after))
            assert [old.raw(int(r)) for r in old.rows()] == [new.raw(int(r)) for r in new.rows()], table
        old, new = self.before.annotations, self.after.annotations
        kept = [row for row in map(int, old.rows()) if old.id_of(row) not in annotations]
        ids = {new.id_of(int(row)): int(row) for row in new.rows()}
        assert kept
        for row in kept:
            assert new.raw(ids[old.id_of(row)]) == old.raw(row), old.id_of(row)
        changed = [ids[i] for i in annotations if i in ids and i in old.id.tolist()]
        before = {old.id_of(int(row)): old.raw(int(row)) for row in old.rows()}
        assert all(new.raw(row) != before[new.id_of(row)] for row in changed)


@contextlib.contextmanager
def at_the_window(folder: Path, document: str, target: Path) -> Iterator[Person]:
    """Copy a project, open its COCO file in napari, and close the window at the end."""
    shutil.copytree(folder, target)
    viewer = launch(target / document, block=False)
    try:
        workspace = active_workspace(viewer)
        assert workspace is not None
        person = Person(workspace, target / document)
        yield person
    finally:
        workspace = active_workspace(viewer)
        if workspace is not None and workspace.session.dirty:
            workspace.session.save()
        viewer.close()


def type_text(widget: Any, text: str) -> None:
    """Type into a widget."""
    widget.setFocus()
    QTest.keyClicks(widget, text)
