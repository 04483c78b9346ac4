"""One image of a dataset as layers of napari."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from napari_labeltool.core.columns import Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.base import Single, resolve_single
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.palette import palette_color, parse_color
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.convert_areas import label_image_of_all
from napari_labeltool.layers.convert_features import (
    attribute_columns,
    category_column,
    id_column,
)
from napari_labeltool.layers.convert_points import keypoint_labels_of, points_of
from napari_labeltool.layers.convert_shapes import ShapeItem, shape_of
from napari_labeltool.layers.coordinates import LayerDataTuple
from napari_labeltool.layers.names import (
    ANNOTATION_ID,
    CATEGORY,
    KEYPOINT,
    MARK,
    NEW,
    PART,
    STATUS,
    VISIBILITY,
    LayerKind,
)
from napari_labeltool.layers.style import UNLABELLED_COLOR

LAYER_KINDS: tuple[LayerKind, ...] = ("masks", "objects", "keypoints")
"""Kinds of annotations, the lowest layer first."""


def to_layers(
    dataset: Dataset,
    image: Single,
    *,
    kinds: Collection[LayerKind] | None = None,
    include_empty: bool = False,
) -> list[LayerDataTuple]:
    """Return the annotations of one image as layers.

    Parameters
    ----------
    dataset
        The dataset.
    image
        Id of the image, as the file has it (or `core.edits.Rows`).
    kinds
        Some of ``"objects"`` (Shapes), ``"keypoints"`` (Points) and ``"masks"`` (Labels); all when left out.
    include_empty
        Return a layer also for a kind of which the image has nothing, ready to draw in.

    Returns
    -------
    list of (data, keyword arguments, type)
        Masks first, so that what can be grabbed lies on top. `from_layers` is the inverse.

    Raises
    ------
    EditRefused
        The document has no such image.
    """
    row = resolve_single(dataset.images, image)
    makers = {"objects": objects_layer, "keypoints": keypoints_layer, "masks": masks_layer}
    wanted = LAYER_KINDS if kinds is None else kinds
    made = [makers[kind](dataset, row, include_empty) for kind in LAYER_KINDS if kind in wanted]
    return [layer for layer in made if layer is not None]


def mark_for(dataset: Dataset, image: int, kind: LayerKind, *, complete: bool = True) -> dict[str, Any]:
    """Return the ``metadata`` that marks a layer as ours.

    Parameters
    ----------
    dataset, image
        The dataset and the row of the image.
    kind
        What the layer holds.
    complete
        Whether the layer holds all annotations of its kind, so that one which is missing in it was deleted.
    """
    record = dataset.images.at(image)
    path = dataset.source.path
    return {
        MARK: {
            "kind": kind,
            "image_id": record.id,
            "file_name": record.file_name,
            "document": None if path is None else str(path),
            "size_yx": dataset.images.size(image),
            "complete": complete,
        }
    }


# -- colours ---------------------------------------------------------------------------------------


def category_colors(dataset: Dataset) -> dict[str, str]:
    """Return ``"#rrggbb"`` for the name of each class (as layers show it) and for "unlabelled"."""
    return {
        name: UNLABELLED_COLOR
        if row < 0
        else parse_color(dataset.categories.value(row, "color")) or palette_color(row)
        for row, name in class_names(dataset).items()
    }


def color_cycle(colors: dict[str, str], present: Collection[str]) -> list[str]:
    """Return the colours in the order in which napari gives them to values: those present first, sorted."""
    first = sorted(set(present))
    return [colors[name] for name in first] + [c for name, c in sorted(colors.items()) if name not in first]


# -- objects ---------------------------------------------------------------------------------------


def objects_layer(dataset: Dataset, image: int, include_empty: bool = False) -> LayerDataTuple | None:
    """Return the boxes and polygons of an image (by row) as a Shapes layer; None when there are none."""
    items: list[ShapeItem] = []
    rows: list[int] = []
    repeats: list[int] = []
    for row in dataset.annotations.rows_of_image(image).tolist():
        shapes = shape_of(dataset, row)
        if shapes:
            items += shapes
            rows.append(row)
            repeats.append(len(shapes))
    if not items and not include_empty:
        return None
    features = shape_features(dataset, rows, items, repeats)
    kwargs: dict[str, Any] = {
        "name": "objects",
        "shape_type": [item.shape_type for item in items],
        "features": features,
        "feature_defaults": new_object_defaults(features),
        "metadata": mark_for(dataset, image, "objects"),
        "face_color": "transparent",
        "edge_width": 1,
        **category_style(dataset, features, "edge"),
    }
    if not items:
        kwargs |= {"ndim": 2, "shape_type": "polygon"}
    return [item.corners_yx for item in items], kwargs, "shapes"


def category_style(dataset: Dataset, features: pd.DataFrame, what: str) -> dict[str, Any]:
    """Return the keyword arguments that colour a layer by its column ``category``.

    Parameters
    ----------
    dataset
        Has the colours.
    features
        The layer's table; an empty one makes the layer begin with the first class.
    what
        ``"edge"``, ``"face"`` or ``"border"``.
    """
    colors = category_colors(dataset)
    present = [str(name) for name in features[CATEGORY].unique()]
    if len(features):
        return {f"{what}_color": CATEGORY, f"{what}_color_cycle": color_cycle(colors, present)}
    return {f"{what}_color": next(iter(colors.values()))}


def new_object_defaults(features: pd.DataFrame) -> dict[str, Any]:
    """Return what the table says of an object that is drawn next: new, of the last class, without values."""
    known: dict[str, Any] = {ANNOTATION_ID: NEW, PART: 0, STATUS: "", VISIBILITY: 2}
    defaults: dict[str, Any] = {}
    for column in features.columns:
        kind = features[column].dtype
        if column in (CATEGORY, KEYPOINT):
            names = features[column].cat.categories if column == CATEGORY else [""]
            defaults[column] = features[column].iloc[-1] if len(features) else names[0]
        elif column in known:
            defaults[column] = known[column]
        elif isinstance(kind, pd.CategoricalDtype) or pd.api.types.is_object_dtype(kind):
            defaults[column] = None
        else:
            defaults[column] = np.nan if kind.kind == "f" else kind.type(0)
    return defaults


def shape_features(
    dataset: Dataset, rows: Sequence[int], items: Sequence[ShapeItem], repeats: Sequence[int]
) -> pd.DataFrame:
    """Return the features of a Shapes layer: a line for each item, ``repeats[i]`` lines of ``rows[i]``."""
    times = np.asarray(repeats, np.int64)
    features = pd.DataFrame(index=pd.RangeIndex(len(items)))
    ids = np.empty(len(rows), object)
    ids[:] = [dataset.annotations.id_of(row) for row in rows]
    features[ANNOTATION_ID] = id_column(np.repeat(ids, times).tolist())
    features[CATEGORY] = category_column(
        dataset, np.repeat(dataset.annotations.category[list(rows)].astype(np.int64), times)
    )
    features[PART] = np.array([item.part for item in items], np.int64)
    features[STATUS] = np.repeat(np.array([status_of(dataset, row) for row in rows], object), times)
    for name, column in attribute_columns(dataset, rows, repeats).items():
        features[name] = column
    return features


def status_of(dataset: Dataset, row: int) -> str:
    """Return the review status of an annotation, "" for none."""
    facts = labeltool_facts({"labeltool": dataset.annotations.value(row, "labeltool")})
    status = facts.get("status")
    return status if isinstance(status, str) else ""


# -- keypoints and masks ---------------------------------------------------------------------------


def keypoints_layer(dataset: Dataset, image: int, include_empty: bool = False) -> LayerDataTuple | None:
    """Return the keypoints of an image (by row) as a Points layer; None when there are none."""
    table = dataset.annotations
    placed = [
        (row, point) for row in table.rows_of_image(image).tolist() for point in points_of(dataset, row)
    ]
    if not placed and not include_empty:
        return None
    features = pd.DataFrame(index=pd.RangeIndex(len(placed)))
    features[ANNOTATION_ID] = id_column([table.id_of(row) for row, _ in placed])
    features[CATEGORY] = category_column(dataset, [table.category[row] for row, _ in placed])
    features[KEYPOINT] = np.array([point.name for _, point in placed], object)
    visibility = np.array([point.visibility for _, point in placed], np.float64)
    whole = bool((visibility == np.round(visibility)).all())
    features[VISIBILITY] = visibility.astype(np.int64) if whole else visibility
    data = np.array([point.position_yx for _, point in placed], np.float64).reshape(-1, 2)
    mark = mark_for(dataset, image, "keypoints")
    mark[MARK]["keypoint_names"] = {
        name: list(keypoint_labels_of(dataset, row))
        for row, name in class_names(dataset).items()
        if keypoint_labels_of(dataset, row)
    }
    kwargs: dict[str, Any] = {
        "name": "keypoints",
        "features": features,
        "feature_defaults": new_object_defaults(features),
        "metadata": mark,
        "size": 8,
        "border_color": "white",
        "ndim": 2,
        **category_style(dataset, features, "face"),
    }
    return data, kwargs, "points"


def mask_rows(dataset: Dataset, image: int) -> list[int]:
    """Return the annotations of an image (by row) that are masks and can be decoded."""
    return [row for row in rle_rows(dataset, image) if _has_mask(dataset, row)]


def rle_rows(dataset: Dataset, image: int) -> list[int]:
    """Return the annotations of an image (by row) that are masks, also those that cannot be decoded."""
    rows = dataset.annotations.rows_of_image(image)
    kinds = dataset.annotations.kind[rows]
    return [int(row) for row in rows[(kinds == Kind.RLE) | (kinds == Kind.RLE_COMPRESSED)]]


def _has_mask(dataset: Dataset, row: int) -> bool:
    try:
        return dataset.rle(row) is not None
    except LabeltoolError:
        return False


def masks_layer(dataset: Dataset, image: int, include_empty: bool = False) -> LayerDataTuple | None:
    """Return the masks of an image (by row) as a Labels layer; None when there are none."""
    rows = rle_rows(dataset, image)
    size = dataset.images.size(image)
    if not rows and (not include_empty or size is None):
        return None
    window = None if size is None else (0, 0, *size)
    data, features = label_image_of_all(dataset, image, rows, window)
    if not len(features) and not include_empty:
        return None
    kwargs: dict[str, Any] = {
        "name": "masks",
        "features": features,
        "metadata": mark_for(dataset, image, "masks"),
        "opacity": 0.5,
    }
    return data, kwargs, "labels"
