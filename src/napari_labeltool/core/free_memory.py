"""Memory that was freed, given back to the system."""

from __future__ import annotations

import ctypes
import sys


def give_back_memory() -> bool:
    """Give memory that was freed back to the system, where the C library keeps it; tell whether any was.

    Reading a large document and laying out its index free tens of megabytes, which glibc keeps for what comes next
    and other programs go without. It takes about a millisecond. Other C libraries give back by themselves or cannot
    be asked; then nothing is done.
    """
    if not sys.platform.startswith("linux"):
        return False
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return bool(trim(0)) if trim is not None else False
