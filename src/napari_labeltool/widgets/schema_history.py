"""A label schema that stands alone, with undo and redo over its values. No Qt."""

from __future__ import annotations

from dataclasses import replace

from napari_labeltool.core.schema import LabelSchema, differences


class SchemaHistory:
    """A schema and the ones that it was before.

    Parameters
    ----------
    schema
        The schema to begin with.
    """

    def __init__(self, schema: LabelSchema) -> None:
        self._next_key = 0
        self.schema = self._keyed(schema)
        self._done: list[tuple[str, LabelSchema]] = []
        self._undone: list[tuple[str, LabelSchema]] = []

    def apply(self, schema: LabelSchema) -> bool:
        """Make a schema the present one; return whether it differs."""
        keyed = self._keyed(schema)
        if keyed == self.schema:
            return False
        changes = differences(self.schema, keyed)
        label = changes[0] if len(changes) == 1 else f"Change the label schema ({len(changes)} changes)"
        self._done.append((label, self.schema))
        self._undone.clear()
        self.schema = keyed
        return True

    @property
    def undo_label(self) -> str | None:
        """Words of the step that `undo` would undo."""
        return self._done[-1][0] if self._done else None

    @property
    def redo_label(self) -> str | None:
        """Words of the step that `redo` would do again."""
        return self._undone[-1][0] if self._undone else None

    def undo(self) -> bool:
        """Undo the last step; return whether there was one."""
        return self._travel(self._done, self._undone)

    def redo(self) -> bool:
        """Do the last undone step again; return whether there was one."""
        return self._travel(self._undone, self._done)

    def _travel(self, source: list[tuple[str, LabelSchema]], target: list[tuple[str, LabelSchema]]) -> bool:
        if not source:
            return False
        label, schema = source.pop()
        target.append((label, self.schema))
        self.schema = schema
        return True

    def _keyed(self, schema: LabelSchema) -> LabelSchema:
        """Give every class a key, so that it is known over changes of its name and place."""
        categories = []
        for category in schema.categories:
            if category.key is None:
                category = replace(category, key=self._next_key)
            self._next_key = max(self._next_key, (category.key or 0) + 1)
            categories.append(category)
        return replace(schema, categories=tuple(categories))
