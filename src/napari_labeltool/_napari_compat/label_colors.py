"""Colours of a Labels layer, exchanged in the table and the texture that are there."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from napari._vispy.layers.labels import VispyLabelsLayer
from napari.utils.colormaps import DirectLabelColormap
from numpy.typing import NDArray

_TEXTURE: Final = "texture2D_values"

_MOST_LINES: Final = 32
"""Of more changed lines of the texture than this, all of it is handed over."""


def label_colormap(colors: NDArray[Any], values: NDArray[Any]) -> DirectLabelColormap:
    """Return a colormap of 16 bit labels that shows a table of all their colours, (65536, 4), and does not copy it.

    napari's constructor takes 20 microseconds a colour, and then 50 milliseconds to fill the table. Only the colours
    of `values` are in its ``color_dict``.
    """
    colormap = DirectLabelColormap(color_dict={None: colors[-1], 0: colors[0]})
    kind = np.dtype(np.uint16)
    colormap._cache_mapping[(kind, kind)] = colors
    name_label_colors(colormap, colors, values)
    return colormap


def name_label_colors(colormap: DirectLabelColormap, colors: NDArray[Any], values: NDArray[Any]) -> None:
    """Put the colours of values into the ``color_dict`` of a colormap; any other value has the last of the table."""
    colormap.color_dict.update(zip(values.tolist(), colors[values]))
    colormap.color_dict[None] = colors[-1].copy()


def exchange_label_colors(layer: Any, colors: NDArray[Any], values: NDArray[Any]) -> None:
    """Show that colours of some values were changed in the table of a layer's `label_colormap`.

    The colormap stays the same object. The colour of the selected label is taken over, whose event is the caller's.
    ``layer.colormap = `` slices the data anew and makes a new texture and a new colormap of
    vispy, with which vispy builds the shader of the layer anew at the next draw (20 ms).

    Parameters
    ----------
    layer
        The layer.
    colors
        (65536, 4) the table.
    values
        (n,) the values.
    """
    if not _draw_label_colors(layer, colors, values):
        layer.events.colormap()
    if layer.selected_label in values:
        layer._selected_color = layer.get_color(layer.selected_label)


def _draw_label_colors(layer: Any, colors: NDArray[Any], values: NDArray[Any]) -> bool:
    """Hand the colours of some values to what draws a layer; tell whether that was possible.

    The visual of a layer has no public way to it but the viewer's window.
    """
    visual = label_visual(layer)
    if visual is None or layer.show_selected_label:
        return False
    try:
        texture = visual.node.shared_program[_TEXTURE]
    except KeyError:
        return False
    if texture.shape[0] * texture.shape[1] != len(colors):
        return False
    visual.texture_data = table = colors.reshape(texture.shape)
    lines = np.unique(values // texture.shape[1]).tolist()
    if len(lines) > _MOST_LINES:
        texture.set_data(table)
    else:
        for line in lines:
            texture.set_data(table[line : line + 1], offset=(line, 0))
    visual.node.update()
    return True


def label_visual(layer: Any) -> VispyLabelsLayer | None:
    """Return what draws a layer, None for a layer without a window."""
    owners = (callback[0]() for callback in layer.events.colormap.callbacks if isinstance(callback, tuple))
    return next((owner for owner in owners if isinstance(owner, VispyLabelsLayer)), None)
