"""A small document in a real window."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from workspace_cases import document

from napari_labeltool.layers.options import Options
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session

needs_display = [
    pytest.mark.window,
    pytest.mark.skipif(
        sys.platform.startswith("linux") and not os.environ.get("DISPLAY"), reason="no display to draw on"
    ),
]


def in_window(folder: Path, options: Options | None = None) -> Workspace:
    """Open the document and show its first image."""
    import napari

    path = folder / "labels.json"
    path.write_text(json.dumps(document()))
    workspace = Workspace(open_session(path, author="tester"), napari.Viewer(show=True), options)
    workspace.show_image(0)
    return workspace


def close(workspace: Workspace) -> None:
    """Close the window without saving."""
    workspace.close()
    workspace.session.close(discard=True)
    workspace.viewer.close()
