"""What a process that touches a stranger's file may use. It limits itself before it looks.

The parent has a clock of its own (confined.py); these hold also when the parent is gone.
"""

import os
import resource
import signal

OUTPUT_BYTES = 64 * 1024 * 1024
# Behind the stream of answers: making a picture ready must not delay a token.
NICENESS = 10


def confine(*, memory: int, seconds: int) -> None:
    """At most `memory` bytes of address space, and `seconds` of processor and of wall time."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    os.nice(NICENESS)
    # Nobody handles it: the default action ends the process, inside a C function too.
    signal.alarm(seconds + 1)
