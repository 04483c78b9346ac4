"""Never lose work: edits appended to a file beside the document, and the lock of a document.

The journal knows the core's operations and nothing of file formats; `napari_labeltool.session` brings the two
together. ``docs/adr/0001-journal-rows.md`` has the reasons.
"""

from napari_labeltool.journal.journal import Journal
from napari_labeltool.journal.lock import DocumentLock, Owner
from napari_labeltool.journal.places import Place, Places, this_moment
from napari_labeltool.journal.reading import Header, JournalContent, Step, read_journal

__all__ = [
    "DocumentLock",
    "Header",
    "Journal",
    "JournalContent",
    "Owner",
    "Place",
    "Places",
    "Step",
    "read_journal",
    "this_moment",
]
