"""One letter to a whole list: planned, previewed in each language, confirmed once, then sent.

Confirming writes a message for each addressee in one transaction, each with its own key
(`Message.once`), so neither a second press nor a restart sends anything twice. For
`MAIL_HOLD_MINUTES`, or until the time that the secretariat chose, the messages are held and can be
stopped. They are then sent at the normal pace, after letters to single people.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.aliases import Hidden
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import Task
from hemicycle.mail.outgoing import (
    audiences,
    frame,
    holding,
    invitation,
    letterheads,
    lists,
    signals,
    texts,
    unsubscribing,
    wording,
)
from hemicycle.mail.outgoing.actions import OutgoingRefused, marked
from hemicycle.mail.outgoing.invitation import File, PaperKind
from hemicycle.mail.outgoing.models import (
    Enclosure,
    LetterAudience,
    Mailing,
    Message,
    Recipient,
    Wording,
)
from hemicycle.mail.outgoing.signals import Addressee
from hemicycle.mail.outgoing.texts import Letter, Text, Values, known_letters
from hemicycle.record import clock, writer
from hemicycle.ui.languages import language_name, listed, speaking

BATCH = 500
"""The most rows that one statement writes."""

type Group = tuple[str, str]
"""The language and the audience for which letters are worded."""


@dataclass(frozen=True, slots=True)
class Written:
    """The letter to one addressee.

    `audience` is empty if neither the letter nor a paper with it is worded for the addressee's.
    """

    to: Addressee
    text: Text
    audience: str = ""

    @property
    def group(self) -> Group:
        """The language and audience; letters of one group differ only in what is personal."""
        return self.text.language, self.audience


@dataclass(frozen=True, slots=True)
class MailingSample:
    """The first of the letters in one language and for one audience, and how many there are.

    `text` and `to` are None if the officer may not read the name of any of their addressees.
    """

    language: str
    audience: str
    count: int
    text: Text | None
    to: Addressee | None

    @property
    def name(self) -> str:
        """The language, and the audience if the letter is worded for it."""
        name = language_name(self.language)
        return f"{name} · {LetterAudience(self.audience).label}" if self.audience else name


@dataclass
class Plan:
    """The letters that would be sent if the mailing were confirmed now, and who is left out."""

    hearing: Hearing
    mailing: Mailing
    written: list[Written] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    hidden: Hidden | None = None
    """People whose letters are not shown as samples; None if the officer may see all names."""

    @property
    def count(self) -> int:
        """The number of letters."""
        return len(self.written)

    @property
    def papers(self) -> list[PaperKind]:
        """The papers that are sent with the letters."""
        return chosen(self.hearing, self.mailing.enclosed)

    @cached_property
    def samples(self) -> list[MailingSample]:
        """A sample of the letters for each language and audience."""
        first: dict[Group, Written] = {}
        for written in self.written:
            if not (self.hidden and self.hidden.has(written.to.person, written.to.address)):
                first.setdefault(written.group, written)
        found = Counter(written.group for written in self.written)
        return [
            MailingSample(*group, number, *self._shown(first.get(group)))
            for group, number in found.most_common()
        ]

    def _shown(self, written: Written | None) -> tuple[Text | None, Addressee | None]:
        if written is None:
            return None, None
        letter = known_letters()[self.mailing.letter]
        return wording.sample(self.hearing, letter, written.text), written.to


def reasons() -> dict[str, str]:
    """Return the reasons why somebody on the list is left out, by key."""
    return {
        "no-address": _("no address is known"),
        "bad-address": _("the address is not valid"),
        "duplicate": _("the address is on the list twice"),
        "unsubscribed": _("has unsubscribed from letters to lists"),
        "not-concerned": _("the letter does not concern them"),
    }


def letters_for_lists() -> list[Letter]:
    """Return the letters that may go to lists."""
    return [letter for letter in known_letters().values() if letter.personal and letter.is_chosen]


def papers(hearing: Hearing) -> dict[str, PaperKind]:
    """Return the papers that may go with a letter, by key."""
    return {kind.key: kind for kind in invitation.kinds(hearing)}


def chosen(hearing: Hearing, keys: Iterable[str]) -> list[PaperKind]:
    """Return the papers with these keys, with labels in the active language."""
    kinds = papers(hearing)
    return [kinds[key] for key in keys if key in kinds]


def make(
    *, hearing: Hearing, letter: Letter, source: signals.RecipientSource, enclosed: list[str]
) -> Mailing:
    """Create an unsent mailing. Raises `OutgoingRefused` if letter, list and papers do not fit."""
    if letter.registered and not source.registered:
        raise OutgoingRefused(
            _("This letter goes to people who have registered: choose one of their lists.")
        )
    return Mailing.objects.create(
        hearing_id=hearing.id,
        letter=letter.key,
        source=source.key,
        source_name=source.name[:400],
        enclosed=enclosed,
        made_at=clock.now(),
    )


def plan(hearing: Hearing, mailing: Mailing) -> Plan:
    """Plan a mailing: who would get the letter now, who would not, and why."""
    source = lists.source(hearing, mailing.source)
    letter = known_letters().get(mailing.letter)
    if source is None or letter is None:
        return Plan(hearing, mailing)
    gone = unsubscribing.gone(hearing.id)
    return _planned(hearing, mailing, letter, source.addressees(), gone)


def plan_for(
    hearing: Hearing,
    letter: Letter,
    name: str | Promise,
    everybody: Iterable[Addressee],
    *,
    is_essential: bool = False,
) -> Plan:
    """Plan a letter to `everybody`, whom an app chose; `name` says who they are.

    An essential letter is also sent to people who have unsubscribed from letters to lists: they
    take part, and must know.
    """
    with speaking("en"):  # readers see it in their own languages (`lists.stored_name`)
        who = str(name)
    mailing = Mailing(
        hearing_id=hearing.id, letter=letter.key, source_name=who, made_at=clock.now()
    )
    gone = set[str]() if is_essential else unsubscribing.gone(hearing.id)
    return _planned(hearing, mailing, letter, everybody, gone)


def _planned(
    hearing: Hearing,
    mailing: Mailing,
    letter: Letter,
    everybody: Iterable[Addressee],
    gone: set[str],
) -> Plan:
    found = Plan(hearing, mailing)
    everybody = list(everybody)
    write, seen = _Writer(hearing, letter, mailing.enclosed, everybody), set[str]()
    for to in everybody:
        key = to.address.casefold()
        why = _left_out(to, key, seen, gone)
        seen.add(key)
        written = None if why else write(to)
        if written is None:
            found.left_out[why or "not-concerned"] += 1
        else:
            found.written.append(written)
    return found


def _left_out(to: Addressee, key: str, seen: set[str], gone: set[str]) -> str:
    if not key:
        return "no-address"
    if not lists.is_address(to.address):
        return "bad-address"
    if key in seen:
        return "duplicate"
    return "unsubscribed" if key in gone else ""


def readers_of(
    hearing: Hearing,
    letter: Letter,
    everybody: Iterable[Addressee],
    enclosed: Iterable[str] = (),
) -> dict[str, str]:
    """Return the audience of each case-folded address.

    Empty if neither the letter nor the text of an enclosed paper is worded for an audience.
    """
    kinds = chosen(hearing, enclosed)
    worded = {letter.key, *(kind.letter.key for kind in kinds if kind.letter)}
    rows = Wording.objects.filter(hearing_id=hearing.id, letter__in=worded)
    if not rows.exclude(audience="").exists():
        return {}
    return audiences.of_addresses(hearing.id, [to.address for to in everybody])


class _Writer:
    """Writes one letter to many addressees; its common part is made once for each language."""

    def __init__(
        self, hearing: Hearing, letter: Letter, enclosed: list[str], everybody: list[Addressee]
    ) -> None:
        self.hearing, self.letter, self.enclosed = hearing, letter, enclosed
        self.known: dict[tuple[str, str], tuple[Text, str, Values]] = {}
        self.audiences = readers_of(hearing, letter, everybody, enclosed)

    def __call__(self, to: Addressee) -> Written | None:
        assert self.letter.personal is not None
        readers = self.audiences.get(to.address.casefold(), "")
        text, audience, common = self._in(to.language, readers)
        with speaking(text.language):
            own = self.letter.personal(self.hearing, to)
            greeting = frame.greeting(to.name or to.organization)
        if own is None:
            return None
        filled = texts.fill(text, {**common, "greeting": greeting, **own})
        if self.hearing.is_rehearsed:
            subject, body = marked(filled.subject, filled.body, filled.language)
            filled = replace(filled, subject=subject, body=body)
        return Written(to, filled, audience)

    def _in(self, language: str, readers: str) -> tuple[Text, str, Values]:
        """Return the text, the audience for which it or a paper is worded, and common values."""
        if (language, readers) not in self.known:
            text = texts.text_of(self.letter, self.hearing.id, language, readers)
            with speaking(text.language):
                common = self.letter.common(self.hearing) if self.letter.common else {}
                kinds = chosen(self.hearing, self.enclosed)
                named = listed(kind.label for kind in kinds)
                own = {"hearing": str(self.hearing), **common, "enclosed": named}
            found = (kind.audience(self.hearing, text.language, readers) for kind in kinds)
            audience = text.audience or next(filter(None, found), "")
            self.known[language, readers] = (text, audience, own)
        return self.known[language, readers]


def confirm(
    *,
    hearing: Hearing,
    mailing: Mailing,
    count: int,
    actor: writer.Actor,
    at: datetime | None = None,
) -> int:
    """Queue the letters; return their number. `count` was shown, and must still be right.

    They are sent when `MAIL_HOLD_MINUTES` have passed, or `at` a later time if it is given. Raises
    `OutgoingRefused` for a time that has passed or is more than `holding.LATEST` away.
    """
    if at is not None and not holding.can_be(at):
        raise OutgoingRefused(_("Choose a time in the future, within a year."))
    found = plan(hearing, mailing)
    if found.count != count:
        raise OutgoingRefused(
            _(
                "The list has changed. Number of people who would now get the letter: %(now)s. "
                "Check it again, then confirm."
            )
            % {"now": found.count}
        )
    if not found.count:
        raise OutgoingRefused(_("No one would get this letter."))
    # The reference stays taken even if the letter is not sent, so that no other letter gets it.
    reference = letterheads.taken(hearing, reference_key(mailing), mailing.letter, actor)
    enclosed = _enclosures(found, reference)
    with writer.writing(hearing.id, actor=actor) as record:
        mine = Mailing.objects.filter(pk=mailing.pk, confirmed_at=None)
        now = clock.now()
        mailing.leaves_at = holding.until(now, at)
        if not mine.update(confirmed_at=now, addressees=found.count, leaves_at=mailing.leaves_at):
            raise OutgoingRefused(_("This letter has already been sent."))
        _queue(found, enclosed, reference)
        record.append(
            "mailing.sent",
            {"mailing": mailing.pk.hex, "letter": mailing.letter, "recipients": found.count},
        )
    return found.count


def stop(*, hearing: Hearing, mailing: Mailing, actor: writer.Actor) -> int:
    """Stop the letters that have not been sent; return their number.

    Raises `OutgoingRefused` if none of them still waits.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        if not (stopped := holding.stop(mailing.messages.all())):
            raise OutgoingRefused(all_sent())
        mailing.stopped_at = clock.now()
        mailing.save(update_fields=("stopped_at",))
        record.append("mailing.stopped", {"mailing": mailing.pk.hex, "letters": stopped})
    return stopped


