"""The key messages are published and circulated before the summary, and later link to it."""

from __future__ import annotations

import csv
import io
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from hemicycle.mail.outgoing.models import Mailing, Message
from hemicycle.outcome.summary import actions, circulation, erasing, key_messages, translating
from hemicycle.outcome.summary.circulation import MESSAGES_PAPER, SUMMARY_PAPER
from hemicycle.outcome.summary.document import messages_of
from hemicycle.outcome.summary.models import Section, Sentence, Summary, SummaryVersion
from hemicycle.outcome.summary.renaming import follow
from hemicycle.record import writer
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.finished import Finished

SAID = "Wetlands hold water, and towns need them."
FRENCH = "Les zones humides retiennent l’eau, et les villes en ont besoin."


@pytest.fixture
def drafted(finished: Finished) -> Summary:
    """A drafted summary whose only key message says `SAID`."""
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    summary = actions.draft(**act)
    section = Section.objects.get(summary=summary, key=Section.MESSAGES)
    first, *others = section.sentences.all()
    for row in others:
        actions.remove(sentence=row.pk, revision=row.revision, **act)
    actions.edit(sentence=first.pk, text=SAID, revision=first.revision, **act)
    summary.refresh_from_db()
    return summary


def published(finished: Finished) -> Summary:
    return key_messages.publish(hearing=finished.world.hearing, actor=finished.world.office)


def message(summary: Summary) -> Sentence:
    return Sentence.objects.get(
        section__summary=summary, section__key=Section.MESSAGES, removed_at=None
    )


def page(finished: Finished, name: str = "messages", *more: str) -> str:
    return reverse(f"summary:{name}", args=(finished.world.hearing.slug, *more))


def translate(finished: Finished, row: Sentence, text: str) -> None:
    translating.translate(
        hearing=finished.world.hearing,
        sentence=row.pk,
        language="fr",
        text=text,
        state=translating.state_of(row),
        revision=0,
        actor=finished.world.office,
    )


def kinds(finished: Finished) -> list[str]:
    rows = Entry.objects.filter(
        hearing=finished.world.hearing.id, kind__startswith="summary.messages"
    )
    return list(rows.order_by("seq").values_list("kind", flat=True))


def test_they_are_public_before_the_summary(
    finished: Finished, drafted: Summary, client: Any
) -> None:
    assert client.get(page(finished)).status_code == 404
    published(finished)
    shown = client.get(page(finished)).text
    assert SAID in shown
    assert "The summary of the hearing will follow." in shown
    assert client.get(page(finished, "public")).status_code == 404
    hearing_page = client.get(reverse("hearing:page", args=(finished.world.hearing.slug,))).text
    assert page(finished) in hearing_page
    file = client.get(page(finished, "messages-pdf"))
    assert file.content.startswith(b"%PDF")
    assert "key-messages.pdf" in file["Content-Disposition"]
    assert kinds(finished) == ["summary.messages_published"]


def test_what_is_public_stays_while_the_draft_is_changed(
    finished: Finished, drafted: Summary, client: Any
) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    published(finished)
    row = message(drafted)
    actions.edit(sentence=row.pk, text="Something else.", revision=row.revision, **act)
    assert SAID in client.get(page(finished)).text
    summary = Summary.objects.get()
    assert key_messages.is_changed(summary)
    published(finished)
    shown = client.get(page(finished)).text
    assert ("Something else." in shown, SAID in shown) == (True, False)
    assert not key_messages.is_changed(summary)
    published(finished)  # the button is pressed twice: nothing changes
    assert kinds(finished) == ["summary.messages_published"] * 2


def test_a_language_is_public_when_all_are_translated(
    finished: Finished, drafted: Summary, client: Any
) -> None:
    published(finished)
    assert key_messages.public_languages(Summary.objects.get()) == ["en"]
    assert client.get(page(finished, "messages-pdf-in", "fr")).status_code == 404
    translate(finished, message(drafted), FRENCH)
    summary = published(finished)
    assert key_messages.public_languages(summary) == ["en", "fr"]
    assert FRENCH in client.get(page(finished), headers={"Accept-Language": "fr"}).text
    assert SAID in client.get(page(finished), headers={"Accept-Language": "es"}).text
    assert client.get(page(finished, "messages-pdf-in", "fr")).content.startswith(b"%PDF")
    row = message(drafted)
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    actions.edit(sentence=row.pk, text="Something else.", revision=row.revision, **act)
    summary = published(finished)  # the translation no longer matches the original
    assert key_messages.public_languages(summary) == ["en"]


