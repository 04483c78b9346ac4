"""Changes that were made, in order, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.ops import Append, Op, Touched, touched_by


@dataclass(frozen=True, slots=True)
class Change:
    """One step of work: what was done, and what undoes it.

    Parameters
    ----------
    label
        In words, for example ``"Move nucleus 4711"``.
    ops
        The operations, in order.
    inverse
        The operations that undo them, in the order to apply.
    """

    label: str
    ops: tuple[Op, ...]
    inverse: tuple[Op, ...]

    @property
    def touched(self) -> Touched:
        """What the change touched."""
        return touched_by(self.ops)

    @property
    def added_annotations(self) -> list[int]:
        """Rows of the annotations that it adds, in order; records of images that come with them are left out."""
        return [op.row for op in self.ops if isinstance(op, Append) and op.table == "annotations"]


class History:
    """Undo and redo over all edits of a dataset, for as long as it is open."""

    def __init__(self) -> None:
        self._done: list[Change] = []
        self._undone: list[Change] = []

    def do(self, dataset: Dataset, label: str, ops: tuple[Op, ...]) -> Change:
        """Apply operations as one step; what was undone before can no longer be redone."""
        change = Change(label, ops, dataset.apply(ops))
        self._done.append(change)
        self._undone.clear()
        return change

    def undo(self, dataset: Dataset) -> Change | None:
        """Undo the last step; return it, or None when there is none."""
        if not self._done:
            return None
        change = self._done[-1]
        dataset.apply(change.inverse)
        self._undone.append(self._done.pop())
        return change

    def redo(self, dataset: Dataset) -> Change | None:
        """Do the last undone step again; return it, or None when there is none."""
        if not self._undone:
            return None
        change = self._undone[-1]
        dataset.apply(change.ops)
        self._done.append(self._undone.pop())
        return change

    @property
    def undo_label(self) -> str | None:
        """Words of the step that `undo` would undo."""
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        """Words of the step that `redo` would do again."""
        return self._undone[-1].label if self._undone else None

    @property
    def done_count(self) -> int:
        """Number of steps that stand."""
        return len(self._done)
