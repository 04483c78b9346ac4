"""Open one of our docks in the window of a viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

PLUGIN: Final = "napari-labeltool"

DockName = Literal["Labeling", "Label schema", "Problems"]


def open_dock(workspace: Workspace, name: DockName) -> Any:
    """Open a dock of ours, or bring it to the front; without a window the user is told so.

    Parameters
    ----------
    workspace
        The workspace in whose viewer it opens.
    name
        As the manifest calls it.

    Returns
    -------
    QWidget or None
        Our widget in the dock; None without a window.
    """
    window = getattr(workspace.viewer, "window", None)
    if window is None:
        workspace.message.emit("info", f"{name} opens in napari's window; this viewer has none.")
        return None
    dock, widget = window.add_plugin_dock_widget(PLUGIN, name)
    dock.show()
    dock.raise_()
    return widget
