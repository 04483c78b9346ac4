"""The user's settings, which napari shows on our page of its preferences."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from napari.settings import get_plugin_settings

from napari_labeltool.core.edits import STATUSES, Status
from napari_labeltool.layers.options import Options

PLUGIN: Final = "napari-labeltool"
SECTION: Final = "labeling"
"""Key of our settings under ``contributions.configurations`` of the manifest."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose.

    Parameters
    ----------
    options
        How annotations are shown and edited.
    autosave_minutes
        Interval of automatic saves of the file, None for none; the journal is written in any case.
    author
        Written on new annotations; None for the login name.
    picture_roots
        Further folders in which pictures of every document may lie.
    """

    options: Options = field(default_factory=Options)
    autosave_minutes: float | None = None
    author: str | None = None
    picture_roots: tuple[Path, ...] = ()


def _status(value: Any) -> Status:
    return next((status for status in STATUSES if status == str(value)), "")


def read_settings() -> Settings:
    """Return the settings as they are now; what napari does not know has its default."""
    try:
        values = getattr(get_plugin_settings(PLUGIN), SECTION, None)
    except KeyError:
        return Settings()
    default = Options()

    def value(name: str, otherwise: Any) -> Any:
        return getattr(values, name, otherwise)

    options = Options(
        promote_limit=int(value("promote_limit", default.promote_limit)),
        show_names=bool(value("show_names", default.show_names)),
        edge_width=float(value("edge_width", default.edge_width)),
        face_opacity=float(value("face_opacity", default.face_opacity)),
        mask_opacity=float(value("mask_opacity", default.mask_opacity)),
        default_status=_status(value("default_status", "")),
    )
    minutes = float(value("autosave_minutes", 0))
    roots = (part.strip() for part in str(value("picture_roots", "")).split(";"))
    return Settings(
        options,
        minutes if minutes > 0 else None,
        str(value("author", "")).strip() or None,
        tuple(Path(root).expanduser() for root in roots if root),
    )