def test_they_go_to_those_who_get_the_summary(finished: Finished, drafted: Summary) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    with pytest.raises(actions.SummaryRefused, match="Publish the key messages first"):
        circulation.circulate(paper=MESSAGES_PAPER, **act)
    summary = published(finished)
    made = circulation.circulate(paper=MESSAGES_PAPER, **act)
    expected = {to.address for to in circulation.addressees(finished.world.hearing)}
    rows = Message.objects.filter(mailing=Mailing.objects.get())
    assert {row.address for row in rows} == expected
    assert all(reverse("summary:messages", args=(summary.hearing.slug,)) in r.body for r in rows)
    digest = sha256(messages_of(key_messages.contents(summary), "pdf")).hexdigest()
    assert made.digest == digest
    assert all(digest in row.body for row in rows)
    assert all(row.state == Message.State.QUEUED for row in rows)
    entry = Entry.objects.get(hearing=finished.world.hearing.id, seq=made.seq)
    assert (entry.kind, entry.fields()["recipients"]) == (
        "summary.messages_circulated",
        len(expected),
    )
    with pytest.raises(actions.SummaryRefused, match="already been sent"):
        circulation.circulate(paper=MESSAGES_PAPER, **act)


def test_the_summary_takes_their_place(finished: Finished, drafted: Summary, client: Any) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    published(finished)
    circulation.circulate(paper=MESSAGES_PAPER, **act)
    summary = actions.publish(**act)
    shown = client.get(page(finished)).text
    assert SAID in shown
    assert page(finished, "public") in shown
    hearing_page = client.get(reverse("hearing:page", args=(finished.world.hearing.slug,))).text
    assert (page(finished) in hearing_page, page(finished, "public") in hearing_page) == (
        False,
        True,
    )
    for attempt in (
        lambda: key_messages.publish(**act),
        lambda: circulation.circulate(paper=MESSAGES_PAPER, **act),
    ):
        with pytest.raises(actions.SummaryRefused, match="has the key messages in it"):
            attempt()
    everybody = len(circulation.addressees(finished.world.hearing))
    assert len(circulation.pending(summary)) == everybody
    circulation.circulate(**act)
    assert [
        len(circulation.proofs(summary, paper)) for paper in (SUMMARY_PAPER, MESSAGES_PAPER)
    ] == [
        1,
        1,
    ]


def test_nothing_is_published_without_a_key_message(finished: Finished, drafted: Summary) -> None:
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    row = message(drafted)
    actions.remove(sentence=row.pk, revision=row.revision, **act)
    with pytest.raises(actions.SummaryRefused, match="No key message"):
        key_messages.publish(**act)
    assert Summary.objects.get().messages_published_at is None


def test_a_new_alias_withdraws_those_that_name_the_person(
    finished: Finished, drafted: Summary, client: Any
) -> None:
    hearing, by = finished.world.hearing, finished.world.office
    published(finished)
    with writer.writing(hearing.id, actor=by) as record:
        follow(record, hearing, ["Nobody Named"], "A participant")
    assert client.get(page(finished)).status_code == 200
    with writer.writing(hearing.id, actor=by) as record:
        follow(record, hearing, ["Wetlands"], "A participant")
    assert client.get(page(finished)).status_code == 404
    assert kinds(finished)[-1] == "summary.messages_taken_back"
    version = SummaryVersion.objects.get(reason=SummaryVersion.Reason.MESSAGES)
    assert "Wetlands" not in str(version.content)


def test_erased_words_leave_the_public_page(
    finished: Finished, drafted: Summary, client: Any
) -> None:
    published(finished)
    client.get(page(finished, "messages-pdf"))
    row = message(drafted)
    quoted = next(source["statement"] for source in row.sources if "statement" in source)
    person = finished.world.hearing.registrations.get(statements__pk=quoted).person
    with writer.writing(finished.world.hearing.id, actor=finished.world.office) as record:
        erasing.erase_sentences(person.pk, record)
    assert SAID not in client.get(page(finished)).text
    assert SummaryVersion.objects.get(reason=SummaryVersion.Reason.MESSAGES).pdf is None


def test_the_office_publishes_shows_whom_and_sends(finished: Finished, drafted: Summary) -> None:
    office = finished.world.client()
    before = office.get(page(finished, "office-messages")).text
    assert SAID in before
    assert "Publish the key messages first." in before
    press = page(finished, "publish-messages")
    after = office.post(press, {"do": "publish"}, follow=True).text
    assert "The key messages are now public." in after
    assert "have been published. Read them here" in after
    sent = office.post(page(finished, "office-messages"), follow=True).text
    number = len(circulation.addressees(finished.world.hearing))
    assert f"Recipients: {number}." in sent
    assert page(finished, "messages-csv") in sent
    table = office.get(page(finished, "messages-csv"))
    lines = list(csv.reader(io.StringIO(table.text.lstrip("\ufeff"))))
    assert len(lines) == number + 1
    assert "no longer public" in office.post(press, {"do": "take-back"}, follow=True).text
