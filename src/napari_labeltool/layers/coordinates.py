"""Layers as they come, objects or tuples, and the ways between their coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from napari.layers import Layer
from napari.utils.transforms import Affine
from numpy.typing import ArrayLike, NDArray

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.values import FloatArray, JsonValue
from napari_labeltool.layers.convert_features import json_value
from napari_labeltool.layers.names import MARK

LayerDataTuple: TypeAlias = tuple[Any, dict[str, Any], str]
"""Data, keyword arguments and type of a layer, as napari's readers return them."""

_EXACT: Final = 1e-6
_MOST_PIXELS: Final = 2**30


@dataclass(frozen=True, slots=True, eq=False)
class LayerView:
    """What a layer holds.

    Parameters
    ----------
    type
        ``"shapes"``, ``"points"``, ``"labels"``, ``"image"`` or another type of napari, in lower case.
    name
        The display name.
    data
        As napari has it; for a pyramid its full-size level.
    features
        One line for each shape or point, or for each value of a label image.
    mark
        What our mark says, empty for a layer that is not ours.
    shape_types
        The type of each shape.
    ndim
        Number of axes, without the samples of an RGB picture.
    matrix
        (ndim + 1, ndim + 1) from data coordinates to the world.
    axis_labels
        Names of the axes, where the layer has some.
    columns
        The features as JSON values, None for an empty cell.
    """

    type: str
    name: str
    data: Any
    features: pd.DataFrame
    mark: Mapping[str, Any]
    shape_types: tuple[str, ...]
    ndim: int
    matrix: FloatArray
    axis_labels: tuple[str, ...]
    columns: Mapping[str, list[JsonValue]]

    @property
    def shape_yx(self) -> tuple[int, int]:
        """Height and width in pixels of an image or label image."""
        shape = self.data.shape
        return int(shape[self.ndim - 2]), int(shape[self.ndim - 1])


def view_of(layer: Layer | LayerDataTuple | Sequence[Any]) -> LayerView:
    """Return what a layer holds, given as an object or as a tuple of data, keyword arguments and type.

    Raises
    ------
    LabeltoolError
        It is neither.
    """
    if not isinstance(layer, (tuple, list)):
        if not hasattr(layer, "as_layer_data_tuple"):
            raise LabeltoolError(
                f"layers: {type(layer).__name__} found, expected napari layers or tuples (data, dict, type)."
            )
        layer = layer.as_layer_data_tuple()
    data = layer[0]
    kwargs: Mapping[str, Any] = layer[1] if len(layer) > 1 else {}
    kind = str(layer[2]).lower() if len(layer) > 2 else "image"
    types: tuple[str, ...] = ()
    if kind in ("image", "labels"):
        data = _full_size(data, kwargs)
    elif kind == "shapes":
        data, types = _shapes(data, kwargs)
    elif kind == "points":
        data = np.zeros((0, 2)) if data is None else np.asarray(data)
    ndim = _ndim(data, kwargs, kind)
    features = _features(kwargs, data, kind)
    metadata = kwargs.get("metadata") or {}
    mark = metadata.get(MARK)
    return LayerView(
        kind,
        str(kwargs.get("name") or kind.capitalize()),
        data,
        features,
        mark if isinstance(mark, dict) else {},
        types,
        ndim,
        placement_matrix(kwargs, ndim),
        tuple(str(label) for label in kwargs.get("axis_labels") or ()),
        {str(column): [json_value(value) for value in features[column]] for column in features.columns},
    )


def _full_size(data: Any, kwargs: Mapping[str, Any]) -> Any:
    pyramid = kwargs.get("multiscale")
    if pyramid or (pyramid is None and isinstance(data, (list, tuple)) and hasattr(data[0], "shape")):
        data = data[0]
    return data if hasattr(data, "shape") else np.asarray(data)


def _shapes(data: Any, kwargs: Mapping[str, Any]) -> tuple[list[FloatArray], tuple[str, ...]]:
    """Return vertices and type of each shape, also where data come as (vertices, type) pairs."""
    items = [] if data is None else list(data)
    if isinstance(data, np.ndarray) and data.ndim == 2:
        items = [data]
    types = kwargs.get("shape_type", "rectangle")
    if items and all(
        isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], str) for item in items
    ):
        types = [item[1] for item in items]
        items = [item[0] for item in items]
    elif isinstance(types, str) or not isinstance(types, Sequence):
        types = [types] * len(items)
    kinds = tuple(str(kind) for kind in types)
    return [_corners(np.asarray(item, np.float64), kind) for item, kind in zip(items, kinds)], kinds


def _corners(vertices: FloatArray, kind: str) -> FloatArray:
    """Return the four corners of a rectangle or ellipse that is given by two points, as napari allows."""
    if len(vertices) != 2 or kind not in ("rectangle", "ellipse"):
        return vertices
    first, second = vertices
    low, high = (first - second, first + second) if kind == "ellipse" else (first, second)
    corners = np.repeat(first[None], 4, axis=0)
    corners[:, -2:] = [low[-2:], (low[-2], high[-1]), high[-2:], (high[-2], low[-1])]
    return corners


def _ndim(data: Any, kwargs: Mapping[str, Any], kind: str) -> int:
    if kind in ("image", "labels"):
        rgb = kwargs.get("rgb")
        if rgb is None:
            rgb = kind == "image" and data.ndim > 2 and data.shape[-1] in (3, 4) and data.dtype == np.uint8
        return int(data.ndim) - bool(rgb)
    if kind == "shapes" and len(data):
        return int(data[0].shape[1])
    if kind == "points" and len(data):
        return int(data.shape[1])
    return int(kwargs.get("ndim") or 2)


