"""Keeping what is shown in step with the session and with the viewer's list of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from napari_labeltool.core.errors import EditRefused

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.core.history import Change
    from napari_labeltool.core.ops import Touched
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent


class Following:
    """Hands changes of the session on to the bindings, and notices layers that were removed.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        workspace.session.changed.connect(self._on_changed)
        workspace.session.reset.connect(self._on_reset)
        workspace.viewer.layers.events.removed.connect(self._on_layer_removed)
        workspace.viewer.scene.camera.events.zoom.connect(self._on_zoom)

    def _on_changed(self, event: ChangeEvent) -> None:
        workspace, touched = self.workspace, event.touched
        table = workspace.dataset.annotations
        if len(touched.categories) or touched.document:
            self._adjust_to_schema()
        if workspace.image < 0:
            return
        mine = touched.annotations[table.image[touched.annotations] == workspace.image]
        if len(mine):
            workspace.shown.update(mine)
            for binding in workspace.bindings:
                binding.refresh(mine)
            if workspace.shown.is_partial or not table.alive[mine].all():
                workspace.select(workspace.shown.seen(workspace.selection))

    def _adjust_to_schema(self) -> None:
        workspace = self.workspace
        if workspace.category >= 0 and not workspace.dataset.categories.alive[workspace.category]:
            workspace.set_category(-1, relabel=False)
        workspace.keys.bind_layers()
        for binding in workspace.bindings:
            binding.style_changed()

    def _on_reset(self) -> None:
        workspace = self.workspace
        image, workspace.image, workspace.selection = workspace.image, -1, ()
        rows = workspace.dataset.images.rows().tolist()
        if rows:
            workspace.show_image(image if image in rows else rows[0])

    def _on_zoom(self, event: Any = None) -> None:
        if self.workspace.image >= 0:
            for binding in self.workspace.bindings:
                binding.zoomed()

    def _on_layer_removed(self, event: Any) -> None:
        workspace = self.workspace
        for binding in workspace.bindings:
            if binding.layer is not None and event.value is binding.layer:
                binding.close(remove=False)
                workspace.layers_lost.emit()

    def close(self) -> None:
        """Let go of the session and the viewer."""
        workspace = self.workspace
        workspace.session.changed.disconnect(self._on_changed)
        workspace.session.reset.disconnect(self._on_reset)
        workspace.viewer.layers.events.removed.disconnect(self._on_layer_removed)
        workspace.viewer.scene.camera.events.zoom.disconnect(self._on_zoom)


def images_of(dataset: Dataset, touched: Touched) -> set[int]:
    """Return the images (by row) that a change touched, those of the first thousand annotations of a large one."""
    rows = touched.annotations[:1000]
    images = {*touched.images[:1000].tolist(), *dataset.annotations.image[rows].tolist()} - {-1}
    return {row for row in images if dataset.images.alive[row]}


def travel(workspace: Workspace, step: Callable[[], Change | None]) -> None:
    """Go a step back or forth in the history, and show the image that it was on."""
    workspace.finish_gesture()
    try:
        change = step()
    except EditRefused as refusal:
        workspace.message.emit("warning", str(refusal))
        return
    images = set() if change is None else images_of(workspace.dataset, change.touched)
    if images and workspace.image not in images:
        workspace.show_image(min(images))
