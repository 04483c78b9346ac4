"""The shapes that edits carry, and how their box and area are written.

Files differ in what they call the box and the area of an object; an edit writes both by the convention that
the file already uses, which `detect_convention` finds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.boxes import BboxXywh, corners_to_bbox_xywh
from napari_labeltool.core.polygons import polygon_area, polygon_bbox_xywh, polygon_to_rle
from napari_labeltool.core.rle import Rle

AreaKind: TypeAlias = Literal["shoelace", "pixels", "box"]
BboxKind: TypeAlias = Literal["extent", "inclusive", "less-one"]
FrameHw: TypeAlias = tuple[int, int]

_MORE: Mapping[BboxKind, float] = {"extent": 0.0, "inclusive": 1.0, "less-one": -1.0}


@dataclass(frozen=True, slots=True)
class AreaConvention:
    """How a file states the area and the box of an object.

    Parameters
    ----------
    area : "shoelace", "pixels" or "box"
        Area of the polygon, number of pixels, or width times height of the box. A mask has pixels only, so
        "shoelace" counts them too.
    bbox : "extent", "inclusive" or "less-one"
        Width and height from edge to edge; one more; or one less (maximum - minimum of the pixel numbers, as
        official crowd masks have it). A box that was drawn as a box is written as it is.
    """

    area: AreaKind = "shoelace"
    bbox: BboxKind = "extent"


DEFAULT_CONVENTION = AreaConvention()


@dataclass(frozen=True, slots=True)
class Box:
    """An upright box (left, top, width, height) in pixels."""

    bbox: BboxXywh

    def bbox_xywh(self, convention: AreaConvention = DEFAULT_CONVENTION) -> BboxXywh:
        """Return the box as it is, in every convention."""
        return self.bbox

    def area(self, convention: AreaConvention = DEFAULT_CONVENTION, frame_hw: FrameHw | None = None) -> float:
        """Return width times height."""
        return self.bbox[2] * self.bbox[3]


@dataclass(frozen=True, slots=True, eq=False)
class Polygon:
    """A polygon.

    Parameters
    ----------
    parts_xy : tuple of float64 array, shape (n, 2)
        The parts, see `core.polygons`.
    """

    parts_xy: tuple[NDArray[np.float64], ...]

    def bbox_xywh(self, convention: AreaConvention = DEFAULT_CONVENTION) -> BboxXywh:
        """Return the box of the vertices by the convention."""
        return _grown(polygon_bbox_xywh(self.parts_xy), convention)

    def area(self, convention: AreaConvention = DEFAULT_CONVENTION, frame_hw: FrameHw | None = None) -> float:
        """Return the area by the convention.

        Pixels are counted in the frame (height, width); without one, only those left of or above the image
        are left out.
        """
        if convention.area == "shoelace":
            return polygon_area(self.parts_xy)
        if convention.area == "box":
            return _box_area(self.bbox_xywh(convention))
        return float(polygon_to_rle(self.parts_xy, *(frame_hw or self._frame())).area)

    def _frame(self) -> FrameHw:
        left, top, width, height = polygon_bbox_xywh(self.parts_xy)
        if not math.isfinite(left + top + width + height):
            return (0, 0)
        return (max(math.ceil(top + height), 0) + 1, max(math.ceil(left + width), 0) + 1)

    def __eq__(self, other: object) -> bool:
        """Whether both have the same parts with the same vertices in the same order."""
        if not isinstance(other, Polygon):
            return NotImplemented
        return len(self.parts_xy) == len(other.parts_xy) and all(
            map(np.array_equal, self.parts_xy, other.parts_xy)
        )

    def __hash__(self) -> int:
        return hash(tuple(part.tobytes() for part in self.parts_xy))


@dataclass(frozen=True, slots=True, eq=False)
class RotatedBox:
    """A rotated box, kept in the file as a polygon of four vertices with its angle beside it.

    Parameters
    ----------
    corners_xy : float64 array, shape (4, 2)
        In the order of `core.boxes`.
    rotation : float
        Clockwise turn on the screen in degrees, 0 <= rotation < 360.
    """

    corners_xy: NDArray[np.float64]
    rotation: float

    @property
    def parts_xy(self) -> tuple[NDArray[np.float64], ...]:
        """The box as the parts of a polygon."""
        return (self.corners_xy,)

    def bbox_xywh(self, convention: AreaConvention = DEFAULT_CONVENTION) -> BboxXywh:
        """Return the upright box around it by the convention."""
        return _grown(corners_to_bbox_xywh(self.corners_xy), convention)

    def area(self, convention: AreaConvention = DEFAULT_CONVENTION, frame_hw: FrameHw | None = None) -> float:
        """Return the area by the convention, see `Polygon.area`."""
        return Polygon(self.parts_xy).area(convention, frame_hw)

    def __eq__(self, other: object) -> bool:
        """Whether both have the same corners in the same order, and the same rotation."""
        if not isinstance(other, RotatedBox):
            return NotImplemented
        return self.rotation == other.rotation and np.array_equal(self.corners_xy, other.corners_xy)

    def __hash__(self) -> int:
        return hash((self.corners_xy.tobytes(), self.rotation))


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask of pixels."""

    rle: Rle

    def bbox_xywh(self, convention: AreaConvention = DEFAULT_CONVENTION) -> BboxXywh:
        """Return the box of the pixels by the convention; "extent" goes from edge to edge."""
        return _grown(self.rle.bbox_xywh, convention) if not self.rle.is_empty else self.rle.bbox_xywh

    def area(self, convention: AreaConvention = DEFAULT_CONVENTION, frame_hw: FrameHw | None = None) -> float:
        """Return the number of pixels, or the area of the box if that is the convention."""
        return _box_area(self.bbox_xywh(convention)) if convention.area == "box" else float(self.rle.area)


