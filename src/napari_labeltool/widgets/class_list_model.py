"""The list of classes as an item model: a row for each class, a column for each thing that is said of it."""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from napari_labeltool.widgets.class_counts import ClassCounts
from napari_labeltool.widgets.class_looks import UNLABELLED_LOOK, UNLABELLED_ROW, ClassLook, ClassLooks

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent

NOWHERE: Final = QModelIndex()


class ClassColumn(IntEnum):
    """Columns of the list."""

    NAME = 0
    KINDS = 1
    COUNT = 2
    GUIDE = 3
    EYE = 4


class ClassListModel(QAbstractTableModel):
    """The classes of a workspace that are not tags, narrowed by a search text.

    Parameters
    ----------
    parent
        Owner.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace: Workspace | None = None
        self._looks: ClassLooks | None = None
        self._counts: ClassCounts | None = None
        self._search = ""
        self._shown: list[ClassLook] = []
        self._place: dict[int, int] = {}
        self._recounted: set[int] = set()

    # -- what is shown
    def set_workspace(self, workspace: Workspace | None) -> None:
        """Show the classes of another workspace, or none."""
        self._workspace = workspace
        self._looks = None if workspace is None else ClassLooks(workspace.session)
        self._counts = None if workspace is None else ClassCounts(workspace.dataset, workspace.image)
        self._fill()

    def set_search(self, text: str) -> None:
        """Show only the classes whose name contains a text, upper and lower case being the same."""
        text = text.strip().casefold()
        if text != self._search:
            self._search = text
            self._fill()

    def _fill(self) -> None:
        self.beginResetModel()
        looks = [] if self._looks is None else [look for look in self._looks.all() if not look.is_tag]
        if self._has_unlabelled():
            looks.append(UNLABELLED_LOOK)
        self._shown = [look for look in looks if self._search in look.name.casefold()]
        self._place = {look.row: place for place, look in enumerate(self._shown)}
        self.endResetModel()

    def _has_unlabelled(self) -> bool:
        return self._counts is not None and self._counts.total(UNLABELLED_ROW) > 0

    def look_at(self, place: int) -> ClassLook | None:
        """Return the class at a place of the list, or None."""
        return self._shown[place] if 0 <= place < len(self._shown) else None

    def place_of(self, category: int) -> int:
        """Return the place of a class (by row, -1 for unlabelled), or -1 when it is not shown."""
        return self._place.get(category, -1)

    def has_name(self, name: str) -> bool:
        """Tell whether a class or tag has exactly this name."""
        return self._looks is not None and any(look.name == name for look in self._looks.all())

    def has_classes(self) -> bool:
        """Tell whether there is any class, whatever is searched for."""
        return self._looks is not None and any(not look.is_tag for look in self._looks.all())

    def widest_kinds(self) -> int:
        """Return the largest number of kinds that a shown class allows; 0 where all classes allow the same."""
        looks = [look for look in self._shown if look.row != UNLABELLED_ROW]
        alike = len({look.kinds for look in looks}) < 2
        return 0 if alike else max(len(look.kinds) for look in looks)

    def largest_count(self) -> int:
        """Return the largest number of annotations that a shown class has in all images."""
        counts = self._counts
        return max((counts.total(look.row) for look in self._shown), default=0) if counts is not None else 0

    def has_guidelines(self) -> bool:
        """Tell whether any shown class has a guideline."""
        return any(look.guideline for look in self._shown)

    # -- changes
    def change(self, event: ChangeEvent) -> bool:
        """Take note of a change of the dataset; tell whether the classes themselves are different.

        Counts that are different are told by `tell_recounted`.
        """
        if self._looks is None or self._counts is None:
            return False
        had = self._has_unlabelled()
        changed = self._counts.update(event.touched.annotations)
        schema = self._looks.update(event.touched)
        if schema or had != self._has_unlabelled():
            self._fill()
        else:
            self._recounted |= changed
        return schema

    def show_image(self, image: int) -> None:
        """Count the annotations of another image."""
        if self._counts is not None:
            self._counts.show_image(image)
            self._tell_all(ClassColumn.COUNT)

    def tell_recounted(self) -> None:
        """Draw anew the counts that changes made different."""
        recounted, self._recounted = self._recounted, set()
        self._tell(recounted, ClassColumn.COUNT)

    def tell_picked(self) -> None:
        """Draw anew which class is the current one."""
        self._tell_all(ClassColumn.NAME)

    def tell_visible(self) -> None:
        """Draw anew which classes are shown."""
        self._tell_all(ClassColumn.EYE)

    def _tell(self, categories: Collection[int], column: ClassColumn) -> None:
        for category in categories:
            place = self._place.get(category)
            if place is not None:
                self.dataChanged.emit(self.index(place, column), self.index(place, column))

    def _tell_all(self, column: ClassColumn) -> None:
        if self._shown:
            self.dataChanged.emit(self.index(0, column), self.index(len(self._shown) - 1, column))

    # -- Qt
    def rowCount(self, parent: QModelIndex = NOWHERE) -> int:
        """Return the number of classes that are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex = NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(ClassColumn)

    def is_hidden(self, category: int) -> bool:
        """Tell whether the annotations of a class are hidden."""
        return self._workspace is not None and category in self._workspace.hidden

    def is_picked(self, category: int) -> bool:
        """Tell whether a class is the one for new objects."""
        return self._workspace is not None and category == self._workspace.category

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, says in its tooltip, or says to a screen reader."""
        look = self.look_at(index.row()) if index.isValid() else None
        if look is None:
            return None
        column = ClassColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(look, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(look, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(look, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column is ClassColumn.COUNT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, look: ClassLook, column: ClassColumn) -> str | None:
        if column is ClassColumn.NAME:
            return look.name
        if column is ClassColumn.COUNT and self._counts is not None:
            return f"{self._counts.here(look.row):,}"
        return None

    def _tip(self, look: ClassLook, column: ClassColumn) -> str:
        if column is ClassColumn.EYE:
            now = "hidden" if self.is_hidden(look.row) else "shown"
            return f"{look.name} is {now} on the canvas. Click or press Space to change that."
        if column is ClassColumn.COUNT and self._counts is not None:
            here, total = self._counts.here(look.row), self._counts.total(look.row)
            return f"{here:,} in this image, {total:,} in all images"
        if column is ClassColumn.KINDS:
            return f"Drawn as {kind_words(look) or 'nothing'}"
        if look.row == UNLABELLED_ROW:
            return "Annotations without a class. Select them and pick a class."
        key = f", key {look.hotkey}" if look.hotkey else ""
        return f"{look.name}{key}\n{look.guideline or 'No guideline written.'}"

    def _spoken(self, look: ClassLook, column: ClassColumn) -> str:
        if column is ClassColumn.NAME:
            key = f", key {look.hotkey}" if look.hotkey else ""
            picked = ", current class" if self.is_picked(look.row) else ""
            return f"{look.name}{key}{picked}"
        if column is ClassColumn.EYE:
            return f"{look.name}: {'hidden' if self.is_hidden(look.row) else 'shown'}"
        if column is ClassColumn.GUIDE:
            return f"Guideline of {look.name}" if look.guideline else ""
        return self._tip(look, column)


def kind_words(look: ClassLook) -> str:
    """Return the kinds of a class in words."""
    return ", ".join(kind.replace("_", " ") for kind in look.kinds)
