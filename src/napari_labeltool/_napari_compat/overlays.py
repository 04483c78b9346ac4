"""Overlays in the scene of a layer: their models and what draws them with vispy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from napari._vispy.layers.points import VispyPointsLayer
from napari._vispy.layers.shapes import VispyShapesLayer
from napari._vispy.overlays.base import LayerOverlayMixin, VispySceneOverlay
from napari._vispy.utils.visual import overlay_to_visual
from napari.components.overlays import SceneOverlay
from numpy.typing import NDArray
from pydantic import PrivateAttr
from vispy.scene import Node
from vispy.scene.visuals import Line, Text, create_visual_node
from vispy.visuals import ImageVisual
from vispy.visuals.mesh import MeshVisual
from vispy.visuals.shaders import Function
from vispy.visuals.transforms import STTransform


def _keep_mesh_shaders() -> None:
    """Let a mesh whose colours change keep its shader.

    vispy 0.17 makes a new, equal function for each change, and so compiles the shader anew: 30 ms for every edit of a
    Shapes layer. Where vispy has no such method any more, nothing is changed.
    """
    original = getattr(MeshVisual, "_build_color_transform", None)
    if original is None:
        return

    def build(self: Any, colors: NDArray[Any]) -> Any:
        if colors.ndim == 2 and colors.shape[1] == 1:
            return original(self, colors)
        kept = self.__dict__.get("_labeltool_plain_colors")
        if kept is None:
            kept = self.__dict__["_labeltool_plain_colors"] = original(self, colors)
        return kept

    MeshVisual._build_color_transform = build


_keep_mesh_shaders()


def _lay_out_seen_text_alone() -> None:
    """Let a layer that has no text to show take no time for it.

    napari 0.9 lays the text out anew whenever the scale changes, hidden or not, and prepares it for every drawing.
    """
    for kind in (VispyShapesLayer, VispyPointsLayer):
        original = getattr(kind, "_update_text", None)
        if original is not None:
            kind._update_text = _only_if_text_is_seen(original)


def _only_if_text_is_seen(original: Callable[..., None]) -> Callable[..., None]:
    # napari looks at the parameters of a callback to see whether it wants the event
    def update(self: Any, *, update_node: bool = True) -> None:
        layer, node = self.layer, self.node.text
        is_seen = bool(layer.text.visible) and len(layer._view_indices) > 0
        if is_seen or node.visible:
            original(self, update_node=update_node)
            node.visible = is_seen

    return update


_lay_out_seen_text_alone()


class SegmentsOverlay(SceneOverlay):  # type: ignore[misc]  # napari has no stubs here
    """Line segments in the data coordinates of the layer that they hang on.

    Drawn by vispy; a viewer without a window keeps the values and draws nothing.
    """

    visible: bool = True
    _segments_xy: NDArray[Any] = PrivateAttr(default_factory=lambda: np.empty((0, 2, 2), np.float32))
    _colors: NDArray[Any] = PrivateAttr(default_factory=lambda: np.empty((0, 4), np.float32))
    _width: float = PrivateAttr(default=2.0)
    _redraw: Any = PrivateAttr(default=None)

    def draw(self, segments_xy: NDArray[Any], colors: NDArray[Any], width: float = 2.0) -> None:
        """Show segments, (n, 2, 2) x, y of both ends, with a colour each, (n, 4), `width` screen pixels wide."""
        self._segments_xy, self._colors, self._width = segments_xy, colors, width
        if self._redraw is not None:
            self._redraw()

    @property
    def segments_xy(self) -> NDArray[Any]:
        """(n, 2, 2) what is shown."""
        return self._segments_xy


class VispySegmentsOverlay(LayerOverlayMixin, VispySceneOverlay):  # type: ignore[misc]
    """Draws a `SegmentsOverlay`."""

    def __init__(self, **kwargs: Any) -> None:
        self._line = Line(
            pos=np.zeros((2, 2), np.float32), connect="segments", method="gl", antialias=False, width=2
        )
        super().__init__(node=self._line, **kwargs)
        self.overlay._redraw = self._draw
        self.reset()
        self._draw()

    def _draw(self) -> None:
        segments = self.overlay._segments_xy
        self._line.visible = len(segments) > 0
        if len(segments):
            colors = np.repeat(self.overlay._colors, 2, axis=0)
            self._line.set_data(pos=segments.reshape(-1, 2), color=colors, width=self.overlay._width)
        self._line.update()

    def close(self) -> None:
        """Let go of the overlay."""
        self.overlay._redraw = None
        super().close()


class RasterOverlay(SceneOverlay):  # type: ignore[misc]
    """A small picture with transparency, laid over a rectangle of the data coordinates of its layer.

    Drawn by vispy; a viewer without a window keeps the values and draws nothing.
    """

    visible: bool = True
    _rgba: NDArray[np.uint8] | None = PrivateAttr(default=None)
    _left_top_xy: tuple[float, float] = PrivateAttr(default=(0.0, 0.0))
    _pixel_xy: tuple[float, float] = PrivateAttr(default=(1.0, 1.0))
    _uploaded: int = PrivateAttr(default=0)
    _redraw: Any = PrivateAttr(default=None)
    _replace: Any = PrivateAttr(default=None)

    def draw(
        self, rgba: NDArray[np.uint8] | None, left_top_xy: tuple[float, float], pixel_xy: tuple[float, float]
    ) -> None:
        """Show a picture, (h, w, 4), from its left top corner on, each of its pixels `pixel_xy` wide and high.

        Coordinates are napari's: whole numbers are pixel centres. None shows nothing. An array that is shown already
        is not looked at again, see `repaint`.
        """
        is_new = rgba is not self._rgba
        if not is_new and (left_top_xy, pixel_xy) == (self._left_top_xy, self._pixel_xy):
            return
        self._rgba, self._left_top_xy, self._pixel_xy = rgba, left_top_xy, pixel_xy
        if is_new and rgba is not None:
            self._uploaded += rgba.shape[0] * rgba.shape[1]
        if self._redraw is not None:
            self._redraw(is_new)

    def repaint(self, rows: slice, columns: slice) -> None:
        """Show that a part of the picture was changed in place."""
        if self._rgba is None or not (size := self._rgba[rows, columns].size):
            return
        self._uploaded += size // 4
        if self._replace is not None:
            self._replace(rows, columns)

    @property
    def rgba(self) -> NDArray[np.uint8] | None:
        """(h, w, 4) what is shown."""
        return self._rgba

    @property
    def uploaded(self) -> int:
        """Number of pixels that were handed over to be drawn so far."""
        return self._uploaded


class NamesOverlay(SceneOverlay):  # type: ignore[misc]
    """Short texts at places in the data coordinates of a layer, white with a dark edge.

    Drawn by vispy; a viewer without a window keeps the values and draws nothing.
    """

    visible: bool = True
    _names: list[str] = PrivateAttr(default_factory=list)
    _places_xy: NDArray[Any] = PrivateAttr(default_factory=lambda: np.empty((0, 2), np.float32))
    _pixel: float = PrivateAttr(default=1.0)
    _redraw: Any = PrivateAttr(default=None)

    def draw(self, names: list[str], places_xy: NDArray[Any], pixel: float) -> None:
        """Show names whose left bottom corners are at places, (n, 2); `pixel` is a screen pixel in data units."""
        self._names, self._places_xy, self._pixel = names, places_xy, pixel
        if self._redraw is not None:
            self._redraw()

    @property
    def names(self) -> list[str]:
        """What is shown."""
        return self._names


class _Group(Node):  # type: ignore[misc]
    """A node for visuals with a place of their own; vispy's Compound overwrites the transforms of its parts."""

    def set_gl_state(self, *args: Any, **kwargs: Any) -> None:
        for child in self.children:
            child.set_gl_state(*args, **kwargs)


