"""Handlers for mail of each purpose, which the apps above register."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

from django import forms

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming.models import Mail, Purpose
from hemicycle.mail.incoming.reading.parsed import ParsedMail
from hemicycle.record.writer import Actor, Writer


@dataclass(frozen=True, slots=True)
class Case:
    """A message to be handled, with the registration that it belongs to, if that is known."""

    hearing: Hearing
    mail: Mail
    parsed: ParsedMail
    registration: UUID | None = None


@dataclass(frozen=True, slots=True)
class HandlingResult:
    """The answer to the sender of a message; empty if the act itself sends one."""

    subject: str = ""
    body: str = ""
    person: Person | None = None
    registration: UUID | None = None


Take = Callable[[Writer], HandlingResult]
"""Handles a message inside the record's transaction, which also marks the message as done."""


class NeedsPerson(Exception):
    """Raised to leave a message to a person, with a code of `reasons.WHY` and the parsed values."""

    def __init__(self, why: str, draft: Mapping[str, Any] | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.draft = dict(draft or {})


class MailRefused(Exception):
    """The request in a message cannot be fulfilled; `sentence` says why. Nothing was changed.

    The sentence is in the active language: the sender's, or that of the person who decides.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class MailHandler(Protocol):
    """Handles mail of one purpose."""

    needs: int
    """The confidence (0 to 100) that a match needs to be processed automatically; 101 for never."""
    needs_registration: bool
    """Whether a person must assign the message to a registration before it can be accepted."""

    def receive(self, case: Case) -> Take:
        """Return an action to carry out later; slow work is done in this call.

        Raises `NeedsPerson` or `MailRefused`.
        """
        ...

    def form(self, case: Case, data: Any = None) -> forms.Form:
        """Return the form with which a person accepts the message, with initial values from it."""
        ...

    def decide(self, case: Case, form: Any, actor: Actor) -> Take:
        """Return the action that the (valid) form asks for. Raises `MailRefused`."""
        ...


_handlers: dict[Purpose, MailHandler] = {}


def register(purpose: Purpose, handler: MailHandler) -> None:
    """Register the handler of a purpose. Raises `ValueError` if the purpose already has one."""
    if purpose in _handlers:
        raise ValueError(f"mail of the purpose {purpose!r} has two handlers")
    _handlers[purpose] = handler


def handler_for(purpose: Purpose) -> MailHandler | None:
    """Return the handler of a purpose; None if no app has registered one."""
    return _handlers.get(purpose)


def handlers() -> Mapping[Purpose, MailHandler]:
    """Return all handlers, by purpose."""
    return MappingProxyType(_handlers)