Geometry: TypeAlias = Box | RotatedBox | Polygon | Mask


def measure(
    geometry: Geometry, convention: AreaConvention, height: int | None = None, width: int | None = None
) -> tuple[BboxXywh, float]:
    """Return the box and the area of a shape as a file of this convention states them.

    Parameters
    ----------
    geometry : Box, RotatedBox, Polygon or Mask
        The shape.
    convention : AreaConvention
        The file's convention.
    height, width : int, optional
        Size of the image in pixels, to which counted pixels are clipped.

    Returns
    -------
    bbox_xywh : (float, float, float, float)
    area : float
        In square pixels.
    """
    frame = (height, width) if height is not None and width is not None else None
    return geometry.bbox_xywh(convention), geometry.area(convention, frame)


@dataclass(frozen=True, slots=True)
class DetectedConvention:
    """The convention that fits most of a sample.

    Parameters
    ----------
    convention : AreaConvention
        The one with most hits.
    area_hits, bbox_hits : dict
        How many stored values each rule explains.
    n_areas, n_bboxes : int
        How many shapes with a stored value were looked at.
    """

    convention: AreaConvention
    area_hits: dict[AreaKind, int] = field(default_factory=dict)
    bbox_hits: dict[BboxKind, int] = field(default_factory=dict)
    n_areas: int = 0
    n_bboxes: int = 0


def detect_convention(
    sample: Iterable[tuple[Geometry, BboxXywh | None, float | None]], default: AreaConvention | None = None
) -> DetectedConvention:
    """Find the convention by which the stored boxes and areas of a file were made.

    Polygons and masks of one file can follow different conventions (official crowd masks do): call this for
    each kind.

    Parameters
    ----------
    sample : iterable of (geometry, stored bbox or None, stored area or None)
        What the file holds. Boxes tell nothing about the box rule and are not counted there.
    default : AreaConvention, optional
        Wins where rules are equal; edge to edge, and shoelace for polygons but pixels if most of the sample
        are masks, if left out.

    Returns
    -------
    DetectedConvention
        A box counts as explained to within 0.02 pixel, an area to within 0.1 % or 0.02.
    """
    area_hits: dict[AreaKind, int] = dict.fromkeys(get_args(AreaKind), 0)
    bbox_hits: dict[BboxKind, int] = dict.fromkeys(get_args(BboxKind), 0)
    n_areas = n_bboxes = n_masks = n_shapes = 0
    for geometry, bbox, area in sample:
        n_shapes += 1
        n_masks += isinstance(geometry, Mask)
        if bbox is not None and not isinstance(geometry, Box):
            n_bboxes += 1
            for rule in bbox_hits:
                made = geometry.bbox_xywh(AreaConvention(bbox=rule))
                bbox_hits[rule] += all(abs(a - b) <= 0.02 for a, b in zip(made, bbox, strict=True))
        if area is not None:
            n_areas += 1
            for kind in area_hits:
                made_area = (
                    _box_area(bbox) if kind == "box" and bbox else geometry.area(AreaConvention(area=kind))
                )
                area_hits[kind] += abs(made_area - area) <= max(0.02, 1e-3 * abs(area))
    first = default or AreaConvention("pixels" if 2 * n_masks > n_shapes else "shoelace", "extent")
    kinds: chain[AreaKind] = chain([first.area], area_hits)
    rules: chain[BboxKind] = chain([first.bbox], bbox_hits)
    convention = AreaConvention(
        max(kinds, key=lambda kind: area_hits[kind]), max(rules, key=lambda rule: bbox_hits[rule])
    )
    return DetectedConvention(convention, area_hits, bbox_hits, n_areas, n_bboxes)


def _grown(bbox: BboxXywh, convention: AreaConvention) -> BboxXywh:
    more = _MORE[convention.bbox]
    return (bbox[0], bbox[1], max(bbox[2] + more, 0.0), max(bbox[3] + more, 0.0))


def _box_area(bbox: BboxXywh) -> float:
    return bbox[2] * bbox[3]
