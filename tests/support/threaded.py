"""Servers of the standard library, in a thread of the test's process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

POLL_S = 0.01
"""How often a server looks whether it is to stop; by default it would let a test wait for 0.5 s."""


@contextmanager
def in_thread[S: BaseServer](server: S) -> Iterator[S]:
    """Serve in a thread until the block ends, then close the server."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
