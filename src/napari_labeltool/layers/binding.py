"""What a binding between the dataset and one napari layer has to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from napari_labeltool._napari_compat import let_dims_follow
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.names import MARK, LayerKind

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


class Binding(ABC):
    """A view of part of the dataset in one napari layer, kept in step both ways.

    The dataset is the truth. A gesture in the layer becomes one edit; what is refused is undone in the layer by
    showing the dataset again. One layer object serves all images, so the user's layer settings stay.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    kind: ClassVar[LayerKind]

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.layer: Any = None
        self._busy = 0

    # -- to be written by each binding
    @abstractmethod
    def show(self, image: int) -> None:
        """Show the annotations of an image (by row); make the layer when it is not there."""

    @abstractmethod
    def refresh(self, rows: IntArray) -> None:
        """Bring the layer in line with the dataset after some rows of the shown image changed."""

    @abstractmethod
    def show_selection(self, rows: tuple[int, ...]) -> None:
        """Select annotations (by row) in the layer, as far as it shows them."""

    def category_chosen(self) -> None:
        """Take over the workspace's category for objects that are drawn from now on."""

    def style_changed(self) -> None:
        """Take over colours after the schema or the visibility of a class changed."""

    def zoomed(self) -> None:
        """Take over that the camera shows the picture larger or smaller."""

    def picture_moved(self) -> None:
        """Lie on the picture again, after somebody scaled, moved, turned or sheared its layer."""
        if self.layer is not None:
            with self.writing():
                self.workspace.pictures.transform.place(self.layer)
            self.zoomed()

    def finish_gesture(self) -> None:
        """End what is half drawn, before the dataset changes under it."""

    def disconnect(self) -> None:
        """Let go of the layer's events."""

    # -- shared
    @property
    def is_busy(self) -> bool:
        """Whether the layer is being written by us, so that its events mean nothing."""
        return self._busy > 0

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Mark that the layer's events come from us while in the block."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    def mark(self) -> dict[str, Any]:
        """Return the metadata that marks the layer as ours and names the image."""
        workspace = self.workspace
        record = workspace.dataset.images.at(workspace.image)
        path = workspace.dataset.source.path
        return {
            MARK: {
                "kind": self.kind,
                "image_id": record.id,
                "file_name": record.file_name,
                "document": None if path is None else str(path),
            }
        }

    def close(self, *, remove: bool) -> None:
        """Let go of the layer, and remove it from the viewer when asked."""
        self.disconnect()
        layer, self.layer = self.layer, None
        if layer is None or layer not in self.workspace.viewer.layers:
            return
        if remove:
            self.workspace.viewer.layers.remove(layer)
        else:
            let_dims_follow(self.workspace.viewer, layer)
