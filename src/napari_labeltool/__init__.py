"""napari-labeltool: label images for machine learning in napari, with lossless COCO JSON.

The names below are the headless interface; importing them needs neither napari nor Qt::

    import napari_labeltool as nl

    session = nl.open_session("annotations.json")
    session.apply(nl.edits.Relabel([4711], "mitosis"))
    session.save()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

__version__ = "0.1.0"

if TYPE_CHECKING:
    from napari_labeltool import edits
    from napari_labeltool.core.coverage_regions import exhaustive_regions
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.core.errors import (
        EditRefused,
        FileChangedError,
        LabeltoolError,
        LockedError,
        ReadError,
        SchemaError,
        WriteError,
    )
    from napari_labeltool.formats.coco import read_coco, write_coco
    from napari_labeltool.layers.convert import from_layers, to_layers
    from napari_labeltool.session import Session, open_session

_ERRORS: Final = "napari_labeltool.core.errors"
_HOME: Final = {
    "Dataset": "napari_labeltool.core.dataset",
    "EditRefused": _ERRORS,
    "FileChangedError": _ERRORS,
    "LabeltoolError": _ERRORS,
    "LockedError": _ERRORS,
    "ReadError": _ERRORS,
    "SchemaError": _ERRORS,
    "Session": "napari_labeltool.session",
    "WriteError": _ERRORS,
    "exhaustive_regions": "napari_labeltool.core.coverage_regions",
    "from_layers": "napari_labeltool.layers.convert",
    "open_session": "napari_labeltool.session",
    "read_coco": "napari_labeltool.formats.coco",
    "to_layers": "napari_labeltool.layers.convert",
    "write_coco": "napari_labeltool.formats.coco",
}
"""Where each public name lives; it is imported when it is asked for, so that this package imports at once."""

__all__ = [
    "Dataset",
    "EditRefused",
    "FileChangedError",
    "LabeltoolError",
    "LockedError",
    "ReadError",
    "SchemaError",
    "Session",
    "WriteError",
    "__version__",
    "edits",
    "exhaustive_regions",
    "from_layers",
    "open_session",
    "read_coco",
    "to_layers",
    "write_coco",
]


def __getattr__(name: str) -> Any:
    if name == "edits":
        return import_module("napari_labeltool.edits")
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
