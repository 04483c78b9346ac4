"""The pinned versions serve run.py, CI and users alike, from whatever index those use."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "requirements" / "lock.txt").read_text("utf-8").splitlines()
PINS = {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in LINES if "==" in line}


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    texts = [
        *project["project"]["dependencies"],
        *extras["qt"],
        *extras["dev"],
        *project["build-system"]["requires"],
    ]
    found = [Requirement(text) for text in texts]
    return [requirement for requirement in found if requirement.name != "napari-labeltool"]


def test_every_line_is_a_plain_pin_or_a_comment() -> None:
    plain = re.compile(r"#.*|[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.]*")
    assert [line for line in LINES if not plain.fullmatch(line)] == []


def test_no_package_is_pinned_twice() -> None:
    assert len(PINS) == sum("==" in line for line in LINES)


def test_pins_satisfy_everything_that_the_project_declares() -> None:
    requirements = declared()
    assert len(requirements) > 25
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        assert name in PINS, f"{name} is declared in pyproject.toml but not pinned"
        assert requirement.specifier.contains(PINS[name]), f"{name}=={PINS[name]} breaks {requirement}"
