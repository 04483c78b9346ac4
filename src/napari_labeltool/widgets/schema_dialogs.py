"""The questions of the schema editor: what becomes of annotations, which class stays, what to import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.core.schema import Category
from napari_labeltool.widgets.schema_model import Then
from napari_labeltool.widgets.swatch import swatch_icon
from napari_labeltool.widgets.theme import theme_colors


@dataclass(frozen=True, slots=True)
class Deletion:
    """What becomes of the annotations of a class that goes; `to` is the key of a class."""

    then: Then
    to: int | None = None


class _Question(QDialog):
    """A dialog with a sentence, something to choose, and two buttons whose words say what they do."""

    def __init__(self, title: str, sentence: str, action: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.column = QVBoxLayout(self)
        label = QLabel(sentence, self)
        label.setWordWrap(True)
        label.setMinimumWidth(340)
        self.column.addWidget(label)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.ok = self.buttons.addButton(action, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def finish(self) -> None:
        """Put the buttons beneath what was added."""
        self.column.addWidget(self.buttons)


def class_combo(categories: Sequence[Category], parent: QWidget) -> QComboBox:
    """Return a choice of classes with their swatches; the data of an entry is the key of its class."""
    combo = QComboBox(parent)
    for category in categories:
        combo.addItem(swatch_icon(category.color, theme_colors(parent).ink), category.name, category.key)
    return combo


class DeleteDialog(_Question):
    """Asks what becomes of the annotations of classes that are deleted.

    Parameters
    ----------
    names
        Words for what is deleted, such as ``"class nucleus"``.
    count
        How many annotations it has.
    others
        Classes that annotations can be relabelled to.
    parent
        Parent widget.
    """

    def __init__(self, names: str, count: int, others: Sequence[Category], parent: QWidget | None) -> None:
        many = "1 annotation" if count == 1 else f"{count:,} annotations"
        sentence = f"Delete {names}? In use by {many}. What becomes of them?"
        super().__init__("Delete a class in use", sentence, "Delete", parent)
        self.relabel = QRadioButton("Relabel them to", self)
        self.target = class_combo(others, self)
        self.remove = QRadioButton(f"Delete the {many} too", self)
        self.unlabel = QRadioButton("Leave them unlabelled", self)
        self._group = QButtonGroup(self)
        for choice in (self.relabel, self.remove, self.unlabel):
            self._group.addButton(choice)
        self.column.addWidget(self.relabel)
        self.column.addWidget(self.target)
        self.column.addWidget(self.remove)
        self.column.addWidget(self.unlabel)
        self.finish()
        self.relabel.setEnabled(bool(others))
        self.target.setEnabled(bool(others))
        (self.relabel if others else self.unlabel).setChecked(True)
        self.relabel.toggled.connect(self.target.setEnabled)

    @property
    def answer(self) -> Deletion:
        """What was chosen."""
        if self.relabel.isChecked():
            return Deletion("relabel", self.target.currentData())
        return Deletion("delete" if self.remove.isChecked() else "unlabel")


def ask_deletion(
    names: str, count: int, others: Sequence[Category], parent: QWidget | None
) -> Deletion | None:
    """Ask what becomes of annotations; return None when it was cancelled."""
    dialog = DeleteDialog(names, count, others, parent)
    try:
        return dialog.answer if dialog.exec() else None
    finally:
        dialog.deleteLater()


class MergeDialog(_Question):
    """Asks which of several classes stays.

    Parameters
    ----------
    categories
        The classes to merge.
    counts
        How many annotations each has.
    parent
        Parent widget.
    """

    def __init__(self, categories: Sequence[Category], counts: Sequence[int], parent: QWidget | None) -> None:
        names = ", ".join(category.name for category in categories)
        sentence = f"Merge {names}. All their annotations get the class that stays; the others are deleted."
        super().__init__("Merge classes", sentence, "Merge", parent)
        self.target = class_combo(categories, self)
        self.target.setCurrentIndex(max(range(len(counts)), key=lambda index: counts[index]))
        self.column.addWidget(QLabel("Merge into", self))
        self.column.addWidget(self.target)
        self.finish()

    @property
    def answer(self) -> int:
        """Key of the class that stays."""
        return int(self.target.currentData())


def ask_merge(categories: Sequence[Category], counts: Sequence[int], parent: QWidget | None) -> int | None:
    """Ask which class stays; return its key, or None when it was cancelled."""
    dialog = MergeDialog(categories, counts, parent)
    try:
        return dialog.answer if dialog.exec() else None
    finally:
        dialog.deleteLater()


class ImportDialog(_Question):
    """Tells what an imported schema would change, and asks whether to go on."""

    def __init__(self, file_name: str, changes: Sequence[str], parent: QWidget | None) -> None:
        count = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
        sentence = f"{file_name} would make {count}, as one step that can be undone. Nothing is deleted."
        super().__init__("Import a label schema", sentence, "Import", parent)
        self.list = QListWidget(self)
        self.list.addItems(list(changes))
        self.list.setMinimumSize(420, 200)
        self.column.addWidget(self.list)
        self.finish()


def ask_import(file_name: str, changes: Sequence[str], parent: QWidget | None) -> bool:
    """Tell what an import changes; return whether to go on."""
    dialog = ImportDialog(file_name, changes, parent)
    try:
        return bool(dialog.exec())
    finally:
        dialog.deleteLater()


class ChoiceDialog(_Question):
    """Asks to choose one of several ways; used where a yes or no would not say what happens."""

    def __init__(self, title: str, sentence: str, choices: Sequence[str], parent: QWidget | None) -> None:
        super().__init__(title, sentence, "Go on", parent)
        self._choices = [QRadioButton(words, self) for words in choices]
        for choice in self._choices:
            self.column.addWidget(choice)
        self._choices[0].setChecked(True)
        self.finish()

    @property
    def answer(self) -> int:
        """Place of what was chosen."""
        return next(index for index, choice in enumerate(self._choices) if choice.isChecked())


def ask_choice(title: str, sentence: str, choices: Sequence[str], parent: QWidget | None) -> int | None:
    """Ask for one of several ways; return its place, or None when it was cancelled."""
    dialog = ChoiceDialog(title, sentence, choices, parent)
    try:
        return dialog.answer if dialog.exec() else None
    finally:
        dialog.deleteLater()
