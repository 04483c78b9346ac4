"""From what a person does in the masks layer to edits of the dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_labeltool._napari_compat import forget_label_history, stroke_extent, stroke_is_written
from napari_labeltool.core.edits import Compound
from napari_labeltool.core.ops import Append
from napari_labeltool.core.pixels import Window
from napari_labeltool.layers.masks_stroke import Stroke, edit_of
from napari_labeltool.layers.masks_window import around

if TYPE_CHECKING:
    from napari_labeltool.layers.masks import MasksBinding


class MaskGesture:
    """Listens to the layer; each finished stroke becomes one edit.

    What was painted is read from the layer's data alone, never from the history that napari tells of. That
    only says when to look, and where.

    Parameters
    ----------
    binding
        The binding whose layer this is.
    """

    def __init__(self, binding: MasksBinding) -> None:
        self.binding = binding
        self.committing = False
        self._unwritten: Window | None = None

    def connect(self, layer: Any) -> None:
        """Listen to a layer."""
        layer.events.paint.connect(self._on_paint)
        layer.events.labels_update.connect(self._on_drawn)
        layer.events.set_data.connect(self._on_drawn)
        layer.events.data.connect(self._on_data)
        layer.events.features.connect(self._on_features)

    def disconnect(self, layer: Any) -> None:
        """Let go of a layer."""
        layer.events.paint.disconnect(self._on_paint)
        layer.events.labels_update.disconnect(self._on_drawn)
        layer.events.set_data.disconnect(self._on_drawn)
        layer.events.data.disconnect(self._on_data)
        layer.events.features.disconnect(self._on_features)

    def _on_paint(self, event: Any) -> None:
        binding = self.binding
        if binding.is_busy or not event.value:
            return
        self._unwritten = around(stroke_extent(event.value), self._unwritten)
        if stroke_is_written(binding.layer, event.value):
            self.commit(self._unwritten)

    def _on_drawn(self, event: Any = None) -> None:
        if not self.binding.is_busy and self._unwritten is not None:
            self.commit(self._unwritten)

    def _on_data(self, event: Any) -> None:
        """Take an array that somebody put into the layer for what they painted."""
        binding = self.binding
        if binding.is_busy or not binding.is_current:
            return
        given = np.asarray(binding.layer.data)
        with binding.writing():
            fits = binding.view.take(given)
            binding.view.give_data()
        if fits:
            self.commit()
        else:
            binding.workspace.message.emit(
                "warning",
                f"Layer {binding.layer.name}: an array of shape {given.shape} found, expected"
                f" {binding.view.data.shape}. Nothing was changed.",
            )

    def _on_features(self, event: Any) -> None:
        """Relabel annotations whose category somebody changed in the features table."""
        binding = self.binding
        if binding.is_busy or not binding.is_current:
            return
        edits = binding.view.look.relabels(binding.view.table)
        binding.view.look.forget_features()
        if edits:
            text = edits[0].label(binding.workspace.dataset)
            text = text if len(edits) == 1 else f"Relabel {len(edits):,} annotations"
            binding.workspace.apply(Compound(text, tuple(edits)), binding)
        with binding.writing():
            binding.view.update_look()

    def commit(self, extent: Window | None = None) -> None:
        """Make what was painted one edit; show the dataset again where it was refused.

        Parameters
        ----------
        extent
            Where to look, (y0, x0, y1, x1) in the layer's data; everywhere when left out.
        """
        self._unwritten = None
        binding = self.binding
        stroke = binding.view.read(extent)
        forget_label_history(binding.layer)
        if stroke is not None:
            self._apply(stroke)

    def _apply(self, stroke: Stroke) -> None:
        binding = self.binding
        workspace = binding.workspace
        edit, values = edit_of(workspace.dataset, stroke, workspace.new_object)
        self.committing = True
        try:
            change = workspace.apply(edit, binding)
        finally:
            self.committing = False
        added = [] if change is None else [op.row for op in change.ops if isinstance(op, Append)]
        with binding.writing():
            if change is not None:
                binding.view.keep(stroke, dict(zip(added, values)))
            binding.view.render(stroke.window)
        if len(added) == 1:
            workspace.select(added, origin=binding)
        hidden = [row for row in added if not binding.view.belongs(row)]
        if hidden:
            name = workspace.dataset.name_of(hidden[0])
            workspace.message.emit("info", f"{name} was added; it is not seen because its class is hidden.")
        if added:
            binding.aim()
        else:
            binding.keep_aim()
