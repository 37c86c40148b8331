"""The limits that the decoding child puts on itself before it touches a byte from outside. Standard library only.

Resource limits bound processor time, memory, file size and open files. Where the kernel has it (Linux on x86-64 and ARM64), a
seccomp filter also takes away what a decoder never needs: the network, other programs, other processes. A decoder with a hole in
it can then spoil its own copy, and little else.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 1, 38, 22
SECCOMP_MODE_FILTER = 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
EPERM, ENOSYS = 1, 38
CLONE_THREAD = 0x00010000

# Classic BPF: load a word of `struct seccomp_data`, jump if equal / greater or equal / any bit set, return.
LOAD, JUMP_EQUAL, JUMP_GREATER, JUMP_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16

# machine: (audit architecture, clone, clone3, [calls that are refused])
# socket, connect, socketpair, bind, fork, vfork, execve, execveat, ptrace, process_vm_readv/writev, kill, tkill, pidfd_open,
# io_uring_setup, unshare, setns
MACHINES: dict[str, tuple[int, int, int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, 56, 435, (41, 42, 53, 49, 57, 58, 59, 322, 101, 310, 311, 62, 200, 434, 425, 272, 308)),
    "aarch64": (0xC00000B7, 220, 435, (198, 203, 199, 200, 221, 281, 117, 270, 271, 129, 130, 434, 425, 97, 268)),
}


def limit_resources(*, cpu_s: int, memory_bytes: int, file_bytes: int) -> None:
    """Bound this process: seconds of processor, bytes of address space, bytes of any one file it writes. No core dumps."""
    _lower(resource.RLIMIT_CORE, 0, 0)
    _lower(resource.RLIMIT_CPU, cpu_s, cpu_s + 1)
    _lower(resource.RLIMIT_AS, memory_bytes, memory_bytes)
    _lower(resource.RLIMIT_FSIZE, file_bytes, file_bytes)
    _lower(resource.RLIMIT_NOFILE, 64, 64)


def _lower(which: int, soft: int, hard: int) -> None:
    """Set a limit, never above the one that the machine already gave us (raising it would be refused)."""
    given = resource.getrlimit(which)[1]
    if given != resource.RLIM_INFINITY:
        soft, hard = min(soft, given), min(hard, given)
    resource.setrlimit(which, (soft, hard))


def close_the_door() -> bool:
    """Die with the parent; no network, no programs, no processes from here on. False where the kernel cannot do it."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    machine = MACHINES.get(os.uname().machine)
    if machine is None or libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    program = _program(*machine)
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code)))
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _program(architecture: int, clone: int, clone3: int, refused: tuple[int, ...]) -> bytes:
    """The filter, as `struct sock_filter[]`. Threads stay possible, since decoders use them; clone3 hides its flags, so it
    'does not exist' and the C library falls back to clone."""
    steps = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (JUMP_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, REFUSE | EPERM),
        (LOAD, 0, 0, NUMBER_AT),
        # The x32 calls of x86-64 have numbers of their own and would walk round the list.
        (JUMP_GREATER, 0, 1, 0x40000000),
        (RETURN, 0, 0, REFUSE | EPERM),
        (JUMP_EQUAL, 0, 1, clone3),
        (RETURN, 0, 0, REFUSE | ENOSYS),
    ]
    for number in refused:
        steps += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | EPERM)]
    steps += [
        (JUMP_EQUAL, 1, 0, clone),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, FIRST_ARGUMENT_AT),
        (JUMP_BITS, 1, 0, CLONE_THREAD),
        (RETURN, 0, 0, REFUSE | EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
