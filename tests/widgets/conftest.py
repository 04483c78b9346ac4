"""What tests of widgets share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from napari.components import ViewerModel
from section_scenarios import open_document

from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.widgets import coverage_watch


@pytest.fixture(autouse=True)
def user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what is remembered, cached and made for the user in a folder of the test."""
    home = tmp_path_factory.mktemp("home")
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """The document of `section_scenarios` in a viewer model, its first image shown."""
    workspace = Workspace(open_document(tmp_path), ViewerModel())
    workspace.show_image(0)
    yield workspace
    workspace.close()


@pytest.fixture
def no_coverage() -> Iterator[None]:
    """Let nobody follow what is viewed: the workspace of the test only plays one."""
    coverage_watch.active_changed.disconnect(coverage_watch._on_active_changed)
    yield
    coverage_watch.active_changed.connect(coverage_watch._on_active_changed)
