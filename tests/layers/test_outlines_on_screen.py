"""Very many annotations in the real window: how often the canvas is drawn, and what is seen then."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication

from napari_labeltool._napari_compat import canvas_widget
from napari_labeltool.core.edits import Relabel, Rows
from napari_labeltool.layers import outlines
from napari_labeltool.layers.camera import picture_pixels
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(
        sys.platform.startswith("linux") and not os.environ.get("DISPLAY"), reason="no display to draw on"
    ),
]

SIDE = 20_000
STEP = 100
PLACE = (SIDE / 2 + STEP * (15 - 20) + 50, SIDE / 2 + 50)
"""The middle of the box of annotation 1 + 40 * 20 + 15."""


def lattice() -> dict[str, Any]:
    """Return 40 x 40 boxes of 60 pixels in the middle of the picture, the left half of one class."""
    annotations = [
        {
            "id": 1 + 40 * i + j, "image_id": 1, "category_id": 1 if j < 20 else 2, "area": 3600, "iscrowd": 0,
            "bbox": [SIDE / 2 + STEP * (j - 20) + 20, SIDE / 2 + STEP * (i - 20) + 20, 60, 60],
        }
        for i in range(40)
        for j in range(40)
    ]  # fmt: skip
    return {
        "images": [{"id": 1, "file_name": "far_away.png", "width": SIDE, "height": SIDE}],
        "categories": [{"id": 1, "name": "cell"}, {"id": 2, "name": "fly"}],
        "annotations": annotations,
    }


@pytest.fixture
def workspace(tmp_path: Path, qtbot: Any) -> Iterator[Workspace]:
    import napari

    viewer = napari.Viewer(show=True)
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(lattice()))
    opened = Workspace(open_session(path, author="tester"), viewer, Options(promote_limit=20))
    opened.show_image(0)
    settle(qtbot)
    yield opened
    opened.close()
    opened.session.close(discard=True)
    viewer.close()


def settle(qtbot: Any) -> None:
    for _ in range(6):
        qtbot.wait(20)


def scene_of(workspace: Workspace) -> Any:
    return canvas_widget(workspace.viewer)._vispy_canvas


def draws_of(workspace: Workspace, qtbot: Any, action: Callable[[], object]) -> int:
    """Return how often the canvas is drawn for what is done to it."""
    drawn: list[int] = []

    def note(event: Any) -> None:
        drawn.append(1)

    scene = scene_of(workspace)
    scene.events.draw.connect(note)
    action()
    settle(qtbot)
    scene.events.draw.disconnect(note)
    return len(drawn)


def turn_wheel(workspace: Workspace, delta: int) -> None:
    canvas = canvas_widget(workspace.viewer)
    place = QPointF(canvas.width() / 2, canvas.height() / 2)
    button, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place, QPointF(canvas.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, delta), button, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def look_at(workspace: Workspace, zoom: float, x: float = SIDE / 2, y: float = SIDE / 2) -> None:
    camera = workspace.viewer.scene.camera
    camera.center, camera.zoom = (0.0, y, x), zoom


@pytest.mark.parametrize("limits", [(40_000, 70_000), (1, 70_000), (1, 1)])
def test_a_turn_of_the_wheel_draws_the_canvas_once_with_what_suits_the_new_view(
    workspace: Workspace, qtbot: Any, monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int]
) -> None:
    monkeypatch.setattr(outlines, "MOST_LINES", limits[0])
    monkeypatch.setattr(outlines, "MOST_DRAWN", limits[1])
    look_at(workspace, 0.2)
    workspace.objects.outlines.load()
    settle(qtbot)
    for delta in (120, 240, 360, -240, -480, -480):
        before = workspace.viewer.scene.camera.zoom
        assert draws_of(workspace, qtbot, lambda d=delta: turn_wheel(workspace, d)) == 1
        assert workspace.viewer.scene.camera.zoom != before
        assert workspace.objects.outlines._is_drawn_well()


def test_another_view_is_drawn_once(workspace: Workspace, qtbot: Any) -> None:
    look_at(workspace, 0.2)
    settle(qtbot)
    assert draws_of(workspace, qtbot, lambda: look_at(workspace, 0.3)) == 1
    assert draws_of(workspace, qtbot, lambda: look_at(workspace, 0.3, 9_000)) == 1
    assert draws_of(workspace, qtbot, lambda: look_at(workspace, 3, 9_500, 9_600)) == 1
    assert draws_of(workspace, qtbot, lambda: look_at(workspace, 0.02)) == 1


def test_the_list_of_layers_is_not_painted_for_a_zoom_but_for_a_name(
    workspace: Workspace, qtbot: Any
) -> None:
    model = workspace.viewer.window._qt_viewer.layers.model().sourceModel()
    told: list[Any] = []
    model.dataChanged.connect(lambda first, last, roles: told.append(roles))
    look_at(workspace, 0.7)
    settle(qtbot)
    assert told == []
    workspace.objects.layer.name = "things"
    workspace.objects.layer.visible = False
    assert [Qt.ItemDataRole.DisplayRole] in told
    assert [Qt.ItemDataRole.CheckStateRole] in told


def test_a_view_changes_the_transforms_of_the_scene_once(workspace: Workspace, qtbot: Any) -> None:
    look_at(workspace, 0.7)
    settle(qtbot)
    view = workspace.viewer.window._qt_viewer.canvas.view
    changed: list[Any] = []
    view.scene.transform.changed.connect(lambda event: changed.append(event))
    look_at(workspace, 0.7, 9_000)
    assert len(changed) == 1
    left, _ = view.camera.rect.pos
    assert left + view.camera.rect.width / 2 == pytest.approx(9_000)


def test_napari_prepares_its_layers_as_ever_once_the_workspace_is_closed(
    workspace: Workspace, qtbot: Any
) -> None:
    events = scene_of(workspace).events.draw
    names = [callback[1] for callback in events.callbacks if isinstance(callback, tuple)]
    assert (names[0], names[-1]) == ("_before", "_after")
    workspace.close()
    names = [callback[1] for callback in events.callbacks if isinstance(callback, tuple)]
    assert not {"_before", "_after"} & set(names)
    assert names[-1] == "on_draw"


def test_text_is_prepared_for_a_drawing_only_where_there_is_some(workspace: Workspace, qtbot: Any) -> None:
    visuals = workspace.viewer.window._qt_viewer.canvas.layer_to_visual
    layer = workspace.objects.layer
    texts = [visuals[each].node.text for each in (layer, workspace.keypoints.layer)]
    layer.text.visible = True
    look_at(workspace, 0.7)
    settle(qtbot)
    assert [text.visible for text in texts] == [False, False]
    workspace.select([0])
    settle(qtbot)
    assert layer.nshapes == 1
    assert texts[0].visible
    assert list(texts[0].text) == ["cell"]
    layer.text.visible = False
    assert not texts[0].visible


def test_an_error_while_a_drawing_is_prepared_does_not_end_all_drawing(
    workspace: Workspace, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, canvas = scene_of(workspace), workspace.viewer.window._qt_viewer.canvas
    prepare = next(callback for callback in scene.events.draw.callbacks if callback[1] == "_before")[0]()

    def fail(event: Any) -> None:
        raise ValueError("no")

    with monkeypatch.context() as patch:
        patch.setattr(canvas, "on_draw", fail)
        with pytest.raises(ValueError, match="no"):
            prepare._before(None)
    assert draws_of(workspace, qtbot, lambda: look_at(workspace, 0.3)) == 1


@pytest.mark.parametrize("limits", [(40_000, 70_000), (1, 70_000), (1, 1)])
def test_objects_have_the_colours_of_their_classes_on_the_screen(
    workspace: Workspace, qtbot: Any, monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int]
) -> None:
    monkeypatch.setattr(outlines, "MOST_LINES", limits[0])
    monkeypatch.setattr(outlines, "MOST_DRAWN", limits[1])
    look_at(workspace, 0.15)
    workspace.objects.outlines.load()
    settle(qtbot)
    look_at(workspace, 0.15 * 1.3)
    settle(qtbot)
    picture = workspace.viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    height, width = picture.shape[:2]
    radius = int(15 * STEP / picture_pixels(workspace) * width / workspace.viewer.canvas.size[1])
    radius = min(radius, width // 2 - 20)
    middle = picture[height // 2 - 50 : height // 2 + 50]
    left, right = (
        middle[:, width // 2 - radius : width // 2 - 10],
        middle[:, width // 2 + 10 : width // 2 + radius],
    )
    colored = [part[np.ptp(part, axis=-1) > 30] for part in (left, right)]
    assert min(map(len, colored)) > 100
    schema = {category.name: category.color for category in workspace.session.schema.categories}
    for part, name in zip(colored, ("cell", "fly")):
        expected = hue(np.array([int(schema[name][i : i + 2], 16) for i in (1, 3, 5)]))
        strongest = part[np.ptp(part, axis=-1).argsort()[-20:]]
        np.testing.assert_allclose(hue(strongest), np.broadcast_to(expected, (20, 3)), atol=0.1)


def colors_around(workspace: Workspace, x: float, y: float, reach: int) -> Any:
    """Return the colours of the pixels of the screen around a place of the picture."""
    screen = workspace.viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    camera, ratio = workspace.viewer.scene.camera, screen.shape[1] / workspace.viewer.canvas.size[1]
    column = round(((x - camera.center[2]) * camera.zoom) * ratio + screen.shape[1] / 2)
    row = round(((y - camera.center[1]) * camera.zoom) * ratio + screen.shape[0] / 2)
    return screen[row - reach : row + reach + 1, column - reach : column + reach + 1].reshape(-1, 3)


@pytest.mark.parametrize("limits", [(1, 70_000), (1, 1)])
def test_an_edit_is_seen_where_it_was_and_nowhere_else(
    workspace: Workspace, qtbot: Any, monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int]
) -> None:
    monkeypatch.setattr(outlines, "MOST_LINES", limits[0])
    monkeypatch.setattr(outlines, "MOST_DRAWN", limits[1])
    look_at(workspace, 0.5, *PLACE)
    workspace.objects.outlines.load()
    settle(qtbot)
    before = workspace.viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    there = colors_around(workspace, *PLACE, reach=22)
    row = int(workspace.dataset.annotations.rows_of_ids([1 + 40 * 20 + 15])[0])
    assert draws_of(workspace, qtbot, lambda: workspace.apply(Relabel(Rows([row]), Rows([1])))) >= 1
    after = workspace.viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    assert (colors_around(workspace, *PLACE, reach=22) != there).any()
    changed = np.argwhere((before != after).any(-1))
    assert np.ptp(changed, axis=0).max() < 60
    workspace.undo()
    settle(qtbot)
    again = workspace.viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    np.testing.assert_array_equal(again, before)


@pytest.mark.parametrize("limits", [(40_000, 70_000), (1, 70_000), (1, 1)])
def test_a_layer_that_is_less_opaque_shows_paler_objects(
    workspace: Workspace, qtbot: Any, monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int]
) -> None:
    monkeypatch.setattr(outlines, "MOST_LINES", limits[0])
    monkeypatch.setattr(outlines, "MOST_DRAWN", limits[1])
    look_at(workspace, 0.5, *PLACE)
    workspace.objects.outlines.load()
    settle(qtbot)
    strength = []
    for opacity in (1.0, 0.4, 1.0):
        workspace.objects.layer.opacity = opacity
        settle(qtbot)
        strength.append(int(np.ptp(colors_around(workspace, *PLACE, reach=22), axis=-1).max()))
    assert strength[1] < 0.75 * strength[0]
    assert strength[2] == strength[0]


def hue(rgb: Any) -> Any:
    """Return colours without the grey that they lie on, the strongest channel 1."""
    pure = rgb - rgb.min(-1, keepdims=True)
    return pure / pure.max(-1, keepdims=True)
