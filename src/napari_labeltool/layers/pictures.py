"""The picture of the shown image as napari Image layers, and the way from its pixels to the world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images import ImageSource
from napari_labeltool.images.pyramid_build import PyramidProgress
from napari_labeltool.layers.names import MARK
from napari_labeltool.layers.pictures_channels import channel_colormap, channel_data, channel_name
from napari_labeltool.layers.pictures_growing import ActivityBar, Growing
from napari_labeltool.layers.pictures_placed import Placed
from napari_labeltool.layers.pictures_planes import Planes, plane_index
from napari_labeltool.layers.pictures_planes import plane_of as plane_of
from napari_labeltool.layers.pixel_transform import PixelTransform
from napari_labeltool.session.imagery import ImageProblem

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

PLACEHOLDER_SIDE = 512
"""Side in pixels of the frame that is shown where neither the picture nor its size is known."""

PLACEHOLDER = ("placeholder",)
"""What the layers are of while a frame is shown instead of a picture."""

PLACEHOLDER_LEVEL = 64
"""Grey of that frame, so that it stands out from the canvas in the dark and the light theme."""


class Pictures:
    """The Image layers of the shown image.

    The layers are kept from image to image as long as the next picture has the same number of channels and the
    same kind of pixels, so contrast, colours and opacity that a user chose stay.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.layers: list[Any] = []
        self.source: ImageSource | None = None
        self.placed = Placed()
        self.problem: str | None = None
        self.is_other_size = False
        self.growing = Growing(lambda: self.layers)
        self.activity = ActivityBar(self.growing)
        self.growing.progress.connect(self._on_growing)
        self.planes = Planes(workspace)
        workspace.image_changed.connect(self._share_units)
        self._image = -1
        self._signature: tuple[Any, ...] = ()
        self._filed: list[float] = []
        self._shape: tuple[int, int] = (PLACEHOLDER_SIDE, PLACEHOLDER_SIDE)

    @property
    def transform(self) -> PixelTransform:
        """From pixels of the shown image to the world."""
        return self.placed.transform

    @property
    def shape_yx(self) -> tuple[int, int]:
        """Height and width in pixels of the shown image: as declared, else as the picture has it."""
        declared = (
            self.workspace.dataset.images.size(self.workspace.image) if self.workspace.image >= 0 else None
        )
        return self._shape if declared is None else declared

    def show(self, image: int) -> None:
        """Show the picture of an image (by row); a missing or damaged one is told, and its frame stays empty."""
        workspace = self.workspace
        if self.source is not None and self._is_plane_of_shown(image):
            self._image = image
            self._show_plane(self.source, image)
            return
        self._image = image
        old = self.source
        self.placed.let_go()
        self.source, self.problem = None, None
        opened = self._open(image)
        if isinstance(opened, ImageProblem):
            self.problem = opened.text
            workspace.message.emit("error", opened.text)
        else:
            self.source = opened
            for note in opened.notes:
                workspace.message.emit("info", note)
        same_size = old is not None and self.source is not None and self._shape == self.source.shape_yx
        if self.source is not None:
            self._shape = self.source.shape_yx
            plane = plane_index(workspace.dataset, image, self.source)
            self.growing.start(self.source.pyramid, plane)
            self._show_source(self.source, image)
        else:
            self.growing.stop()
            self._show_placeholder(image)
        self.planes.show(self.source, image)
        if old is not None and old is not self.source:
            old.close()
        self.is_other_size = not same_size
        self._share_units()

    def _is_plane_of_shown(self, image: int) -> bool:
        """Tell whether an image is another plane of the stack that is shown."""
        if (
            image == self._image
            or self.source is None
            or not self.source.plane_axes
            or not self._still_there()
        ):
            return False
        return self.workspace.session.imagery.path(image) == self.source.path

    def _show_plane(self, source: ImageSource, image: int) -> None:
        for layer in self.layers:
            layer.metadata.update(self._mark(image))
        self.growing.start(source.pyramid, plane_index(self.workspace.dataset, image, source))
        self.planes.show(source, image)
        self.is_other_size = False

    def _share_units(self) -> None:
        share_units([binding.layer for binding in self.workspace.bindings], self.layers, self.source)

    def _on_growing(self, report: PyramidProgress) -> None:
        if report.state == "failed":
            self.workspace.message.emit("warning", report.text)

    def _open(self, image: int) -> ImageSource | ImageProblem:
        opened = self.workspace.session.open_image(image)
        if isinstance(opened, ImageProblem):
            return opened
        try:
            opened.load()
        except ReadError as error:
            return ImageProblem("unreadable", str(error), opened.path)
        return opened

    def pixel_at(self, position: Sequence[float]) -> tuple[float, float]:
        """Return the pixel coordinates (row, column; napari's, pixel centres are whole) of a place in the world."""
        y, x = self.transform.to_pixels(np.asarray(position, float)[-2:])
        return float(y), float(x)

    def _mark(self, image: int) -> dict[str, Any]:
        record = self.workspace.dataset.images.at(image)
        return {MARK: {"kind": "image", "image_id": record.id, "file_name": record.file_name}}

    def _show_source(self, source: ImageSource, image: int) -> None:
        signature = (
            source.rgb,
            source.is_multiscale,
            source.channel_names,
            source.channel_count,
            source.dtype,
            source.plane_axes,
        )
        data = [channel_data(source, channel) for channel in range(source.channel_count)]
        name = self.workspace.dataset.images.at(image).file_name
        if signature == self._signature and self._still_there():
            for layer, values in zip(self.layers, data):
                layer.data = values
        else:
            self._remove()
            self._share_units()
            for channel, values in enumerate(data):
                self.layers.append(self._add(values, source, channel))
            self._signature = signature
        filed = placing(source)["scale"]
        for channel, layer in enumerate(self.layers):
            layer.name = name if len(self.layers) == 1 else f"{name} [{channel_name(source, channel)}]"
            if filed != self._filed:  # what the file says; else what somebody set stays
                layer.scale = filed
            layer.metadata.update(self._mark(image))
            take_limits(layer, source, channel)
        self._filed = filed
        self.placed.follow(self.layers[0])

    def _add(self, values: Any, source: ImageSource, channel: int) -> Any:
        options: dict[str, Any] = {"rgb": source.rgb, "multiscale": source.is_multiscale}
        options |= placing(source)
        if any(binding.layer is None for binding in self.workspace.bindings):
            del options["units"]  # see `share_units`
        if not source.rgb:
            options["contrast_limits"] = source.contrast_limits[channel]
            if source.channel_count > 1:
                options["colormap"] = channel_colormap(source, channel)
                options["blending"] = "additive"
        layer = Image(values, **options)
        self.workspace.viewer.layers.insert(channel, layer)
        return layer

    def _show_placeholder(self, image: int) -> None:
        self._shape = self.shape_yx
        if self._signature != PLACEHOLDER or not self._still_there():
            self._remove()
            self._share_units()
            pixel = np.full((1, 1), PLACEHOLDER_LEVEL, np.uint8)
            self.layers = [Image(pixel, contrast_limits=(0, 255))]
            self.workspace.viewer.layers.insert(0, self.layers[0])
            self._signature = PLACEHOLDER
        layer, size = self.layers[0], np.array(self._shape, float)
        layer.scale, layer.translate = size, (size - 1) / 2
        self.placed.follow(layer, size, (size - 1) / 2)
        layer.name = f"{self.workspace.dataset.images.at(image).file_name} (no picture)"
        layer.metadata.update(self._mark(image))

    def _still_there(self) -> bool:
        return bool(self.layers) and all(layer in self.workspace.viewer.layers for layer in self.layers)

    def _remove(self) -> None:
        layers, self.layers = self.layers, []
        for layer in layers:
            if layer in self.workspace.viewer.layers:
                self.workspace.viewer.layers.remove(layer)

    def close(self, *, remove: bool) -> None:
        """Let go of the layers and the file."""
        self.placed.let_go()
        self.growing.stop()
        self.activity.close()
        self.planes.close()
        self.workspace.image_changed.disconnect(self._share_units)
        if remove:
            self._remove()
            if self.source is not None:
                self.source.close()
        self.layers = []


