"""Layers of a running session go through `from_layers` like any others of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from napari.components import ViewerModel

from napari_labeltool.demo import make_demo_project
from napari_labeltool.layers.convert import Assumptions, from_layers
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session

pytestmark = pytest.mark.viewer


@pytest.mark.parametrize("promote_limit", [300, 3])
def test_layers_of_a_session_say_what_its_document_says(tmp_path: Path, promote_limit: int) -> None:
    session = open_session(make_demo_project(tmp_path))
    workspace = Workspace(session, ViewerModel(), Options(promote_limit=promote_limit))
    for row in session.dataset.images.rows().tolist():
        workspace.show_image(row)
        notes = Assumptions()
        result = from_layers(workspace.viewer.layers, dataset=session.dataset, assumptions=notes)
        name = session.dataset.images.at(row).file_name
        assert not result.is_changed(), f"{name}: {notes} {result.annotations.patched_rows()}"
        assert not notes, name
    workspace.close()
    session.close()
