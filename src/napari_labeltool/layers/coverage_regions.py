"""The regions of the shown image in which every object was labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_labeltool.core.coverage_regions import Region, regions_of

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent


class ShownRegions:
    """Keeps the regions of the shown image at hand.

    Parameters
    ----------
    workspace
        The session in its viewer.

    Attributes
    ----------
    regions
        Where every object of the shown image was labelled.
    """

    regions_changed = Signal()

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.regions: tuple[Region, ...] = ()
        workspace.image_changed.connect(self._read_regions)
        workspace.session.changed.connect(self._on_changed)
        self._read_regions()

    def _on_changed(self, event: ChangeEvent) -> None:
        if self.workspace.image in event.touched.images:
            self._read_regions()

    def _read_regions(self, image: int = -1) -> None:
        image = self.workspace.image
        before, self.regions = self.regions, () if image < 0 else regions_of(self.workspace.dataset, image)
        if before or self.regions:
            self.regions_changed.emit()

    def close(self) -> None:
        """Let go of the session."""
        self.workspace.image_changed.disconnect(self._read_regions)
        self.workspace.session.changed.disconnect(self._on_changed)
