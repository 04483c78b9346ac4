"""What is remembered from one run to the next: recent documents, their picture folders, closed sections."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import platformdirs

MAX_DOCUMENTS: Final = 50
_APP: Final = "napari-labeltool"


@dataclass(slots=True)
class DocumentMemory:
    """What is remembered of one document.

    Parameters
    ----------
    roots
        Folders that the user chose for its pictures.
    image
        File name of the image that was shown last.
    """

    roots: list[str] = field(default_factory=list)
    image: str = ""


class Remembered:
    """A small file in the user's configuration folder.

    Losing it costs comfort only, so a file that cannot be read counts as empty, and one that cannot be written
    is left alone.

    Parameters
    ----------
    file
        Where it is kept; the user's configuration folder by default.
    """

    def __init__(self, file: Path | None = None) -> None:
        folder = Path(platformdirs.user_config_dir(_APP, appauthor=False))
        self.file = folder / "remembered.json" if file is None else file
        self._documents: dict[str, DocumentMemory] = {}
        self._collapsed: set[str] = set()
        self._read()

    def _read(self) -> None:
        try:
            value = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError):
            return
        if not isinstance(value, dict):
            return
        documents = value.get("documents")
        for entry in documents if isinstance(documents, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("path"), str):
                image = entry.get("image")
                self._documents[entry["path"]] = DocumentMemory(
                    _texts(entry.get("roots")), image if isinstance(image, str) else ""
                )
        self._collapsed = set(_texts(value.get("collapsed")))

    def _write(self) -> None:
        value: dict[str, Any] = {
            "documents": [
                {"path": path, "roots": memory.roots, "image": memory.image}
                for path, memory in list(self._documents.items())[-MAX_DOCUMENTS:]
            ],
            "collapsed": sorted(self._collapsed),
        }
        part = self.file.with_name(f"{self.file.name}.part-{os.getpid()}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
            os.replace(part, self.file)
        except OSError:
            part.unlink(missing_ok=True)

    # -- documents
    def of_document(self, document: Path) -> DocumentMemory:
        """Return what is remembered of a document."""
        return self._documents.get(str(document), DocumentMemory())

    def note_document(self, document: Path, *, root: Path | None = None, image: str | None = None) -> None:
        """Note that a document was worked on, with one more picture folder or the image that is shown."""
        memory = self._documents.pop(str(document), DocumentMemory())
        if root is not None and str(root) not in memory.roots:
            memory.roots.append(str(root))
        if image is not None:
            memory.image = image
        self._documents[str(document)] = memory
        self._write()

    def recent(self, count: int = 5) -> list[Path]:
        """Return the documents that were worked on last and are still there, the last one first."""
        found: list[Path] = []
        for text in reversed(self._documents):
            path = Path(text)
            if path.exists():
                found.append(path)
            if len(found) == count:
                break
        return found

    # -- sections
    def is_collapsed(self, section: str) -> bool:
        """Tell whether the user closed a section of the dock."""
        return section in self._collapsed

    def note_collapsed(self, section: str, collapsed: bool) -> None:
        """Note that the user closed or opened a section of the dock."""
        (self._collapsed.add if collapsed else self._collapsed.discard)(section)
        self._write()


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
