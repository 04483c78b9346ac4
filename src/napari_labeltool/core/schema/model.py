"""The label schema: the classes of a document and what a person has said about each."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.tags import TagGroup, TagGroupType
from napari_labeltool.core.values import JsonValue

LabelKind = Literal["box", "rotated_box", "polygon", "mask", "keypoints", "tag"]
KINDS: Final[tuple[LabelKind, ...]] = get_args(LabelKind)
"""Every kind, in the order in which they are written and shown."""
DRAWN_KINDS: Final[frozenset[LabelKind]] = frozenset({"box", "rotated_box", "polygon", "mask"})

AttributeType = Literal["choice", "number", "text", "yes_no"]
ATTRIBUTE_TYPES: Final[tuple[AttributeType, ...]] = get_args(AttributeType)
TAG_GROUP_TYPES: Final[tuple[TagGroupType, ...]] = get_args(TagGroupType)

YES: Final = frozenset({"yes", "y", "true", "1", "on"})
NO: Final = frozenset({"no", "n", "false", "0", "off"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """A typed property that annotations of a class have.

    Parameters
    ----------
    name
        Key under ``attributes`` of the annotations.
    type
        What its values are.
    values
        The choices of a ``"choice"``, in order.
    minimum, maximum
        Bounds of a ``"number"``, themselves allowed; None for no bound.
    required
        Whether an annotation without a value counts as unfinished.
    default
        The value that a new annotation gets; None for none.
    """

    name: str
    type: AttributeType
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    default: JsonValue = None

    def check(self, value: JsonValue) -> str | None:
        """Return what is wrong with a value as a sentence, or None when it fits (None is "no value")."""
        if value is None:
            return f"{self.name} needs a value." if self.required else None
        if self.type == "yes_no":
            return None if isinstance(value, bool) else f"{self.name}: {value!r} found, expected yes or no."
        if self.type == "number":
            return self._check_number(value)
        if not isinstance(value, str):
            return f"{self.name}: {value!r} found, expected text."
        if self.type == "choice" and value not in self.values:
            return f"{self.name}: {value!r} found, expected one of {', '.join(self.values) or 'no values'}."
        if self.required and not value.strip():
            return f"{self.name} needs a value."
        return None

    def _check_number(self, value: JsonValue) -> str | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return f"{self.name}: {value!r} found, expected a number."
        if self.minimum is not None and value < self.minimum:
            return f"{self.name}: {value:g} found, expected at least {self.minimum:g}."
        if self.maximum is not None and value > self.maximum:
            return f"{self.name}: {value:g} found, expected at most {self.maximum:g}."
        return None

    def parse(self, text: str) -> JsonValue:
        """Return the value that a person typed; None for empty text.

        Raises
        ------
        EditRefused
            The text is no such value; the message is the sentence of `check`.
        """
        stripped = text.strip()
        value: JsonValue = text if self.type == "text" else stripped
        if not stripped:
            value = None
        elif self.type == "yes_no" and stripped.lower() in YES | NO:
            value = stripped.lower() in YES
        elif self.type == "number":
            value = _as_number(stripped)
        complaint = self.check(value)
        if complaint is not None:
            raise EditRefused(complaint)
        return value


def _as_number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@dataclass(frozen=True, slots=True)
class Keypoint:
    """One named point of a class.

    Parameters
    ----------
    name
        As the file has it.
    color
        ``"#rrggbb"``, or None for the colour of the class.
    position
        x, y in the unit square, y downwards, for the preview of the skeleton; None for the default layout.
    key
        Index of the point in the file, None for a new one; so a point can be renamed or moved in the list and
        the annotations follow. It says nothing about the schema itself and does not count in comparisons.
    """

    name: str
    color: str | None = None
    position: tuple[float, float] | None = None
    key: int | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Keypoint):
            return NotImplemented
        return (self.name, self.color, self.position) == (other.name, other.color, other.position)

    def __hash__(self) -> int:
        return hash((self.name, self.color, self.position))


@dataclass(frozen=True, slots=True)
class Category:
    """A class.

    Parameters
    ----------
    name
        As the file has it; names may occur twice in a file and stay distinct.
    key
        Row in ``dataset.categories``; None for a class that is new.
    id
        The external id; None for a class that is new.
    supercategory
        Name of the group of classes, ``""`` for none.
    color
        ``"#rrggbb"``; ``""`` in a new class lets the palette choose.
    hotkey
        The key that a person chose; see `effective_hotkeys` for the suggested ones.
    kinds
        What may be drawn.
    guideline
        How to label it, in words.
    attributes
        Typed properties of its annotations.
    keypoints
        Named points, in the order of the annotations' ``keypoints``.
    skeleton
        Edges between keypoints, counted from 0. Edges of a file that point to no keypoint are kept here; see
        `drawable_edges`.
    edge_colors
        A colour or None for each edge; empty for none.
    tag_group
        Name of the group that it belongs to as a tag of images.
    is_area
        Whether its masks are one area instead of an object each (semantic: COCO's "stuff").
    """

    name: str
    key: int | None = None
    id: ExternalId = None
    supercategory: str = ""
    color: str = ""
    hotkey: str | None = None
    kinds: frozenset[LabelKind] = DRAWN_KINDS
    guideline: str = ""
    attributes: tuple[Attribute, ...] = ()
    keypoints: tuple[Keypoint, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()
    edge_colors: tuple[str | None, ...] = ()
    tag_group: str | None = None
    is_area: bool = False

    @property
    def is_tag(self) -> bool:
        """Whether it is a tag of images and nothing else."""
        return self.kinds == {"tag"}

    @property
    def drawable_edges(self) -> tuple[int, ...]:
        """Indices of the edges in `skeleton` that join two different keypoints."""
        count = len(self.keypoints)
        return tuple(
            index
            for index, (first, second) in enumerate(self.skeleton)
            if first != second and 0 <= first < count and 0 <= second < count
        )

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of a name, or None."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)


@dataclass(frozen=True, slots=True)
class LabelSchema:
    """The classes of a document, its tag groups, and how to label.

    Parameters
    ----------
    categories
        In the order of the document; new classes come last.
    tag_groups
        The questions about whole images.
    guideline
        How to label, in words.
    """

    categories: tuple[Category, ...] = ()
    tag_groups: tuple[TagGroup, ...] = ()
    guideline: str = ""

    def by_key(self, key: int | None) -> Category | None:
        """Return the class of a row of ``dataset.categories``, or None."""
        return next((c for c in self.categories if c.key == key), None) if key is not None else None

    def named(self, name: str) -> Category | None:
        """Return the first class of a name, or None."""
        return next((c for c in self.categories if c.name == name), None)

    def in_group(self, group: str) -> tuple[Category, ...]:
        """Return the tags of a group."""
        return tuple(c for c in self.categories if c.tag_group == group)

    def with_category(self, index: int, category: Category) -> LabelSchema:
        """Return the schema with the class at a place exchanged."""
        categories = (*self.categories[:index], category, *self.categories[index + 1 :])
        return replace(self, categories=categories)

    def with_added(self, categories: Iterable[Category]) -> LabelSchema:
        """Return the schema with classes added at the end."""
        return replace(self, categories=(*self.categories, *categories))


def default_kinds(has_keypoints: bool, tag_group: str | None = None) -> frozenset[LabelKind]:
    """Return what may be drawn of a class that does not say: a tag, or all that is drawn."""
    if tag_group is not None:
        return frozenset({"tag"})
    return DRAWN_KINDS | {"keypoints"} if has_keypoints else DRAWN_KINDS
