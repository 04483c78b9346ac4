"""What the pages about one class share."""

from __future__ import annotations

from qtpy.QtWidgets import QWidget

from napari_labeltool.core.schema import Category
from napari_labeltool.widgets.schema_changes import complaint
from napari_labeltool.widgets.schema_model import SchemaModel


class CategoryPage(QWidget):
    """A page that shows one class of a schema and changes it.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.
    """

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._key: int | None = None

    @property
    def key(self) -> int | None:
        """Key of the class that is shown."""
        return self._key

    @property
    def category(self) -> Category | None:
        """The class that is shown, as it is now."""
        return self.model.schema.by_key(self._key)

    def show_category(self, key: int | None) -> None:
        """Show a class, by its key."""
        self._key = key
        self.refresh()

    def set_model(self, model: SchemaModel) -> None:
        """Show no class of another schema."""
        self.model = model
        self.show_category(None)

    def refresh(self) -> None:
        """Show the class as it is now; for subclasses."""

    def commit(self, category: Category) -> bool:
        """Exchange the class as one step; tell whether that was possible."""
        return self.model.replace_category(self._key, category)

    def complaint_about(self, category: Category) -> str | None:
        """Return what forbids the class to become this, as a sentence, or None."""
        index = self.model.index_of(self._key)
        if index is None:
            return None
        schema = self.model.schema
        return complaint(schema, schema.with_category(index, category))
