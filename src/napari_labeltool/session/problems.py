"""The problems of a document as they are now: what was found while reading, and what its classes lack."""

from __future__ import annotations

import numpy as np

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.ops import Touched
from napari_labeltool.core.problems import Problem
from napari_labeltool.core.schema import schema_problems
from napari_labeltool.core.table import Table
from napari_labeltool.session.work import Work


class LiveProblems:
    """Problems, without those of records that were deleted since; kept until something touches them.

    Parameters
    ----------
    work
        The dataset.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: tuple[Problem, ...] | None = None
        self._annotation_rows = np.empty(0, np.int64)

    def reset(self) -> None:
        """Forget everything; the dataset was replaced."""
        self._known = None

    def current(self) -> tuple[Problem, ...]:
        """Return the problems as they are now."""
        if self._known is None:
            self._known = self._compute()
        return self._known

    def update(self, touched: Touched) -> bool:
        """Take note of a change; tell whether the problems are others than before."""
        if self._known is None:
            return False
        small = touched.document or len(touched.categories) > 0 or len(touched.images) > 0
        if not small and not np.isin(touched.annotations, self._annotation_rows).any():
            return False
        before, self._known = self._known, self._compute()
        return before != self._known

    def _compute(self) -> tuple[Problem, ...]:
        dataset = self._work.dataset
        rows = {problem.row for problem in dataset.problems if problem.table == "annotations"}
        self._annotation_rows = np.array(sorted(row for row in rows if row is not None), np.int64)
        found = (problem for problem in dataset.problems if _stands(dataset, problem))
        return tuple(dict.fromkeys([*found, *schema_problems(dataset)]))


def _stands(dataset: Dataset, problem: Problem) -> bool:
    """Tell whether the record that a problem is about is still there, and its id still a duplicate."""
    tables: dict[str, Table] = {
        "annotations": dataset.annotations,
        "images": dataset.images,
        "categories": dataset.categories,
    }
    table = tables.get(problem.table or "")
    if table is None or problem.row is None:
        return True
    if problem.code == "duplicate-annotation-id" and dataset.annotations.alive[problem.row]:
        return len(dataset.annotations.rows_of_ids([dataset.annotations.id_of(problem.row)])) > 1
    return bool(table.alive[problem.row])