def _features(kwargs: Mapping[str, Any], data: Any, kind: str) -> pd.DataFrame:
    features = kwargs.get("features")
    if features is None or not len(features):
        features = kwargs.get("properties")
    table = pd.DataFrame(features if features is not None else {}).reset_index(drop=True)
    if kind in ("shapes", "points") and len(table) != len(data):
        table = table.reindex(range(len(data)))
    return table


def placement_matrix(kwargs: Mapping[str, Any], ndim: int) -> FloatArray:
    """Return the transform from data to world coordinates that a layer's scale, translate, rotate and so on make."""
    given = {key: kwargs[key] for key in ("rotate", "shear") if kwargs.get(key) is not None}
    scale, translate = kwargs.get("scale"), kwargs.get("translate")
    data_to_physical = Affine(
        scale=np.ones(ndim) if scale is None else scale,
        translate=np.zeros(ndim) if translate is None else translate,
        ndim=ndim,
        **given,
    )
    matrix = np.asarray(data_to_physical.affine_matrix, np.float64)
    affine = kwargs.get("affine")
    if affine is not None:
        affine = np.asarray(getattr(affine, "affine_matrix", affine), np.float64)
        matrix = expanded(affine, ndim) @ matrix
    return matrix


def expanded(matrix: FloatArray, ndim: int) -> FloatArray:
    """Return a transform of the last axes as one of `ndim` axes; further ones of it are left out."""
    own = len(matrix) - 1
    if own >= ndim:
        return matrix[own - ndim :, own - ndim :]
    result = np.eye(ndim + 1)
    result[ndim - own :, ndim - own :] = matrix
    return result


def between(view: LayerView, frame_matrix: FloatArray) -> FloatArray:
    """Return the transform from a layer's data coordinates to those of the frame, over the axes of both.

    Whole numbers are exact, so that layers with the same placement keep their coordinates to the last bit.
    """
    ndim = max(view.ndim, len(frame_matrix) - 1)
    transform = np.linalg.inv(expanded(frame_matrix, ndim)) @ expanded(view.matrix, ndim)
    rounded = np.round(transform)
    return np.where(np.abs(transform - rounded) < _EXACT, rounded, transform)


def transformed(points: ArrayLike, transform: FloatArray) -> FloatArray:
    """Return (n, d) points of a layer in the frame, (n, m) with m the axes of the transform, m >= d."""
    points = np.asarray(points, np.float64)
    ndim = len(transform) - 1
    padded = np.zeros((len(points), ndim))
    padded[:, ndim - points.shape[1] :] = points
    if np.array_equal(transform, np.eye(ndim + 1)):
        return padded
    return np.asarray(padded @ transform[:ndim, :ndim].T + transform[:ndim, ndim], np.float64)


def is_whole_shift(transform_yx: FloatArray) -> bool:
    """Tell whether a transform (3, 3) only moves by whole pixels."""
    whole = np.array_equal(transform_yx, np.round(transform_yx))
    return whole and np.array_equal(transform_yx[:2, :2], np.eye(2))


def on_grid(
    labels: NDArray[Any], transform_yx: FloatArray, size_yx: tuple[int, int] | None
) -> tuple[NDArray[Any], tuple[int, int]]:
    """Return a label image on the pixels of the frame.

    Parameters
    ----------
    labels
        (h, w) values.
    transform_yx
        (3, 3) from its data coordinates to those of the frame.
    size_yx
        Height and width of the frame; None when not known, then it reaches as far as the labels.

    Returns
    -------
    labels
        Unchanged for a shift by whole pixels; else each pixel of the frame has the value of the label pixel
        that its centre lies in.
    offset_yx
        Row and column of the frame at which the array begins.

    Raises
    ------
    LabeltoolError
        The result would have more than 2**30 pixels.
    """
    if is_whole_shift(transform_yx):
        return labels, (int(transform_yx[0, 2]), int(transform_yx[1, 2]))
    h, w = labels.shape
    outline = np.array([[-0.5, -0.5], [-0.5, w - 0.5], [h - 0.5, w - 0.5], [h - 0.5, -0.5]])
    reach = transformed(outline, transform_yx)
    low, high = np.floor(reach.min(axis=0)).astype(int), np.ceil(reach.max(axis=0)).astype(int) + 1
    low = np.maximum(low, 0)
    if size_yx is not None:
        high = np.minimum(high, size_yx)
    height, width = np.maximum(high - low, 0).tolist()
    if height * width > _MOST_PIXELS:
        raise LabeltoolError(
            f"labels: {height:,} x {width:,} pixels would be needed on the grid of the image, expected at"
            " most 2**30. Give the layer the scale of the image."
        )
    back = np.linalg.inv(transform_yx)
    y, x = np.arange(low[0], low[0] + height), np.arange(low[1], low[1] + width)
    rows = back[0, 0] * y[:, None] + back[0, 1] * x[None] + back[0, 2]
    columns = back[1, 0] * y[:, None] + back[1, 1] * x[None] + back[1, 2]
    r, c = np.floor(rows + 0.5).astype(np.int64), np.floor(columns + 0.5).astype(np.int64)
    inside = (r >= 0) & (r < h) & (c >= 0) & (c < w)
    result = np.zeros((height, width), labels.dtype)
    result[inside] = labels[r[inside], c[inside]]
    return result, (int(low[0]), int(low[1]))
