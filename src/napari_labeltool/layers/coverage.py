"""What the person at the canvas has viewed of a large picture, and where to look next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from psygnal import Signal

from napari_labeltool.core.coverage import Rectangle, Viewed, suggested_zoom
from napari_labeltool.core.values import BoolArray
from napari_labeltool.layers.coverage_camera import PictureCamera
from napari_labeltool.layers.coverage_regions import ShownRegions
from napari_labeltool.session.coverage import ViewedStore

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

REST_SECONDS: Final = 0.4
"""How long the camera must rest for a view to count."""
LARGE: Final = 1.5
"""A picture is large when at working zoom it is so many times as long as the canvas."""


class Coverage(ShownRegions):
    """Follows the camera over a large picture.

    A view counts when the camera rested there, at the working zoom or above. The handler of camera moves notes the
    time and the place, nothing else; what rested is counted at the next move, or by `take_rest` from a timer of the
    caller. Over a picture that is not large, the camera is not followed at all.

    Parameters
    ----------
    workspace
        The session in its viewer.

    Attributes
    ----------
    viewed
        Tiles of the shown picture; None when it is not large.
    empty
        Tiles that hold nothing but background, which need not be viewed; None when that is not known.
    """

    viewed_changed = Signal()
    """More was viewed, or less; also after another picture is shown."""
    moved = Signal()
    """The camera shows another place; only over a large picture."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.store = ViewedStore(workspace.session)
        self.viewed: Viewed | None = None
        self.empty: BoolArray | None = None
        self._suggested = 0.0
        self._image = -1
        self.camera = PictureCamera(workspace)
        self._followed = False
        self._moved_at = 0.0
        self._view: tuple[float, Rectangle] | None = None
        self._told = False
        workspace.image_changed.connect(self._on_image)
        workspace.viewer.canvas.events.size.connect(self._on_canvas_size)
        self._on_image(workspace.image)

    # -- the picture
    @property
    def shape_yx(self) -> tuple[int, int]:
        """Height and width of the shown picture in pixels."""
        return self.workspace.pictures.shape_yx

    @property
    def working_zoom(self) -> float:
        """Screen pixels for each pixel of the picture from which on a view counts."""
        chosen = self.store.working_zoom
        return self.suggested_zoom if chosen is None else chosen

    @property
    def suggested_zoom(self) -> float:
        """The working zoom that the objects of the document suggest."""
        if not self._suggested:
            self._suggested = suggested_zoom(self.workspace.dataset.annotations.bbox)
        return self._suggested

    def set_working_zoom(self, zoom: float | None) -> None:
        """Choose the working zoom for the document; None for the suggested one."""
        self.store.set_working_zoom(zoom)
        self._begin()

    @property
    def is_large(self) -> bool:
        """Whether the shown picture is too large to be seen at once at working zoom."""
        return self.viewed is not None

    def _looks_large(self) -> bool:
        workspace = self.workspace
        if workspace.image < 0 or workspace.pictures.source is None:
            return False
        size = np.array(self.shape_yx, float) * self.working_zoom
        return bool((size > LARGE * np.maximum(workspace.viewer.canvas.size, 1)).any())

    def _on_image(self, row: int) -> None:
        self._suggested = 0.0
        self.empty = None
        self._begin()

    def _begin(self) -> None:
        """Begin to follow the camera, or cease, as the shown picture demands."""
        self.viewed, self._image = None, self.workspace.image
        large = self._looks_large()
        if large:
            self.viewed = self.store.of(self.workspace.image, *self.shape_yx)
        self._follow(large)
        self._view = None
        self._on_move()
        self.viewed_changed.emit()

    def _on_canvas_size(self, event: Any = None) -> None:
        if self.workspace.image >= 0 and self._looks_large() != self.is_large:
            self._begin()
        elif self.is_large:
            self._on_move()

    # -- the camera
    def _follow(self, wanted: bool) -> None:
        if wanted == self._followed:
            return
        self._followed = wanted
        for emitter in self.camera.emitters:
            (emitter.connect if wanted else emitter.disconnect)(self._on_move)

    def _on_move(self, event: Any = None) -> None:
        now = time.monotonic()
        if self._view is not None and now - self._moved_at >= REST_SECONDS:
            self._note(self._view)
        self._moved_at, self._view = now, (self.camera.zoom, self.camera.rectangle())
        self.moved.emit()

    def take_rest(self) -> None:
        """Count the present view if the camera has rested there long enough."""
        if self._view is not None and time.monotonic() - self._moved_at >= REST_SECONDS:
            self._note(self._view)

    @property
    def zoom(self) -> float:
        """Screen pixels for each pixel of the picture now."""
        return self.camera.zoom

    @property
    def is_working(self) -> bool:
        """Whether the present zoom is the working zoom or above."""
        return self.zoom >= 0.999 * self.working_zoom

    def rectangle(self) -> Rectangle:
        """Return what the canvas shows, in pixels; it may reach beyond the picture."""
        return self.camera.rectangle()

    def _note(self, view: tuple[float, Rectangle]) -> None:
        viewed, (zoom, rectangle) = self.viewed, view
        if viewed is None or self.workspace.viewer.dims.ndisplay != 2 or self.workspace.image != self._image:
            return  # while another picture takes the place of this one, the camera moves too
        if zoom >= 0.999 * self.working_zoom and viewed.mark(rectangle):
            self._viewed_changed()

    def _viewed_changed(self) -> None:
        self.store.note(self.workspace.image)
        self.viewed_changed.emit()
        self.write_due()

    def write_due(self) -> None:
        """Write what was viewed, if it has waited long enough; say once if it cannot be kept."""
        if self.store.due():
            self.store.write()
        if self.store.problem is not None and not self._told:
            self._told = True
            self.workspace.message.emit("info", self.store.problem)

    # -- what a person does
    def mark_all(self, viewed: bool) -> None:
        """Note that all of the shown picture was viewed, or nothing."""
        if self.viewed is not None:
            self.viewed.fill(viewed)
            self._viewed_changed()

    def set_shaded(self, shaded: bool) -> None:
        """Say whether what was not viewed is to be seen on the picture."""
        if shaded != self.store.shaded:
            self.store.set_shaded(shaded)
            self.viewed_changed.emit()

    def wanted(self) -> BoolArray | None:
        """Return which tiles remain to be viewed; None over a picture that is not large."""
        if self.viewed is None:
            return None
        left = ~self.viewed.tiles
        return left if self.empty is None else left & ~self.empty

    @property
    def fraction(self) -> float:
        """Part of the tiles that was viewed, of those that need to be; 1 for a picture that is not large."""
        left = self.wanted()
        if left is None:
            return 1.0
        needed = left.size - (0 if self.empty is None else int(np.count_nonzero(self.empty)))
        return 1 - int(np.count_nonzero(left)) / needed if needed else 1.0

    def viewed_part(self, view: Rectangle) -> float:
        """Return which part of a rectangle was viewed, 0 to 1."""
        if self.viewed is None:
            return 1.0
        tiles = self.viewed.tiles[self.viewed.grid.tiles_in(view)]
        return float(tiles.mean()) if tiles.size else 1.0

    def close(self) -> None:
        """Let go of session and viewer; what was viewed is written."""
        self.take_rest()
        self._follow(False)
        self.viewed = None
        self.workspace.image_changed.disconnect(self._on_image)
        self.workspace.viewer.canvas.events.size.disconnect(self._on_canvas_size)
        self.store.close()
        super().close()
