"""What the kernel refuses to a worker from now on: files, processes, the network.

Landlock (Linux 5.13 and later) leaves only the files of Python and its libraries readable: no keys,
no database, and nothing of other processes in `/proc`. seccomp, by Debian's `libseccomp`, refuses
new processes and programs, sockets of any kind, and every call that changes a file. Both need no
privileges and cannot be undone. If the kernel or the library lacks one of them, the other still
works, and so do the limits of `sandbox`.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from errno import ENOSYS, EPERM
from pathlib import Path
from struct import pack

LIBRARY = "libseccomp.so.2"

PROCESSES = (
    *("fork", "vfork", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev"),
    *("kill", "tkill", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "setns", "unshare"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter"),
    *("io_uring_register", "keyctl", "add_key", "request_key", "mount", "umount2", "pivot_root"),
    *("chroot", "init_module", "finit_module", "kexec_load"),
)
NETWORK = (
    *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"),
    *("sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg"),
)
CHANGES = (
    *("creat", "truncate", "ftruncate", "unlink", "unlinkat", "rename", "renameat", "renameat2"),
    *("mkdir", "mkdirat", "rmdir", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat"),
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("setxattr", "lsetxattr", "fsetxattr", "utimensat", "utime", "utimes"),
)
ABSENT = ("clone3", "openat2")
"""Calls with arguments in memory, which a filter cannot read; libraries work without them."""
WRITES = (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC)
FLAGS = {"open": 1, "openat": 2}
"""The index of the argument that says how a file is opened."""

# The C library has no functions for Landlock, so these are numbers of the kernel's interface.
_NO_NEW_PRIVILEGES = 38  # prctl(2)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every architecture
_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_ALL_NETWORK, _ALL_SCOPES = 3, 3

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_MASKED_EQUAL = 7
_CLONE_THREAD = 0x00010000


class _Comparison(ctypes.Structure):
    """`struct scmp_arg_cmp`."""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


def raise_walls() -> list[str]:
    """Drop all rights that can be dropped; return the names of protections missing here."""
    system = ctypes.CDLL(None, use_errno=True)
    walls = {"landlock": lambda: _landlock(system), "seccomp": _seccomp}
    return [name for name, wall in walls.items() if not wall()]


def readable() -> Iterator[str]:
    """Yield the folders and files of Python and its libraries."""
    wanted = {sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path}
    wanted |= {"/usr/lib", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache", "/dev/urandom"}
    for path in sorted(wanted):
        if path and path != "/" and Path(path).exists():
            yield path


def _landlock(system: ctypes.CDLL) -> bool:
    version = system.syscall(_CREATE_RULESET, None, 0, _VERSION)
    if version < 1:
        return False
    # The number of rights over files that each version of Landlock knows; naming an unknown one is
    # an error. All are handled, so that everything that no rule allows is refused.
    handled = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    attributes = pack("=Q", handled)
    if version >= 4:
        attributes += pack("=Q", _ALL_NETWORK)
    if version >= 6:
        attributes += pack("=Q", _ALL_SCOPES)
    rules = system.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return False
    try:
        for path in readable():
            _let_read(system, rules, path)
        # Without this, the kernel lets only a privileged process restrict itself: otherwise the
        # restrictions could confuse a program that gains privileges from its file.
        system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(system.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _let_read(system: ctypes.CDLL, rules: int, path: str) -> None:
    # In a rule about a single file, a right over folders is an error.
    allowed = _READ_FILE | _READ_DIR if Path(path).is_dir() else _READ_FILE
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = pack("=Qi", allowed, beneath)
        if system.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0) < 0:
            raise OSError(ctypes.get_errno(), path)
    finally:
        os.close(beneath)


def _seccomp() -> bool:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_rule_add_array.argtypes = [
        *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint),
        ctypes.POINTER(_Comparison),
    ]
    library.seccomp_load.argtypes = library.seccomp_release.argtypes = [ctypes.c_void_p]
    rules = library.seccomp_init(_ALLOW)
    if not rules:
        return False
    try:
        for name, error, comparison in _refused():
            _refuse(library, rules, name, error, comparison)
        return bool(library.seccomp_load(rules) == 0)
    finally:
        library.seccomp_release(rules)


def _refused() -> Iterator[tuple[str, int, _Comparison | None]]:
    """Yield the system calls to refuse, with the error, and the argument that is compared."""
    for name in (*PROCESSES, *NETWORK, *CHANGES):
        yield name, EPERM, None
    # ENOSYS and not EPERM: libraries then use the older call, whose arguments the filter can see.
    for name in ABSENT:
        yield name, ENOSYS, None
    # New threads are allowed, new processes are not.
    yield "clone", EPERM, _Comparison(0, _MASKED_EQUAL, _CLONE_THREAD, 0)
    for name, argument in FLAGS.items():
        for flag in WRITES:
            yield name, EPERM, _Comparison(argument, _MASKED_EQUAL, flag, flag)


def _refuse(
    library: ctypes.CDLL, rules: int, name: str, error: int, comparison: _Comparison | None
) -> None:
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number < 0:  # unknown to this architecture or this library
        return
    count = 0 if comparison is None else 1
    held = None if comparison is None else ctypes.byref(comparison)
    if library.seccomp_rule_add_array(rules, _ERRNO | error, number, count, held) < 0:
        raise OSError(f"{name} cannot be refused")
