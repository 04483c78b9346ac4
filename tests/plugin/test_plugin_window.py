"""The plugin in napari's real window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import napari
import pytest
from plugin_cases import told, write_project

from napari_labeltool import plugin
from napari_labeltool.core.edits import AddObject
from napari_labeltool.core.errors import WriteError
from napari_labeltool.core.geometry import Box
from napari_labeltool.widgets.active import active_workspace

pytestmark = pytest.mark.window


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[Any]:
    """Return napari with the Labeling widget on a project of three images."""
    with told():
        viewer = plugin.launch(write_project(tmp_path), block=False)
        yield viewer
        workspace = active_workspace(viewer)
        if workspace is not None and workspace.session.dirty:
            workspace.session.save()
        viewer.close()


def test_launch_opens_the_project_in_the_labeling_widget(launched: Any, tmp_path: Path) -> None:
    assert any(name.startswith("Labeling (") for name in launched.window.dock_widgets)
    workspace = active_workspace(launched)
    assert workspace is not None
    assert workspace.session.path == tmp_path / "annotations.json"
    assert {"objects", "keypoints"} <= {layer.name for layer in launched.layers}


@pytest.mark.parametrize("name", ["Label schema", "Problems"])
def test_the_other_widgets_open_on_the_current_viewer(launched: Any, name: str) -> None:
    _, widget = launched.window.add_plugin_dock_widget(plugin.NAME, name)
    assert widget is not None


def test_file_opened_in_napari_goes_to_the_open_labeling_widget(launched: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    path = write_project(other)
    count = len(launched.layers)
    assert launched.open(str(path), plugin=plugin.NAME) == []
    workspace = active_workspace(launched)
    assert workspace is not None
    assert workspace.session.path == path
    assert len(launched.layers) == count


def test_layers_of_the_session_are_saved_as_the_whole_document(launched: Any, tmp_path: Path) -> None:
    workspace = active_workspace(launched)
    assert workspace is not None
    workspace.apply(AddObject(1, 5, Box((1, 1, 2, 2))))
    target = tmp_path / "copy.json"
    launched.layers.save(str(target), plugin=plugin.NAME)
    document = json.loads(target.read_text())
    assert [record["id"] for record in document["annotations"]] == [10, 20, 30, 31]
    with pytest.raises(WriteError, match="not replaced"):
        launched.layers.save(str(target), plugin=plugin.NAME)
    assert workspace.session.dirty
    launched.layers.save(str(tmp_path / "annotations.json"), plugin=plugin.NAME)
    assert not workspace.session.dirty


def test_save_command_saves_the_open_document(launched: Any, tmp_path: Path) -> None:
    workspace = active_workspace(launched)
    assert workspace is not None
    workspace.apply(AddObject(1, 5, Box((1, 1, 2, 2))))
    plugin.save_document()
    assert not workspace.session.dirty
    assert len(json.loads((tmp_path / "annotations.json").read_text())["annotations"]) == 4


def test_save_command_without_a_document_says_what_to_do() -> None:
    viewer = napari.Viewer(show=False)
    with told() as sentences:
        plugin.save_document()
    viewer.close()
    assert any("Labeling widget" in sentence for sentence in sentences)


def test_menus_offer_the_widgets(launched: Any) -> None:
    from napari._app_model import get_app_model

    items = get_app_model().menus.get_menu("napari/layers/annotate")
    ids = {item.command.id for item in items if hasattr(item, "command")}
    wanted = {"labeling", "schema", "problems", "save"}
    assert {f"napari-labeltool.{name}" for name in wanted} <= ids
