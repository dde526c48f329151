"""Signals: a module in a lower folder calls modules in higher folders without importing them.

The lower module declares a signal, typed, with its contract in the docstring below it::

    registration_withdrawn = Signal[[Writer, Registration], None]("registration_withdrawn")
    \"\"\"Sent with (writer, registration) inside the transaction that withdraws it.\"\"\"

An app's `receivers.py` connects to it, and the app's configuration imports that module::

    @registration_withdrawn.connect
    def withdraw_statements(writer: Writer, registration: Registration) -> None: ...

Use a plain call instead if there is one receiver and its answer is needed. Django's own signals are
not used because they are not typed.
"""

from collections.abc import Callable, Iterator


class Signal[**P, R]:
    """A named event that receivers connect to.

    Receivers run in the order in which they were connected, which is the order of `INSTALLED_APPS`.
    If one of them raises an exception, the remaining ones are not called, and `send` raises it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._receivers: list[Callable[P, R]] = []

    def connect(self, receiver: Callable[P, R]) -> Callable[P, R]:
        """Call `receiver` once at each sending, even if it is connected twice; also a decorator."""
        if receiver not in self._receivers:
            self._receivers.append(receiver)
        return receiver

    def disconnect(self, receiver: Callable[P, R]) -> None:
        """Stop calling `receiver`. Raises `ValueError` if it is not connected."""
        self._receivers.remove(receiver)

    def send(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """Call all receivers; return their answers in order."""
        return [receiver(*args, **kwargs) for receiver in tuple(self._receivers)]

    def __iter__(self) -> Iterator[Callable[P, R]]:
        return iter(self._receivers)

    def __repr__(self) -> str:
        return f"<Signal {self.name}: {len(self._receivers)} receivers>"
