"""Everything that is wrong with a document and the image files that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.problems import Problem
from napari_labeltool.core.schema import schema_problems
from napari_labeltool.images import size_problem
from napari_labeltool.session.imagery import ImageProblem, Imagery
from napari_labeltool.session.work import Work

SEVERITIES: Final = ("error", "warning", "info")


def all_problems(dataset: Dataset, *, images: bool = False, roots: Sequence[Path] = ()) -> list[Problem]:
    """Return everything that is wrong with a document, errors first.

    Parameters
    ----------
    dataset
        The document.
    images
        Whether to look for the image files and compare their sizes.
    roots
        Further folders in which images may lie.
    """
    problems = [*dataset.problems, *schema_problems(dataset)]
    if images:
        problems += image_problems(dataset, roots)
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda problem: SEVERITIES.index(problem.severity))


def image_problems(dataset: Dataset, roots: Sequence[Path] = ()) -> Iterator[Problem]:
    """Give the images whose file is missing, unreadable or of another size than declared."""
    document = dataset.source.path or Path("annotations.json").absolute()
    imagery = Imagery(Work(dataset), document, roots)
    for row in dataset.images.rows():
        problem = image_problem(dataset, imagery, int(row))
        if problem is not None:
            yield problem


def image_problem(dataset: Dataset, imagery: Imagery, row: int) -> Problem | None:
    """Return what is wrong with the file of one image (by row): missing, unreadable, of another size; or None."""
    where = f"images[{row}].file_name"
    path = imagery.path(row)
    if isinstance(path, ImageProblem):
        return Problem(f"image-{path.kind}", "error", where, path.text, "images", row)
    record = dataset.images.record(row)
    difference = size_problem(path, record.get("height"), record.get("width"))
    return None if difference is None else Problem("image-size", "warning", where, difference, "images", row)
