"""The state of work in memory, and how far it is from what was saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.history import History

StepT = TypeVar("StepT")


class SavePoint(Generic[StepT]):
    """Counts the steps between what was saved and now, over undo and redo.

    Undoing five steps and saving nothing is a distance of five; doing them again brings it back to none.
    """

    def __init__(self) -> None:
        self._done: list[StepT] = []
        self._undone: list[StepT] = []
        self._saved: list[StepT] = []
        self._common = 0

    def do(self, step: StepT) -> None:
        """Note a new step."""
        self._undone.clear()
        self._push(step)

    def undo(self) -> None:
        """Note that the last step was undone."""
        self._undone.append(self._done.pop())
        self._common = min(self._common, len(self._done))

    def redo(self) -> None:
        """Note that the last undone step was done again."""
        self._push(self._undone.pop())

    def _push(self, step: StepT) -> None:
        at = len(self._done)
        self._done.append(step)
        if self._common == at < len(self._saved) and self._saved[at] is step:
            self._common = at + 1

    def mark_saved(self) -> None:
        """Note that everything is saved as it is now."""
        self._saved = list(self._done)
        self._common = len(self._done)

    @property
    def added(self) -> list[StepT]:
        """Steps that stand and are not in what was saved."""
        return self._done[self._common :]

    @property
    def taken_back(self) -> list[StepT]:
        """Steps that were saved and are undone now."""
        return self._saved[self._common :]

    @property
    def distance(self) -> int:
        """Number of steps between what was saved and now."""
        return len(self._done) + len(self._saved) - 2 * self._common


@dataclass(slots=True)
class Work:
    """Dataset, history and distance from the file; replaced together when a journal is recovered."""

    dataset: Dataset
    history: History = field(default_factory=History)
    savepoint: SavePoint[object] = field(default_factory=SavePoint)
