"""Letters about a participant's own page and place: the link again, a new link, a withdrawal, a
place from the waiting list, and a replaced speaker.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import decision_letters, links
from hemicycle.before.registration.letters import (
    LINK,
    NAME,
    confirm_address,
    last_registration,
    page_words,
)
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    declare,
    send,
)
from hemicycle.record import clock
from hemicycle.ui.languages import listed

Purpose = Message.Purpose
ORGANIZATION = Field("organization", gettext_lazy("organization of the participant"))
_PLACES = gettext_lazy("places on lists of speakers that have become free, a line for each")
PANELS = Field(
    "panels", gettext_lazy("panels from whose lists the speaker has withdrawn"), required=True
)


def _text(subject: str, *said: str) -> Text:
    return built_in(subject, *said, page_words())


def _again_text() -> Text:
    said = _("Someone, probably you, asked for this link again.")
    return _text(_("your personal link"), said)


def _replaced_text() -> Text:
    said = _("The secretariat has replaced your personal link. The old link no longer works.")
    return _text(_("your new personal link"), said)


def _withdrawn_text() -> Text:
    return _text(
        _("your registration has been withdrawn"), _("Your registration has been withdrawn.")
    )


def _withdrawn_places_text() -> Text:
    said = _("You have withdrawn from the list of speakers in: %(panels)s")
    return _text(_("you have withdrawn from a list of speakers"), said % BRACES)


def _moved_up_text() -> Text:
    said = _("A place has become free, and your registration has moved up from the waiting list.")
    return _text(_("you have moved up from the waiting list"), said, "{places}")


def _place_free_text() -> Text:
    return _text(_("you have moved up from the waiting list"), "{places}")


def _speaker_text() -> Text:
    said = _(
        "You have been named to speak for an organization that is registered for this hearing."
    )
    return _text(_("you are the speaker"), said)


def _corrected_text() -> Text:
    return _text(
        _("the secretariat has corrected your registration"),
        _(
            "The secretariat has corrected your registration. Your personal page shows it as it "
            "is now. If something is wrong, please write to us."
        ),
        "{places}",
    )


def _address_text() -> Text:
    return _text(
        _("your new e-mail address"),
        _(
            "From now on we write to this address about your registration. Your earlier personal "
            "link no longer works."
        ),
    )


def _old_address_text() -> Text:
    return built_in(
        _("your e-mail address has been changed"),
        _(
            "Your registration now has another e-mail address, so we no longer write to this one, "
            "and the personal link that we sent here no longer works."
        ),
        _("If you did not ask for this, write to the secretariat at once: %(contact)s") % BRACES,
    )


def _no_speaker_text() -> Text:
    return built_in(
        _("%(name)s now speaks for %(organization)s") % BRACES,
        _(
            "%(name)s has taken your place as the speaker of %(organization)s. Your personal "
            "link no longer works."
        )
        % BRACES,
    )


def _alias_text() -> Text:
    return _text(
        _("your public name"),
        _("From now on the public sees “%(alias)s” instead of your name and organization.")
        % BRACES,
        _(
            "The secretariat sees your real name. The moderator, interpreters, captioner and "
            "technicians see the alias, and are told that it is an alias."
        ),
    )


def _no_alias_text() -> Text:
    said = _("You no longer have an alias. From now on the public may see your name.")
    return _text(_("your public name"), said)


def _values(registration: Registration, panels: Sequence[Segment] = ()) -> Values:
    return {
        "name": registration.person.name,
        "organization": registration.organization.name,
        "alias": registration.alias,
        "panels": listed(panel.title for panel in panels),
        "places": "\n".join(_place_words(panel.title) for panel in panels),
        "link": links.personal_url(registration),
        "contact": registration.hearing.mailboxes.get("information", ""),
    }


def _place_words(panel: str) -> str:
    return _("You now have a place on the list of speakers in: %(panel)s") % {"panel": panel}


def _example(hearing: Hearing) -> Values | None:
    latest = last_registration(hearing)
    if latest is None:
        return None
    rows = latest.inscriptions.select_related("segment").order_by("segment__ordinal")
    return _values(latest, [row.segment for row in rows])


def _letter(
    key: str,
    purpose: Message.Purpose,
    label: str | Promise,
    text: Callable[[], Text],
    *fields: Field,
    link: tuple[Field, ...] = (LINK,),
) -> Letter:
    own = (NAME, *fields, *link)
    return declare(Letter(key, purpose, label, text, own, example=_example))


AGAIN = _letter("link", Purpose.SIGN_IN, gettext_lazy("Personal link, again"), _again_text)
REPLACED = _letter(
    "link-replaced", Purpose.SIGN_IN, gettext_lazy("Personal link, replaced"), _replaced_text
)
WITHDRAWN = _letter(
    "withdrawal", Purpose.WITHDRAWAL, gettext_lazy("Registration withdrawn"), _withdrawn_text
)
GIVEN_UP = _letter(
    "floor-given-up",
    Purpose.WITHDRAWAL,
    gettext_lazy("Withdrawn from a list of speakers"),
    _withdrawn_places_text,
    PANELS,
)
MOVED_UP = _letter(
    "moved-up",
    Purpose.DECISION,
    gettext_lazy("Registration moved up from the waiting list"),
    _moved_up_text,
    Field("places", _PLACES),
)
PLACE_FREE = _letter(
    "place-free",
    Purpose.DECISION,
    gettext_lazy("Place on a list of speakers has become free"),
    _place_free_text,
    Field("places", _PLACES, required=True),
)
SPEAKER = _letter(
    "speaker",
    Purpose.SIGN_IN,
    gettext_lazy("Speaker replaced, to the new speaker"),
    _speaker_text,
)
CORRECTED = _letter(
    "corrected",
    Purpose.DECISION,
    gettext_lazy("Registration corrected by the secretariat"),
    _corrected_text,
    Field("places", gettext_lazy("places on lists of speakers, a line for each")),
)
ADDRESS = _letter(
    "address-changed",
    Purpose.SIGN_IN,
    gettext_lazy("E-mail address changed, to the new address"),
    _address_text,
)
OLD_ADDRESS = _letter(
    "address-left",
    Purpose.WITHDRAWAL,
    gettext_lazy("E-mail address changed, to the old address"),
    _old_address_text,
    Field("contact", gettext_lazy("the hearing’s mailbox for information")),
    link=(),
)
NO_SPEAKER = _letter(
    "no-speaker",
    Purpose.WITHDRAWAL,
    gettext_lazy("Speaker replaced, to the previous speaker"),
    _no_speaker_text,
    ORGANIZATION,
    link=(),
)


ALIAS = _letter(
    "alias",
    Purpose.DECISION,
    gettext_lazy("Alias set or changed"),
    _alias_text,
    Field("alias", gettext_lazy("alias of the participant"), required=True),
)
NO_ALIAS = _letter("no-alias", Purpose.DECISION, gettext_lazy("Alias removed"), _no_alias_text)


def _send(
    letter: Letter,
    registration: Registration,
    panels: Sequence[Segment] = (),
    *,
    once: str = "",
    held: bool = False,
    at: datetime | None = None,
) -> None:
    if not registration.is_confirmed:
        return  # until an address is confirmed, it gets only the confirmation letter
    send(
        letter,
        hearing=registration.hearing,
        values=lambda: _values(registration, panels),
        person=registration.person,
        once=once,
        held=held,
        at=at,
    )


def link_again(registration: Registration) -> None:
    """Send the personal link, or the request to confirm, again to the registered address."""
    if registration.is_confirmed:
        _send(AGAIN, registration)
    else:
        confirm_address(registration)


MOST_CONFIRMATIONS = 3
"""The largest number of letters to an address that has not been confirmed."""


def may_send_link(registration: Registration, pause_s: int) -> bool:
    """Return whether the link may be sent: none was sent within the last `pause_s` seconds.

    An address that has not been confirmed gets at most `MOST_CONFIRMATIONS` letters in all.
    """
    since = clock.now() - timedelta(seconds=pause_s)
    purpose = Purpose.SIGN_IN if registration.is_confirmed else Purpose.CONFIRMATION
    links_sent = Message.objects.filter(person=registration.person, purpose=purpose)
    if not registration.is_confirmed and links_sent.count() >= MOST_CONFIRMATIONS:
        return False
    return not links_sent.filter(queued_at__gt=since).exists()


def link_replaced(registration: Registration) -> None:
    """Send a new link after the old one was revoked."""
    if registration.is_confirmed:
        _send(REPLACED, registration)
    else:
        confirm_address(registration)


def withdrawn(registration: Registration, panels: Sequence[Segment]) -> None:
    """Confirm a withdrawal: of the whole registration, or from panels."""
    whole = registration.status == Registration.Status.WITHDRAWN
    if whole:
        decision_letters.supersede(registration)
    _send(WITHDRAWN if whole else GIVEN_UP, registration, panels)


def promoted(
    registration: Registration,
    admitted: bool,
    panels: Sequence[Segment],
    *,
    held: bool,
    at: datetime | None = None,
) -> None:
    """Tell a participant on the waiting list that they have a place now.

    An imported participant who has not been written to yet reads this in the receipt.
    """
    if registration.is_unwritten:
        return
    letter = MOVED_UP if admitted else PLACE_FREE
    once = decision_letters.key(registration, decision_letters.PROMOTED)
    _send(letter, registration, panels, once=once, held=held, at=at)


def public_name(registration: Registration) -> None:
    """Tell a participant whose alias has changed who can now see which data about them."""
    _send(ALIAS if registration.alias else NO_ALIAS, registration)


def corrected(registration: Registration) -> None:
    """Tell a participant that the secretariat has corrected the registration."""
    rows = registration.inscriptions.filter(state="inscribed").select_related("segment")
    _send(CORRECTED, registration, [row.segment for row in rows])


def address_changed(registration: Registration, before: str) -> None:
    """Send the new personal link to the new address, and notify the old address."""
    if not registration.is_confirmed:
        confirm_address(registration)
        return
    _send(ADDRESS, registration)
    if before:
        send(
            OLD_ADDRESS,
            hearing=registration.hearing,
            values=lambda: _values(registration),
            address=before,
            language=registration.person.language,
        )


def replaced(registration: Registration, before: Person) -> None:
    """Tell both the new and the previous speaker."""
    _send(SPEAKER, registration)
    values = {
        # Under an alias, even colleagues do not learn who speaks now.
        "name": registration.public_identity(registration.person).name,
        "organization": registration.organization.name,
    }
    send(NO_SPEAKER, hearing=registration.hearing, values=values, person=before)
