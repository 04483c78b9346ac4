"""The schema that an editor edits: that of an open session, or one that stands alone. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from psygnal import Signal

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.edits import Compound, Edit, RenameAttribute, Rows
from napari_labeltool.core.edits.attributes import rows_with_attribute
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.schema import Category, LabelSchema, SchemaIssue, validate
from napari_labeltool.core.schema_edits import DeleteCategory, MergeCategories, SetSchema
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.schema_changes import complaint, without_categories
from napari_labeltool.widgets.schema_history import SchemaHistory

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent, Session

Then = Literal["relabel", "delete", "unlabel"]


class SchemaModel:
    """A schema with undo and redo.

    Each change is one step: in a session a step of the session's history, alone of a history of its own.

    Parameters
    ----------
    session
        The session whose schema is edited; None for a schema that stands alone.
    schema
        The schema to begin with when it stands alone.
    workspace
        Where the session is shown; then undo and redo also show the image that they change.
    """

    changed = Signal()
    """The schema, or what undo and redo would do, is different."""
    counts_changed = Signal()
    """Annotations were added, deleted or changed, and what undo and redo would do."""
    refused = Signal(str)
    """A change was not possible: a sentence for the person."""

    def __init__(
        self,
        session: Session | None = None,
        schema: LabelSchema | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        self.session = session if workspace is None else workspace.session
        self._workspace = workspace
        self._alone = SchemaHistory(LabelSchema() if schema is None else schema)
        self._counts: tuple[int, dict[int, int]] | None = None
        self._connections = Connections()
        if self.session is not None:
            self._connections.add(self.session.changed, self._on_session_changed)
            self._connections.add(self.session.reset, self._on_session_reset)

    @property
    def schema(self) -> LabelSchema:
        """The schema as it is now; every class has a key."""
        return self._alone.schema if self.session is None else self.session.schema

    @property
    def read_only_reason(self) -> str:
        """Why nothing can be changed; empty when it can."""
        session = self.session
        if session is None:
            return ""
        return session.read_only_reason or str(session.pending_recovery or "")

    def issues(self) -> list[SchemaIssue]:
        """Return the rules that the schema breaks."""
        return validate(self.schema)

    # -- annotations of the classes
    def count(self, key: int | None) -> int:
        """Return how many annotations a class has; 0 in a schema that stands alone."""
        if self.session is None or key is None:
            return 0
        dataset = self.session.dataset
        if self._counts is None or self._counts[0] != dataset.version:
            table = dataset.annotations
            rows, counts = np.unique(table.category[table.alive], return_counts=True)
            self._counts = (dataset.version, dict(zip(rows.tolist(), counts.tolist())))
        return self._counts[1].get(key, 0)

    def count_keypoint(self, key: int | None, index: int) -> int:
        """Return how many annotations of a class have its keypoint of an index labelled."""
        if self.session is None or key is None:
            return 0
        dataset = self.session.dataset
        table = dataset.annotations
        marked = (table.category == key) & table.alive & ((table.flags & Flag.KEYPOINTS) != 0)
        placed = 0
        for row in np.flatnonzero(marked).tolist():
            points = dataset.keypoints(row)
            placed += points is not None and index < len(points) and bool(points[index, 2] > 0)
        return placed

    def count_attribute(self, key: int | None, name: str) -> int:
        """Return how many annotations of a class have an attribute."""
        if self.session is None or key is None:
            return 0
        return len(rows_with_attribute(self.session.dataset, key, name))

    # -- changes
    def apply(self, schema: LabelSchema, *, drop_keypoints: bool = False) -> bool:
        """Make a schema the present one as one step; tell whether that was possible.

        Parameters
        ----------
        schema
            The schema, changed.
        drop_keypoints
            Allow removing keypoints that annotations have labelled.
        """
        words = complaint(self.schema, schema)
        if words is not None:
            self.refused.emit(f"{words} Nothing was changed.")
            return False
        if self.session is not None:
            return self._apply_edit(SetSchema(schema, drop_keypoints))
        if self._alone.apply(schema):
            self.changed.emit()
        return True

    def replace_category(self, key: int | None, category: Category) -> bool:
        """Exchange a class, known by its key, as one step; tell whether that was possible."""
        index = self.index_of(key)
        return index is not None and self.apply(self.schema.with_category(index, category))

    def rename_attribute(self, key: int, category: Category, name: str, to: str) -> bool:
        """Exchange a class, and rename one of its attributes in its annotations, as one step."""
        index = self.index_of(key)
        if self.session is None or index is None:
            return self.replace_category(key, category)
        rename = RenameAttribute(Rows([key]), name, to)
        edits = (SetSchema(self.schema.with_category(index, category)), rename)
        return self._apply_edit(Compound(rename.label(self.session.dataset), edits))

    def index_of(self, key: int | None) -> int | None:
        """Return the place of a class in the schema, None when it is not there."""
        return next((i for i, c in enumerate(self.schema.categories) if c.key == key), None)

    def delete(self, keys: Sequence[int], then: Then = "unlabel", to: int | None = None) -> bool:
        """Delete classes as one step, and say what becomes of their annotations; see `DeleteCategory`."""
        if self.session is None:
            return self.apply(without_categories(self.schema, keys))
        target = None if to is None else Rows([to])
        edits = tuple(DeleteCategory(Rows([key]), then, target) for key in keys)
        return self._apply_edit(
            edits[0] if len(edits) == 1 else Compound(f"Delete {len(edits)} classes", edits)
        )

    def merge(self, keys: Collection[int], into: int) -> bool:
        """Give the annotations of some classes another class and delete the classes, as one step."""
        sources = [key for key in keys if key != into]
        if self.session is None:
            return self.apply(without_categories(self.schema, sources))
        return self._apply_edit(MergeCategories([Rows([key]) for key in sources], Rows([into])))

    def _apply_edit(self, edit: Edit) -> bool:
        return self._try(lambda: self.session.apply(edit) if self.session is not None else None)

    def _try(self, step: Callable[[], object]) -> bool:
        try:
            step()
        except LabeltoolError as error:
            self.refused.emit(str(error))
            return False
        return True

    # -- undo
    @property
    def undo_label(self) -> str | None:
        """Words of the step that `undo` would undo."""
        return (self._alone if self.session is None else self.session).undo_label

    @property
    def redo_label(self) -> str | None:
        """Words of the step that `redo` would do again."""
        return (self._alone if self.session is None else self.session).redo_label

    def undo(self) -> None:
        """Undo the last step."""
        if self._workspace is not None:
            self._workspace.undo()
        elif self.session is not None:
            self._try(self.session.undo)
        elif self._alone.undo():
            self.changed.emit()

    def redo(self) -> None:
        """Do the last undone step again."""
        if self._workspace is not None:
            self._workspace.redo()
        elif self.session is not None:
            self._try(self.session.redo)
        elif self._alone.redo():
            self.changed.emit()

    # -- inside
    def _on_session_changed(self, event: ChangeEvent) -> None:
        if len(event.touched.categories) or event.touched.document:
            self.changed.emit()
        else:
            self.counts_changed.emit()

    def _on_session_reset(self) -> None:
        self._counts = None
        self.changed.emit()

    def close(self) -> None:
        """Let go of the session."""
        self._connections.close()
