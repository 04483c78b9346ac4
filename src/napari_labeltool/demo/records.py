"""Annotation records of one image; coordinates are COCO's (x, y) in pixels, origin at the corner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

Record = dict[str, Any]
"""A JSON object."""

Pixels = np.ndarray[Any, Any]


class ImageAnnotations:
    """The annotations of one image of the demo.

    Parameters
    ----------
    image_id
        Id of the image record.
    first_id
        Id of the first annotation that is added.
    """

    def __init__(self, image_id: int, first_id: int) -> None:
        self.image_id = image_id
        self.records: list[Record] = []
        self._first_id = first_id

    def _add(self, category_id: int, **rest: object) -> Record:
        id_ = self._first_id + len(self.records)
        record: Record = {"id": id_, "image_id": self.image_id, "category_id": category_id, **rest}
        self.records.append(record)
        return record

    def tag(self, category_id: int) -> None:
        """Add an image tag: an annotation with neither box nor segmentation."""
        self._add(category_id)

    def box(self, category_id: int, bbox_xywh: Sequence[float], attributes: Record | None = None) -> Record:
        """Add a box in pixels."""
        return self._add(
            category_id,
            bbox=list(bbox_xywh),
            area=_short(bbox_xywh[2] * bbox_xywh[3]),
            segmentation=[],
            iscrowd=0,
            attributes=attributes or {},
        )

    def polygon(self, category_id: int, vertices_xy: Pixels, attributes: Record | None = None) -> None:
        """Add a polygon of one part.

        Parameters
        ----------
        category_id
            Its category.
        vertices_xy
            (n, 2) vertices in pixels, n >= 3, not closed.
        attributes
            Values by name.
        """
        points = np.round(np.asarray(vertices_xy, np.float64), 2)
        low, high = points.min(axis=0), points.max(axis=0)
        self._add(
            category_id,
            bbox=[_short(value) for value in (*low.tolist(), *(high - low).tolist())],
            area=_short(shoelace_area(points)),
            segmentation=[[_short(value) for value in points.ravel().tolist()]],
            iscrowd=0,
            attributes=attributes or {},
        )

    def rotated_box(
        self,
        category_id: int,
        center_xy: tuple[float, float],
        size_wh: tuple[float, float],
        rotation_deg: float,
        attributes: Record | None = None,
    ) -> None:
        """Add a rotated box: a polygon of four vertices, from the box's own top left, and its rotation.

        Parameters
        ----------
        category_id
            Its category.
        center_xy, size_wh
            Centre, and width and height before the rotation, in pixels.
        rotation_deg
            Clockwise as seen on the screen (y points down), in degrees.
        attributes
            Values by name; the rotation is added.
        """
        rotation = round(rotation_deg % 360, 2)
        corners_xy = rotated_corners(center_xy, size_wh, rotation)
        self.polygon(category_id, corners_xy, {**(attributes or {}), "rotation": rotation})

    def mask(self, category_id: int, mask: Pixels, attributes: Record | None = None) -> None:
        """Add a mask as compressed run lengths.

        Parameters
        ----------
        category_id
            Its category.
        mask
            (height, width) bool array of the whole image.
        attributes
            Values by name.
        """
        encoded = coco_mask.encode(np.asfortranarray(mask, np.uint8))
        rows, columns = np.nonzero(mask)
        left, top = int(columns.min()), int(rows.min())
        self._add(
            category_id,
            bbox=[left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1],
            area=int(mask.sum()),
            segmentation={
                "size": [int(side) for side in encoded["size"]],
                "counts": encoded["counts"].decode("ascii"),
            },
            iscrowd=0,
            attributes=attributes or {},
        )

    def keypoints(
        self,
        category_id: int,
        bbox_xywh: Sequence[float],
        keypoints_xyv: Sequence[tuple[int, int, int]],
        attributes: Record | None = None,
    ) -> None:
        """Add keypoints in the category's order: (x, y) pixel indices and the visibility 0, 1 or 2."""
        record = self.box(category_id, bbox_xywh, attributes)
        record["keypoints"] = [value for point in keypoints_xyv for value in point]
        record["num_keypoints"] = sum(visibility > 0 for *_, visibility in keypoints_xyv)


def rotated_corners(
    center_xy: tuple[float, float], size_wh: tuple[float, float], rotation_deg: float
) -> Pixels:
    """Return the (4, 2) corners in (x, y) of a box turned clockwise on the screen around its centre."""
    width, height = size_wh
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    angle = np.deg2rad(rotation_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(corners @ turn.T + np.asarray(center_xy))


def shoelace_area(vertices_xy: Pixels) -> float:
    """Return the area within (n, 2) vertices, in square pixels."""
    x, y = vertices_xy.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _short(value: float) -> float | int:
    rounded = round(float(value), 2)
    return int(rounded) if rounded.is_integer() else rounded
