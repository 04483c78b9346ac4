"""Label schemas from and to files of their own, with the dialogs around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.schema import merge_schema, read_schema, write_schema
from napari_labeltool.widgets.schema_dialogs import ask_import
from napari_labeltool.widgets.schema_model import SchemaModel

FILTERS: Final = "Label schema (*.yaml *.yml *.json);;All files (*)"


def ask_file_to_read(parent: QWidget | None) -> str:
    """Ask for a schema file; return its path, empty when it was cancelled."""
    return str(QFileDialog.getOpenFileName(parent, "Import a label schema", "", FILTERS)[0])


def ask_file_to_write(parent: QWidget | None) -> str:
    """Ask where to write a schema; return the path, empty when it was cancelled."""
    chosen = str(
        QFileDialog.getSaveFileName(
            parent, "Export the label schema", "labels.yaml", "YAML (*.yaml *.yml);;JSON (*.json)"
        )[0]
    )
    return chosen if not chosen or Path(chosen).suffix else f"{chosen}.yaml"


class SchemaExchange(QObject):
    """Imports and exports the schema of a model.

    Attributes
    ----------
    told
        Signal: a sentence for the person and its severity.

    Parameters
    ----------
    model
        The schema; may be exchanged.
    parent
        Widget over which the dialogs stand.
    """

    told = Signal(str, str)

    def __init__(self, model: SchemaModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = model
        self._over = parent
        self.ask_file_to_read: Callable[[QWidget | None], str] = ask_file_to_read
        self.ask_file_to_write: Callable[[QWidget | None], str] = ask_file_to_write
        self.ask_import: Callable[..., bool] = ask_import

    def load(self) -> None:
        """Ask for a file, tell what it would change, and import it."""
        path = self.ask_file_to_read(self._over)
        if not path:
            return
        name = Path(path).name
        try:
            merged, changes = merge_schema(self.model.schema, read_schema(path))
        except LabeltoolError as error:
            self.told.emit(str(error), "error")
            return
        if not changes:
            self.told.emit(f"{name} changes nothing: the schema already says all that it says.", "info")
        elif self.ask_import(name, changes, self._over) and self.model.apply(merged):
            count = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
            self.told.emit(f"{name} was imported: {count}, one step to undo.", "info")

    def store(self) -> None:
        """Ask where to, and export the schema."""
        path = self.ask_file_to_write(self._over)
        if not path:
            return
        try:
            write_schema(self.model.schema, path)
        except LabeltoolError as error:
            self.told.emit(str(error), "error")
            return
        count = len(self.model.schema.categories)
        many = "1 class" if count == 1 else f"{count:,} classes"
        self.told.emit(f"{many} exported to {path}.", "info")
