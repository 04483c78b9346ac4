"""The dataset: one COCO document as tables, and the one place where it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.columns import Kind
from napari_labeltool.core.decode import geometry_of, keypoints_of
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.geometry import AreaConvention, Geometry, Mask, Polygon, RotatedBox
from napari_labeltool.core.ops import Append, Op, Patch, PatchRows, SetAlive, SetCategory
from napari_labeltool.core.polygons import polygon_to_rle
from napari_labeltool.core.problems import Problem
from napari_labeltool.core.records import Categories, ExternalId, Images
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.row_codec import small
from napari_labeltool.core.source import FileStamp, Source
from napari_labeltool.core.table import Document, Table, TableName
from napari_labeltool.core.values import FloatArray, IntArray, JsonValue

T = TypeVar("T")

ARRAY_KEYS = ("annotations", "images", "categories")


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a file measures bbox and area, per kind of geometry; found in the file by its reader."""

    polygon: AreaConvention = field(default_factory=lambda: AreaConvention("shoelace", "extent"))
    mask: AreaConvention = field(default_factory=lambda: AreaConvention("pixels", "extent"))
    crowd: AreaConvention = field(default_factory=lambda: AreaConvention("pixels", "extent"))
    box: AreaConvention = field(default_factory=lambda: AreaConvention("box", "extent"))

    def of(self, geometry: Geometry, crowd: bool = False) -> AreaConvention:
        """Return the convention for a geometry."""
        if isinstance(geometry, Mask):
            return self.crowd if crowd else self.mask
        return self.polygon if isinstance(geometry, (Polygon, RotatedBox)) else self.box


