"""Finding what the mouse is on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
from vispy.app.base import BaseCanvasBackend
from vispy.scene.visuals import VisualNode
from vispy.scene.widgets import Widget

from napari_labeltool._napari_compat.canvas import scene_of

DRAGGED: Final = 4
"""Screen pixels between press and release from which a press without a move is a drag."""
_FINDING: Final = "labeltool_finding"
_LEFT_OUT: Final = "_labeltool_left_out"


def find_by_place(viewer: Any) -> Callable[[], None]:
    """Let a press or a turn of the wheel find what it is on from where things lie.

    vispy draws everything once more for that, in colours that are numbers: 10 ms a press with software OpenGL. In
    napari nothing takes mouse events but the boxes that hold a camera, and a box is found by its rectangle. Where
    something else does (another plugin's visual), vispy's way is kept.

    Parameters
    ----------
    viewer
        A viewer; of a viewer model, which has no canvas, nothing changes.

    Returns
    -------
    callable
        Ends it. Whatever asked for it several times ends it as many times.
    """
    scene = scene_of(viewer)
    if not hasattr(scene, "visual_at") or not hasattr(scene, "_generate_draw_order"):
        return lambda: None
    finding: _Finding = scene.__dict__.setdefault(_FINDING, _Finding(scene))
    finding.begin()
    return finding.end


class _Finding:
    """Puts another ``visual_at`` on a canvas of vispy, as long as somebody wants that."""

    def __init__(self, scene: Any) -> None:
        self._scene = scene
        self._users = 0

    def begin(self) -> None:
        self._users += 1
        self._scene.__dict__["visual_at"] = self._visual_at

    def end(self) -> None:
        self._users -= 1
        if not self._users:
            del self._scene.__dict__["visual_at"]

    def _visual_at(self, pos: Any) -> Any:
        takers = _mouse_takers(self._scene)
        if not all(isinstance(node, Widget) for node in takers):
            return type(self._scene).visual_at(self._scene, pos)
        return next((node for node in reversed(takers) if _holds(node, pos)), None)


def _mouse_takers(scene: Any) -> list[Any]:
    """Return the visible visuals that take mouse events, in the order in which they are drawn."""
    takers: list[Any] = []
    hidden: Any = None
    for node, begins in scene._generate_draw_order():
        if hidden is None and begins:
            if not node.visible:
                hidden = node
            elif isinstance(node, VisualNode) and node.interactive:
                takers.append(node)
        elif node is hidden and not begins:
            hidden = None
    return takers


def _holds(widget: Any, pos: Any) -> bool:
    x, y = widget.transforms.get_transform("canvas", "visual").map(pos)[:2]
    return bool(widget.rect.contains(x, y))


@cache
def end_drags_at_the_release() -> None:
    """Let a drag end where the button is released.

    vispy 0.17 leaves out a move of the mouse within 10 ms of the one before, also the last one, so what is dragged
    fast stays behind the cursor for good. A move that was left out is made up for at the release, at its place; of a
    click whose hand trembled by less than `DRAGGED` screen pixels it is not, which would be a drag.
    """
    move, release = BaseCanvasBackend._vispy_mouse_move, BaseCanvasBackend._vispy_mouse_release

    def moved(self: Any, **event: Any) -> Any:
        sent = move(self, **event)
        self.__dict__[_LEFT_OUT] = sent is None
        return sent

    def released(self: Any, **event: Any) -> Any:
        try:
            if self._vispy_mouse_data["press_event"] is not None:
                make_up(self, event)
        finally:
            sent = release(self, **event)
        return sent

    def make_up(self: Any, event: dict[str, Any]) -> None:
        pressed, last = self._vispy_mouse_data["press_event"], self._vispy_mouse_data["last_event"]
        if self.__dict__.pop(_LEFT_OUT, False):
            under_way = last is not None and last.type == "mouse_move"
            if under_way or np.abs(np.subtract(event["pos"], pressed.pos[:2])).max() >= DRAGGED:
                self._last_time = 0.0
                held = [*event.get("buttons", ()), event["button"]]
                move(self, **{**{k: v for k, v in event.items() if k != "button"}, "buttons": held})
        for callback in self._vispy_canvas.events.mouse_move.callbacks:
            if hasattr(callback, "flush"):  # napari waits 5 ms for more, and longer where the program is busy
                callback.flush()

    BaseCanvasBackend._vispy_mouse_move = moved
    BaseCanvasBackend._vispy_mouse_release = released
