"""Coverage in napari's real window: keys, mouse, and what is to be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import napari
import numpy as np
import pytest
import tifffile
from mouse_moves import move_with_left_button
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_labeltool.widgets.coverage_watch import CoverageWatch, watch_of
from napari_labeltool.widgets.labeling_dock import LabelingDock
from napari_labeltool.widgets.project import project_of

pytestmark = pytest.mark.window

CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def dock(tmp_path: Path) -> Iterator[LabelingDock]:
    """The dock on a picture of 4000 x 5000 pixels, black and white."""
    picture = np.zeros((4000, 5000), np.uint8)
    picture[:, 2500:] = 255
    tifffile.imwrite(tmp_path / "large.tif", picture)
    image = {"id": 1, "file_name": "large.tif", "height": 4000, "width": 5000}
    content = {"images": [image], "annotations": [], "categories": [{"id": 1, "name": "cell"}]}
    (tmp_path / "labels.json").write_text(json.dumps(content))
    viewer = napari.Viewer(show=True)
    viewer.window.resize(1280, 800)
    made = LabelingDock(viewer)
    viewer.window.add_dock_widget(made, name="Labeling", area="right")
    made.project.open(tmp_path / "labels.json")
    QTest.qWait(300)
    yield made
    project_of(viewer).close()
    viewer.close()


def watch_in(dock: LabelingDock) -> CoverageWatch:
    assert dock.workspace is not None
    return watch_of(dock.workspace)


def native_of(dock: LabelingDock) -> Any:
    return dock.viewer.window._qt_viewer.canvas.native


def press(dock: LabelingDock, key: Qt.Key, modifiers: Any) -> None:
    QTest.keyClick(native_of(dock), key, modifiers)
    QTest.qWait(550)


def test_keys_go_on_shade_and_mark(dock: LabelingDock) -> None:
    coverage = watch_in(dock).coverage
    assert coverage.is_large
    for count in range(1, 4):
        before = coverage.viewed.count if coverage.viewed is not None else -1
        press(dock, Qt.Key.Key_Right, CTRL)
        assert coverage.viewed is not None
        assert coverage.viewed.count > before, count
    place = coverage.rectangle()
    coverage.viewed.fill(False)
    press(dock, Qt.Key.Key_Left, CTRL)
    assert coverage.rectangle() != place
    press(dock, Qt.Key.Key_L, CTRL | SHIFT)
    (region,) = coverage.regions
    assert region.categories is None
    press(dock, Qt.Key.Key_Z, CTRL)
    assert coverage.regions == ()
    press(dock, Qt.Key.Key_U, CTRL)
    assert coverage.store.shaded
    assert dock.collapsibles["Coverage"].content.shade.isChecked()
    press(dock, Qt.Key.Key_U, CTRL)
    assert not coverage.store.shaded


def test_the_veil_is_seen_on_black_and_on_white(dock: LabelingDock) -> None:
    coverage, canvas = watch_in(dock).coverage, dock.viewer

    def levels() -> tuple[int, int]:
        QTest.qWait(100)
        pixels = canvas.screenshot(canvas_only=True, flash=False)
        height, width = pixels.shape[:2]
        return int(pixels[height // 2, width // 2 - 60, 0]), int(pixels[height // 2, width // 2 + 60, 0])

    coverage.camera.look_at(2500, 2000, 0.2)
    black, white = levels()
    coverage.set_shaded(True)
    veiled_black, veiled_white = levels()
    assert veiled_black - black > 30
    assert white - veiled_white > 30
    assert veiled_white - veiled_black > 80
    coverage.mark_all(True)
    assert levels() == (black, white)


def test_a_rectangle_that_is_dragged_becomes_a_region(dock: LabelingDock) -> None:
    coverage, panel = watch_in(dock).coverage, dock.collapsibles["Coverage"].content.regions
    native, workspace = native_of(dock), dock.workspace
    assert workspace is not None
    tool, camera = workspace.tool, dock.viewer.scene.camera
    pans = camera.mouse_pan
    coverage.camera.look_at(2000, 2000, 0.5)
    QTest.qWait(50)
    center = tuple(camera.center)
    QTest.mouseClick(panel.draw, Qt.MouseButton.LeftButton)
    assert panel.draw.isChecked()
    middle = QPoint(native.width() // 2, native.height() // 2)
    start, end = middle - QPoint(100, 50), middle + QPoint(100, 50)
    QTest.mouseMove(native, start)
    QTest.mousePress(native, Qt.MouseButton.LeftButton, NONE, start)
    for share in (0.3, 0.7, 1.0):
        move_with_left_button(native, start + QPoint(round(200 * share), round(100 * share)))
        QTest.qWait(20)
    QTest.mouseRelease(native, Qt.MouseButton.LeftButton, NONE, end)
    QTest.qWait(100)
    (region,) = coverage.regions
    np.testing.assert_allclose(region.bbox_xywh, (1800, 1900, 400, 200), atol=5)
    assert tuple(camera.center) == center
    assert not panel.draw.isChecked()
    assert workspace.tool == tool
    assert camera.mouse_pan == pans
    assert len(workspace.dataset.annotations) == 0


def test_drawing_a_region_can_be_called_off(dock: LabelingDock) -> None:
    panel, workspace = dock.collapsibles["Coverage"].content.regions, dock.workspace
    assert workspace is not None
    camera = dock.viewer.scene.camera
    for tool in ("pan", "select"):
        workspace.set_tool(tool)
        pans = camera.mouse_pan
        panel.draw.click()
        assert not camera.mouse_pan
        panel.draw.click()
        assert camera.mouse_pan == pans
        assert workspace.tool == tool
    panel.draw.click()
    workspace.set_tool("box")
    assert not panel.draw.isChecked()
    assert workspace.tool == "box"
    assert not camera.mouse_pan


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_section_fits_into_the_dock(dock: LabelingDock, theme: str) -> None:
    dock.viewer.theme = theme
    QTest.qWait(100)
    section = dock.collapsibles["Coverage"].content
    assert section.isVisible()
    column = dock.scroll.widget()
    assert column.minimumSizeHint().width() <= dock.scroll.viewport().width()
    for button in (section.next, section.shade, section.more, section.regions.draw):
        right = button.mapTo(column, QPoint(button.width(), 0)).x()
        assert right <= dock.scroll.viewport().width()