def all_sent() -> str:
    """Return the sentence that it is too late to stop letters."""
    return _("All of these letters have been sent. None could be stopped.")


def release(*, hearing: Hearing, mailing: Mailing, actor: writer.Actor) -> int:
    """Send held letters now; return their number. Raises `OutgoingRefused` if none is held."""
    with writer.writing(hearing.id, actor=actor) as record:
        now = clock.now()
        if not (number := holding.release(mailing.messages.all())):
            raise OutgoingRefused(_("These letters are no longer waiting to be sent."))
        mailing.leaves_at = now
        mailing.save(update_fields=("leaves_at",))
        record.append("mailing.released", {"mailing": mailing.pk.hex, "letters": number})
    return number


def reference_key(mailing: Mailing) -> str:
    """Return the key under which the reference of a letter to a list is stored."""
    return f"mailing:{mailing.pk.hex}"


def _enclosures(found: Plan, reference: str) -> dict[Group, list[Enclosure]]:
    """Make the papers of each group of letters; groups share papers that are the same."""
    hearing, kinds = found.hearing, found.papers
    made: dict[tuple[str, str, str], list[Enclosure]] = {}
    enclosed: dict[Group, list[Enclosure]] = {}
    for language, audience in {written.group: None for written in found.written}:
        own = enclosed.setdefault((language, audience), [])
        for kind in kinds:
            key = (kind.key, language, kind.audience(hearing, language, audience))
            if key not in made:
                made[key] = _enclosure(hearing, kind.make(hearing, *key[1:], reference))
            own += made[key]
    return enclosed