def take_limits(layer: Any, source: ImageSource, channel: int) -> None:
    """Give a layer the contrast limits of a channel, where the picture has any of its own."""
    limits = source.contrast_limits if not source.rgb else ()
    if channel < len(limits) and (source.dtype != np.uint8 or source.file_limits):
        layer.contrast_limits_range = limits[channel]
        layer.contrast_limits = limits[channel]


def placing(source: ImageSource) -> dict[str, Any]:
    """Return scale, units and axis labels of a picture's layers."""
    axes = (*source.plane_axes, "Y", "X")
    steps = [source.step_of(axis) or (1.0, "pixel") for axis in axes]
    return {
        "scale": [size for size, _ in steps],
        "units": tuple(unit for _, unit in steps),
        "axis_labels": tuple(axis.lower() for axis in axes),
    }


def share_units(annotations: Sequence[Any], pictures: Sequence[Any], source: ImageSource | None) -> None:
    """Give all layers the units of the picture, those of annotations first; the scale bar reads them.

    Layers that do not exist yet (None) come with no unit, and napari warns at once of units that differ; so until
    they are all there, the picture has none either.
    """
    if any(layer is None for layer in annotations):
        return
    units: tuple[str, ...] = ("pixel", "pixel") if source is None else placing(source)["units"]
    for layer in (*annotations, *pictures):
        if tuple(map(str, layer.units)) != units[-layer.ndim :]:
            layer.units = units[-layer.ndim :]
