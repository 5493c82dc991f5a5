# SPDX-License-Identifier: MIT

"""asyncio's event loop with virtual time.

Nothing sleeps: where the loop would wait for its next timer, the clock jumps
there. Time is counted in milliseconds from 0, so `await asyncio.sleep(10)` is
10 ms and all sums are exact.
"""

import asyncio
import selectors


class Deadlock(Exception):
    """Nothing is ready, and no timer is left."""


class VirtualSelector(selectors.SelectSelector):
    """Advances the clock instead of waiting. Files are never ready."""

    def __init__(self):
        super().__init__()
        self.now = 0
        self.on_deadlock = lambda: None

    def select(self, timeout=None):
        if timeout is None:
            self.on_deadlock()
            raise Deadlock
        self.now += max(0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.virtual = VirtualSelector()
        super().__init__(self.virtual)
        self._clock_resolution = 0.5  # above the rounding of large times

    def time(self):
        return self.virtual.now

    def advance(self, ms):
        """Let time pass as work does: nothing else runs meanwhile."""
        self.virtual.now += ms
