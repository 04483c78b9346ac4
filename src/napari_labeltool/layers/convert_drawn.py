"""The objects that layers show, before they are written into a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.values import FloatArray, JsonValue
from napari_labeltool.layers.assumptions import Assumptions, counted
from napari_labeltool.layers.convert_frame import Frame, Plane
from napari_labeltool.layers.convert_shapes import ShapeItem, ShapeType, ellipse_yx
from napari_labeltool.layers.coordinates import LayerView, between, on_grid, transformed
from napari_labeltool.layers.names import ANNOTATION_ID, CATEGORY, NEW, ROW, UNLABELLED


@dataclass(slots=True)
class Drawn:
    """One object of a layer.

    Parameters
    ----------
    id
        Its annotation id; `NEW` for an object without one.
    row
        Its row in the session that the layer is bound to; `NEW` for none.
    category
        Name of its class; None for unlabelled.
    plane
        Where it lies in a stack.
    line
        A line of the features table that belongs to it; -1 for none.
    items
        Its shapes.
    points
        Its points: line and (2,) position y, x on the frame's grid.
    """

    id: ExternalId
    row: int
    category: str | None
    plane: Plane
    line: int
    items: list[ShapeItem] = field(default_factory=list)
    points: list[tuple[int, FloatArray]] = field(default_factory=list)


def cell(view: LayerView, column: str, line: int) -> JsonValue:
    """Return one cell of a layer's features; None when there is no such column."""
    values = view.columns.get(column)
    return None if values is None or line < 0 else values[line]


def identity_of(view: LayerView, line: int) -> tuple[ExternalId, int]:
    """Return annotation id and session row of a line of a marked layer."""
    value = cell(view, ANNOTATION_ID, line)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    row = cell(view, ROW, line)
    return NEW if value is None else value, int(row) if isinstance(row, (int, float)) else NEW


def marked_category(view: LayerView, line: int) -> str | None:
    """Return the class of a line of a marked layer, None for unlabelled."""
    value = cell(view, CATEGORY, line)
    return None if value is None or value == UNLABELLED else str(value)


# -- places on the frame -----------------------------------------------------------------------------


def plane_of(points: FloatArray, plane_count: int) -> Plane | None:
    """Return the plane that points (n, axes of the stack) lie in, None when they lie in several."""
    if not plane_count or not len(points):
        return ()
    leading = np.floor(points[:, :plane_count] + 0.5).astype(np.int64)
    return tuple(leading[0].tolist()) if (leading == leading[0]).all() else None


def shape_places(
    view: LayerView, frame: Frame, notes: Assumptions
) -> Iterator[tuple[int, Plane, ShapeType, FloatArray]]:
    """Yield line, plane, type and corners y, x on the frame's grid of each shape that can be written.

    Those that cannot are noted, by kind and count.
    """
    transform = between(view, frame.matrix)
    same = np.array_equal(transform[-3:, -3:], np.eye(3))
    planes = max(view.ndim - 2, 0)
    refused: dict[str, int] = {}
    for line, (kind, corners) in enumerate(zip(view.shape_types, view.data)):
        if kind in ("line", "path"):
            refused[kind] = refused.get(kind, 0) + 1
            continue
        if not np.isfinite(corners).all() or len(corners) < 3:
            refused["unfinished shape"] = refused.get("unfinished shape", 0) + 1
            continue
        if kind == "ellipse" and not same:
            scale = float(np.sqrt(abs(np.linalg.det(transform[-3:-1, -3:-1]))))
            flat = ellipse_yx(corners[:, -2:], 0.1 / max(scale, 1e-9))
            corners, kind = np.concatenate([np.repeat(corners[:1, :-2], len(flat), 0), flat], 1), "polygon"
        places = transformed(corners, transform)
        plane = plane_of(places[:, -2 - planes :], planes)
        if plane is None:
            refused["shape across several planes"] = refused.get("shape across several planes", 0) + 1
            continue
        yield line, plane, _shape_type(kind), places[:, -2:]
    for kind, count in refused.items():
        many = "shapes across several planes" if "across" in kind else None
        notes.add(
            f"Layer {view.name!r}: {counted(count, kind, many)} not written; COCO has boxes, polygons and"
            " masks in one plane."
        )


