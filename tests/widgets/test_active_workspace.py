"""Which workspace belongs to which viewer."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from napari_labeltool.widgets.active import active_changed, active_workspace, set_active_workspace

pytestmark = pytest.mark.usefixtures("no_coverage")


class Viewer:
    """Stands for a viewer."""


class Proxy:
    """Stands for the proxy that a plugin's widget gets."""

    def __init__(self, viewer: Viewer) -> None:
        self.__wrapped__ = viewer


def test_a_viewer_and_its_proxy_have_one_workspace() -> None:
    viewer, workspace = Viewer(), object()
    other: Any = Viewer()
    told: list[object] = []
    active_changed.connect(told.append)
    try:
        set_active_workspace(Proxy(viewer), workspace)  # type: ignore[arg-type]
        set_active_workspace(viewer, workspace)  # type: ignore[arg-type]
        assert active_workspace(viewer) is active_workspace(Proxy(viewer)) is workspace
        assert active_workspace(other) is None
        assert active_workspace(None) is None
        set_active_workspace(viewer, None)
        assert active_workspace(viewer) is None
        set_active_workspace(other, None)
        assert told == [viewer, viewer]
    finally:
        active_changed.disconnect(told.append)


def test_a_viewer_that_goes_takes_its_workspace_along() -> None:
    viewer, workspace = Viewer(), object()
    key = id(viewer)
    set_active_workspace(viewer, workspace)  # type: ignore[arg-type]
    del viewer
    gc.collect()
    again = Viewer()
    assert id(again) != key or active_workspace(again) is None
