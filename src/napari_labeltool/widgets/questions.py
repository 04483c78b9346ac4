"""The questions that are asked in windows of their own. Tests answer them through another object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QProgressDialog, QWidget

from napari_labeltool.session.finding import ScanProgress
from napari_labeltool.widgets.texts import unsaved_words

RecoveryAnswer = Literal["take", "aside", "look", "cancel"]
LockedAnswer = Literal["look", "cancel"]
LeaveAnswer = Literal["save", "keep", "cancel"]
ChangedAnswer = Literal["overwrite", "save_as", "cancel"]

MAX_LABELS = 200
"""Number of edits that a question lists."""

DOCUMENTS = "COCO files (*.json);;All files (*)"
SCHEMAS = "Label schemas (*.yaml *.yml *.json);;All files (*)"


class Cancelled(Exception):
    """The user stopped long work."""


class Questions:
    """Asks the user.

    Parameters
    ----------
    parent
        Widget over whose window the questions appear; it may be exchanged.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self.parent = parent

    # -- about a document
    def recovery(self, text: str, labels: Sequence[str]) -> RecoveryAnswer:
        """Ask what to do with edits that a crash left behind; `labels` are the edits in words."""
        box = self._box(QMessageBox.Icon.Question, "Edits that were not saved", text)
        box.setInformativeText("Nothing is lost whichever you choose.")
        before = [f"({len(labels) - MAX_LABELS:,} more before these)"] if len(labels) > MAX_LABELS else []
        box.setDetailedText("\n".join([*before, *labels[-MAX_LABELS:]]))
        take = box.addButton("Take them back", QMessageBox.ButtonRole.AcceptRole)
        aside = box.addButton("Set them aside", QMessageBox.ButtonRole.DestructiveRole)
        look = box.addButton("Look at the file first", QMessageBox.ButtonRole.ActionRole)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        take.setToolTip("Go on where the work ended")
        aside.setToolTip("Go on with the file as it is; the journal is kept under another name")
        look.setToolTip("See the file without the edits; nothing can be edited until you decide")
        box.setDefaultButton(take)
        box.setEscapeButton(cancel)
        clicked = _run(box)
        answers: dict[Any, RecoveryAnswer] = {take: "take", aside: "aside", look: "look"}
        return answers.get(clicked, "cancel")

    def locked(self, text: str) -> LockedAnswer:
        """Ask whether to look at a document that another session has; `text` says who has it."""
        box = self._box(QMessageBox.Icon.Information, "Somebody else has this file", text)
        look = box.addButton("Open read-only", QMessageBox.ButtonRole.AcceptRole)
        box.setEscapeButton(box.addButton(QMessageBox.StandardButton.Cancel))
        return "look" if _run(box) is look else "cancel"

    def leave(self, name: str, edits: int) -> LeaveAnswer:
        """Ask what to do with unsaved edits before a project is closed."""
        box = self._box(QMessageBox.Icon.Question, "Edits that are not saved", unsaved_words(name, edits))
        save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton("Keep in journal", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(save)
        box.setEscapeButton(cancel)
        clicked = _run(box)
        answers: dict[Any, LeaveAnswer] = {save: "save", keep: "keep"}
        return answers.get(clicked, "cancel")

    def changed_on_disk(self, text: str) -> ChangedAnswer:
        """Ask what to do when another program wrote the file meanwhile."""
        box = self._box(QMessageBox.Icon.Warning, "The file was changed by another program", text)
        save_as = box.addButton("Save as…", QMessageBox.ButtonRole.AcceptRole)
        overwrite = box.addButton("Overwrite", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(save_as)
        box.setEscapeButton(box.addButton(QMessageBox.StandardButton.Cancel))
        clicked = _run(box)
        answers: dict[Any, ChangedAnswer] = {save_as: "save_as", overwrite: "overwrite"}
        return answers.get(clicked, "cancel")

    def failed(self, title: str, text: str) -> None:
        """Say that something could not be done, and why."""
        box = self._box(QMessageBox.Icon.Warning, title, text)
        box.addButton(QMessageBox.StandardButton.Ok)
        _run(box)

    # -- files and folders
    def which_document(self, documents: Sequence[Path]) -> Path | None:
        """Ask which of several COCO files of a folder is meant."""
        names = [str(document.relative_to(documents[0].parent)) for document in documents]
        name, accepted = QInputDialog.getItem(
            self.parent, "Several COCO files", "Which of the COCO files in this folder?", names, 0, False
        )
        return documents[names.index(name)] if accepted else None

    def document_to_open(self, folder: Path) -> Path | None:
        """Ask for a COCO file."""
        name, _ = QFileDialog.getOpenFileName(self.parent, "Open COCO file", str(folder), DOCUMENTS)
        return Path(name) if name else None

    def folder_to_open(self, folder: Path, title: str = "Open folder of images") -> Path | None:
        """Ask for a folder."""
        name = QFileDialog.getExistingDirectory(self.parent, title, str(folder))
        return Path(name) if name else None

    def document_to_write(self, path: Path, title: str = "Save as", kinds: str = DOCUMENTS) -> Path | None:
        """Ask for the name of a file to write; the dialog asks before an existing one is chosen."""
        name, _ = QFileDialog.getSaveFileName(self.parent, title, str(path), kinds)
        return Path(name) if name else None

    @contextmanager
    def progress(self, text: str) -> Iterator[ScanProgress]:
        """Show how far long work is; the function that is given raises `Cancelled` when the user stops it."""
        dialog = QProgressDialog(text, "Cancel", 0, 0, self.parent)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setMinimumDuration(700)

        def report(done: int, total: int) -> None:
            dialog.setMaximum(total)
            dialog.setValue(done)
            if dialog.wasCanceled():
                raise Cancelled

        try:
            yield report
        finally:
            dialog.close()
            dialog.deleteLater()

    def _box(self, kind: QMessageBox.Icon, title: str, text: str) -> QMessageBox:
        box = QMessageBox(kind, title, text, QMessageBox.StandardButton.NoButton, self.parent)
        box.setTextFormat(Qt.TextFormat.PlainText)
        return box


def _run(box: QMessageBox) -> Any:
    """Show a question and return the button that was clicked."""
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    return clicked
