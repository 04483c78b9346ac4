"""The label schema of a document: classes, attributes, keypoints and tag groups, headless."""

from napari_labeltool.core.schema.checks import SchemaIssue, new_errors, validate
from napari_labeltool.core.schema.differences import differences
from napari_labeltool.core.schema.exchange import read_schema, write_schema
from napari_labeltool.core.schema.findings import schema_problems
from napari_labeltool.core.schema.hotkeys import NAPARI_KEYS, SUGGESTED_KEYS, effective_hotkeys, is_hotkey
from napari_labeltool.core.schema.merge import merge_schema
from napari_labeltool.core.schema.model import (
    ATTRIBUTE_TYPES,
    DRAWN_KINDS,
    KINDS,
    TAG_GROUP_TYPES,
    Attribute,
    AttributeType,
    Category,
    Keypoint,
    LabelKind,
    LabelSchema,
    default_kinds,
)
from napari_labeltool.core.schema.reading import (
    category_at,
    implied_tags,
    observed_attributes,
    schema_of,
    usage,
)
from napari_labeltool.core.tags import TagGroup, TagGroupType

__all__ = [
    "ATTRIBUTE_TYPES",
    "DRAWN_KINDS",
    "KINDS",
    "NAPARI_KEYS",
    "SUGGESTED_KEYS",
    "TAG_GROUP_TYPES",
    "Attribute",
    "AttributeType",
    "Category",
    "Keypoint",
    "LabelKind",
    "LabelSchema",
    "SchemaIssue",
    "TagGroup",
    "TagGroupType",
    "category_at",
    "default_kinds",
    "differences",
    "effective_hotkeys",
    "implied_tags",
    "is_hotkey",
    "merge_schema",
    "new_errors",
    "observed_attributes",
    "read_schema",
    "schema_of",
    "schema_problems",
    "usage",
    "validate",
    "write_schema",
]
