"""Which workspace belongs to which viewer, so that docks find the open document by themselves."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

from psygnal import Signal, SignalInstance

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


class ActiveWorkspaces:
    """The workspace that is shown in each viewer.

    Attributes
    ----------
    active_changed
        Signal: the viewer (without proxy) that now has another workspace, or none.
    """

    active_changed = Signal(object)

    def __init__(self) -> None:
        self._by_viewer: dict[int, Workspace] = {}

    def get(self, viewer: Any) -> Workspace | None:
        """Return the workspace of a viewer, None without one or without a viewer."""
        return None if viewer is None else self._by_viewer.get(id(bare_viewer(viewer)))

    def set(self, viewer: Any, workspace: Workspace | None) -> None:
        """Say which workspace a viewer shows."""
        bare = bare_viewer(viewer)
        key = id(bare)
        if self._by_viewer.get(key) is workspace:
            return
        if workspace is None:
            del self._by_viewer[key]
        else:
            if key not in self._by_viewer:
                weakref.finalize(bare, self._by_viewer.pop, key, None).atexit = False
            self._by_viewer[key] = workspace
        self.active_changed.emit(bare)


def bare_viewer(viewer: Any) -> Any:
    """Return the viewer behind the proxy that napari hands to widgets of plugins."""
    return getattr(viewer, "__wrapped__", viewer)


_WORKSPACES: Final = ActiveWorkspaces()

active_changed: Final[SignalInstance] = _WORKSPACES.active_changed
"""Emitted with a viewer (without proxy) after its workspace was exchanged, set or taken away."""


def active_workspace(viewer: Any) -> Workspace | None:
    """Return the workspace that a viewer shows, or None.

    Parameters
    ----------
    viewer
        A napari viewer, the proxy of one, or None.
    """
    return _WORKSPACES.get(viewer)


def set_active_workspace(viewer: Any, workspace: Workspace | None) -> None:
    """Say which workspace a viewer shows; None when it shows none any more.

    Parameters
    ----------
    viewer
        A napari viewer or the proxy of one.
    workspace
        The workspace, kept alive until it is exchanged or the viewer goes.
    """
    _WORKSPACES.set(viewer, workspace)
