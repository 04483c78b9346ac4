"""A person who draws box after box in the real window and says how many are finished; killed by the test."""

from __future__ import annotations

import sys
from pathlib import Path

from napari_labeltool.demo_drive.hand import Hand
from napari_labeltool.plugin import launch
from napari_labeltool.widgets.active import active_workspace


def main(document: Path) -> None:
    """Draw boxes until something ends it."""
    viewer = launch(document, block=False)
    workspace = active_workspace(viewer)
    assert workspace is not None
    hand = Hand(workspace)
    hand.window.resize(1100, 700)
    hand.wait(300)
    workspace.set_tool("box")
    print("ready", flush=True)
    for number in range(400):
        left, top = 4 + 14 * (number % 20), 4 + 13 * (number // 20)
        hand.drag((left, top), (left + 12, top + 11))
        print(workspace.session.dirty, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
