"""Where the shown picture lies in the world, also when somebody scales, moves, turns or shears its layer."""

from __future__ import annotations

from typing import Any, Final

from psygnal import Signal

from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.pixel_transform import IDENTITY, PixelTransform, transform_of

PLACING_EVENTS: Final = ("scale", "translate", "rotate", "shear", "affine")
"""Events of a layer that lies elsewhere now."""


class Placed:
    """Follows the first layer of the picture; annotations lie where it does.

    Attributes
    ----------
    transform
        From its pixels to the world.
    layer
        The layer, None for none.
    moved
        Signal: the transform is another one, though the picture is not.
    """

    moved = Signal()

    def __init__(self) -> None:
        self.transform: PixelTransform = IDENTITY
        self.layer: Any = None
        self._own: tuple[FloatArray, ...] = ()

    def follow(self, layer: Any, *own: FloatArray) -> None:
        """Follow a layer; `own` are scale and translation of data that are not the pixels, as of a frame."""
        self.let_go()
        self.layer, self._own = layer, own
        self.transform = transform_of(layer, *own)
        for name in PLACING_EVENTS:
            getattr(layer.events, name).connect(self._on_placed)

    def follow_instead(self, layer: Any) -> None:
        """Follow another layer of the same picture, and tell if that lies elsewhere."""
        before = self.transform
        self.follow(layer, *self._own)
        if self.transform != before:
            self.moved.emit()

    def let_go(self) -> None:
        """Follow no layer: what is written now says nothing."""
        layer, self.layer = self.layer, None
        if layer is not None:
            for name in PLACING_EVENTS:
                getattr(layer.events, name).disconnect(self._on_placed)

    def _on_placed(self, event: Any = None) -> None:
        transform = transform_of(self.layer, *self._own)
        if transform.is_finite and transform != self.transform:
            self.transform = transform
            self.moved.emit()
