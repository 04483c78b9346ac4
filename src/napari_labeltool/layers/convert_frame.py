"""The picture that layers lie on: its pixels, size and planes, and its records in the dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.ops import Append
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.assumptions import Assumptions
from napari_labeltool.layers.coordinates import LayerView, between, transformed

Plane = tuple[int, ...]
"""Index along each leading axis of a stack; empty for a single picture."""

_PLANE_AXES: Final = ("T", "Z")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The grid of pixels that coordinates are written on.

    Parameters
    ----------
    matrix
        From its pixels to the world.
    size_yx
        Height and width.
    file_name
        Of the image record.
    plane_axes
        Letters of the leading axes of a stack.
    mark
        Of the layers that lie on it; empty when none has one.
    """

    matrix: FloatArray
    size_yx: tuple[int, int]
    file_name: str
    plane_axes: tuple[str, ...]
    mark: Mapping[str, Any]


def frame_of(
    views: Sequence[LayerView],
    image_row: int | None,
    dataset: Dataset,
    notes: Assumptions,
    image_size: tuple[int, int] | None = None,
    file_name: str | None = None,
) -> Frame:
    """Return the frame of some layers of one image.

    Parameters
    ----------
    views
        The layers.
    image_row
        Row of the image record, when the dataset has it.
    dataset
        The dataset.
    notes
        Takes what was assumed.
    image_size
        (height, width) in pixels, when the caller knows it.
    file_name
        Of the image, when the caller knows it.
    """
    base = _base(views)
    marks = [view.mark for view in views if view.mark]
    mark = marks[0] if marks else {}
    size = image_size or (None if image_row is None else dataset.images.size(image_row))
    if size is None and base.type == "image":
        size = base.shape_yx
    if size is None:
        size = next((tuple(m["size_yx"]) for m in marks if m.get("size_yx")), None)
    if size is None and base.type == "labels":
        size = base.shape_yx
        notes.add(f"No image layer: the size of the image is taken from the layer {base.name!r}.")
    if size is None:
        size = _extent(views, base)
        notes.add(
            f"No image layer and no label image: the size of the image is taken to be {size[0]} x {size[1]}"
            " pixels (height x width), as far as the objects reach."
        )
    name = file_name or (None if image_row is None else dataset.images.at(image_row).file_name)
    name = name or mark.get("file_name") or _name(base, notes)
    return Frame(base.matrix, (int(size[0]), int(size[1])), str(name), _plane_axes(base, views), mark)


def _base(views: Sequence[LayerView]) -> LayerView:
    for chosen in (
        [view for view in views if view.type == "image" and view.mark],
        [view for view in views if view.type == "image"],
        [view for view in views if view.mark],
        [view for view in views if view.type == "labels"],
    ):
        if chosen:
            return chosen[0]
    return views[0]


def _name(base: LayerView, notes: Assumptions) -> str:
    if base.type == "image":
        notes.add(f"No file name is known: the name of the layer {base.name!r} is written as file_name.")
        return base.name
    notes.add("No file name is known: 'image' is written as file_name. Pass file_name to name the picture.")
    return "image"


def _extent(views: Sequence[LayerView], base: LayerView) -> tuple[int, int]:
    high = np.zeros(2)
    for view in views:
        if view.type not in ("shapes", "points") or not len(view.data):
            continue
        points = np.concatenate(view.data) if view.type == "shapes" else view.data
        reach = transformed(points, between(view, base.matrix))[:, -2:]
        reach = reach[np.isfinite(reach).all(axis=1)]
        if len(reach):
            high = np.maximum(high, reach.max(axis=0) + 0.5)
    size = np.maximum(np.ceil(high - 1e-6), 1).astype(int)
    return int(size[0]), int(size[1])


def _plane_axes(base: LayerView, views: Sequence[LayerView]) -> tuple[str, ...]:
    count = max([base.ndim, *(view.ndim for view in views)]) - 2
    labels = base.axis_labels[:-2]
    if len(labels) == count and all(len(label) == 1 and label.isalpha() for label in labels):
        return tuple(label.upper() for label in labels)
    first = tuple(f"A{index + 1}" for index in range(count - len(_PLANE_AXES)))
    return (*first, *_PLANE_AXES[-count:]) if count else ()


class FrameImages:
    """The image records of a frame, made when something lies on them: one, or one for each plane of a stack.

    Parameters
    ----------
    dataset
        The dataset that is filled.
    frame
        The frame.
    row
        Row of the record that is known already, for what lies on no particular plane.
    """

    def __init__(self, dataset: Dataset, frame: Frame, row: int | None) -> None:
        self._dataset = dataset
        self.frame = frame
        self.known = row
        self._rows: dict[Plane, int] = {}

    def row(self, plane: Plane = ()) -> int:
        """Return the row of the image record of a plane; it is appended when there is none."""
        if plane not in self._rows:
            found = self._find(plane)
            self._rows[plane] = self._append(plane) if found is None else found
        return self._rows[plane]

    def _facts(self, plane: Plane) -> dict[str, int]:
        axes = self.frame.plane_axes[len(self.frame.plane_axes) - len(plane) :]
        return dict(zip(axes, plane))

    def _find(self, plane: Plane) -> int | None:
        wanted = self._facts(plane)
        images = self._dataset.images
        if self.known is not None and (
            not plane or labeltool_facts(images.record(self.known)).get("plane") == wanted
        ):
            return self.known
        for image in images:
            if image.file_name == self.frame.file_name and image.file_name:
                facts = labeltool_facts(image.record).get("plane") or {}
                if facts == wanted:
                    return image.row
        return None

    def _append(self, plane: Plane) -> int:
        images = self._dataset.images
        height, width = self.frame.size_yx
        wanted = self.frame.mark.get("image_id") if not plane else None
        free = wanted is not None and images.row_of_id(wanted) is None
        record: dict[str, Any] = {
            "id": wanted if free else images.next_id(),
            "file_name": self.frame.file_name,
            "width": width,
            "height": height,
        }
        if plane:
            record["labeltool"] = {"plane": self._facts(plane)}
        row = images.row_count
        self._dataset.apply([Append("images", row, record)])
        return row


def same_file(first: str, second: str) -> bool:
    """Tell whether two names mean one file."""
    return Path(first).absolute() == Path(second).absolute()