class Dataset:
    """One COCO document.

    Parameters
    ----------
    source
        The bytes of the document; an empty `Source` for a new one.
    images, categories, annotations
        Tables over the source.
    problems
        What was found odd while reading.
    conventions
        How the file measures bbox and area.

    Attributes
    ----------
    version
        Counts the changes; what is derived from the dataset can be kept until it moves.
    schema_version
        Counts the changes of categories and document alone.
    written
        Files that the dataset was written to, as they were then.
    """

    def __init__(
        self,
        source: Source | None = None,
        images: Images | None = None,
        categories: Categories | None = None,
        annotations: Annotations | None = None,
        problems: Iterable[Problem] = (),
        conventions: Conventions | None = None,
    ) -> None:
        self.source = Source() if source is None else source
        self.images = Images(self.source) if images is None else images
        self.categories = Categories(self.source) if categories is None else categories
        self.annotations = Annotations(self.source) if annotations is None else annotations
        self.annotations.belong_to(self)
        self.document = Document(self.source, ARRAY_KEYS)
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.conventions = Conventions() if conventions is None else conventions
        self.version = 0
        self.schema_version = 0
        self._remembered: dict[str, tuple[int, Any]] = {}
        self.written: dict[Path, FileStamp] = {}

    def table(self, name: TableName) -> Table:
        """Return a table by its name."""
        tables: dict[TableName, Table] = {
            "annotations": self.annotations,
            "images": self.images,
            "categories": self.categories,
            "document": self.document,
        }
        return tables[name]

    def is_changed(self) -> bool:
        """Tell whether a save would write anything else than the bytes that were read."""
        tables = (self.annotations, self.images, self.categories, self.document)
        return any(table.is_changed() for table in tables)

    # -- what an annotation is now
    def annotation(self, row: int) -> dict[str, JsonValue]:
        """Return an annotation's record as it is now, ``category_id`` included."""
        record = self.annotations.record(row)
        if self.annotations.category_id_is_changed(row):
            category = int(self.annotations.category[row])
            if category < 0:
                record.pop("category_id", None)
            else:
                record["category_id"] = self.categories.id_of(category)
        return record

    def geometry(self, row: int) -> Geometry | None:
        """Return an annotation's geometry; see `core.decode.geometry_of` for the errors."""
        return geometry_of(self.annotations.record(row), Kind(int(self.annotations.kind[row])))

    def keypoints(self, row: int) -> FloatArray | None:
        """Return an annotation's keypoints, (k, 3) x, y, visibility, or None."""
        return keypoints_of(self.annotations.record(row))

    def rle(self, row: int) -> Rle | None:
        """Return an annotation's mask, polygons rasterised exactly as pycocotools does; None without one.

        Raises
        ------
        ReadError
            Run lengths that do not fill their size.
        EditRefused
            The image's size is not known and the geometry does not say it.
        """
        geometry = self.geometry(row)
        if isinstance(geometry, Mask):
            return geometry.rle
        if isinstance(geometry, (Polygon, RotatedBox)):
            size = self.images.size(int(self.annotations.image[row]))
            if size is None:
                raise EditRefused(
                    f"annotations[{row}]: its image declares no width and height, both are needed to draw a mask."
                    " Open the image, or add the numbers to the file."
                )
            parts = geometry.parts_xy if isinstance(geometry, Polygon) else (geometry.corners_xy,)
            return polygon_to_rle(parts, *size)
        return None

    def where(
        self, image: ExternalId = None, category: ExternalId = None, *, kind: Kind | None = None
    ) -> IntArray:
        """Return the rows of annotations by the id of their image and the id or name of their category.

        Raises
        ------
        KeyError
            No image or category has that id.
        """
        rows = self.annotations.rows()
        if image is not None:
            image_row = self.images.row_of_id(image)
            if image_row is None:
                raise KeyError(image)
            rows = self.annotations.rows_of_image(image_row)
        if category is not None:
            category_row = self.categories.row_of(category)
            if category_row is None:
                raise KeyError(category)
            rows = rows[self.annotations.category[rows] == category_row]
        return rows if kind is None else rows[self.annotations.kind[rows] == kind]

    def name_of(self, row: int) -> str:
        """Return how an annotation is called in sentences: ``"nucleus 4711"``."""
        return f"{self.categories.name_of(int(self.annotations.category[row]))} {self.annotations.id_of(row)}"

    # -- changes
    def apply(self, ops: Iterable[Op]) -> tuple[Op, ...]:
        """Apply operations in order; all of them or none.

        Returns
        -------
        tuple of operations
            What undoes them, in the order to apply.
        """
        inverse: list[Op] = []
        whole = False
        try:
            for op in ops:
                inverse += self._apply(op)
            whole = True
        finally:
            for op in () if whole else reversed(inverse):
                self._apply(op)
        self.version += 1
        return tuple(reversed(inverse))

    def remembered(self, name: str, compute: Callable[[Dataset], T]) -> T:
        """Return a value that depends on categories and document alone, computed anew only after they changed."""
        kept = self._remembered.get(name)
        if kept is None or kept[0] != self.schema_version:
            kept = (self.schema_version, compute(self))
            self._remembered[name] = kept
        value: T = kept[1]
        return value

    def _apply(self, op: Op) -> list[Op]:
        """Apply an operation; return what undoes it, last first."""
        if not isinstance(op, SetCategory) and op.table in ("categories", "document"):
            self.schema_version += 1
        if isinstance(op, Patch):
            return [Patch(op.table, op.row, self.table(op.table).set_patch(op.row, op.values))]
        if isinstance(op, PatchRows):
            return self._patch_rows(op)
        if isinstance(op, SetCategory):
            return [SetCategory(op.rows, small(self.annotations.set_category(op.rows, op.categories)))]
        table = self.table(op.table)
        if isinstance(op, SetAlive):
            changed = table.set_alive(op.rows, op.alive)
            return [SetAlive(op.table, op.rows if len(changed) == len(op.rows) else changed, not op.alive)]
        self._append(op, table)
        return [SetAlive(op.table, np.array([op.row], np.int64), False)]

    def _patch_rows(self, op: PatchRows) -> list[Op]:
        before = self.table(op.table).set_patches(op.rows, op.values)
        return [
            PatchRows(op.table, op.rows if len(rows) == len(op.rows) else rows, values)
            for rows, values in reversed(before)
        ]

    def _append(self, op: Append, table: Table) -> None:
        if op.row > table.row_count:
            raise ValueError(f"append to {op.table}: row {op.row} found, expected {table.row_count}")
        again = op.row < table.row_count
        if isinstance(table, Annotations):
            if again:
                table.revive(op.row, op.record, op.category)
            else:
                table.append(op.record, op.image, op.category)
        elif again:
            table.revive(op.row, op.record)
        else:
            table.append(op.record)
