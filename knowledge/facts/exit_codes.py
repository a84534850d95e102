"""What the exit code of a container means."""

from knowledge.said import Said

SIGNALS = {
    129: "SIGHUP",
    130: "SIGINT",
    131: "SIGQUIT",
    132: "SIGILL",
    133: "SIGTRAP",
    134: "SIGABRT",
    135: "SIGBUS",
    136: "SIGFPE",
    137: "SIGKILL",
    139: "SIGSEGV",
    141: "SIGPIPE",
    143: "SIGTERM",
    159: "SIGSYS",
}
"""128 + n is signal n, when the program ran as the first process of its container or under a shell."""

CRASHES = frozenset({132, 133, 134, 135, 136, 139, 159})
"""Signals that the kernel or the program's own runtime sends when native code goes wrong."""

STARTS = frozenset({125, 126, 127, 128})
"""The program was never run: the runtime could not, or a shell did not find it."""

KILLS = frozenset({137, 143})
"""Somebody asked for the end."""


def meaning(code: int) -> Said:
    """A few words on an exit code."""
    match code:
        case 0:
            return Said("ended by itself without an error")
        case 1:
            return Said("a general error of the program")
        case 2:
            return Said("wrong usage, or a Go panic")
        case 126:
            return Said("found but not executable")
        case 127:
            return Said("command not found")
        case 125 | 128:
            return Said("the runtime could not start it")
        case 132:
            return Said("an instruction that this processor does not know")
        case 133 | 134:
            return Said("it aborted itself: an assertion, the allocator, or a fatal error of the JVM")
        case 135:
            return Said("a memory-mapped file was cut short, or a tmpfs is full")
        case 136:
            return Said("an arithmetic error")
        case 137:
            return Said("killed from outside, without a chance to clean up")
        case 139:
            return Said("segmentation fault: native code touched memory that is not its own")
        case 143:
            return Said("asked to stop")
        case 159:
            return Said("a system call that the seccomp profile forbids")
        case 255:
            return Said("an exit value out of range, or the runtime lost the container")
    return Said("the program's own code")
