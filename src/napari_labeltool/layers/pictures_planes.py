"""The planes of a stack: the sliders of the viewer go from image record to image record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.images import ImageSource

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent

Plane = tuple[int, ...]


class Planes:
    """Keeps the sliders and the shown image record in step while a stack is shown.

    Each plane that carries annotations is an image record that names it; a record that names none is the first
    plane. A plane without a record is shown with no annotations; its record is offered, and added together with
    the first annotation that is drawn there, in the same step.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._source: ImageSource | None = None
        self._file_name: Any = None
        self._rows: dict[Plane, int] = {}
        self._busy = False
        workspace.viewer.dims.events.current_step.connect(self._on_slider)
        workspace.session.changed.connect(self._on_changed)

    def show(self, source: ImageSource | None, image: int) -> None:
        """Take over a picture, or None, of which an image record (by row) is shown."""
        stack = source if source is not None and source.plane_axes else None
        record = self.workspace.dataset.images.record(image)
        if stack is not self._source or record.get("file_name") != self._file_name:
            self._source, self._file_name = stack, record.get("file_name")
            self._find_rows()
        if stack is not None:
            self._move_sliders(plane_index(self.workspace.dataset, image, stack))

    def _find_rows(self) -> None:
        """Find the records of the planes; the first one of a plane counts."""
        self._rows = {}
        if self._source is not None:
            images = self.workspace.dataset.images
            for row in images.rows().tolist():
                if images.value(row, "file_name") == self._file_name:
                    self._rows.setdefault(plane_index(self.workspace.dataset, row, self._source), row)

    def _axes(self) -> range:
        """Return the viewer's axes along which planes lie."""
        count = 0 if self._source is None else len(self._source.plane_axes)
        last = self.workspace.viewer.dims.ndim - 2
        return range(last - count, last)

    def _move_sliders(self, plane: Plane) -> None:
        self._busy = True
        try:
            dims = self.workspace.viewer.dims
            axes = self._axes()
            if axes.start >= 0 and self._plane_under_sliders() != plane:
                layer = self.workspace.pictures.layers[0]
                shown = layer.world_to_data(dims.point[-layer.ndim :])
                point = layer.data_to_world((*plane, *shown[len(axes) :]))
                dims.set_point(list(axes), list(map(float, point[: len(axes)])))
        finally:
            self._busy = False

    def _on_slider(self, event: Any = None) -> None:
        axes = self._axes()
        if self._busy or self._source is None or axes.start < 0 or self.workspace.image < 0:
            return
        if self.workspace.pictures.layers:
            self._go_to(self._plane_under_sliders())

    def _plane_under_sliders(self) -> Plane:
        """Return the plane that the picture's layer shows, wherever somebody moved it along the sliders."""
        layer, lengths = self.workspace.pictures.layers[0], self._source.plane_shape if self._source else ()
        at = np.rint(layer.world_to_data(self.workspace.viewer.dims.point[-layer.ndim :])[: len(lengths)])
        return tuple(int(min(max(index, 0), length - 1)) for index, length in zip(at, lengths))

    def _go_to(self, plane: Plane) -> None:
        source, dataset = self._source, self.workspace.dataset
        if source is None:
            return
        shown = self.workspace.image
        if dataset.images.exists(shown) and plane == plane_index(dataset, shown, source):
            return
        row = self._rows.get(plane)
        if row is None:
            height, width = source.shape_yx
            facts = {"plane": dict(zip(source.plane_axes, plane, strict=True))}
            row = dataset.images.offer(
                {"file_name": self._file_name, "width": width, "height": height, "labeltool": facts}
            )
            if row == shown:
                self.workspace.image = -1  # another plane is offered under the same row
        self.workspace.show_image(row)

    def _on_changed(self, event: ChangeEvent) -> None:
        if self._source is None or not len(event.touched.images):
            return
        self._find_rows()
        images, shown = self.workspace.dataset.images, self.workspace.image
        if shown >= 0 and not images.exists(shown):  # its record was taken back by undo
            self._on_slider()

    def close(self) -> None:
        """Let go of the viewer and the session."""
        self.workspace.viewer.dims.events.current_step.disconnect(self._on_slider)
        self.workspace.session.changed.disconnect(self._on_changed)


def plane_of(dataset: Dataset, image: int) -> Mapping[str, int]:
    """Return which plane of a stack an image record (by row) is: ``{"Z": 4}``; empty for a single picture."""
    plane = labeltool_facts(dataset.images.record(image)).get("plane")
    if not isinstance(plane, dict):
        return {}
    return {axis: index for axis, index in plane.items() if isinstance(index, int) and index >= 0}


def plane_index(dataset: Dataset, image: int, source: ImageSource) -> Plane:
    """Return the indices of an image record's plane along the plane axes; 0 where it names none that is there."""
    at = plane_of(dataset, image)
    lengths = zip(source.plane_axes, source.plane_shape)
    return tuple(at[axis] if at.get(axis, length) < length else 0 for axis, length in lengths)
