"""Memory that was freed, given back to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import textwrap

import pytest

from napari_labeltool.core.free_memory import give_back_memory

has_trim = sys.platform.startswith("linux") and hasattr(ctypes.CDLL(None), "malloc_trim")


@pytest.mark.skipif(not has_trim, reason="glibc is not the C library here")
def test_what_small_blocks_left_behind_is_given_back() -> None:
    # in a process of its own: what malloc keeps depends on all that went on before
    code = """
        import numpy as np
        from napari_labeltool.core.free_memory import give_back_memory

        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * 4096

        blocks = [np.ones(1000) for _ in range(10_000)]
        last = np.ones(1000)
        del blocks
        before = resident()
        assert give_back_memory()
        given = before - resident()
        assert given > 40_000_000, given
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_on_other_systems_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", None)  # a call of it would fail
    assert give_back_memory() is False


def test_a_c_library_without_it_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert give_back_memory() is False
