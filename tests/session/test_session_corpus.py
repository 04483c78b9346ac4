"""Work on files from the wild survives a crash, and undoing it gives the very bytes back."""

from __future__ import annotations

import shutil
from pathlib import Path

from session_scenarios import random_edit

import napari_labeltool as nl

MOST_BYTES = 300_000


def rendered(session: nl.Session, target: Path) -> bytes:
    nl.write_coco(session.dataset, target, backup=False, force=True)
    return target.read_bytes()


def work(session: nl.Session) -> None:
    """Do some edits and a save in between; a file may have no place for some of them."""
    for seed in range(16):
        if len(session.dataset.images) and len(session.dataset.categories):
            try:
                session.apply(random_edit(seed, session.dataset))
            except nl.EditRefused:
                continue
        if seed == 8:
            try:
                session.save()
            except nl.WriteError:
                continue


def test_every_corpus_file_survives_work_save_work_crash(corpus_dir: Path, tmp_path: Path) -> None:
    files = [file for file in sorted(corpus_dir.rglob("*.json")) if file.stat().st_size < MOST_BYTES]
    compared = 0
    for number, file in enumerate(files):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = Path(shutil.copy(file, folder / file.name))
        try:
            session = nl.open_session(path)
        except nl.ReadError:
            continue
        work(session)
        crashed = shutil.copytree(folder, tmp_path / f"{number} crashed")
        again = nl.open_session(crashed / file.name, recover="yes")
        assert again.notices == [], file
        assert again.dirty == session.dirty, file
        try:
            expected = rendered(session, tmp_path / "a.json")
        except nl.WriteError:
            expected = None
        if expected is not None:
            assert rendered(again, tmp_path / "b.json") == expected, file
            compared += session.undo_label is not None
        while session.undo() is not None:
            continue
        assert rendered(session, tmp_path / "a.json") == file.read_bytes(), file
        session.close(discard=True)
        again.close(discard=True)
    assert compared > 20
