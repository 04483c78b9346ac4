"""The masks layer in the real window: what the mouse paints is seen, in the colours of the classes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from masks_cases import Bench, annotation, square, write_document

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(
        sys.platform.startswith("linux") and not os.environ.get("DISPLAY"), reason="no display to draw on"
    ),
]


@pytest.fixture
def shown(tmp_path: Path, qtbot: Any) -> Any:
    """Two masks of two classes in a window."""
    import napari

    viewer = napari.Viewer(show=True)
    cells = [annotation(5, square(10, 10, 20)), annotation(6, square(60, 60, 20), category_id=2)]
    opened = Bench(write_document(tmp_path, cells), viewer=viewer)
    qtbot.wait(50)
    yield opened
    opened.close()
    viewer.close()


def color_at(b: Bench, y: float, x: float) -> Any:
    """Return the RGB that the screen shows at a pixel of the picture."""
    picture = b.viewer.screenshot(canvas_only=True, flash=False)
    camera, size = b.viewer.scene.camera, np.array(picture.shape[:2])
    ratio = size / np.asarray(b.viewer.canvas.size)
    place = (np.array([y, x]) - camera.center[-2:]) * camera.zoom * ratio + size / 2
    return picture[int(place[0]), int(place[1]), :3].astype(int)


def test_masks_have_the_colours_of_their_classes_and_the_selected_one_is_brighter(shown: Bench) -> None:
    assert np.ptp(color_at(shown, 5, 100)) == 0
    nucleus, mitosis = color_at(shown, 20, 20), color_at(shown, 70, 70)
    assert nucleus[2] > nucleus[0] + 30
    assert mitosis[0] > mitosis[2] + 30
    shown.workspace.select((0,))
    assert (color_at(shown, 20, 20) > nucleus).all()
    np.testing.assert_array_equal(color_at(shown, 70, 70), mitosis)


def test_a_stroke_an_undo_and_an_edit_from_elsewhere_are_seen(shown: Bench, qtbot: Any) -> None:
    empty = color_at(shown, 50, 100)
    shown.layer.brush_size = 15
    shown.drag((50, 90), (50, 110))
    qtbot.wait(20)
    assert color_at(shown, 50, 100)[2] > empty[2] + 30
    shown.workspace.undo()
    np.testing.assert_array_equal(color_at(shown, 50, 100), empty)
    shown.layer.data_setitem(np.nonzero(shown.pixels(6)), 0)
    np.testing.assert_array_equal(color_at(shown, 70, 70), empty)
    shown.workspace.undo()
    assert color_at(shown, 70, 70)[0] > empty[0] + 30


def test_strokes_and_selections_build_no_shader_anew(shown: Bench, qtbot: Any, monkeypatch: Any) -> None:
    visual = shown.viewer.window._qt_viewer.canvas.layer_to_visual[shown.layer]
    color_at(shown, 50, 100)
    colormap = visual.node.cmap
    shown.layer.brush_size = 15
    shown.drag((50, 90), (50, 110))
    shown.workspace.select((1,))
    shown.workspace.undo()
    shown.workspace.set_category(1)
    color_at(shown, 50, 100)
    assert visual.node.cmap is colormap
    shown.workspace.show_image(1)
    shown.workspace.show_image(0)
    assert color_at(shown, 70, 70)[0] > color_at(shown, 5, 100)[0] + 30
    assert visual.node.cmap is colormap
