"""One open project: dataset, history, journal, lock and images together, with signals. No napari, no Qt."""

from napari_labeltool.session.events import ChangeEvent, ChangeKind
from napari_labeltool.session.finding import NEW_DOCUMENT_NAME, documents_in
from napari_labeltool.session.imagery import ImageProblem
from napari_labeltool.session.opening import RecoverChoice, open_session
from napari_labeltool.session.progress import Statistics
from napari_labeltool.session.recovery import Recovery
from napari_labeltool.session.session import Session

__all__ = [
    "NEW_DOCUMENT_NAME",
    "ChangeEvent",
    "ChangeKind",
    "ImageProblem",
    "RecoverChoice",
    "Recovery",
    "Session",
    "Statistics",
    "documents_in",
    "open_session",
]
