"""Findings about a document, collected in one pass, each with a stable code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    Parameters
    ----------
    code
        Stable name of the rule, for example ``"duplicate-annotation-id"``.
    severity
        ``"error"``: the thing cannot be shown or used; ``"warning"``: it probably is not what was meant;
        ``"info"``: worth knowing.
    where
        JSON path of the place, for example ``"annotations[12].bbox"``.
    message
        What was found, what was expected and what can be done.
    table
        ``"annotations"``, ``"images"``, ``"categories"`` or ``None`` for the document.
    row
        Row of the table, or ``None``.
    """

    code: str
    severity: Severity
    where: str
    message: str
    table: str | None = None
    row: int | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"
