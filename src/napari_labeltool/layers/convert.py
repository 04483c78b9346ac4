"""Datasets and layers of napari, both ways; everything here runs without a viewer.

The functions for single annotations are those that the layers of a live session use as well, so a script and
a person at the screen get the same numbers.
"""

from napari_labeltool.layers.assumptions import Assumptions
from napari_labeltool.layers.convert_axes import keypoint_shift, xy_to_yx, yx_to_xy
from napari_labeltool.layers.convert_dataset import (
    category_colors,
    color_cycle,
    keypoints_layer,
    mark_for,
    masks_layer,
    objects_layer,
    to_layers,
)
from napari_labeltool.layers.convert_features import category_column, id_column
from napari_labeltool.layers.convert_labels import label_image, masks_from_labels, paint
from napari_labeltool.layers.convert_layers import from_layers
from napari_labeltool.layers.convert_points import (
    PointItem,
    keypoint_labels,
    keypoint_labels_of,
    keypoints_from_points,
    points_of,
)
from napari_labeltool.layers.convert_shapes import (
    ShapeItem,
    geometry_from_shapes,
    shape_of,
    shapes_of_geometry,
)
from napari_labeltool.layers.coordinates import LayerDataTuple

__all__ = [
    "Assumptions",
    "LayerDataTuple",
    "PointItem",
    "ShapeItem",
    "category_colors",
    "category_column",
    "color_cycle",
    "from_layers",
    "geometry_from_shapes",
    "id_column",
    "keypoint_labels",
    "keypoint_labels_of",
    "keypoint_shift",
    "keypoints_from_points",
    "keypoints_layer",
    "label_image",
    "mark_for",
    "masks_from_labels",
    "masks_layer",
    "objects_layer",
    "paint",
    "points_of",
    "shape_of",
    "shapes_of_geometry",
    "to_layers",
    "xy_to_yx",
    "yx_to_xy",
]
