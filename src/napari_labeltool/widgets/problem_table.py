"""Problems as a table that is filtered, sorted and written as text. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from napari_labeltool.core.problems import Problem, Severity
from napari_labeltool.core.values import IntArray

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")
SEVERITY_WORDS: Final[dict[Severity, str]] = {"error": "Error", "warning": "Warning", "info": "Note"}
_PLURALS: Final[dict[Severity, tuple[str, str]]] = {
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "info": ("note", "notes"),
}

Column = Literal["severity", "code", "where", "message"]
COLUMNS: Final[tuple[Column, ...]] = ("severity", "message", "where", "code")
COLUMN_WORDS: Final[dict[Column, str]] = {
    "severity": "Severity",
    "code": "Code",
    "where": "Place",
    "message": "What was found",
}


@dataclass(frozen=True, slots=True)
class ProblemFilter:
    """Which problems are shown.

    Parameters
    ----------
    severities
        Those that are shown.
    code
        The code that is shown, None for all.
    text
        What code, place or sentence contain, whatever the case; empty for anything.
    """

    severities: frozenset[Severity] = frozenset(SEVERITIES)
    code: str | None = None
    text: str = ""


class ProblemTable:
    """Problems with columns for fast choice.

    Parameters
    ----------
    problems
        In the order in which they were found.
    """

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        severity_of: dict[str, int] = {severity: place for place, severity in enumerate(SEVERITIES)}
        self.codes: tuple[str, ...] = tuple(sorted({problem.code for problem in self.problems}))
        code_of = {code: place for place, code in enumerate(self.codes)}
        self._severity = np.array([severity_of[problem.severity] for problem in self.problems], np.int64)
        self._code = np.array([code_of[problem.code] for problem in self.problems], np.int64)
        self._texts: list[str] | None = None

    def __len__(self) -> int:
        return len(self.problems)

    def chosen(self, wanted: ProblemFilter) -> IntArray:
        """Return the places of the problems that a filter lets through, in order."""
        allowed = [place for place, severity in enumerate(SEVERITIES) if severity in wanted.severities]
        mask = np.isin(self._severity, allowed)
        if wanted.code is not None:
            code = self.codes.index(wanted.code) if wanted.code in self.codes else -1
            mask &= self._code == code
        places = np.flatnonzero(mask)
        needle = wanted.text.strip().casefold()
        if needle:
            texts = self._folded()
            places = np.array([place for place in places.tolist() if needle in texts[place]], np.int64)
        return places

    def _folded(self) -> list[str]:
        if self._texts is None:
            self._texts = [f"{p.code}\n{p.where}\n{p.message}".casefold() for p in self.problems]
        return self._texts

    def ordered(self, places: IntArray, column: Column, *, descending: bool = False) -> IntArray:
        """Return places in the order of a column; equal ones, and all places in it, as they were found."""
        if column == "severity":
            keys = self._severity[places]
        elif column == "code":
            keys = self._code[places]
        elif column == "where":
            rows = [self.problems[place] for place in places.tolist()]
            tables = np.array([f"{problem.table or ''}" for problem in rows], dtype=object).astype(str)
            numbers = np.array([-1 if problem.row is None else problem.row for problem in rows], np.int64)
            order = np.lexsort((numbers, tables)) if len(rows) else np.empty(0, np.int64)
            return places[order[::-1] if descending else order]
        else:
            texts = [self.problems[place].message for place in places.tolist()]
            order = np.array(sorted(range(len(texts)), key=texts.__getitem__), np.int64)
            return places[order[::-1] if descending else order]
        return places[np.argsort(-keys if descending else keys, kind="stable")]

    def count(self, severity: Severity) -> int:
        """Return the number of problems of a severity."""
        return int(np.count_nonzero(self._severity == SEVERITIES.index(severity)))

    def counts_by_code(self) -> dict[str, int]:
        """Return the number of problems of each code."""
        return dict(Counter(problem.code for problem in self.problems))

    def words(self, shown: int | None = None) -> str:
        """Return the numbers as a sentence: ``"3 problems: 1 error, 2 warnings. 2 of them are shown."``."""
        if not self.problems:
            return "No problems were found."
        parts = []
        for severity in SEVERITIES:
            count = self.count(severity)
            if count:
                parts.append(f"{count:,} {_PLURALS[severity][count != 1]}")
        total = "1 problem" if len(self) == 1 else f"{len(self):,} problems"
        rest = ""
        if shown is not None and shown != len(self):
            rest = f" {shown:,} of them {'is' if shown == 1 else 'are'} shown."
        return f"{total}: {', '.join(parts)}.{rest}"


def as_text(problems: Collection[Problem] | Sequence[Problem]) -> str:
    """Return problems as lines of severity, code, place and sentence, with tabs between."""
    rows = [("severity", "code", "place", "what was found")]
    rows += [(p.severity, p.code, p.where, " ".join(p.message.split())) for p in problems]
    return "".join("\t".join(row) + "\n" for row in rows)
