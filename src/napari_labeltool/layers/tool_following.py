"""The tool that is in place when a user goes to a layer or mode with napari's own keys and buttons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from napari_labeltool.layers.names import LayerKind

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Tool, Workspace

_TOOLS: Final[dict[tuple[LayerKind, str], tuple[Tool, ...]]] = {
    ("objects", "select"): ("select",),
    ("objects", "direct"): ("select",),
    ("objects", "vertex_insert"): ("select",),
    ("objects", "vertex_remove"): ("select",),
    ("objects", "add_rectangle"): ("box", "rotated_box"),
    ("objects", "add_polygon"): ("polygon",),
    ("objects", "add_polygon_lasso"): ("polygon",),
    ("objects", "pan_zoom"): ("pan",),
    ("keypoints", "add"): ("keypoints",),
    ("keypoints", "select"): ("select", "keypoints"),
    ("keypoints", "pan_zoom"): ("pan",),
    ("masks", "paint"): ("mask",),
    ("masks", "erase"): ("mask",),
    ("masks", "fill"): ("mask",),
    ("masks", "polygon"): ("mask",),
    ("masks", "pick"): ("mask", "select"),
    ("masks", "pan_zoom"): ("pan", "select"),
}
"""What a mode of a layer may mean; the first one unless another of them is in place."""


class ToolFollowing:
    """Keeps `Workspace.tool` in step with the active layer and its mode.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._paused = 0
        self._layer: Any = None
        self._rectangle: Tool = "box"
        workspace.viewer.layers.selection.events.active.connect(self._on_active)

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Leave the tool as it is while layers and modes are changed by us."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1

    def _on_active(self, event: Any) -> None:
        self._let_go()
        if any(
            binding.layer is event.value for binding in self.workspace.bindings if event.value is not None
        ):
            self._layer = event.value
            self._layer.events.mode.connect(self._on_mode)
            self._follow()

    def _on_mode(self, event: Any) -> None:
        self._follow()

    def _follow(self) -> None:
        workspace = self.workspace
        if self._paused or workspace.image < 0:
            return
        tool = self._tool_now()
        if tool is not None and tool != workspace.tool:
            workspace.tool = tool
            workspace.tool_changed.emit(tool)

    def _tool_now(self) -> Tool | None:
        current = self.workspace.tool
        if current in ("box", "rotated_box"):
            self._rectangle = current
        kinds = (binding.kind for binding in self.workspace.bindings if binding.layer is self._layer)
        tools = _TOOLS.get((next(kinds), str(self._layer.mode)), ())
        if current in tools or not tools:
            return None
        return self._rectangle if self._rectangle in tools else tools[0]

    def _let_go(self) -> None:
        if self._layer is not None:
            self._layer.events.mode.disconnect(self._on_mode)
            self._layer = None

    def close(self) -> None:
        """Let go of the viewer."""
        self._let_go()
        self.workspace.viewer.layers.selection.events.active.disconnect(self._on_active)
