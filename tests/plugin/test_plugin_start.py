"""The start of the program."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from napari_labeltool.plugin import uncollected

LOADED = """
import sys
import napari_labeltool.widgets.labeling_dock
print(*sorted({"napari_labeltool.demo", "skimage.segmentation", "zarr"} & sys.modules.keys()))
"""


def test_the_labeling_widget_loads_nothing_that_only_other_work_needs() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def failing_start(for_good: bool) -> None:
    with uncollected(for_good):
        assert not gc.isenabled()
        raise ValueError("no display")


@pytest.mark.parametrize("for_good", [True, False])
def test_the_collector_is_on_again_after_a_start_that_fails_and_leaves_out_what_was_made_for_good(
    for_good: bool,
) -> None:
    assert gc.isenabled()
    before = gc.get_freeze_count()
    try:
        with pytest.raises(ValueError, match="no display"):
            failing_start(for_good)
        assert gc.isenabled()
        assert (gc.get_freeze_count() > before) == for_good
    finally:
        gc.unfreeze()
