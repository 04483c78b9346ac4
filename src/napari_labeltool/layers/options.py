"""What the user's settings say about showing and editing."""

from __future__ import annotations

from dataclasses import dataclass

from napari_labeltool.core.edits import Status


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a workspace.

    Parameters
    ----------
    promote_limit
        An image with at most this many shapes is put whole into native layers; of others only what is edited.
    show_names
        Write class names beside the objects.
    edge_width
        Of outlines, in screen pixels at working zoom.
    face_opacity
        Of the inside of shapes, 0 to 1.
    mask_opacity
        Of the masks layer, 0 to 1.
    default_status
        Review status that new objects get.
    """

    promote_limit: int = 300
    show_names: bool = False
    edge_width: float = 2.0
    face_opacity: float = 0.12
    mask_opacity: float = 0.5
    default_status: Status = ""
