"""Layers of napari as a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from napari.layers import Layer

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.schema import LabelSchema
from napari_labeltool.core.schema_edits import SetSchema
from napari_labeltool.layers.assumptions import Assumptions
from napari_labeltool.layers.convert_frame import FrameImages, frame_of
from napari_labeltool.layers.convert_marked import write_classes, write_marked
from napari_labeltool.layers.convert_objects import ObjectWriter
from napari_labeltool.layers.convert_plain import write_plain
from napari_labeltool.layers.coordinates import LayerDataTuple, LayerView, view_of

WRITTEN = ("labels", "shapes", "points")


def from_layers(
    layers: Sequence[Layer | LayerDataTuple],
    *,
    dataset: Dataset | None = None,
    schema: LabelSchema | None = None,
    image_size: tuple[int, int] | None = None,
    file_name: str | None = None,
    assumptions: Assumptions | None = None,
) -> Dataset:
    """Return the dataset that layers show.

    Layers with our mark keep their ids; in `dataset`, only what was changed in them is changed. Any other
    Labels, Shapes or Points layer is written with sensible defaults, and `assumptions` says what was assumed:

    - Labels: a mask for each value, disconnected pixels of one value being one mask.
    - Shapes: a box for an upright rectangle, a rotated box for a turned one, a polygon for a polygon or an
      ellipse. Lines and paths are not written, and that is said.
    - Points: the keypoint of an object each; with a column that numbers objects, all points of one number.
    - The class comes from a column such as ``category`` or ``cell_type``, else from the name of the layer;
      other columns become attributes.
    - Scale, translation and affine transform are taken relative to the image layer (without one: to the first
      marked layer, label image or layer).
    - In a stack each plane with something in it is an image record of its own (``labeltool.plane``).

    Parameters
    ----------
    layers
        Layers, or tuples (data, keyword arguments, type).
    dataset
        The document that marked layers came from; it is not changed, the result is a changed copy. Without
        one, the result is a new document.
    schema
        The classes of a new document.
    image_size
        Height and width of the image in pixels, when no layer shows it.
    file_name
        Of the image, when no layer tells it.
    assumptions
        Takes the sentences about what was assumed.

    Returns
    -------
    Dataset

    Raises
    ------
    LabeltoolError
        There is no layer, or something in the list is none.
    """
    notes = Assumptions() if assumptions is None else assumptions
    views = [view_of(layer) for layer in layers]
    if not views:
        raise LabeltoolError("layers: none found, expected at least one layer. Select the layers to save.")
    target = Dataset() if dataset is None else deepcopy(dataset)
    if schema is not None:
        target.apply(SetSchema(schema).ops(target))
    for view in views:
        if view.type not in (*WRITTEN, "image"):
            notes.add(f"Layer {view.name!r}: not written; COCO has no place for {view.type} layers.")
    views = [view for view in views if view.type in (*WRITTEN, "image")]
    for group in _groups(views):
        _write(group, target, dataset is not None, notes, image_size, file_name)
    return target


@dataclass(slots=True)
class _Group:
    """Layers of one image."""

    image_id: ExternalId
    views: list[LayerView]


def _groups(views: Sequence[LayerView]) -> list[_Group]:
    """Return the layers by the image that their marks name; unmarked ones belong to the first."""
    groups: dict[Any, _Group] = {}
    for view in views:
        if view.mark and "image_id" in view.mark:
            value = view.mark["image_id"]
            groups.setdefault((type(value), value), _Group(value, [])).views.append(view)
    plain = [view for view in views if not (view.mark and "image_id" in view.mark)]
    if plain:
        first = next(iter(groups.values()), None)
        if first is None:
            return [_Group(None, plain)]
        first.views.extend(plain)
    return list(groups.values())


def _image_of(group: _Group, target: Dataset) -> int | None:
    """Return the record that marks mean: its id and its file name must both be the same."""
    images = target.images
    row = images.row_of_id(group.image_id) if group.image_id is not None else None
    if row is None or not images.alive[row]:
        return None
    named = [view.mark.get("file_name") for view in group.views if view.mark.get("file_name") is not None]
    return row if not named or named[0] == images.at(row).file_name else None


def _write(
    group: _Group,
    target: Dataset,
    has_base: bool,
    notes: Assumptions,
    image_size: tuple[int, int] | None,
    file_name: str | None,
) -> None:
    image = _image_of(group, target)
    frame = frame_of(group.views, image, target, notes, image_size, file_name)
    images = FrameImages(target, frame, image)
    writer = ObjectWriter(target, notes)
    if any(view.type in WRITTEN for view in group.views) and max(view.ndim for view in group.views) == 2:
        images.row()
    write_classes(group.views, writer)
    for view in group.views:
        if view.type not in WRITTEN:
            continue
        if view.mark:
            write_marked(view, images, writer, delete=has_base and view.mark.get("complete") is True)
        else:
            write_plain(view, images, writer)
