"""What napari and vispy are told, and work out, only where something changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vispy.visuals.transforms import MatrixTransform, STTransform
from window_cases import close, in_window, needs_display
from workspace_cases import row_of

from napari_labeltool.layers.options import Options
from napari_labeltool.layers.workspace import Workspace

pytestmark = needs_display


@pytest.fixture
def few(tmp_path: Path, qtbot: Any) -> Iterator[Workspace]:
    """Some objects in a window, one of which at most is in the layer."""
    workspace = in_window(tmp_path, Options(promote_limit=1))
    qtbot.wait(50)
    yield workspace
    close(workspace)


def test_a_place_of_the_canvas_is_the_place_in_the_world_that_vispy_says(few: Workspace) -> None:
    canvas, camera = few.viewer.window._qt_viewer.canvas, few.viewer.scene.camera
    for center, zoom in (((0, 30, 40), 3.0), ((0, 30, 40), 0.7), ((0, -5.5, 1e5), 0.7)):
        camera.center, camera.zoom = center, zoom
        composed = canvas.view.transform * canvas.view.scene.transform
        for place in ((0, 0), (100, 37), tuple(canvas.view.rect.size)):
            expected = composed.imap(list(place))[:2][::-1]
            np.testing.assert_array_equal(canvas._map_canvas2world(place, canvas.view), expected)


def test_the_way_to_the_world_is_composed_once_for_a_place_of_the_camera(
    few: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas, made = few.viewer.window._qt_viewer.canvas, []
    original = STTransform.__mul__

    def compose(self: Any, other: Any) -> Any:
        made.append(1)
        return original(self, other)

    canvas._map_canvas2world((3, 4), canvas.view)
    monkeypatch.setattr(STTransform, "__mul__", compose)
    canvas._map_canvas2world((30, 4), canvas.view)
    canvas._map_canvas2world((3, 44), canvas.view)
    assert not made
    few.viewer.scene.camera.zoom *= 1.5
    made.clear()
    canvas._map_canvas2world((3, 4), canvas.view)
    assert made


def test_a_matrix_that_is_the_same_is_told_nobody_and_any_other_is() -> None:
    transform, told = MatrixTransform(), []
    matrix = np.diag([2.0, 3.0, 1.0, 1.0])
    transform.matrix = matrix
    transform.changed.connect(lambda event: told.append(1))
    transform.matrix = matrix.copy()
    assert not told
    transform.matrix = np.diag([2.0, 3.5, 1.0, 1.0])
    assert len(told) == 1
    kept = transform.matrix
    kept[0, 0] = 7.0
    transform.matrix = kept  # written in place, then said
    assert len(told) == 2
    transform.matrix[0, 0] = 9.0
    transform.matrix = np.diag([7.0, 3.5, 1.0, 1.0])  # said as before, but what is there was written since
    assert len(told) == 3
    np.testing.assert_allclose(transform.map((1, 1))[:2], (7.0, 3.5))


def test_a_selection_leaves_the_colours_of_the_chosen_class_for_what_is_drawn_next(few: Workspace) -> None:
    layer = few.objects.layer
    few.set_category(0)
    before, told = (layer.current_edge_color, layer.current_face_color, layer.current_edge_width), []
    layer.events.current_edge_color.connect(lambda event: told.append(1))
    few.select([row_of(few, 12)])
    assert layer.selected_data
    assert (layer.current_edge_color, layer.current_face_color, layer.current_edge_width) == before
    assert not told
    assert layer._selected_box is not None


def test_names_that_stay_are_not_laid_out_again(few: Workspace, qtbot: Any) -> None:
    names, canvas = few.objects.names, few.viewer.window._qt_viewer.canvas
    names.hovered = row_of(few, 10)
    names.draw()
    canvas._scene_canvas.update()
    qtbot.wait(100)
    visual = next(v for v in _overlays(canvas, few.objects.layer) if type(v).__name__ == "VispyNamesOverlay")
    laid_out = visual._text._vertices
    assert laid_out is not None
    names.draw()
    assert visual._text._vertices is laid_out
    names.hovered = row_of(few, 12)
    names.draw()
    assert visual._text._vertices is not laid_out
    assert list(visual._text.text) == names.overlay.names
    np.testing.assert_allclose(visual._text.pos[:, :2], names.overlay._places_xy)


def _overlays(canvas: Any, layer: Any) -> list[Any]:
    found = canvas._layer_overlay_to_visual[layer].values()
    return [visual for entry in found for visual in (entry if isinstance(entry, list) else [entry])]
