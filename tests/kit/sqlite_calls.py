"""SQLite's own calls to the operating system, watched or made to fail, as SQLite tests itself.

Its VFS lets every system call be replaced by another (`xSetSystemCall`). Through it a write of the
database fails where it would on a bad disk: below SQLite, whose own recovery is then what is seen.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_SIZE, _FD, _POINTER = ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p
_OFFSET = ctypes.c_longlong


def _prototype(result: Any, *arguments: Any) -> Any:
    return ctypes.CFUNCTYPE(result, *arguments, use_errno=True)


_WRITE_AT = _prototype(_SIZE, _FD, _POINTER, ctypes.c_size_t, _OFFSET)
_CALLS = {
    b"pwrite64": _WRITE_AT,
    b"pwrite": _WRITE_AT,
    b"write": _prototype(_SIZE, _FD, _POINTER, ctypes.c_size_t),
    b"ftruncate": _prototype(ctypes.c_int, _FD, _OFFSET),
}
_GET = ctypes.CFUNCTYPE(_POINTER, _POINTER, ctypes.c_char_p)
_SET = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_char_p, _POINTER)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", _POINTER),
        ("zName", ctypes.c_char_p),
        ("pAppData", _POINTER),
        *((f"method{number}", _POINTER) for number in range(13)),
        ("xSetSystemCall", _POINTER),
        ("xGetSystemCall", _POINTER),
        ("xNextSystemCall", _POINTER),
    )


@cache
def _vfs() -> Any:
    """Return the default VFS of the SQLite that Python uses; None where it cannot be reached."""
    try:
        find = ctypes.CDLL(_sqlite3.__file__).sqlite3_vfs_find
    except (AttributeError, OSError):
        return None
    find.restype, find.argtypes = ctypes.POINTER(_Vfs), [ctypes.c_char_p]
    found = find(None)
    return found if found and found.contents.iVersion >= 3 else None


def can_be_watched() -> bool:
    """Return whether this Python's SQLite lets its system calls be replaced."""
    return _vfs() is not None


@contextmanager
def watched(step: Callable[[str], None]) -> Iterator[None]:
    """Call `step` before each write of SQLite within this block; an OSError of it is the write's.

    A write that fails has written half of its bytes.
    """
    vfs = _vfs()
    if vfs is None:
        yield
        return
    get, put = _GET(vfs.contents.xGetSystemCall), _SET(vfs.contents.xSetSystemCall)
    kept = []
    for name, prototype in _CALLS.items():
        if (address := get(vfs, name)) is None:
            continue
        call = prototype(_watching(name.decode(), prototype(address), step))
        kept.append(call)  # as long as SQLite may call it
        put(vfs, name, ctypes.cast(call, _POINTER))
    try:
        yield
    finally:
        for name in _CALLS:
            put(vfs, name, None)
        kept.clear()


def _watching(name: str, real: Any, step: Callable[[str], None]) -> Callable[..., int]:
    def call(*arguments: int) -> int:
        try:
            step(f"sqlite {name}")
        except OSError as error:
            if "write" in name:
                handle, buffer, size, *where = arguments
                real(handle, buffer, size // 2, *where)
            ctypes.set_errno(error.errno or errno.EIO)
            return -1
        return int(real(*arguments))

    return call
