"""What is chosen rarely about coverage: working zoom, background, classes of regions, views as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtWidgets import QMenu

from napari_labeltool.layers.coverage_marks import mark_whole
from napari_labeltool.widgets.coverage_texts import PLACE_BEFORE_KEY, zoom_words

if TYPE_CHECKING:
    from napari_labeltool.widgets.coverage_section import CoverageSection

_ZOOMS: Final = (0.1, 0.25, 0.5, 1.0, 2.0)


class CoverageMenu(QMenu):
    """The menu of the section, filled each time it opens.

    Parameters
    ----------
    section
        The section whose menu it is.
    """

    def __init__(self, section: CoverageSection) -> None:
        super().__init__(section)
        self._section = section
        self.zooms = QMenu("Working zoom", self)
        self.zooms.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Show what can be chosen now."""
        self.clear()
        section, watch = self._section, self._section.watch
        if watch is None:
            return
        self.addAction(f"Unviewed place before ({PLACE_BEFORE_KEY})").triggered.connect(watch.go_back)
        skip = self.addAction("Leave out empty background")
        skip.setCheckable(True)
        skip.setChecked(watch.coverage.store.skips_empty)
        skip.toggled.connect(section.set_skips_empty)
        self.addMenu(self.zooms)
        self._fill_zooms()
        self.addSeparator()
        only = self.addAction("Mark regions for the chosen class only")
        only.setCheckable(True)
        only.setChecked(watch.only_chosen)
        only.toggled.connect(self._set_only_chosen)
        self.addAction("Mark all of the picture as exhaustively labelled").triggered.connect(
            lambda: mark_whole(watch.coverage, category=watch.category)
        )
        self.addSeparator()
        self.addAction("Count all as viewed…").triggered.connect(lambda: section.mark_all(True))
        self.addAction("Forget views…").triggered.connect(lambda: section.mark_all(False))

    def _set_only_chosen(self, only: bool) -> None:
        if self._section.watch is not None:
            self._section.watch.only_chosen = only

    def _fill_zooms(self) -> None:
        watch = self._section.watch
        self.zooms.clear()
        if watch is None:
            return
        coverage, micrometres = watch.coverage, self._section.micrometres
        chosen = coverage.store.working_zoom
        suggested = f"As the objects need it: {zoom_words(coverage.suggested_zoom, micrometres)}"
        choices: list[tuple[str, float | None]] = [(suggested, None)]
        choices += [(zoom_words(zoom, micrometres), zoom) for zoom in _ZOOMS]
        choices.append((f"As now: {zoom_words(coverage.zoom, micrometres)}", round(coverage.zoom, 4)))
        if chosen is not None and chosen not in [zoom for _, zoom in choices]:
            choices.insert(1, (zoom_words(chosen, micrometres), chosen))
        for words, zoom in choices:
            action = self.zooms.addAction(words)
            action.setCheckable(True)
            action.setChecked(zoom == chosen)
            action.triggered.connect(lambda _=False, zoom=zoom: coverage.set_working_zoom(zoom))
