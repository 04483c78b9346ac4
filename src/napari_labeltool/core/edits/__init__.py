"""Edits: steps of work as data, each with words and operations that can be undone."""

from napari_labeltool.core.edits.attributes import RenameAttribute
from napari_labeltool.core.edits.base import Compound, Edit, Rows, Single, Target
from napari_labeltool.core.edits.document import SetKeypointOrigin
from napari_labeltool.core.edits.images import AddImages, SetImageState, SetTag
from napari_labeltool.core.edits.objects import (
    STATUSES,
    AddObject,
    DeleteObjects,
    Relabel,
    SetAttributes,
    SetGeometry,
    SetKeypoints,
    SetStatus,
    Status,
)
from napari_labeltool.core.edits.regions import AddRegion, AddRegions, EditRegion, RemoveRegion
from napari_labeltool.core.edits.repairs import ReassignDuplicateIds

__all__ = [
    "STATUSES",
    "AddImages",
    "AddObject",
    "AddRegion",
    "AddRegions",
    "Compound",
    "DeleteObjects",
    "Edit",
    "EditRegion",
    "ReassignDuplicateIds",
    "Relabel",
    "RemoveRegion",
    "RenameAttribute",
    "Rows",
    "SetAttributes",
    "SetGeometry",
    "SetImageState",
    "SetKeypointOrigin",
    "SetKeypoints",
    "SetStatus",
    "SetTag",
    "Single",
    "Status",
    "Target",
]
