"""What a session tells its listeners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from napari_labeltool.core.ops import Touched

ChangeKind: TypeAlias = Literal["do", "undo", "redo"]


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """The dataset was changed.

    Parameters
    ----------
    kind
        Whether a step was done, undone or done again.
    label
        The step in words.
    touched
        Rows that may look different now; a row that was deleted or brought back is among them.
    origin
        What the caller of `Session.apply` gave, so that it recognises its own change; None for undo and redo.
    """

    kind: ChangeKind
    label: str
    touched: Touched
    origin: object | None = None
