"""Collecting the problems of a file: each with a code, a bounded number of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from napari_labeltool.core.problems import Problem, Severity
from napari_labeltool.core.values import IntArray

MOST_OF_A_CODE: Final = 1000


class Findings:
    """Problems in the order in which they were found; beyond a limit, those of a code are only counted.

    Parameters
    ----------
    form
        ``"object"`` or ``"list"``, for the JSON paths.
    limit
        How many problems of one code are kept.
    """

    def __init__(self, form: str = "object", limit: int = MOST_OF_A_CODE) -> None:
        self._form = form
        self._limit = limit
        self._problems: list[Problem] = []
        self._counts: dict[str, int] = {}
        self._last: dict[str, Problem] = {}

    def path(self, table: str, row: int, key: str = "") -> str:
        """Return the JSON path of a record or of a key of it."""
        place = f"[{row}]" if self._form == "list" else f"{table}[{row}]"
        return f"{place}.{key}" if key else place

    def add(
        self,
        code: str,
        severity: Severity,
        where: str,
        message: str,
        table: str | None = None,
        row: int | None = None,
    ) -> None:
        """Add one problem."""
        count = self._counts[code] = self._counts.get(code, 0) + 1
        if count <= self._limit:
            self._problems.append(Problem(code, severity, where, message, table, row))
        else:
            self._last[code] = Problem(code, severity, where, message, table, row)

    def add_rows(
        self,
        code: str,
        severity: Severity,
        rows: Sequence[int] | IntArray,
        message: Callable[[int], str],
        key: str = "",
    ) -> None:
        """Add a problem for each of these annotations; the messages are only made for those that are kept."""
        kept = max(self._limit - self._counts.get(code, 0), 0)
        for row in map(int, rows[:kept]):
            self.add(code, severity, self.path("annotations", row, key), message(row), "annotations", row)
        if len(rows) > kept:
            self._counts[code] = self._counts.get(code, 0) + len(rows) - kept
            self._last[code] = Problem(code, severity, "annotations", "", "annotations")

    def problems(self) -> tuple[Problem, ...]:
        """Return what was found; a summarising problem stands for those beyond the limit."""
        found = list(self._problems)
        for code, last in self._last.items():
            more = self._counts[code] - self._limit
            where = f"{last.table or 'document'}"
            found.append(
                Problem(
                    code,
                    last.severity,
                    where,
                    f"{more:,} more of the kind {code!r} were found; the first {self._limit:,} are listed "
                    "one by one.",
                    last.table,
                )
            )
        return tuple(found)
