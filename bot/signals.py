"""SIGTERM and SIGINT as an event that a program waits for, without losing one that arrives at the wrong moment.

Python runs a handler in the main thread, between two instructions. A main thread that waits without an end may not
come to it, so it waits in short steps; and a handler may find the main thread inside the very lock that ``Event.set``
needs, so it only puts the signal into a SimpleQueue, which allows that, and another thread sets the event.
"""

import signal
import threading
from queue import SimpleQueue

_STEP_S = 0.2


def stop_on_signals() -> threading.Event:
    """The event that SIGTERM and SIGINT set. Called in the main thread."""
    stop, arrived = threading.Event(), SimpleQueue[int]()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: arrived.put(number))

    def pass_on() -> None:
        arrived.get()
        stop.set()

    threading.Thread(target=pass_on, name="signals", daemon=True).start()
    return stop


def wait_for(stop: threading.Event) -> None:
    """Wait until the event is set, however it comes to be."""
    while not stop.wait(_STEP_S):
        pass
