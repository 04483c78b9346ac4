"""Drawing the canvas once for what a person does, not twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from napari._qt.containers import QtLayerListModel
from napari._vispy.camera import VispyCamera
from napari.layers import Layer
from vispy.scene import PanZoomCamera

from napari_labeltool._napari_compat.canvas import canvas_of, scene_of
from napari_labeltool._napari_compat.transforms import compose_once, tell_of_new_matrices_only

_PREPARING: Final = "labeltool_preparing"

_LISTED: Final = frozenset(("thumbnail", "visible", "name", "loaded", "locked"))
"""Events of a layer that change how the list of layers looks."""


def _keep_layer_list() -> None:
    """Let the list of layers be painted anew only when a layer looks other in it.

    napari 0.9 paints it for each event of a layer, such as the size of a screen pixel at each zoom; and whatever is
    painted beside the canvas has Qt put the entire window together again.
    """
    original = getattr(QtLayerListModel, "_process_event", None)
    if original is None:
        return

    def process(self: Any, event: Any) -> None:
        if event.type in _LISTED or not any(isinstance(source, Layer) for source in event.sources):
            original(self, event)

    QtLayerListModel._process_event = process


_keep_layer_list()


def _place_camera_once() -> None:
    """Let the scene change once when the camera of the plane gets another centre.

    napari 0.9 tells vispy a second time that the view changed, after vispy found out itself, and each time the
    transforms of all visuals are made anew.
    """
    original = vars(VispyCamera).get("center")
    if not isinstance(original, property) or original.fset is None:
        return
    set_center = original.fset

    def place(self: Any, center: Any) -> None:
        camera = getattr(self._view, "camera", None)
        if isinstance(camera, PanZoomCamera):
            camera.center = tuple(center[::-1])
        else:
            set_center(self, center)

    VispyCamera.center = original.setter(place)


_place_camera_once()
tell_of_new_matrices_only()
compose_once()


def prepare_before_drawing(viewer: Any) -> Callable[[], None]:
    """Let napari bring its layers in line with the camera before the canvas is drawn, rather than after it.

    napari 0.9 draws the layers as they were at the view before, then tells them the new one (what the mouse did to
    the camera, the size of a screen pixel, the level of a multiscale picture), and what they make of that asks for a
    second drawing. Told before, the first drawing shows it, and there is no second one.

    Parameters
    ----------
    viewer
        A viewer; of a viewer model, which has no canvas, or of a napari that is made in another way, nothing changes.

    Returns
    -------
    callable
        Ends it. Whatever asked for it several times ends it as many times.
    """
    canvas = _canvas_of(viewer)
    if canvas is None:
        return lambda: None
    preparing: _Preparing = canvas._scene_canvas.__dict__.setdefault(_PREPARING, _Preparing(canvas))
    preparing.begin()
    return preparing.end


class _Preparing:
    """Calls a canvas's ``on_draw`` before its drawings, as long as somebody wants that."""

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas
        self._users = 0
        self._prepared: Any = None

    def begin(self) -> None:
        self._users += 1
        if self._users == 1:
            draw = self._canvas._scene_canvas.events.draw
            draw.connect(self._before, position="first")
            draw.disconnect(self._canvas.on_draw)
            draw.connect(self._after, position="last")

    def end(self) -> None:
        self._users -= 1
        if not self._users:
            draw = self._canvas._scene_canvas.events.draw
            draw.disconnect(self._before)
            draw.disconnect(self._after)
            draw.connect(self._canvas.on_draw, position="last")

    def _before(self, event: Any) -> None:
        scene = self._canvas._scene_canvas
        # what is asked for from here on is in the drawing that follows, which takes the mark away
        scene._update_pending = True
        try:
            self._canvas.on_draw(event)
        except BaseException:
            scene._update_pending = False
            raise
        self._prepared = self._canvas._current_viewbox_size

    def _after(self, event: Any) -> None:
        # the drawing lays the canvas out
        if not np.array_equal(self._prepared, self._canvas._current_viewbox_size):
            self._canvas.on_draw(event)


def _canvas_of(viewer: Any) -> Any:
    canvas, scene = canvas_of(viewer), scene_of(viewer)
    known = hasattr(scene, "_update_pending") and hasattr(canvas, "on_draw")
    return canvas if known and hasattr(canvas, "_current_viewbox_size") else None
