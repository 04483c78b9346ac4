"""Layers that have our mark, written back into the annotations that they came from."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.rle import Rle, difference, union
from napari_labeltool.core.semantic import area_rows
from napari_labeltool.core.values import JsonValue
from napari_labeltool.layers.convert_areas import area_masks, area_values, paint_areas_edit
from napari_labeltool.layers.convert_axes import keypoint_shift
from napari_labeltool.layers.convert_dataset import mask_rows
from napari_labeltool.layers.convert_drawn import (
    Drawn,
    cell,
    drawn_points,
    drawn_shapes,
    identity_of,
    label_places,
    marked_category,
)
from napari_labeltool.layers.convert_features import attribute_cells
from napari_labeltool.layers.convert_frame import FrameImages
from napari_labeltool.layers.convert_guess import lines_by_value
from napari_labeltool.layers.convert_labels import masks_from_labels, paint
from napari_labeltool.layers.convert_objects import ObjectWriter, status_cell
from napari_labeltool.layers.convert_points import (
    PointItem,
    keypoint_labels_of,
    keypoints_from_points,
    points_of,
)
from napari_labeltool.layers.convert_shapes import geometry_from_shapes, shape_of
from napari_labeltool.layers.coordinates import LayerView
from napari_labeltool.layers.names import CATEGORY, KEYPOINT, NEW, STATUS, UNLABELLED, VISIBILITY


def write_marked(view: LayerView, images: FrameImages, writer: ObjectWriter, *, delete: bool) -> None:
    """Write a marked layer; annotations that it showed and has no more are deleted when `delete` is true."""
    if view.type == "labels":
        _write_masks(view, images, writer, delete)
    elif view.type == "shapes":
        _write_shapes(view, images, writer, delete)
    else:
        _write_points(view, images, writer, delete)


def write_classes(views: Iterable[LayerView], writer: ObjectWriter) -> None:
    """Make the classes that the categoricals of marked layers list, also those without an object."""
    names: dict[str, tuple[str, ...]] = {}
    for view in views:
        column = view.features.get(CATEGORY) if view.mark else None
        if column is not None and hasattr(column, "cat"):
            names.update({str(name): () for name in column.cat.categories if name not in names})
        named = view.mark.get("keypoint_names")
        if isinstance(named, dict):
            names.update({str(name): tuple(map(str, points)) for name, points in named.items()})
    for name, points in names.items():
        if name != UNLABELLED:
            writer.category(name, points)


def _values(view: LayerView, line: int) -> tuple[dict[str, JsonValue], JsonValue]:
    return attribute_cells(view.columns, line), status_cell(cell(view, STATUS, line))


def _write_shapes(view: LayerView, images: FrameImages, writer: ObjectWriter, delete: bool) -> None:
    seen: set[int] = set()
    for drawn in drawn_shapes(view, images.frame, writer.notes):
        image = images.row(drawn.plane)
        row = writer.row_of(drawn.id, drawn.row, image, seen)
        attributes, status = _values(view, drawn.line)
        category = writer.category(drawn.category)
        try:
            before = None if row is None else writer.dataset.geometry(row)
            geometry = geometry_from_shapes(drawn.items, before)
        except LabeltoolError as refusal:
            writer.notes.add(f"Layer {view.name!r}: {refusal}")
            seen.update(() if row is None else (row,))
            continue
        if row is None:
            row = writer.add(image, category, geometry, None, attributes, drawn.id, status)
        else:
            writer.set_geometry(row, geometry)
            writer.set_values(row, category, attributes, status)
        seen.update(() if row is None else (row,))
    if delete and images.known is not None:
        rows = writer.dataset.annotations.rows_of_image(images.known).tolist()
        gone = [row for row in rows if row not in seen and shape_of(writer.dataset, row)]
        writer.delete(gone, f"their shapes are not in the layer {view.name!r} any more")


# -- points ----------------------------------------------------------------------------------------


def _write_points(view: LayerView, images: FrameImages, writer: ObjectWriter, delete: bool) -> None:
    dataset, seen = writer.dataset, set[int]()
    for drawn in drawn_points(view, images.frame, writer.notes):
        image = images.row(drawn.plane)
        row = writer.row_of(drawn.id, drawn.row, image, seen)
        names = [_keypoint_name(view, line, place) for place, (line, _) in enumerate(drawn.points)]
        category = writer.category(drawn.category, () if row is not None else names)
        before = None if row is None else dataset.keypoints(row)
        count = 0 if before is None else len(before)
        labels = list(keypoint_labels_of(dataset, category, count))
        labels += [name for name in dict.fromkeys(names) if name not in labels]
        items = _items(view, drawn, names, labels)
        number = len(keypoint_labels_of(dataset, category))
        keypoints = keypoints_from_points(items, before, number, keypoint_shift(dataset))
        attributes = attribute_cells(view.columns, drawn.line)
        if row is None:
            row = writer.add(image, category, None, keypoints, attributes, drawn.id)
        else:
            writer.set_keypoints(row, keypoints)
            writer.set_values(row, category, attributes, status_of_row(writer, row))
        seen.update(() if row is None else (row,))
    if delete and images.known is not None:
        _clear_points(view, images.known, writer, seen)


def _keypoint_name(view: LayerView, line: int, place: int) -> str:
    name = cell(view, KEYPOINT, line)
    return f"point {place + 1}" if name is None else str(name)


def _items(view: LayerView, drawn: Drawn, names: list[str], labels: list[str]) -> list[PointItem]:
    items = []
    for name, (line, position) in zip(names, drawn.points):
        visibility = cell(view, VISIBILITY, line)
        number = float(visibility) if isinstance(visibility, (int, float)) else 2.0
        items.append(PointItem(labels.index(name), name, number, position))
    return items


def status_of_row(writer: ObjectWriter, row: int) -> JsonValue:
    """Return the status that an annotation has, which a Points layer does not show."""
    facts = writer.dataset.annotations.value(row, "labeltool")
    return status_cell(facts.get("status")) if isinstance(facts, dict) else ""


def _clear_points(view: LayerView, image: int, writer: ObjectWriter, seen: set[int]) -> None:
    """Take the keypoints from annotations that have none in the layer any more."""
    dataset, gone = writer.dataset, []
    for row in dataset.annotations.rows_of_image(image).tolist():
        keypoints = dataset.keypoints(row)
        if row in seen or keypoints is None or not points_of(dataset, row):
            continue
        if shape_of(dataset, row) or dataset.rle(row) is not None:
            writer.set_keypoints(row, np.zeros_like(keypoints))
        else:
            gone.append(row)
    writer.delete(gone, f"their points are not in the layer {view.name!r} any more")


# -- masks -----------------------------------------------------------------------------------------


def _write_masks(view: LayerView, images: FrameImages, writer: ObjectWriter, delete: bool) -> None:
    dataset = writer.dataset
    lines = lines_by_value(view)
    seen: set[int] = set()
    kept: set[int] = set()
    for plane, labels, offset in label_places(view, images.frame, writer.notes):
        image = images.row(plane)
        names = {value: marked_category(view, line) for value, line in lines.items()}
        areas = area_values(dataset, names)
        objects = {value: line for value, line in lines.items() if value not in areas}
        targets = _targets(view, objects, image, writer, seen)
        decoded = {value: dataset.rle(row) for value, row in targets.items()}
        old = {value: rle for value, rle in decoded.items() if rle is not None}
        window = (offset[0], offset[1], offset[0] + labels.shape[0], offset[1] + labels.shape[1])
        by_class = {category: value for value, category in areas.items()}
        below = [(by_class[c], rle) for c, rle in area_masks(dataset, image) if c in by_class]
        order = [*below, *sorted(old.items(), key=lambda item: item[0])]
        shown = paint([rle for _, rle in order], window, [value for value, _ in order])
        edit = paint_areas_edit(image, labels, shown, areas, images.frame.size_yx, offset)
        if edit is not None:
            writer.paint_areas(edit)
        labels, shown = (np.where(np.isin(of, list(areas)), 0, of) for of in (labels, shown))
        kept.update(areas.values())

        @cache
        def masks(height: int, width: int, labels: Any = labels, shown: Any = shown, at: Any = offset) -> Any:
            size = {"height": height, "width": width, "offset_yx": at}
            return dict(masks_from_labels(labels, **size)), dict(masks_from_labels(shown, **size))

        frame_size = images.frame.size_yx
        for value in sorted({*masks(*frame_size)[0], *old}):
            line = lines.get(value, -1)
            row = targets.get(value)
            if row is None or value not in old:
                rle = masks(*frame_size)[0].get(value)
                row = _new_mask(view, line, rle, image, writer) if rle is not None else None
                seen.update(() if row is None else (row,))
                continue
            before = old[value]
            now, was = (of.get(value) for of in masks(before.height, before.width))
            changed = _changed(before, now, was)
            if changed.is_empty and not before.is_empty:
                continue
            seen.add(row)
            if changed != before:
                writer.set_geometry(row, Mask(changed))
            category = writer.category(marked_category(view, line))
            attributes = attribute_cells(view.columns, line)
            writer.set_values(row, category, attributes, status_of_row(writer, row))
    if delete and images.known is not None:
        own = area_rows(dataset, images.known)
        seen.update(own[np.isin(dataset.annotations.category[own], list(kept))].tolist())
        gone = [row for row in mask_rows(dataset, images.known) if row not in seen]
        writer.delete(gone, f"no pixel of theirs is in the layer {view.name!r} any more")


def _targets(
    view: LayerView, lines: dict[int, int], image: int, writer: ObjectWriter, seen: Iterable[int]
) -> dict[int, int]:
    used = set(seen)
    targets: dict[int, int] = {}
    for value, line in sorted(lines.items()):
        identity, session_row = identity_of(view, line)
        row = writer.row_of(identity, session_row, image, used)
        if row is not None:
            used.add(row)
            targets[value] = row
    return targets


def _changed(before: Rle, now: Rle | None, was: Rle | None) -> Rle:
    """Return a mask as painted in the layer: new pixels join, erased ones leave, hidden ones stay."""
    empty = Rle.empty(before.height, before.width)
    now, was = now or empty, was or empty
    return before if now == was else union(difference(before, difference(was, now)), difference(now, was))


def _new_mask(view: LayerView, line: int, rle: Rle, image: int, writer: ObjectWriter) -> int | None:
    identity = identity_of(view, line)[0] if line >= 0 else NEW
    name = marked_category(view, line) if line >= 0 else None
    if name is None:
        writer.notes.add(f"Layer {view.name!r}: masks without a class in its features are unlabelled.")
    attributes = attribute_cells(view.columns, line)
    return writer.add(image, writer.category(name), Mask(rle), None, attributes, identity)
