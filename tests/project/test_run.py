"""run.py: what it takes for a usable environment, and what it says when something is missing."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINUX = sys.platform.startswith("linux")


@pytest.fixture
def run_py(tmp_path: Path) -> ModuleType:
    """run.py as a module whose environment lies in a temporary folder."""
    spec = importlib.util.spec_from_file_location("run_py", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV = tmp_path / "venv"
    module.STAMP = module.VENV / "run-stamp.json"
    module.PYTHON = str(module.VENV / "bin" / "python")
    module.LOCK = tmp_path / "lock.txt"
    module.LOCK.write_text("# comment\nalpha==1.0\nBeta_two==2.0.post1\n")
    return module


@pytest.fixture
def complete(run_py: ModuleType) -> ModuleType:
    """The same, with an environment that looks complete."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    lib = ("Lib",) if run_py.WINDOWS else ("lib", version)
    site = run_py.VENV.joinpath(*lib, "site-packages")
    for name in ("alpha-1.0", "beta_two-2.0.post1", "napari_labeltool-0.1.0"):
        (site / f"{name}.dist-info").mkdir(parents=True)
    Path(run_py.PYTHON).parent.mkdir()
    Path(run_py.PYTHON).touch()
    run_py.STAMP.write_text(json.dumps(run_py.stamp_now()))
    return run_py


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_names_both_commands_quickly() -> None:
    began = time.perf_counter()
    done = started("--help")
    assert time.perf_counter() - began < 3
    assert done.returncode == 0
    assert "run.py demo" in done.stdout
    assert "run.py test" in done.stdout


def test_unknown_command_names_what_is_expected() -> None:
    done = started("dmeo")
    assert done.returncode == 2
    assert "'dmeo'" in done.stderr
    assert "demo or test expected" in done.stderr


def test_no_environment_is_missing_and_a_complete_one_is_ready(complete: ModuleType, tmp_path: Path) -> None:
    assert complete.environment_state() == "ready"
    complete.VENV = tmp_path / "elsewhere"
    assert complete.environment_state() == "missing"


def test_checking_a_complete_environment_costs_next_to_nothing(complete: ModuleType) -> None:
    began = time.perf_counter()
    complete.ensure_environment()
    assert time.perf_counter() - began < 0.3


def test_changed_pins_are_installed_over_the_environment(complete: ModuleType) -> None:
    complete.LOCK.write_text("alpha==1.1\nBeta_two==2.0.post1\n")
    assert complete.environment_state() == "outdated"


@pytest.mark.parametrize("stamp", [None, "", "{", "[]", '{"python": "2.7", "content": ""}'])
def test_half_made_environment_is_broken(complete: ModuleType, stamp: str | None) -> None:
    complete.STAMP.unlink() if stamp is None else complete.STAMP.write_text(stamp)
    assert complete.environment_state() == "broken"


def test_environment_that_lost_a_package_or_its_python_is_broken(complete: ModuleType) -> None:
    package = next(complete.VENV.rglob("alpha-1.0.dist-info"))
    package.rmdir()
    assert complete.environment_state() == "broken"
    package.mkdir()
    assert complete.environment_state() == "ready"
    Path(complete.PYTHON).unlink()
    assert complete.environment_state() == "broken"