class _PlainImageVisual(ImageVisual):  # type: ignore[misc]
    """A picture whose colours are drawn as they are; vispy's own takes a power for each colour of each pixel."""

    def _build_color_transform(self) -> Function:
        return Function(self._func_templates["null_color_transform"])


_PlainImage = create_visual_node(_PlainImageVisual)


class VispyRasterOverlay(LayerOverlayMixin, VispySceneOverlay):  # type: ignore[misc]
    """Draws a `RasterOverlay`."""

    def __init__(self, **kwargs: Any) -> None:
        group = _Group()
        self._image = _PlainImage(
            np.zeros((1, 1, 4), np.uint8), clim=(0, 255), method="subdivide", interpolation="nearest"
        )
        self._image.parent = group
        self._image.transform = STTransform()
        super().__init__(node=group, **kwargs)
        self.overlay._redraw, self.overlay._replace = self._draw, self._replace
        self.reset()
        self._draw()

    def _draw(self, is_new: bool = True) -> None:
        rgba = self.overlay._rgba
        self._image.visible = rgba is not None and rgba.size > 0
        if self._image.visible:
            if is_new:
                self._image.set_data(rgba)
            self._image.transform.scale = (*self.overlay._pixel_xy, 1, 1)
            self._image.transform.translate = (*self.overlay._left_top_xy, 0, 0)
        self.node.update()

    def _replace(self, rows: slice, columns: slice) -> None:
        # a picture that is still to be handed over has the change in it
        if not self._image._need_texture_upload:
            part = np.ascontiguousarray(self.overlay._rgba[rows, columns])
            self._image._texture.set_data(part, offset=(rows.start, columns.start))
        self.node.update()

    def _on_opacity_change(self) -> None:
        self._image.opacity = self.overlay.opacity

    def close(self) -> None:
        """Let go of the overlay."""
        self.overlay._redraw = self.overlay._replace = None
        super().close()


class VispyNamesOverlay(LayerOverlayMixin, VispySceneOverlay):  # type: ignore[misc]
    """Draws a `NamesOverlay`."""

    def __init__(self, **kwargs: Any) -> None:
        group = _Group()
        # with the axis of y pointing down, vispy's top is below
        style = {"font_size": 9, "anchor_x": "left", "anchor_y": "top", "bold": True}
        self._edge, self._text = (
            Text(" ", color=color, parent=group, **style) for color in ("black", "white")
        )
        self._edge.order, self._text.order = 0, 1
        super().__init__(node=group, **kwargs)
        self.overlay._redraw = self._draw
        self.reset()
        self._draw()

    def _draw(self) -> None:
        names, places = self.overlay._names, self.overlay._places_xy
        self.node.visible = self._should_be_visible() and bool(names)
        if names:
            shifts = self.overlay._pixel * np.array([(-1, 0), (1, 0), (0, -1), (0, 1)], np.float32)
            edges = (places[None] + shifts[:, None]).reshape(-1, 2)
            for node, words, at in ((self._edge, names * 4, edges), (self._text, names, places)):
                # vispy lays out and hands over what it is given, 0.7 ms, also when it is the same
                if list(node.text) != words:
                    node.text = words
                if not np.array_equal(node.pos[:, :2], at):
                    node.pos = at
        self.node.update()

    def close(self) -> None:
        """Let go of the overlay."""
        self.overlay._redraw = None
        super().close()


overlay_to_visual[NamesOverlay] = VispyNamesOverlay
overlay_to_visual[SegmentsOverlay] = VispySegmentsOverlay
overlay_to_visual[RasterOverlay] = VispyRasterOverlay
