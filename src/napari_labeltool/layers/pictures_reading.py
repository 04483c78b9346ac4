"""A picture file as plain Image layers, for napari's readers and for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import napari
from napari.utils.notifications import show_warning

from napari_labeltool.images import ImageSource, open_image
from napari_labeltool.images.pyramid import Pyramid
from napari_labeltool.images.pyramid_build import PyramidProgress
from napari_labeltool.layers.coordinates import LayerDataTuple
from napari_labeltool.layers.names import MARK
from napari_labeltool.layers.pictures_channels import channel_colormap, channel_name, pixels_at
from napari_labeltool.layers.pictures_growing import ActivityBar, Growing

PICTURE: Final = "napari_labeltool_picture"
"""Key of ``layer.metadata`` in layers of a picture that was opened without a document: where it came from."""


def open_picture(path: str | Path) -> list[LayerDataTuple]:
    """Open a picture file as layers: all planes of a stack, one layer a channel, read when they are looked at.

    The coarse levels of a large flat picture are made in the background; the layers show them as they come.

    Raises
    ------
    ReadError
        The file is no image, or damaged.
    """
    source = open_image(path)
    source.load()
    facts = {"path": str(source.path), "axes": source.axes, "notes": source.notes}
    layers = picture_layers(source, {PICTURE: facts})
    if source.pyramid is not None:
        _grow(source.pyramid)
    return layers


def picture_layers(
    source: ImageSource, metadata: Mapping[str, Any], plane: Mapping[str, int] | None = None
) -> list[LayerDataTuple]:
    """Return a picture as Image layers, one for each channel; pixels are read when they are looked at.

    Parameters
    ----------
    source
        The opened image.
    metadata
        Of the layers; the mark.
    plane
        Index along axes of a stack, to show that plane alone; the entire stack when left out.
    """
    shown = {letter: int(plane.get(letter, 0)) for letter in source.plane_axes} if plane else {}
    axes = [letter for letter in source.axes if letter != "C" and letter not in shown]
    name = str(metadata.get(MARK, {}).get("file_name") or source.path.name)
    layers = []
    for channel in range(source.channel_count):
        at = {**shown, "C": channel}
        levels = [pixels_at(level, source.axes, at) for level in source.levels]
        kwargs: dict[str, Any] = {
            "name": name,
            "rgb": source.rgb,
            "multiscale": source.is_multiscale,
            "metadata": dict(metadata),
            "axis_labels": tuple(letter.lower() for letter in axes),
        }
        sizes = [source.step_of(letter) for letter in axes]
        if any(sizes):
            kwargs["scale"] = tuple(1.0 if size is None else size[0] for size in sizes)
            kwargs["units"] = tuple("pixel" if size is None else size[1] for size in sizes)
        if not source.rgb:
            kwargs["contrast_limits"] = source.contrast_limits[channel]
        if source.channel_count > 1:
            kwargs |= {
                "name": f"{name} [{channel_name(source, channel)}]",
                "colormap": channel_colormap(source, channel),
                "blending": "additive",
            }
        layers.append((levels if source.is_multiscale else levels[0], kwargs, "image"))
    return layers


def _grow(pyramid: Pyramid) -> None:
    """Make coarse levels in the background; layers of the current viewer show them, its activity dock the progress."""
    viewer = napari.current_viewer()
    place = str(pyramid.path)

    def layers() -> list[Any]:
        shown = [] if viewer is None else list(viewer.layers)
        return [layer for layer in shown if layer.metadata.get(PICTURE, {}).get("path") == place]

    growing = Growing(layers)
    bar = ActivityBar(growing)

    def tell(report: PyramidProgress) -> None:
        if report.state == "failed":
            show_warning(report.text)
        if report.is_over:
            bar.close()
            _growing.discard(growing)

    growing.progress.connect(tell)
    _growing.add(growing)
    growing.start(pyramid, next(iter(pyramid.layout.planes())))


_growing: set[Growing] = set()
"""Keeps the work that goes on alive; the viewer knows nothing of it."""
