"""Edits of a document, for `napari_labeltool.Session.apply`: the public names of `core.edits`.

Targets are annotation ids (`4711` or `[4711, 4712]`; every duplicate of an id is meant) or `Rows([...])`.
Images are given by id, categories by id or name. The values that edits take are here too: geometries and the
parts of a label schema.
"""

from napari_labeltool.core.edits import (
    STATUSES,
    AddImages,
    AddObject,
    AddRegion,
    AddRegions,
    Compound,
    DeleteObjects,
    Edit,
    EditRegion,
    ReassignDuplicateIds,
    Relabel,
    RemoveRegion,
    RenameAttribute,
    Rows,
    SetAttributes,
    SetGeometry,
    SetImageState,
    SetKeypointOrigin,
    SetKeypoints,
    SetStatus,
    SetTag,
    Status,
)
from napari_labeltool.core.geometry import Box, Geometry, Mask, Polygon, RotatedBox
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.schema import Attribute, Category, Keypoint, LabelSchema, TagGroup
from napari_labeltool.core.schema_edits import DeleteCategory, MergeCategories, RenameCategory, SetSchema
from napari_labeltool.core.semantic import PaintAreas

__all__ = [
    "STATUSES",
    "AddImages",
    "AddObject",
    "AddRegion",
    "AddRegions",
    "Attribute",
    "Box",
    "Category",
    "Compound",
    "DeleteCategory",
    "DeleteObjects",
    "Edit",
    "EditRegion",
    "Geometry",
    "Keypoint",
    "LabelSchema",
    "Mask",
    "MergeCategories",
    "PaintAreas",
    "Polygon",
    "ReassignDuplicateIds",
    "Relabel",
    "RemoveRegion",
    "RenameAttribute",
    "RenameCategory",
    "Rle",
    "RotatedBox",
    "Rows",
    "SetAttributes",
    "SetGeometry",
    "SetImageState",
    "SetKeypointOrigin",
    "SetKeypoints",
    "SetSchema",
    "SetStatus",
    "SetTag",
    "Status",
    "TagGroup",
]
