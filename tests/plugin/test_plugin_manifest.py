"""The manifest is valid, and everything that it names is there."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import pytest
from npe2 import DynamicPlugin, PluginManager, PluginManifest
from npe2.manifest.utils import import_python_name

from napari_labeltool import plugin

MANIFEST = files("napari_labeltool") / "napari.yaml"


@pytest.fixture
def manifest() -> PluginManifest:
    return PluginManifest.from_file(str(MANIFEST))


def test_validator_of_npe2_accepts_the_manifest() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "npe2", "validate", str(MANIFEST)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "valid" in run.stdout


def test_every_command_names_a_function_that_exists(manifest: PluginManifest) -> None:
    for command in manifest.contributions.commands or ():
        assert callable(import_python_name(command.python_name)), command.id


def test_the_installed_package_brings_the_manifest() -> None:
    manager = PluginManager()
    manager.discover()
    assert manager.get_manifest(plugin.NAME).display_name == "Labeltool"


def test_widgets_are_in_the_annotate_menu(manifest: PluginManifest) -> None:
    menu = {item.command for item in manifest.contributions.menus["napari/layers/annotate"]}
    widgets = {widget.command for widget in manifest.contributions.widgets or ()}
    assert widgets < menu
    assert [w.display_name for w in manifest.contributions.widgets or ()] == [
        "Labeling",
        "Label schema",
        "Problems",
    ]


def test_importing_the_plugin_module_imports_neither_napari_nor_qt() -> None:
    code = (
        "import sys, napari_labeltool.plugin;"
        "print([name for name in ('napari', 'qtpy', 'numpy', 'pandas') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_writer_takes_any_mix_of_layers_and_none_that_coco_has_no_place_for() -> None:
    manager = PluginManager()
    manager.register(PluginManifest.from_file(str(MANIFEST)))
    for mix in (["labels"], ["shapes", "shapes"], ["image", "labels", "points", "shapes"]):
        writers = [writer.command for writer in manager.iter_compatible_writers(mix)]
        assert writers == ["napari-labeltool.write_coco"], mix
    assert not list(manager.iter_compatible_writers(["tracks"]))


def test_readers_claim_the_files_of_their_own_kind_only() -> None:
    manager = PluginManager()
    manager.register(PluginManifest.from_file(str(MANIFEST)))
    assert [reader.command for reader in manager.iter_compatible_readers("picture.csv")] == []
    for end in ("png", "jpg", "tif", "ome.tif", "svs", "ndpi", "scn", "btf"):
        assert [reader.command for reader in manager.iter_compatible_readers(f"picture.{end}")] == [
            "napari-labeltool.read_picture"
        ]
    assert [reader.command for reader in manager.iter_compatible_readers("a.json")] == [
        "napari-labeltool.read_coco"
    ]


def test_another_json_reader_can_live_beside_ours(manifest: PluginManifest) -> None:
    manager = PluginManager()
    manager.register(manifest)
    with DynamicPlugin("geo-json", plugin_manager=manager) as other:

        @other.contribute.reader(filename_patterns=["*.json"])
        def read_geo(path: str) -> None:
            """Decline everything."""

        assert len(list(manager.iter_compatible_readers("a.json"))) == 2
