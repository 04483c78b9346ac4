"""The headless interface: its names are there, and the package imports at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

import napari_labeltool as nl


@pytest.mark.parametrize("name", nl.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert name in dir(nl)
    assert getattr(nl, name) is not None


def test_every_name_of_the_edits_is_there() -> None:
    assert [name for name in nl.edits.__all__ if not hasattr(nl.edits, name)] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'read_yolo'"):
        _ = nl.read_yolo


def test_the_package_imports_at_once_and_without_what_it_needs_later() -> None:
    code = (
        "import time, sys; begin = time.perf_counter(); import napari_labeltool;"
        "print(time.perf_counter() - begin);"
        "print([m for m in ('numpy', 'napari', 'qtpy', 'msgspec') if m in sys.modules])"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    ]
    assert min(float(run.splitlines()[0]) for run in runs) < 0.15
    assert runs[0].splitlines()[1] == "[]"


def test_the_headless_interface_needs_no_napari() -> None:
    code = (
        "import sys, napari_labeltool as nl;"
        "nl.read_coco, nl.write_coco, nl.open_session, nl.edits, nl.Dataset, nl.Session;"
        "print([m for m in ('napari', 'qtpy', 'vispy', 'magicgui') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
