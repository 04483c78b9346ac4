"""The keys that the labeling dock adds to the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from napari_labeltool.widgets import commands
from napari_labeltool.widgets.image_steps import finish_image, go_to_unlabelled
from napari_labeltool.widgets.key_help import DONE_KEY, KEYS_KEY, SAVE_KEY, UNLABELLED_KEY
from napari_labeltool.widgets.texts import TOOL_KEYS

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Tool, Workspace
    from napari_labeltool.widgets.project import ViewerProject


def key_actions(project: ViewerProject) -> dict[str, Callable[[], object]]:
    """Return what the keys do that the dock adds, by key as Qt spells it."""

    def on_workspace(action: Callable[[Workspace], None]) -> Callable[[], None]:
        def run() -> None:
            workspace = project.workspace
            if workspace is not None:
                action(workspace)

        return run

    def choose(tool: Tool) -> Callable[[], None]:
        return lambda: commands.choose_tool(project, tool)

    return {
        **{key: choose(tool) for tool, key in TOOL_KEYS.items()},
        UNLABELLED_KEY: on_workspace(go_to_unlabelled),
        DONE_KEY: on_workspace(finish_image),
        SAVE_KEY: project.save,
        KEYS_KEY: lambda: commands.show_keys(project),
    }


def bind_canvas(project: ViewerProject, workspace: Workspace) -> None:
    """Bind the dock's keys on the canvas; they go with the workspace."""
    for key, action in key_actions(project).items():
        name = key.replace("Ctrl", "Control").replace("Return", "Enter").replace("+", "-")
        workspace.keys.extra[name] = _on_layer(action)
    workspace.keys.bind_layers()


def _on_layer(action: Callable[[], object]) -> Callable[[Any], None]:
    """Return an action that takes the layer or viewer whose key it is, and makes nothing of it."""

    def run(_: Any) -> None:
        action()

    return run
