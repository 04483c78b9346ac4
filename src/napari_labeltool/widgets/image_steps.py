"""Steps from image to image that depend on how far the work is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_labeltool.core.edits import Rows, SetImageState

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


def next_unlabelled(workspace: Workspace) -> int | None:
    """Return the first image (row) after the shown one without objects that nobody verified as empty.

    After the last image the search goes on with the first; None when there is no such image but the shown one.
    """
    dataset, progress = workspace.dataset, workspace.session.progress
    rows = dataset.images.rows().tolist()
    counts = progress.object_counts()
    place = rows.index(workspace.image) if workspace.image in rows else -1
    for row in (*rows[place + 1 :], *rows[: max(place, 0)]):
        if counts[row] == 0 and not dataset.images.at(row).verified_empty:
            return int(row)
    return None


def go_to_unlabelled(workspace: Workspace) -> None:
    """Show the next image without objects, or say that there is none."""
    row = next_unlabelled(workspace)
    if row is None:
        workspace.message.emit("info", "No other image is without objects.")
        return
    if row < workspace.image:
        workspace.message.emit("info", "The search went on with the first image.")
    workspace.show_image(row)


def finish_image(workspace: Workspace) -> None:
    """Mark the shown image as done, and show the one after it."""
    if workspace.image >= 0:
        workspace.apply(SetImageState(Rows([workspace.image]), "done"))
        workspace.step_image(1)
