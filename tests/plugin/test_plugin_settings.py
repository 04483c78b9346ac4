"""The preferences page and what is read from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from napari import settings as napari_settings
from npe2 import PluginManager, PluginManifest

from napari_labeltool import plugin
from napari_labeltool.layers.options import Options
from napari_labeltool.widgets.settings import Settings, read_settings


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Return the plugin's page, empty, and kept in a folder of its own."""
    PluginManager.instance().discover()
    monkeypatch.setattr(napari_settings, "_PLUGIN_SETTINGS", {})
    return napari_settings.get_plugin_settings(plugin.NAME, path_dir=tmp_path)


def test_defaults_of_the_page_are_the_defaults_of_the_program(page: object) -> None:
    assert read_settings() == Settings(Options())


def test_without_napari_knowing_the_plugin_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_labeltool.widgets.settings.get_plugin_settings", lambda name: {}[name])
    assert read_settings() == Settings(Options())


def test_what_a_user_chose_is_read(page: object) -> None:
    chosen = page.labeling  # type: ignore[attr-defined]
    chosen.promote_limit, chosen.show_names, chosen.autosave_minutes = 50, True, 5
    chosen.author, chosen.default_status = " Ada ", "draft"
    chosen.picture_roots = "/data/pictures; ~/more ;"
    settings = read_settings()
    assert settings.options.promote_limit == 50
    assert settings.options.show_names
    assert settings.options.default_status == "draft"
    assert (settings.autosave_minutes, settings.author) == (5, "Ada")
    assert settings.picture_roots == (Path("/data/pictures"), Path.home() / "more")


def test_page_refuses_what_makes_no_sense(page: object) -> None:
    chosen = page.labeling  # type: ignore[attr-defined]
    for name, value in (("default_status", "perhaps"), ("autosave_minutes", -1), ("mask_opacity", 2)):
        with pytest.raises(ValueError):
            setattr(chosen, name, value)


def test_every_setting_has_a_title_a_description_and_a_default() -> None:
    manifest = PluginManifest.from_distribution(plugin.NAME)
    (page,) = (manifest.contributions.configurations or {}).values()
    for name, setting in page.properties.items():
        assert setting.title, name
        assert setting.description, name
        assert "default" in setting.model_fields_set, name
