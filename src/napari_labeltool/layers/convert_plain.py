"""Layers without our mark, written with sensible defaults and a sentence about each of them."""

from __future__ import annotations

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.geometry import Mask
from napari_labeltool.layers.assumptions import counted
from napari_labeltool.layers.convert_axes import keypoint_shift
from napari_labeltool.layers.convert_drawn import label_places, point_places, shape_places
from napari_labeltool.layers.convert_features import attribute_cells
from napari_labeltool.layers.convert_frame import FrameImages, Plane
from napari_labeltool.layers.convert_guess import (
    category_column_of,
    category_names,
    find_column,
    keypoint_names_of,
    layer_class,
    lines_by_value,
    point_groups,
    say_category,
    value_columns,
    visibilities,
)
from napari_labeltool.layers.convert_labels import masks_from_labels
from napari_labeltool.layers.convert_objects import ObjectWriter
from napari_labeltool.layers.convert_points import PointItem, keypoint_labels_of, keypoints_from_points
from napari_labeltool.layers.convert_shapes import ShapeItem, geometry_from_shapes
from napari_labeltool.layers.coordinates import LayerView
from napari_labeltool.layers.names import VISIBILITY


def write_plain(view: LayerView, images: FrameImages, writer: ObjectWriter) -> None:
    """Write a layer without our mark."""
    if view.type == "labels":
        _write_labels(view, images, writer)
    elif view.type == "shapes":
        _write_shapes(view, images, writer)
    else:
        _write_points(view, images, writer)


def _write_labels(view: LayerView, images: FrameImages, writer: ObjectWriter) -> None:
    lines = lines_by_value(view)
    column = category_column_of(view.features)
    names = category_names(view, column)
    skipped = {*value_columns(view), column}
    height, width = images.frame.size_yx
    count = 0
    classes: list[str] = []
    for plane, labels, offset in label_places(view, images.frame, writer.notes):
        for value, rle in masks_from_labels(labels, height=height, width=width, offset_yx=offset):
            line = lines.get(value, -1)
            name = (names[line] if line >= 0 else None) or layer_class(view)
            attributes = attribute_cells(view.columns, line, {c for c in skipped if c is not None})
            row = writer.add(images.row(plane), writer.category(name), Mask(rle), None, attributes)
            if row is not None:
                count += 1
                classes.append(name)
    if not count:
        writer.notes.add(f"Layer {view.name!r}: nothing written, because it has no label on the image.")
        return
    writer.notes.add(
        f"Layer {view.name!r}: each of its values became a mask, {counted(count, 'mask')} in all."
    )
    say_category(view, column, "they", writer.notes)
    if column is not None and 2 <= count == len(set(classes)) and count <= 20:
        writer.notes.add(
            f"Layer {view.name!r}: each value has a class of its own, so it seems to be semantic: one mask"
            " holds all pixels of a class."
        )


def _write_shapes(view: LayerView, images: FrameImages, writer: ObjectWriter) -> None:
    column = category_column_of(view.features)
    names = category_names(view, column)
    skipped = set() if column is None else {column}
    found: dict[str, int] = {}
    for line, plane, kind, corners in shape_places(view, images.frame, writer.notes):
        try:
            geometry = geometry_from_shapes([ShapeItem(0, kind, corners)])
        except LabeltoolError as refusal:
            writer.notes.add(f"Layer {view.name!r}: {refusal}")
            continue
        category = writer.category(names[line] or layer_class(view))
        attributes = attribute_cells(view.columns, line, skipped)
        if writer.add(images.row(plane), category, geometry, None, attributes) is not None:
            what = {"Box": "box", "RotatedBox": "rotated box"}.get(type(geometry).__name__, "polygon")
            what = "ellipse" if kind == "ellipse" else what
            found[what] = found.get(what, 0) + 1
    if not found:
        writer.notes.add(f"Layer {view.name!r}: nothing written, because it has no shape that COCO can hold.")
        return
    words = ", ".join(
        counted(n, what, "boxes" if what == "box" else "rotated boxes" if "box" in what else None)
        for what, n in found.items()
    )
    as_polygons = " Ellipses became polygons." if "ellipse" in found else ""
    writer.notes.add(f"Layer {view.name!r}: {words} written.{as_polygons}")
    say_category(view, column, "they", writer.notes)


def _write_points(view: LayerView, images: FrameImages, writer: ObjectWriter) -> None:
    places: dict[int, tuple[Plane, object]] = {}
    positions = {}
    for line, plane, position in point_places(view, images.frame, writer.notes):
        places[line] = (plane, position)
        positions[line] = position
    if not places:
        writer.notes.add(f"Layer {view.name!r}: nothing written, because it has no point.")
        return
    column = category_column_of(view.features)
    classes = category_names(view, column)
    keypoint_names, keypoint_column = keypoint_names_of(view)
    groups, group_columns = point_groups(view, writer.notes)
    visible = visibilities(view)
    used = (column, keypoint_column, find_column(view.features, (VISIBILITY,)), *group_columns)
    skipped = {name for name in used if name is not None}
    shift = keypoint_shift(writer.dataset)
    count = 0
    for group in groups:
        for plane in dict.fromkeys(places[line][0] for line in group if line in places):
            lines = [line for line in group if line in places and places[line][0] == plane]
            own = _names(lines, keypoint_names, len(groups) == len(view.features))
            category = writer.category(classes[lines[0]] or layer_class(view), list(own.values()))
            labels = keypoint_labels_of(writer.dataset, category)
            items = [
                PointItem(labels.index(own[line]), own[line], visible[line], positions[line])
                for line in lines
            ]
            keypoints = keypoints_from_points(items, None, len(labels), shift)
            attributes = attribute_cells(view.columns, lines[0], skipped)
            count += writer.add(images.row(plane), category, None, keypoints, attributes) is not None
    writer.notes.add(
        f"Layer {view.name!r}: its {counted(len(places), 'point')} became the keypoints of"
        f" {counted(count, 'object')}."
    )
    say_category(view, column, "they", writer.notes)


def _names(lines: list[int], names: list[str | None], alone: bool) -> dict[int, str]:
    """Return the keypoint that each point of one object is; a name that occurs again gets a number."""
    result: dict[int, str] = {}
    for place, line in enumerate(lines):
        base = names[line] or ("point" if alone else f"point {place + 1}")
        name, number = base, 2
        while name in result.values():
            name, number = f"{base} ({number})", number + 1
        result[line] = name
    return result
