"""Evidence: submitted, shown, limited, withdrawn and erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from hemicycle.before.accreditation.models import Evidence
from hemicycle.before.registration import links, review
from hemicycle.before.registration.models import Registration
from hemicycle.record import erasure
from hemicycle.record.models import Entry
from tests.before.accreditation.people import step
from tests.support.jobs import outcome

if TYPE_CHECKING:
    from tests.support.lists import World


def page(registration: Registration) -> str:
    return f"/my/{links.secret_of(registration)}/"


def test_what_is_asked_for_is_told_and_given(world: World, steps: Callable[..., None]) -> None:
    steps(evidence="Number of consultative status")
    row, client = world.ngo("Open Doors"), world.client()
    assert step(row) == "evidence"
    assert (
        "The hearing requires: Number of consultative status."
        in client.get(page(row)).content.decode()
    )
    sent = SimpleUploadedFile("letter.txt", b"We have been in consultative status since 1999.")
    for piece in ({"text": "E-1234"}, {"link": "status.example.org/1234"}):
        assert client.post(f"{page(row)}evidence/", piece).status_code == 302
    posted = client.post(f"{page(row)}evidence/", {"file": sent})
    assert "Place in the queue: 1." in client.get(posted.headers["Location"]).content.decode()
    assert "waiting to be read" in client.get(page(row)).content.decode()
    assert Evidence.objects.count() == 2
    assert "Your evidence has been received." in outcome(client, posted).content.decode()
    rows = Evidence.objects.values_list("form", "text", "file_name", "size")
    assert sorted(rows) == [
        ("file", "", "letter.txt", 47),
        ("link", "https://status.example.org/1234", "", 0),
        ("words", "E-1234", "", 0),
    ]
    assert step(row) == "review"
    office = client.get(f"/office/{world.hearing.slug}/registrations/{row.pk}/").content.decode()
    assert ("E-1234" in office, "letter.txt" in office) == (True, True)
    file = Evidence.objects.get(form="file")
    kept = client.get(f"/office/{world.hearing.slug}/review/evidence/{file.pk}/")
    assert b"".join(kept) == b"We have been in consultative status since 1999."


def test_what_is_no_document_is_refused_with_a_sentence(
    world: World, steps: Callable[..., None]
) -> None:
    steps(evidence="Status")
    row, client = world.ngo("Open Doors"), world.client()
    cases: tuple[dict[str, object], ...] = (
        {},
        {"text": "E-1", "link": "https://example.org/"},
        {"link": "javascript:alert(1)"},
    )
    for sent in cases:
        answer = client.post(f"{page(row)}evidence/", sent)
        assert (answer.status_code, "error" in answer.content.decode()) == (422, True)
    program = SimpleUploadedFile("a.pdf", b"\x7fELF" + bytes(200))
    read = outcome(client, client.post(f"{page(row)}evidence/", {"file": program}))
    assert "“a.pdf” was not accepted." in read.content.decode()
    assert Evidence.objects.count() == 0


def test_it_can_be_taken_back_until_the_decision(world: World, steps: Callable[..., None]) -> None:
    steps(evidence="Status")
    row, client = world.ngo("Open Doors"), world.client()
    for text in ("E-1", "E-1", "E-2"):
        client.post(f"{page(row)}evidence/", {"text": text})
    first, second = Evidence.objects.order_by("added_at", "text")
    client.post(f"{page(row)}evidence/{first.pk}/remove/")
    assert list(Evidence.objects.values_list("text", flat=True)) == ["E-2"]
    review.decide(
        hearing=world.hearing,
        chosen=[row.id],
        outcome=Registration.Status.ACCEPTED,
        reason="",
        decided_by=world.secretary,
        actor=world.office,
    )
    client.post(f"{page(row)}evidence/{second.pk}/remove/")
    assert client.post(f"{page(row)}evidence/", {"text": "E-3"}).status_code == 422
    assert Evidence.objects.count() == 1
    kinds = Entry.objects.filter(hearing=world.hearing.id, kind__startswith="evidence.")
    assert list(kinds.order_by("seq").values_list("kind", flat=True)) == [
        *("evidence.added", "evidence.added", "evidence.removed"),
    ]


def test_another_applicants_files_stay_closed(world: World, steps: Callable[..., None]) -> None:
    steps(evidence="Status")
    own, other, client = world.ngo("A"), world.ngo("B"), world.client()
    file = SimpleUploadedFile("a.txt", b"Ours alone.")
    outcome(client, client.post(f"{page(own)}evidence/", {"file": file}))
    piece = Evidence.objects.get()
    assert client.get(f"{page(other)}evidence/{piece.pk}/").status_code == 404
    client.post(f"{page(other)}evidence/{piece.pk}/remove/")
    assert Evidence.objects.count() == 1


@pytest.mark.usefixtures("either_storage")
def test_erasure_deletes_the_file(
    world: World,
    steps: Callable[..., None],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    steps(evidence="Status")
    row, client = world.ngo("A"), world.client()
    file = SimpleUploadedFile("a.txt", b"To be erased.")
    outcome(client, client.post(f"{page(row)}evidence/", {"file": file}))
    name = str(Evidence.objects.get().file.name)
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
    assert (default_storage.exists(name), Evidence.objects.count()) == (False, 0)
