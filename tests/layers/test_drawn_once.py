"""What a gesture costs the real window, counted: drawings, layouts of shapes, and what is not drawn at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from window_cases import close, in_window, needs_display
from workspace_cases import row_of

from napari_labeltool.core.edits import AddObject, Relabel, Rows, SetGeometry
from napari_labeltool.core.geometry import Box
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.workspace import Workspace

pytestmark = needs_display


@pytest.fixture
def few(tmp_path: Path, qtbot: Any) -> Iterator[Workspace]:
    """Some objects in a window, one of which at most is in the layer: the others are drawn by the overlay."""
    workspace = in_window(tmp_path, Options(promote_limit=1))
    qtbot.wait(50)
    yield workspace
    close(workspace)


def counted(workspace: Workspace, action: Callable[[], object]) -> dict[str, int]:
    """Return how often the shapes were laid out, the thumbnail made and the dims worked out by an action."""
    layer, viewer = workspace.objects.layer, workspace.viewer
    count = {"layouts": 0, "thumbnails": 0, "dims": 0}

    def add(name: str) -> Callable[..., None]:
        def note(event: Any = None) -> None:
            count[name] += 1

        return note

    laid, pictured, ranged = map(add, count)
    for name in ("set_data", "edge_color", "face_color"):
        getattr(layer.events, name).connect(laid)
    layer.events.thumbnail.connect(pictured)
    viewer.dims.events.range.connect(ranged)
    try:
        action()
    finally:
        for name in ("set_data", "edge_color", "face_color"):
            getattr(layer.events, name).disconnect(laid)
        layer.events.thumbnail.disconnect(pictured)
        viewer.dims.events.range.disconnect(ranged)
    return count


def test_selecting_lays_the_shapes_out_once_and_leaves_thumbnail_and_dims_alone(few: Workspace) -> None:
    row = row_of(few, 11)
    assert counted(few, lambda: few.select([row])) == {"layouts": 1, "thumbnails": 0, "dims": 0}
    assert few.objects.view.rows() == {row}
    assert few.objects.layer.selected_data == {0}


def test_relabelling_lays_the_shapes_out_once_and_shows_the_new_colour(few: Workspace) -> None:
    row = row_of(few, 11)
    few.select([row])
    before = few.objects.layer.edge_color.copy()
    done = counted(few, lambda: few.apply(Relabel(Rows([row]), Rows([2]))))
    assert done == {"layouts": 1, "thumbnails": 0, "dims": 0}
    assert not np.allclose(few.objects.layer.edge_color, before)
    assert few.objects.layer.features["category"].tolist() == ["other"]
    canvas = few.viewer.window._qt_viewer.canvas
    mesh = canvas.layer_to_visual[few.objects.layer].node.shape_faces.mesh_data
    np.testing.assert_allclose(mesh.get_face_colors()[-1], few.objects.layer.edge_color[0], atol=1e-6)


def test_a_new_object_and_its_undo_lay_the_shapes_out_once_each(few: Workspace) -> None:
    few.select([row_of(few, 11)])
    new = AddObject(Rows([0]), Rows([0]), Box((30.0, 40.0, 8.0, 6.0)))
    assert counted(few, lambda: few.apply(new))["layouts"] == 0  # it is drawn by the overlay
    few.select([few.dataset.annotations.row_count - 1])
    assert counted(few, few.undo)["layouts"] == 1
    assert few.objects.layer.nshapes == len(few.objects.view.known)


def test_the_highlight_goes_where_an_edit_put_the_selected_shape(few: Workspace) -> None:
    row = row_of(few, 10)
    few.select([row])
    layer = few.objects.layer
    layer._set_highlight(force=True)
    few.apply(SetGeometry(Rows([row]), Box((40.0, 30.0, 10.0, 12.0))))
    node = few.viewer.window._qt_viewer.canvas.layer_to_visual[layer].node
    corners = node.shape_highlights.mesh_data.get_vertices()[:, :2]
    assert corners[:, 0].min() == pytest.approx(39.5, abs=1)
    assert corners[:, 1].max() == pytest.approx(41.5, abs=1)


def test_what_an_edit_changed_before_it_failed_is_drawn(few: Workspace) -> None:
    few.select([row_of(few, 10)])
    layer, drawn = few.objects.layer, []
    layer.events.set_data.connect(lambda event: drawn.append(1))

    def fail() -> None:
        with few.objects.view.one_change():
            layer.selected_data = set()
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert drawn
    few.objects.view.select([row_of(few, 10)])
    assert layer.selected_data == {0}


def test_a_layer_of_few_among_many_has_no_thumbnail_from_the_image_before(tmp_path: Path, qtbot: Any) -> None:
    workspace = in_window(tmp_path, Options(promote_limit=2))
    workspace.show_image(1)
    assert workspace.objects.whole
    assert workspace.objects.layer.thumbnail.any()
    workspace.show_image(0)
    assert not workspace.objects.whole
    assert not workspace.objects.layer.thumbnail[..., :3].any()
    close(workspace)


def test_shapes_that_are_all_of_an_image_keep_their_thumbnail_up_to_date(tmp_path: Path, qtbot: Any) -> None:
    workspace = in_window(tmp_path)
    row = row_of(workspace, 11)
    done = counted(workspace, lambda: workspace.apply(Relabel(Rows([row]), Rows([2]))))
    assert done["layouts"] == 1
    assert done["thumbnails"] == 1
    close(workspace)


def test_the_width_in_the_layer_controls_follows_the_zoom(few: Workspace) -> None:
    few.select([row_of(few, 11)])
    widths: list[float] = []
    few.objects.layer.events.edge_width.connect(lambda event: widths.append(event.source.current_edge_width))
    few.viewer.scene.camera.zoom *= 4
    assert widths
    assert widths[-1] == pytest.approx(few.objects.view.edge_width())


def test_a_press_finds_the_same_place_as_by_drawing_everything_again(few: Workspace, qtbot: Any) -> None:
    from vispy.scene import SceneCanvas

    viewer = few.viewer
    canvas = viewer.window._qt_viewer.canvas._scene_canvas
    width, height = canvas.size
    for grid in (False, True):
        viewer.canvas.grid.enabled = grid
        qtbot.wait(50)
        for x in np.linspace(0.07, 0.93, 5) * width:
            for y in np.linspace(0.11, 0.89, 4) * height:
                assert canvas.visual_at((x, y)) is SceneCanvas.visual_at(canvas, (x, y)), (grid, x, y)
    viewer.canvas.grid.enabled = False


def test_something_else_that_takes_mouse_events_is_found_by_drawing(few: Workspace) -> None:
    from vispy.scene.visuals import Rectangle

    canvas = few.viewer.window._qt_viewer.canvas._scene_canvas
    width, height = canvas.size
    other = Rectangle(center=(width / 2, height / 2), width=40, height=40, parent=canvas.scene, color="red")
    other.order, other.interactive = 1000, True
    assert canvas.visual_at((width / 2, height / 2)) is other
    assert canvas.visual_at((5, 5)) is not other
    other.parent = None


def test_after_closing_vispy_finds_what_is_pressed_again(few: Workspace) -> None:
    canvas = few.viewer.window._qt_viewer.canvas._scene_canvas
    few.picking.close()
    assert canvas.visual_at.__func__ is type(canvas).visual_at


def test_masks_are_drawn_from_the_first_pixel_on_and_not_before(few: Workspace, qtbot: Any) -> None:
    layer, canvas = few.masks.layer, few.viewer.window._qt_viewer.canvas
    node = canvas.layer_to_visual[layer].node
    drawn: list[int] = []
    program = node._program
    original = program.draw
    program.draw = lambda *args, **kwargs: (drawn.append(1), original(*args, **kwargs))

    def draw() -> int:
        drawn.clear()
        canvas.native.update()
        qtbot.wait(20)
        return len(drawn)

    draw()
    assert draw() == 0
    assert layer.visible
    few.set_tool("mask")
    layer.paint((layer.data.shape[0] // 2, layer.data.shape[1] // 2), 1)
    assert layer.data.any()
    assert draw() == 1
    assert draw() == 1
    few.undo()
    layer.refresh()
    assert not layer.data.any()
    draw()
    assert draw() == 0


def test_what_is_told_of_an_empty_mask_layer_does_not_pile_up(few: Workspace, qtbot: Any) -> None:
    canvas = few.viewer.window._qt_viewer.canvas
    node = canvas.layer_to_visual[few.masks.layer].node

    def waiting() -> int:
        queues = {id(glir._shared): glir._shared for glir in (node._program.glir, node._texture.glir)}
        return sum(len(queue._commands) for queue in queues.values())

    def recolour() -> None:
        for row in (0, 1, 2):
            few.set_category(row)
            few.masks.layer.refresh()
            canvas.native.update()
            qtbot.wait(20)

    recolour()
    before = waiting()
    recolour()
    assert waiting() <= before


def dragged(
    workspace: Workspace,
    start: tuple[float, float],
    end: tuple[float, float],
    *names: str,
    meanwhile: Callable[[], object] = lambda: None,
    release: bool = True,
) -> Any:
    """Drag from one pixel (y, x) to another in three moves, with keys held; return the box that was seen last."""
    from qtpy.QtCore import QEvent, QPointF, Qt
    from qtpy.QtGui import QMouseEvent
    from qtpy.QtWidgets import QApplication

    widget = workspace.viewer.window._qt_viewer.canvas.native
    camera = workspace.viewer.scene.camera
    held = Qt.KeyboardModifier.NoModifier
    for name in names:
        held |= getattr(Qt.KeyboardModifier, f"{name}Modifier")
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton

    def send(kind: Any, place: Any, button: Any, buttons: Any) -> None:
        y, x = (np.array(place) - camera.center[-2:]) * camera.zoom
        at = QPointF(x + widget.width() / 2, y + widget.height() / 2)
        QApplication.sendEvent(
            widget, QMouseEvent(kind, at, QPointF(widget.mapToGlobal(at)), button, buttons, held)
        )
        QApplication.processEvents()

    send(QEvent.Type.MouseButtonPress, start, left, left)
    for part in (0.3, 0.7, 1.0):
        time.sleep(0.02)  # vispy leaves out moves that follow at once
        send(QEvent.Type.MouseMove, np.array(start) + (np.array(end) - np.array(start)) * part, none, left)
    box = workspace.objects.layer._drag_box
    seen = None if box is None else np.array(box)
    meanwhile()
    if release:
        send(QEvent.Type.MouseButtonRelease, end, left, none)
    return seen


def test_with_control_a_rectangle_may_begin_on_an_object(few: Workspace) -> None:
    few.set_tool("select")
    rows = {row_of(few, 11), row_of(few, 10)}
    center, before = few.viewer.scene.camera.center, few.dataset.annotations.bbox.copy()
    box = dragged(few, (20.0, 30.0), (8.0, 6.0), "Control")
    np.testing.assert_allclose(box, [[8, 6], [20, 30]], atol=1)
    assert set(few.selection) == rows
    assert few.viewer.scene.camera.center == center
    np.testing.assert_array_equal(few.dataset.annotations.bbox, before)
    assert str(few.objects.layer.mode) == "select"
    assert few.objects.layer._drag_box is None
    dragged(few, (15.0, 55.0), (16.0, 58.0), "Control", "Shift")
    assert set(few.selection) == rows | {row_of(few, 12)}


def test_the_same_rectangle_twice_and_a_click_that_adds_nothing_leave_all_selected_on_the_canvas(
    tmp_path: Path, qtbot: Any
) -> None:
    workspace = in_window(tmp_path)
    qtbot.wait(50)
    workspace.set_tool("select")
    for _ in range(2):
        dragged(workspace, (20.0, 30.0), (8.0, 6.0), "Control")
        assert len(workspace.selection) == 2
        assert len(workspace.objects.layer.selected_data) == 2
    dragged(workspace, (40.0, 40.0), (40.0, 40.0), "Control", "Shift")
    assert len(workspace.selection) == 2
    assert len(workspace.objects.layer.selected_data) == 2
    close(workspace)


def test_a_click_with_control_selects_the_object_under_it(few: Workspace) -> None:
    few.set_tool("select")
    dragged(few, (20.0, 30.0), (20.0, 30.0), "Control")
    assert few.selection == (row_of(few, 11),)


def test_another_tool_in_mid_rectangle_stays(few: Workspace, qtbot: Any) -> None:
    few.set_tool("select")
    dragged(few, (20.0, 30.0), (8.0, 6.0), "Control", meanwhile=lambda: few.set_tool("box"))
    assert few.tool == "box"
    assert str(few.objects.layer.mode) == "add_rectangle"
    assert not few.objects.layer._is_selecting


def test_a_rectangle_whose_release_never_came_is_gone_with_the_next_press(few: Workspace) -> None:
    few.set_tool("select")
    dragged(few, (20.0, 30.0), (8.0, 6.0), "Control", release=False)
    assert few.objects.layer._is_selecting
    dragged(few, (16.0, 55.0), (16.0, 55.0))
    assert few.selection == (row_of(few, 12),)
    assert not few.objects.layer._is_selecting
    assert str(few.objects.layer.mode) == "select"


def test_without_control_the_same_drag_moves_the_object(few: Workspace) -> None:
    few.set_tool("select")
    row = row_of(few, 11)
    before = few.dataset.annotations.bbox[row].copy()
    dragged(few, (20.0, 30.0), (25.0, 36.0))
    assert few.selection == (row,)
    np.testing.assert_allclose(few.dataset.annotations.bbox[row] - before, [6, 5, 0, 0], atol=1)