def _enclosure(hearing: Hearing, file: File | None) -> list[Enclosure]:
    if file is None:
        return []
    enclosure = Enclosure.objects.create(
        hearing_id=hearing.id,
        name=file.name,
        media_type=file.media_type,
        method=file.method,
        content=file.content,
    )
    return [enclosure]


def send(found: Plan, record: writer.Writer) -> list[Message]:
    """Queue the letters of `plan_for` in the caller's transaction, without a confirmation."""
    now = clock.now()
    found.mailing.confirmed_at, found.mailing.addressees = now, found.count
    found.mailing.leaves_at = holding.until(now)
    found.mailing.save()
    key, letter = reference_key(found.mailing), found.mailing.letter
    return _queue(found, {}, letterheads.take(record, found.hearing, key, letter))


def _queue(found: Plan, enclosed: Mapping[Group, list[Enclosure]], reference: str) -> list[Message]:
    known: set[UUID | None] = set(
        Person.objects.filter(
            pk__in=[written.to.person for written in found.written if written.to.person]
        ).values_list("pk", flat=True)
    )
    messages = list(_messages(found, known, reference))
    Message.objects.bulk_create(messages, batch_size=BATCH)
    through = Message.enclosures.through
    rows = (
        through(message_id=message.pk, enclosure_id=enclosure.pk)
        for message, written in zip(messages, found.written, strict=True)
        for enclosure in enclosed.get(written.group, ())
    )
    through.objects.bulk_create(rows, batch_size=BATCH)
    return messages


