"""Layers of annotations lie where the picture lies, whoever moves which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_labeltool.layers.pictures_placed import PLACING_EVENTS

if TYPE_CHECKING:
    from napari_labeltool.layers.binding import Binding
    from napari_labeltool.layers.workspace import Workspace


class Alignment:
    """Takes the annotations along when somebody moves the picture, and back when somebody moves them alone.

    Moved alone, what is drawn next would not be where it is seen.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._is_aligning = False
        workspace.pictures.placed.moved.connect(self._on_picture_moved)
        workspace.viewer.layers.events.inserted.connect(self._on_inserted)
        workspace.viewer.layers.events.removed.connect(self._on_removed)

    def _on_inserted(self, event: Any) -> None:
        if self._binding_of(event.value) is not None:
            for name in PLACING_EVENTS:
                getattr(event.value.events, name).connect(self._on_own_moved)

    def _binding_of(self, layer: Any) -> Binding | None:
        return next((b for b in self.workspace.bindings if b.layer is layer), None)

    def _on_picture_moved(self) -> None:
        if self.workspace.image >= 0:
            self._align(self.workspace.bindings)

    def _on_own_moved(self, event: Any) -> None:
        binding = self._binding_of(event.source)
        if binding is not None and not binding.is_busy and not self._is_aligning:
            self._align((binding,))
            self.workspace.message.emit(
                "info",
                "Annotations lie where the picture lies. Move or turn the layer of the picture instead.",
            )

    def _align(self, bindings: tuple[Binding, ...]) -> None:
        self._is_aligning = True
        try:
            for binding in bindings:
                binding.picture_moved()
        finally:
            self._is_aligning = False

    def _on_removed(self, event: Any) -> None:
        """Follow another channel when somebody removed the first one."""
        pictures = self.workspace.pictures
        left = [layer for layer in pictures.layers if layer in self.workspace.viewer.layers]
        if left and event.value is pictures.placed.layer:
            pictures.placed.follow_instead(left[0])

    def close(self) -> None:
        """Let go of the viewer and of layers that stay in it."""
        self.workspace.pictures.placed.moved.disconnect(self._on_picture_moved)
        self.workspace.viewer.layers.events.inserted.disconnect(self._on_inserted)
        self.workspace.viewer.layers.events.removed.disconnect(self._on_removed)
        for binding in self.workspace.bindings:
            if binding.layer is not None:
                for name in PLACING_EVENTS:
                    getattr(binding.layer.events, name).disconnect(self._on_own_moved)
