"""What can be done to classes in the list, with the questions that belong to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtWidgets import QWidget

from napari_labeltool.core.schema import LabelSchema
from napari_labeltool.widgets.schema_changes import with_category_moved, with_copy, with_new_category
from napari_labeltool.widgets.schema_dialogs import Deletion, ask_deletion, ask_merge
from napari_labeltool.widgets.schema_model import SchemaModel


class ClassActions:
    """Adds, duplicates, deletes, merges and moves classes.

    Parameters
    ----------
    model
        The schema; may be exchanged.
    over
        Widget over whose window the questions stand.
    """

    def __init__(self, model: SchemaModel, over: QWidget) -> None:
        self.model = model
        self._over = over
        self.ask_deletion: Callable[..., Deletion | None] = ask_deletion
        self.ask_merge: Callable[..., int | None] = ask_merge

    def _added(self, schema: LabelSchema) -> int | None:
        """Apply a schema with a class more; return the key of that class."""
        before = {category.key for category in self.model.schema.categories}
        if not self.model.apply(schema):
            return None
        return next((c.key for c in self.model.schema.categories if c.key not in before), None)

    def add(self, tag_group: str | None = None) -> int | None:
        """Add a class, or a tag of a group; return its key, None when that was not possible."""
        return self._added(with_new_category(self.model.schema, tag_group=tag_group))

    def duplicate(self, key: int) -> int | None:
        """Add a copy of a class; return its key, None when that was not possible."""
        index = self.model.index_of(key)
        return None if index is None else self._added(with_copy(self.model.schema, index))

    def delete(self, keys: Sequence[int]) -> bool:
        """Delete classes; ask what becomes of annotations if they have any. Tell whether they are gone."""
        categories = [c for c in self.model.schema.categories if c.key in keys]
        count = sum(self.model.count(category.key) for category in categories)
        answer: Deletion | None = Deletion("unlabel")
        if count:
            one = len(categories) == 1
            names = f"class {categories[0].name}" if one else f"{len(categories)} classes"
            tags = all(category.is_tag for category in categories)
            others = [c for c in self.model.schema.categories if c.key not in keys and c.is_tag == tags]
            answer = self.ask_deletion(names, count, others, self._over.window())
        if answer is None or not categories:
            return False
        return self.model.delete(keys, answer.then, answer.to)

    def merge(self, keys: Sequence[int]) -> int | None:
        """Merge classes into one of them, which is asked for; return its key, or None when it was not done."""
        categories = [c for c in self.model.schema.categories if c.key in keys]
        if len(categories) < 2:
            return None
        counts = [self.model.count(category.key) for category in categories]
        into = self.ask_merge(categories, counts, self._over.window())
        return into if into is not None and self.model.merge(keys, into) else None

    def move(self, key: int, step: int) -> bool:
        """Move a class up (-1) or down (1); tell whether it was moved."""
        index = self.model.index_of(key)
        if index is None or not 0 <= index + step < len(self.model.schema.categories):
            return False
        return self.model.apply(with_category_moved(self.model.schema, index, index + step))
