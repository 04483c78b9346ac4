"""The work of the driven demo: one of each kind of label, drawn with the mouse and chosen with the keyboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_labeltool._napari_compat.shapes import rotation_handle
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.demo_drive.hand import Hand, Place
from napari_labeltool.layers.names import HALF_PIXEL
from napari_labeltool.layers.workspace import Tool
from napari_labeltool.widgets.class_palette import ClassPalette
from napari_labeltool.widgets.tag_panel import TagPanel
from napari_labeltool.widgets.texts import TOOL_KEYS

FACE_BOX: Final[tuple[Place, Place]] = ((75, 40), (225, 190))
FACE_POINTS: Final[tuple[Place, ...]] = ((112, 100), (180, 95), (148, 140))
ROCKET_BOX: Final[tuple[Place, Place]] = ((295, 90), (350, 330))
TOWER: Final[tuple[Place, ...]] = ((365, 130), (420, 130), (425, 345), (360, 345))
STROKE: Final[tuple[Place, ...]] = ((430, 380), (500, 385), (580, 390))
NEW_CLASS: Final = "rocket"
TURN: Final = 25.0
"""Degrees by which the rotated box is turned, clockwise."""


@dataclass(slots=True)
class Drawn:
    """What was drawn where, as the file should have it.

    Parameters
    ----------
    box, box_id
        Left, top, right, bottom in pixels of the picture, and the id of its annotation.
    keypoints, keypoints_id
        (k, 2) x, y of the placed points in the order of the class.
    rotated_id, turned_from
        Id of the rotated box, and the box as it was drawn.
    polygon, polygon_id
        (n, 2) x, y of the corners.
    mask, mask_id
        The painted pixels as the canvas shows them, (h, w).
    tag
        Name of the tag, and `tagged_file`, the picture's file name.
    tolerance
        Size of a screen pixel in pixels of the picture: what a mouse can hit.
    """

    box: tuple[float, float, float, float] = (0, 0, 0, 0)
    box_id: Any = None
    keypoints: list[Place] = field(default_factory=list)
    keypoints_id: Any = None
    rotated_id: Any = None
    turned_from: tuple[float, float, float, float] = (0, 0, 0, 0)
    polygon: list[Place] = field(default_factory=list)
    polygon_id: Any = None
    mask: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), bool))
    mask_id: Any = None
    tag: str = ""
    tagged_file: str = ""
    tolerance: float = 1.0


class Steps:
    """Labels the demo project.

    Parameters
    ----------
    hand
        The mouse and the keyboard.
    dock
        The Labeling widget.
    out
        Folder for screenshots.
    """

    def __init__(self, hand: Hand, dock: Any, out: Path) -> None:
        self.hand = hand
        self.dock = dock
        self.out = out
        self.drawn = Drawn()
        self.screenshots: list[Path] = []

    def run(self) -> Drawn:
        """Do all of it."""
        self._show("images/cat.png")
        self._note_tolerance()
        self._class_key("4")
        self._box_and_keypoints()
        self._shoot("1-box-and-keypoints")
        self._show("images/rocket.png")
        self._note_tolerance()
        self._new_class()
        self._rotated_box()
        self._polygon()
        self._mask()
        self._tag()
        self._shoot("2-rotated-box-polygon-mask-tag")
        self._undo_and_redo()
        return self.drawn

    # -- getting about
    @property
    def _workspace(self) -> Any:
        return self.hand.workspace

    def _show(self, file_name: str) -> None:
        images = {image.file_name: image.row for image in self._workspace.dataset.images}
        wanted = images[file_name]
        while self._workspace.image != wanted:
            before = self._workspace.image
            forth = wanted > before
            self.hand.key(Qt.Key.Key_PageDown if forth else Qt.Key.Key_PageUp)
            if self._workspace.image == before:
                raise LabeltoolError(
                    f"demo: the key for the next image did nothing on the way to {file_name}."
                )
        self.hand.wait(200)

    def _note_tolerance(self) -> None:
        pixel = 1 / float(self._workspace.viewer.scene.camera.zoom) / self._workspace.pictures.transform.pixel
        self.drawn.tolerance = max(self.drawn.tolerance, pixel)

    def _tool(self, tool: Tool) -> None:
        number = int(TOOL_KEYS[tool].removeprefix("Ctrl+"))
        self.hand.key(Qt.Key(int(Qt.Key.Key_0) + number), Qt.KeyboardModifier.ControlModifier)
        if self._workspace.tool != tool:
            raise LabeltoolError(f"demo: the key {TOOL_KEYS[tool]} did not choose the tool {tool}.")

    def _class_key(self, digit: str) -> None:
        self.hand.key(Qt.Key(int(Qt.Key.Key_0) + int(digit)))

    def _made(self) -> Any:
        """Return the id of the annotation that was just made; it is what is selected."""
        if len(self._workspace.selection) != 1:
            raise LabeltoolError(f"demo: {len(self._workspace.selection)} objects selected, one expected.")
        return self._workspace.dataset.annotations.id_of(self._workspace.selection[0])

    def _shoot(self, name: str) -> None:
        self.screenshots.append(self.hand.screenshot(self.out / f"{name}.png"))

    # -- drawing
    def _box_and_keypoints(self) -> None:
        self._tool("box")
        self.hand.drag(*FACE_BOX)
        self.drawn.box = self._rectangle(*FACE_BOX)
        self.drawn.box_id = self._made()
        self._tool("keypoints")
        for place in FACE_POINTS:
            self.hand.click(place)
            self.drawn.keypoints.append(self.hand.place(place))
        self.drawn.keypoints_id = self._made()

    def _rectangle(self, start: Place, end: Place) -> tuple[float, float, float, float]:
        return (*self.hand.place(start), *self.hand.place(end))

    def _new_class(self) -> None:
        search = self.dock.findChild(ClassPalette).search
        search.setFocus()
        QTest.keyClicks(search, NEW_CLASS)
        self.hand.key(Qt.Key.Key_Return, on=search)
        category = self._workspace.session.schema.named(NEW_CLASS)
        if category is None or self._workspace.category != category.key:
            raise LabeltoolError(f"demo: typing {NEW_CLASS} and Enter did not make and choose the class.")

    def _rotated_box(self) -> None:
        self._tool("rotated_box")
        self.hand.drag(*ROCKET_BOX)
        self.drawn.turned_from = self._rectangle(*ROCKET_BOX)
        self.drawn.rotated_id = self._made()
        self._tool("select")
        handle = rotation_handle(self._workspace.objects.layer)
        if handle is None:
            raise LabeltoolError("demo: the drawn box shows no handle to turn it by.")
        start = np.array([handle[1], handle[0]], float) + HALF_PIXEL
        centre = np.mean(ROCKET_BOX, axis=0)
        angles = np.radians([TURN / 2, TURN])
        turned = [
            centre + np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ (start - centre)
            for a in angles
        ]
        self.hand.drag((start[0], start[1]), *((x, y) for x, y in turned))

    def _polygon(self) -> None:
        self._tool("polygon")
        for place in TOWER[:-1]:
            self.hand.click(place)
        self.hand.double_click(TOWER[-1])
        self.drawn.polygon = [self.hand.place(place) for place in TOWER]
        self.drawn.polygon_id = self._made()

    def _mask(self) -> None:
        self._tool("mask")
        self.hand.drag(*STROKE)
        self.drawn.mask_id = self._made()
        layer = self._workspace.masks.layer
        self.drawn.mask = np.asarray(layer.data) == layer.selected_label

    def _tag(self) -> None:
        self.drawn.tag = "photograph"
        category = self._workspace.session.schema.named(self.drawn.tag)
        rows = self.dock.findChild(TagPanel).rows
        self.hand.press(next(row.buttons[category.key] for row in rows if category.key in row.buttons))
        self.drawn.tagged_file = "images/rocket.png"

    def _undo_and_redo(self) -> None:
        """Undo everything with Ctrl+Z and do it again, so that what is saved went both ways."""
        control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
        session = self._workspace.session
        edits = 0
        while session.undo_label is not None and edits < 100:
            self.hand.key(Qt.Key.Key_Z, control)
            edits += 1
        if session.dataset.is_changed():
            raise LabeltoolError(
                f"demo: after {edits} times undo the document differs from the one that was opened."
            )
        for _ in range(edits):
            self.hand.key(Qt.Key.Key_Z, control | shift)
        self._shoot("3-undone-and-done-again")
