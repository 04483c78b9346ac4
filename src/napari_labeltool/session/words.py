"""The state of a session as a sentence."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_labeltool.session.state import SessionState


def state_words(session: SessionState) -> str:
    """Return what is saved and what is not: ``"Saved 14:03, 12 edits since are in the journal"``."""
    if session.pending_recovery is not None:
        return str(session.pending_recovery)
    if session.read_only:
        return f"Read only. {session.read_only_reason}"
    if session.saved_at is not None:
        begin = f"Saved {_clock(session.saved_at)}"
    elif session.is_new:
        begin = "Not saved yet"
    else:
        begin = f"Opened {_clock(session.opened_at)}"
    count = session.dirty
    if count == 0:
        return begin if session.saved_at is not None or session.is_new else f"{begin}, nothing changed since"
    edits = "1 edit since is" if count == 1 else f"{count:,} edits since are"
    if session.is_new:
        edits = edits.replace(" since", "")
    journal = session.journal
    if journal is not None and journal.problem is not None:
        return f"{begin}, {edits} in memory only: {journal.problem}"
    return f"{begin}, {edits} in the journal"


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).strftime("%H:%M")