def test_failed_installation_leaves_no_stamp(complete: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    complete.LOCK.write_text("alpha==1.1\n")
    monkeypatch.setattr(complete.subprocess, "call", lambda *_, **__: 1)
    with pytest.raises(SystemExit, match="pip failed"):
        complete.ensure_environment()
    assert complete.environment_state() == "broken"


@pytest.fixture
def bare_linux(run_py: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A Linux whose loader finds no library, with apt-get, not root."""
    monkeypatch.setattr(run_py, "LINUX", True)
    monkeypatch.setattr(run_py, "loads", lambda name: False)
    monkeypatch.setattr(run_py, "is_root", lambda: False)
    monkeypatch.setattr(
        run_py.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None
    )
    return run_py


def test_missing_libraries_stop_with_the_exact_command(bare_linux: ModuleType) -> None:
    with pytest.raises(SystemExit) as stopped:
        bare_linux.ensure_system(virtual=True)
    text = str(stopped.value)
    assert "libEGL.so.1" in text
    command = text.splitlines()[-1].strip()
    assert command.startswith("sudo apt-get install -y")
    assert {"libegl1", "libxcb-cursor0", "xvfb"} <= set(command.split())


def test_root_on_debian_gets_the_libraries_installed(
    bare_linux: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def call(command: list[str], **_: object) -> int:
        commands.append(command)
        if "install" in command:
            monkeypatch.setattr(bare_linux, "missing_parts", lambda virtual: {})
        return 0

    monkeypatch.setattr(bare_linux, "is_root", lambda: True)
    monkeypatch.setattr(bare_linux.subprocess, "call", call)
    bare_linux.ensure_system(virtual=True)
    assert [command[1] for command in commands] == ["update", "install"]
    assert "libegl1" in commands[1]


@pytest.mark.parametrize(
    ("tool", "expected"),
    [("dnf", "dnf install 'libEGL.so.1()(64bit)'"), ("pacman", "pacman -S --needed libglvnd")],
)
def test_other_systems_are_told_their_own_command(
    bare_linux: ModuleType, monkeypatch: pytest.MonkeyPatch, tool: str, expected: str
) -> None:
    monkeypatch.setattr(bare_linux.shutil, "which", lambda name: f"/usr/bin/{name}" * (name == tool))
    with pytest.raises(SystemExit, match="start again") as stopped:
        bare_linux.ensure_system(virtual=False)
    assert expected in str(stopped.value)


def test_python_without_venv_module_stops_with_the_exact_command(
    bare_linux: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bare_linux.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"sudo apt-get install .*python3\.\d+-venv"):
        bare_linux.ensure_venv_module()


@pytest.mark.skipif(not LINUX, reason="virtual displays are for Linux")
def test_virtual_display_answers_and_ends(run_py: ModuleType) -> None:
    with run_py.virtual_display() as first, run_py.virtual_display() as second:
        assert first != second
        socket = Path("/tmp/.X11-unix") / f"X{first[1:]}"
        assert socket.exists()
    assert not socket.exists()


@pytest.mark.parametrize(
    ("arguments", "display", "expected"),
    [
        ([], "", ["demo", "--drive"]),
        (["--drive", "somewhere"], "", ["demo", "--drive", "somewhere"]),
        (["--x=1"], ":7", ["demo", "--x=1"]),
    ],
)
@pytest.mark.skipif(not LINUX, reason="other systems always have a display")
def test_demo_labels_by_itself_only_where_there_is_no_display(
    run_py: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    display: str,
    expected: list[str],
) -> None:
    seen: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(run_py, "ensure_system", lambda virtual: None)
    monkeypatch.setattr(run_py, "ensure_environment", lambda: None)
    monkeypatch.setattr(
        run_py, "run", lambda command, variables=None: seen.append((command, variables or {})) or 0
    )
    assert run_py.main(["demo", *arguments]) == 0
    ((command, variables),) = seen
    assert command[3 : 3 + len(expected)] == expected
    assert ("DISPLAY" in variables) == (display == "")


@pytest.mark.parametrize(("codes", "worst"), [([0, 0], 0), ([3, 0], 3), ([0, 1], 1)])
def test_exit_code_of_test_is_the_worst(
    run_py: ModuleType, monkeypatch: pytest.MonkeyPatch, codes: list[int], worst: int
) -> None:
    monkeypatch.setattr(run_py, "ensure_system", lambda virtual: None)
    monkeypatch.setattr(run_py, "ensure_environment", lambda: None)
    monkeypatch.setattr(run_py, "static_checks", lambda: [codes[0]])
    monkeypatch.setattr(run_py, "tests_without_napari", lambda: 0)
    monkeypatch.setattr(run_py, "whole_suite", lambda arguments: codes[1])
    assert run_py.test([]) == worst
