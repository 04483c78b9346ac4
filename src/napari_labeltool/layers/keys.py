"""Keys on the canvas: classes, undo and redo, deletion. Bound while a workspace is open, released with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from napari_labeltool._napari_compat.key_lookup import hash_keys_once
from napari_labeltool.core.edits import Rows, SetTag
from napari_labeltool.core.schema import effective_hotkeys
from napari_labeltool.core.tags import tag_rows

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

Action = Callable[[Any], None]


class KeyBindings:
    """Keys of the viewer and of our layers.

    napari gives each mode of a layer a letter and a digit. The letters keep their meaning; the digits pick classes
    on our layers and where no layer uses them.

    Parameters
    ----------
    workspace
        The session in its viewer.

    Attributes
    ----------
    extra
        What further keys do; call `bind_layers` after a change. Keys of classes win over them.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.extra: dict[str, Action] = {}
        self._bound: list[tuple[Any, str]] = []
        hash_keys_once()
        self.bind_layers()

    def actions(self) -> dict[str, Action]:
        """Return what each key does, in napari's spelling of keys."""
        workspace = self.workspace
        actions: dict[str, Action] = {
            "Control-Z": lambda _: workspace.undo(),
            "Control-Shift-Z": lambda _: workspace.redo(),
            "Delete": lambda _: self._delete(),
            "Backspace": lambda _: self._delete(),
            "PageDown": lambda _: workspace.step_image(1),
            "PageUp": lambda _: workspace.step_image(-1),
            **self.extra,
        }
        schema = workspace.session.schema
        for category, hotkey in zip(schema.categories, effective_hotkeys(schema)):
            if hotkey is not None and category.key is not None:
                actions[spelled(hotkey)] = self._choose(category.key)
        return actions

    def _delete(self) -> None:
        """Delete the keypoints that were picked one by one, or else the selected annotations."""
        workspace = self.workspace
        points = workspace.keypoints.layer
        if points is not None and points.selected_data and workspace.viewer.layers.selection.active is points:
            points.remove_selected()
        else:
            workspace.delete_selection()

    def _choose(self, row: int) -> Action:
        """Return what the key of a class (by row) does: choose it, or switch the tag of the shown image."""
        category = self.workspace.session.schema.by_key(row)
        if category is not None and category.is_tag:
            return lambda _: self._switch_tag(row)
        return lambda _: self.workspace.set_category(row)

    def _switch_tag(self, row: int) -> None:
        workspace = self.workspace
        present = len(tag_rows(workspace.dataset, workspace.image, row)) > 0
        workspace.apply(SetTag(Rows([workspace.image]), Rows([row]), not present))

    def bind_layers(self) -> None:
        """Bind the keys on the viewer and on the layers that are there now, in place of earlier ones."""
        self._release()
        targets = [self.workspace.viewer]
        targets += [binding.layer for binding in self.workspace.bindings if binding.layer is not None]
        actions = self.actions()
        for target in targets:
            for key, action in actions.items():
                target.bind_key(key, action, overwrite=True)
                self._bound.append((target, key))

    def _release(self) -> None:
        bound, self._bound = self._bound, []
        for target, key in bound:
            target.bind_key(key, None, overwrite=True)

    def close(self) -> None:
        """Give the keys back."""
        self._release()


def spelled(hotkey: str) -> str:
    """Return a hotkey (``"SHIFT+G"``) in napari's spelling (``"Shift-G"``)."""
    *modifiers, key = hotkey.split("+")
    return "-".join([*(modifier.capitalize() for modifier in modifiers), key])
