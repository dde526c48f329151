"""The handler for inscriptions by mail, which drafts a form for the secretariat to confirm.

The time at which the mail was accepted counts.
"""

import base64
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django import forms

from hemicycle.before.registration import inscriptions
from hemicycle.before.registration.actions import submit
from hemicycle.before.registration.by_mail import reading
from hemicycle.before.registration.choices import ANOTHER
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.forms import MissionForm
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import Facts, facts_of
from hemicycle.documents.reading.language import guess
from hemicycle.mail.incoming.handlers import Case, HandlingResult, MailRefused, NeedsPerson, Take
from hemicycle.mail.incoming.models import Mail
from hemicycle.record.writer import Actor, Writer
from hemicycle.ui.languages import speaking, spoken

NEVER = 101
Vouch = Registration.Vouch


class Inscriptions:
    """The handler for mail with which missions inscribe their delegations."""

    needs = NEVER
    needs_registration = False

    def receive(self, case: Case) -> Take:
        """Draft the form and raise `NeedsPerson`: a person checks it before it takes effect."""
        draft = reading.understood(case.parsed, facts_of(case.hearing))
        raise NeedsPerson("confirm" if reading.is_whole(draft) else "incomplete", draft)

    def form(self, case: Case, data: Any = None) -> forms.Form:
        """Return the mission's form, filled with what was understood."""
        facts = facts_of(case.hearing)
        draft = case.mail.draft or reading.understood(case.parsed, facts)
        initial = {**_category(draft, facts), **draft, "form_key": _form_key(case.mail)}
        if data is None:
            return MissionForm(facts, initial=initial)
        return MissionForm(facts, {**data.dict(), **_lists(data), "form_key": initial["form_key"]})

    def decide(self, case: Case, form: Any, actor: Actor) -> Take:
        """Inscribe as the form says; for deadline and order, the time of the mail counts."""
        facts = facts_of(case.hearing)
        cleaned: Cleaned = form.cleaned()
        language = spoken(guess(case.parsed.text) or "")
        cleaned = replace(cleaned, interface_language=language)
        mail = case.mail

        def take(record: Writer) -> HandlingResult:
            return _inscribe(record, facts, cleaned, mail)

        return take


def _inscribe(record: Writer, facts: Facts, cleaned: Cleaned, mail: Mail) -> HandlingResult:
    try:
        with speaking(cleaned.interface_language):
            done = submit(
                facts=facts, cleaned=cleaned, received_at=mail.received_at, vouch=Vouch.SECRETARIAT
            )
    except RegistrationRefused as refused:
        raise MailRefused(refused.sentence) from refused
    if mail.seq is not None and not done.repeated:
        inscriptions.count_from(record, done.registration, mail.seq)
    registration = done.registration
    return HandlingResult(person=registration.person, registration=registration.id)


def _category(draft: dict[str, Any], facts: Facts) -> dict[str, str]:
    """Return the first category of missions for a Member State; nothing for another delegation."""
    own = facts.categories_of(facts.track_for(MissionForm.kind).key)
    is_member = draft.get("state", ANOTHER) != ANOTHER
    return {"category": str(own[0].id)} if own and is_member else {}


def _lists(data: Any) -> dict[str, list[str]]:
    return {"segments": data.getlist("segments")}


def _form_key(mail: Mail) -> str:
    """Return the form's key: a message that is confirmed twice makes one inscription."""
    digest = sha256(f"hemicycle.before.registration.by_mail.form {mail.id.hex}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