def _shape_type(kind: str) -> ShapeType:
    if kind == "rectangle" or kind == "ellipse":
        return "rectangle" if kind == "rectangle" else "ellipse"
    return "polygon"


def point_places(
    view: LayerView, frame: Frame, notes: Assumptions
) -> Iterator[tuple[int, Plane, FloatArray]]:
    """Yield line, plane and position y, x on the frame's grid of each point; points nowhere are noted."""
    planes = max(view.ndim - 2, 0)
    places = transformed(view.data, between(view, frame.matrix)) if len(view.data) else np.zeros((0, 2))
    nowhere = 0
    for line, place in enumerate(places):
        if not np.isfinite(place).all():
            nowhere += 1
            continue
        yield line, plane_of(place[None, -2 - planes :], planes) or (), place[-2:]
    if nowhere:
        notes.add(f"Layer {view.name!r}: {counted(nowhere, 'point')} without a finite place not written.")


def label_places(
    view: LayerView, frame: Frame, notes: Assumptions
) -> Iterator[tuple[Plane, NDArray[Any], tuple[int, int]]]:
    """Yield plane, label image on the frame's grid, and the row and column at which it begins.

    For a stack only the planes with a label in them; planes that are tilted against the frame are noted.
    """
    transform = between(view, frame.matrix)
    planes = view.ndim - 2
    in_plane = transform[np.ix_([-3, -2, -1], [-3, -2, -1])]
    rows = slice(-3 - planes, -3) if planes else slice(0, 0)
    tilted = planes and (transform[rows, -3:-1].any() or transform[-3:-1, rows].any())
    if tilted:
        notes.add(
            f"Layer {view.name!r}: not written, because its planes are turned against those of the image."
        )
        return
    if not np.array_equal(in_plane, np.round(in_plane)) or not np.array_equal(in_plane[:2, :2], np.eye(2)):
        notes.add(
            f"Layer {view.name!r}: its pixels are not those of the image; each pixel of the image got the"
            " label that lies at its centre."
        )
    for index in np.ndindex(*view.data.shape[:planes]):
        values = np.asarray(view.data[index]) if planes else np.asarray(view.data)
        if planes and not values.any():
            continue
        corner = transformed(np.array([[*index, 0, 0]], float), transform)[0]
        plane = tuple(int(np.floor(p + 0.5)) for p in corner[-2 - planes : -2]) if planes else ()
        yield plane, *on_grid(values, in_plane, frame.size_yx)


def drawn_shapes(view: LayerView, frame: Frame, notes: Assumptions) -> list[Drawn]:
    """Return the objects of a marked Shapes layer; parts of one annotation are one object."""
    objects: dict[Any, Drawn] = {}
    result: list[Drawn] = []
    for line, plane, kind, corners in shape_places(view, frame, notes):
        identity, row = identity_of(view, line)
        part = cell(view, "part", line)
        number = int(part) if isinstance(part, (int, float)) else 0
        key = (type(identity), identity, row, plane)
        known = objects.get(key) if identity != NEW or row != NEW else None
        if known is None or any(item.part == number for item in known.items):
            known = Drawn(identity, row, marked_category(view, line), plane, line)
            objects[key] = known
            result.append(known)
        known.items.append(ShapeItem(number, kind, corners))
    return result


def drawn_points(view: LayerView, frame: Frame, notes: Assumptions) -> list[Drawn]:
    """Return the objects of a marked Points layer; points of one annotation are one object."""
    objects: dict[Any, Drawn] = {}
    result: list[Drawn] = []
    for line, plane, place in point_places(view, frame, notes):
        identity, row = identity_of(view, line)
        key: Mapping[str, Any] | tuple[Any, ...] = (type(identity), identity, row, plane)
        known = objects.get(key)
        name = cell(view, "keypoint", line)
        taken = known is not None and name in {cell(view, "keypoint", other) for other, _ in known.points}
        if known is None or (taken and identity == NEW):
            known = Drawn(identity, row, marked_category(view, line), plane, line)
            objects[key] = known
            result.append(known)
        known.points.append((line, place))
    return result
