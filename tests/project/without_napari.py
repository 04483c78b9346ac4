"""A pytest plugin (``-p without_napari``) with which napari and Qt cannot be imported.

The headless tests run under it, so that nothing below the layers can come to need them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

BLOCKED = frozenset(
    {
        "napari",
        "npe2",
        "app_model",
        "qtpy",
        "superqt",
        "magicgui",
        "vispy",
        "PyQt5",
        "PyQt6",
        "PySide2",
        "PySide6",
    }
)


class Blocker(MetaPathFinder):
    """Refuses the import of napari, of what it draws with, and of Qt."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise ModuleNotFoundError for a blocked package and leave every other one to the next finder."""
        if fullname.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{fullname} is blocked in the headless tests", name=fullname)
        return None


already = sorted(BLOCKED & set(sys.modules))
if already:
    raise RuntimeError(f"without_napari: already imported: {', '.join(already)}")
sys.meta_path.insert(0, Blocker())
