"""The walls around the child that reads what others sent: no network, no other files, little memory, little time."""

import ctypes
import os
import struct
import sys
from contextlib import suppress
from pathlib import Path

MEMORY = 1 << 30
OPEN_FILES = 64
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
NO_NEW_PRIVILEGES = 38
# Landlock (Linux 5.13): the calls, and what may be done to a folder. All of it is forbidden but reading in a few.
MAKE_RULES, ADD_RULE, LOCK = 444, 445, 446
READ_FILE, READ_FOLDER = 1 << 2, 1 << 3
FILES_BY_VERSION = {1: 13, 2: 14}
FILES_SINCE, NETWORK_SINCE = 15, 4
BIND_AND_CONNECT = 3
LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache")


def confine(seconds: int) -> None:
    """Put this process behind the wall; for good, and before it reads a byte. What a system has not is left out."""
    _limit(seconds)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        # In a container this may be forbidden; then the lock below refuses connections.
        libc.unshare(NEW_USER | NEW_NETWORK)
        _lock(libc)


def locks() -> int:
    """The version of Landlock; less than 1 where there is none."""
    return int(ctypes.CDLL(None).syscall(MAKE_RULES, None, 0, 1)) if sys.platform == "linux" else 0


def _limit(seconds: int) -> None:
    """Memory, CPU time, open files, and no written file, as far as the system counts them."""
    with suppress(ImportError):
        import resource  # noqa: PLC0415 - not on Windows

        limits = {
            resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: seconds, resource.RLIMIT_NOFILE: OPEN_FILES,
            resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0,
        }  # fmt: skip
        for which, most in limits.items():
            with suppress(ValueError, OSError):  # macOS counts no address space
                resource.setrlimit(which, (most, most))


def _lock(libc: ctypes.CDLL) -> None:
    """Landlock: from now on this process reads Python and its libraries, writes nowhere, and connects to nothing."""
    version = locks()
    if version < 1:
        return
    files = (1 << FILES_BY_VERSION.get(version, FILES_SINCE)) - 1
    told = struct.pack("QQ", files, BIND_AND_CONNECT) if version >= NETWORK_SINCE else struct.pack("Q", files)
    rules = libc.syscall(MAKE_RULES, told, len(told), 0)
    if rules < 0:
        return
    for place in _places():
        with suppress(OSError):
            folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
            may = READ_FILE | READ_FOLDER if place.is_dir() else READ_FILE
            libc.syscall(ADD_RULE, rules, 1, struct.pack("=Qi", may, folder), 0)
            os.close(folder)
    libc.syscall(LOCK, rules, 0)
    os.close(rules)


def _places() -> set[Path]:
    """Where Python, its packages, this program and the libraries of the system lie."""
    ours = Path(__file__).resolve().parents[2]
    packages = [Path(place) for place in sys.path if "-packages" in place or place.startswith(sys.base_prefix)]
    return {place.resolve() for place in (ours, *packages, *map(Path, LIBRARIES)) if place.exists()}
