"""Finding what the mouse is on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vispy.scene.visuals import VisualNode
from vispy.scene.widgets import Widget


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
        Ends it.
    """
    canvas = getattr(getattr(getattr(viewer, "window", None), "_qt_viewer", None), "canvas", None)
    scene: Any = getattr(canvas, "_scene_canvas", None)
    if not hasattr(scene, "visual_at") or not hasattr(scene, "_generate_draw_order"):
        return lambda: None
    by_drawing = scene.visual_at

    def visual_at(pos: Any) -> Any:
        takers = _mouse_takers(scene)
        if not all(isinstance(node, Widget) for node in takers):
            return by_drawing(pos)
        return next((node for node in reversed(takers) if _holds(node, pos)), None)

    scene.visual_at = visual_at

    def end() -> None:
        if scene.__dict__.get("visual_at") is visual_at:
            scene.visual_at = by_drawing

    return end


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