def _messages(found: Plan, known: set[UUID | None], reference: str) -> Iterator[Message]:
    now, mailing = clock.now(), found.mailing
    for written in found.written:
        yield Message(
            hearing_id=found.hearing.id,
            person_id=written.to.person if written.to.person in known else None,
            address=written.to.address,
            purpose=known_letters()[mailing.letter].purpose,
            language=written.text.language,
            subject=written.text.subject,
            body=written.text.body,
            queued_at=now,
            due_at=mailing.leaves_at or now,
            mailing=mailing,
            reference=reference,
            once=f"mailing:{mailing.pk.hex}:{written.to.address.casefold()}",
        )


def waiting(mailing: Mailing) -> int:
    """Count the letters that can still be stopped."""
    return mailing.messages.filter(state__in=Message.WAITING).count()


def progress(mailing: Mailing) -> dict[str, int]:
    """Count a letter's messages by state."""
    rows = mailing.messages.order_by().values_list("state").annotate(number=Count("pk"))
    return dict(rows)


def tasks(hearing: Hearing, by_real_names: bool) -> Iterator[Task]:
    """Yield the task to invite the people on the hearing's own lists, while they can register.

    The first invitation completes the task. Runs at most three queries.
    """
    if hearing.status != Hearing.Status.PUBLISHED:
        return
    if not hearing.deadlines.filter(at__gt=clock.now()).exists():
        return
    invitations = Message.objects.filter(hearing_id=hearing.pk, purpose=Message.Purpose.INVITATION)
    listed = Recipient.objects.filter(recipients__hearing_id=hearing.pk).exclude(address="")
    if listed.exists() and not invitations.exists():
        where = reverse("outgoing:mailings", args=(hearing.slug,))
        yield Task(_("Nobody on your distribution lists has been invited yet."), where)
