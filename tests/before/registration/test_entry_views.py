"""The pages of the forms: empty, corrected, submitted, resubmitted, late, too large, and drafts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from hemicycle.before.registration.confirming import confirm
from hemicycle.before.registration.drafts import DAYS, lapse
from hemicycle.before.registration.models import Draft, Registration
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from tests.support.markup import compact

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.lists import World

type Typed = Callable[..., dict[str, Any]]
FORM = "/h/2021-trafficking/register/"
MISSIONS = "/h/2021-trafficking/inscribe/"


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=False)


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', compact(html))
    assert found, f"no field {name}"
    return found[1]


# ── Empty ─────────────────────────────────────────────────────────────────────────────────────
def test_each_copy_of_the_empty_form_has_keys_of_its_own(world: World) -> None:
    pages = [Client().get(FORM).content.decode() for _ in range(2)]
    for name in ("form_key", "draft_key", "csrfmiddlewaretoken"):
        values = {hidden(page, name) for page in pages}
        assert len(values) == 2
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{43,64}", value) for value in values)
    assert "{kept:" not in pages[0]


def test_a_kept_form_follows_every_change_of_the_hearing(world: World, browser: Client) -> None:
    browser.get(FORM)
    world.hearing.categories.filter(key="civil-society").update(label="Renamed category")
    assert "Renamed category" in browser.get(FORM).content.decode()
    world.hearing.deadlines.filter(track=TrackKind.STAKEHOLDERS).update(at=clock.now())
    world.clock.advance(2000)
    assert "Registration is closed" in browser.get(FORM).content.decode()


def test_a_kept_form_speaks_each_readers_language(world: World) -> None:
    english = Client().get(FORM, headers={"accept-language": "en"}).content.decode()
    arabic = Client().get(FORM, headers={"accept-language": "ar"}).content.decode()
    assert ('dir="ltr"' in english, 'dir="rtl"' in arabic) == (True, True)


def test_the_address_in_a_kept_page_is_the_visitors_own(world: World, browser: Client) -> None:
    browser.get(FORM)
    assert hidden(browser.get(FORM).content.decode(), "next") == FORM


def test_a_token_from_a_kept_form_is_good(world: World, stakeholder: Typed) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.get(FORM)
    page = strict.get(FORM).content.decode()
    typed = stakeholder(csrfmiddlewaretoken=hidden(page, "csrfmiddlewaretoken"))
    assert strict.post(FORM, typed).status_code == 302
    assert strict.post(FORM, stakeholder()).status_code == 403


def test_a_draft_hearing_and_an_unknown_one_are_not_there(world: World, browser: Client) -> None:
    assert browser.get("/h/unknown/register/").status_code == 404
    Hearing.objects.update(status=Hearing.Status.DRAFT)
    assert browser.get(FORM).status_code == 404
    assert browser.post(FORM, {}).status_code == 404


def test_whoever_does_not_know_which_form_chooses(world: World, browser: Client) -> None:
    page = browser.get("/h/2021-trafficking/take-part/").content.decode()
    assert (FORM in page, MISSIONS in page) == (True, True)


# ── Sent ──────────────────────────────────────────────────────────────────────────────────────
def test_sending_leads_to_the_receipt(world: World, browser: Client, stakeholder: Typed) -> None:
    answer = browser.post(FORM, stakeholder())
    assert answer.status_code == 302
    assert re.fullmatch(r"/received/[A-Za-z0-9_-]{43}/\?new=1", answer["Location"])
    page = compact(browser.get(answer["Location"]).content.decode())
    row = Registration.objects.get()
    assert "/my/" not in page.replace('href="/my/"', "")  # the page holds no personal link
    assert row.reference in page
    assert '<p class="receipt__place"><b>1</b>' in page


def test_a_mission_inscribes_in_both_panels(world: World, browser: Client, mission: Typed) -> None:
    both = [str(panel.id) for panel in world.panels]
    answer = browser.post(MISSIONS, mission(segments=both))
    page = compact(browser.get(answer["Location"]).content.decode())
    assert page.count('<p class="receipt__place"><b>1</b>') == 2


def test_a_form_with_faults_comes_back_whole(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    typed = stakeholder(email="nobody", name="Ñandú 👩🏽‍💻", question="Why <b>now</b>?")
    answer = browser.post(FORM, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Please correct 1 field" in page
    assert 'value="Ñandú 👩🏽‍💻"' in page
    assert "Why &lt;b&gt;now&lt;/b&gt;?" in page
    assert hidden(page, "form_key") == typed["form_key"]
    assert not Registration.objects.exists()


def test_sent_twice_is_one_registration(world: World, browser: Client, stakeholder: Typed) -> None:
    typed = stakeholder()
    first, second = browser.post(FORM, typed), browser.post(FORM, typed)
    assert second["Location"] == first["Location"].replace("new=1", "again=1")
    assert "have not registered you twice" in browser.get(second["Location"]).content.decode()
    assert Registration.objects.count() == 1


def test_who_is_registered_already_is_told_and_shown_no_link(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    browser.post(FORM, stakeholder())
    answer = browser.post(FORM, stakeholder())
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "already registered for this organization" in page
    assert "/my/" not in page


def test_a_mission_inscribing_twice_gets_a_clear_answer(
    world: World, browser: Client, mission: Typed
) -> None:
    world.mission("France", 0)
    answer = browser.post(MISSIONS, mission(email="other@example.org"))
    assert answer.status_code == 409
    assert "France is already inscribed in" in answer.content.decode()


def test_one_second_late_loses_nothing_typed(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    closes = world.hearing.deadlines.get(track=TrackKind.STAKEHOLDERS).at
    world.clock.move_to(clock.to_ms(closes + timedelta(seconds=1)))
    typed = stakeholder(question="Who pays?\nAnd when?", name="أمينة")
    answer = browser.post(FORM, typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Registration closed on 5 July 2021, 17:00" in page
    for text in ("River Watch", "أمينة", "Kenya", "Who pays?<br>And when?", "amina@example.org"):
        assert text in page
    assert not Registration.objects.exists()


def test_ten_megabytes_are_refused_with_a_sentence(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    answer = browser.post(FORM, stakeholder(question="x" * 10_000_000))
    page = answer.content.decode()
    assert answer.status_code == 413
    assert "The form contains 9.5 MB of text. The limit is 2.5 MB" in page
    assert not Registration.objects.exists()


def test_a_thousand_fields_too_many_are_refused(world: World, browser: Client) -> None:
    answer = browser.post(FORM, {f"f{number}": "x" for number in range(2000)})
    assert answer.status_code == 413


def test_bytes_that_are_no_text_break_nothing(world: World, browser: Client) -> None:
    answer = browser.post(
        FORM, b"name=\xff\xfe%00&email=%ff", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 422


# ── Drafts ────────────────────────────────────────────────────────────────────────────────────
def mailed_link() -> str:
    """Return the path of the link in the newest letter about a draft."""
    letter = Message.objects.filter(purpose="draft").latest("queued_at")
    (path,) = re.findall(r"http://localhost:8000(/h/\S+\?draft=[\w-]{43})", letter.body)
    return str(path)


def test_a_draft_is_kept_and_continued_by_the_link_in_the_letter(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    key = "d" * 43
    saved = browser.post(FORM, stakeholder(draft_key=key, save_draft="1", name="", segment=""))
    assert saved.status_code == 200
    assert key not in saved.text
    assert "amina@example.org" in saved.text
    link = mailed_link()
    assert key not in link  # only the owner of the mailbox gets the mailbox's key
    assert link.partition("draft=")[2] not in saved.text
    page = Client().get(link).text
    assert 'value="River Watch"' in page
    assert "This is your draft" in page
    assert not Registration.objects.exists()


def test_the_letter_about_a_draft_has_none_of_its_words(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    typed = stakeholder(
        draft_key="d" * 43,
        save_draft="1",
        organization="Buy Cheap Watches at scam.example",
        name="Click Here Now",
        title="http://scam.example/",
        question="Who pays for http://scam.example/ ?",
        co_signer_1="Visit scam.example",
        co_signer_1_email="other@example.org",
    )
    browser.post(FORM, typed)
    (letter,) = Message.objects.all()
    assert (letter.address, letter.purpose) == ("amina@example.org", "draft")
    said = letter.subject + letter.body
    assert not re.search("scam|watches|click|pays", said, re.IGNORECASE)
    outbox = world.client().get(f"/office/{world.hearing.slug}/outbox/{letter.pk}/").text
    assert mailed_link().partition("draft=")[2] not in outbox


def test_what_the_mailbox_adds_is_not_read_by_whoever_saved_the_draft(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    key = "d" * 43
    browser.post(FORM, stakeholder(draft_key=key, save_draft="1"))
    own = mailed_link().partition("draft=")[2]
    autosave = {"x-requested-with": "autosave"}
    Client().post(FORM, stakeholder(draft_key=own, access_needs="A ramp"), headers=autosave)
    assert "A ramp" in Client().get(f"{FORM}?draft={own}").text
    assert "A ramp" not in browser.get(f"{FORM}?draft={key}").text


def test_saving_a_draft_again_from_its_link_sends_no_second_letter(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    browser.post(FORM, stakeholder(draft_key="d" * 43, save_draft="1"))
    own = mailed_link().partition("draft=")[2]
    again = browser.post(FORM, stakeholder(draft_key=own, save_draft="1", access_needs="A ramp"))
    assert "Your link to this draft still works." in again.text
    assert Message.objects.count() == 1
    assert "A ramp" in Client().get(f"{FORM}?draft={own}").text
    world.clock.advance(1000)
    browser.post(FORM, stakeholder(draft_key=own, save_draft="1", email="bo@example.org"))
    assert Message.objects.latest("queued_at").address == "bo@example.org"
    assert mailed_link().partition("draft=")[2] != own


@pytest.mark.parametrize("email", ["", "half"])
def test_a_draft_needs_an_address_and_nothing_else(
    world: World, browser: Client, stakeholder: Typed, email: str
) -> None:
    typed = {"draft_key": "d" * 43, "save_draft": "1", "organization": "River Watch"}
    answer = browser.post(FORM, {**typed, "email": email})
    assert (answer.status_code, Draft.objects.count()) == (422, 0)
    assert "Please correct 1 field" in answer.text
    assert 'value="River Watch"' in answer.text
    assert browser.post(FORM, {**typed, "email": "amina@example.org"}).status_code == 200
    assert Message.objects.count() == 1


def test_a_trial_shows_the_letter_about_a_draft_and_a_site_does_not(
    world: World, browser: Client, stakeholder: Typed, settings: Settings
) -> None:
    def saved(host: str) -> str:
        typed = stakeholder(draft_key="d" * 43, save_draft="1")
        return browser.post(FORM, typed, headers={"host": host}).text

    link = "http://localhost:8000" + FORM
    assert f"{link}?draft=" in saved("localhost:8000")
    assert f"{link}?draft=" not in saved("testserver")
    settings.SMTP = object()
    assert f"{link}?draft=" not in saved("localhost:8000")


def test_a_draft_is_not_mailed_after_the_deadline(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    closes = world.hearing.deadlines.get(track=TrackKind.STAKEHOLDERS).at
    world.clock.move_to(clock.to_ms(closes + timedelta(seconds=1)))
    answer = browser.post(FORM, stakeholder(draft_key="d" * 43, save_draft="1"))
    assert (answer.status_code, Message.objects.count()) == (409, 0)
    assert "River Watch" in answer.text


def test_what_was_saved_while_typing_is_there_when_the_form_is_opened_again(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    autosave = {"x-requested-with": "autosave"}
    browser.post(FORM, stakeholder(draft_key="d" * 43), headers=autosave)
    again = browser.get(FORM, follow=True)
    assert 'value="River Watch"' in again.text
    assert "This is your draft" in again.text
    assert "d" * 43 not in again.request["PATH_INFO"] + again.request["QUERY_STRING"]
    assert "River Watch" not in Client().get(FORM, follow=True).text
    assert "River Watch" not in browser.get(MISSIONS, follow=True).text
    browser.post(FORM, {"draft_key": hidden(again.text, "draft_key"), "discard_draft": "1"})
    assert Draft.objects.count() == 0
    assert "River Watch" not in browser.get(FORM, follow=True).text


def test_sending_a_draft_deletes_it(world: World, browser: Client, stakeholder: Typed) -> None:
    key = "d" * 43
    autosave = {"x-requested-with": "autosave"}
    answer = browser.post(FORM, stakeholder(draft_key=key), headers=autosave)
    assert (answer.status_code, Draft.objects.count()) == (204, 1)
    browser.post(FORM, stakeholder(draft_key=key, drafted="1"))
    assert Draft.objects.count() == 0


def test_a_missions_draft_keeps_all_its_panels(
    world: World, browser: Client, mission: Typed
) -> None:
    both = [str(panel.id) for panel in world.panels]
    browser.post(MISSIONS, mission(draft_key="m" * 43, save_draft="1", segments=both))
    page = browser.get(f"{MISSIONS}?draft={'m' * 43}").content.decode()
    assert all(re.search(rf'value="{panel}"[^>]* checked', page) for panel in both)


def test_drafts_lapse_by_themselves(world: World, browser: Client, stakeholder: Typed) -> None:
    key = "d" * 43
    browser.post(FORM, stakeholder(draft_key=key, save_draft="1"))
    world.clock.advance(DAYS * 86_400_000 + 1)
    world.hearing.deadlines.update(at=clock.now() + timedelta(days=1))
    answer = browser.get(f"{FORM}?draft={key}")
    assert answer.status_code == 404
    assert "no longer exists" in answer.content.decode()
    assert (lapse(), Draft.objects.count()) == (2, 0)  # the drafts of browser and mailbox


def test_a_mailed_draft_goes_once_its_mailbox_has_confirmed_a_form(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    key = "d" * 43
    browser.post(FORM, stakeholder(draft_key=key, save_draft="1"))
    world.clock.advance(1000)
    browser.post(FORM, stakeholder(draft_key=key, drafted="1"))
    assert (lapse(), Draft.objects.get().sent_to) == (0, "amina@example.org")
    confirm(registration=Registration.objects.get())
    assert (lapse(), Draft.objects.count()) == (1, 0)


def test_a_draft_that_is_no_draft_is_refused(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    autosave = {"x-requested-with": "autosave"}
    typed = stakeholder(draft_key="short")
    assert browser.post(FORM, typed, headers=autosave).status_code == 400
    typed = stakeholder(draft_key="d" * 43, question="\0" + "x" * 200_000)
    assert browser.post(FORM, typed, headers=autosave).status_code == 400
    answer = browser.post(FORM, typed | {"save_draft": "1"})
    assert (answer.status_code, "could not save" in answer.content.decode()) == (422, True)
    typed = stakeholder(draft_key="d" * 43, question="\0")
    assert browser.post(FORM, typed, headers=autosave).status_code == 204


# ── What it costs ─────────────────────────────────────────────────────────────────────────────
def test_few_queries(
    world: World,
    browser: Client,
    stakeholder: Typed,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    browser.get(FORM)
    with django_assert_max_num_queries(4):  # a single query on PostgreSQL
        browser.get(FORM)
    browser.post(FORM, stakeholder())
    for number in (1, 3):
        typed = stakeholder(email=f"{number}@example.org", organization=f"Body {number}")
        with django_assert_max_num_queries(20):
            answer = browser.post(FORM, typed)
        with django_assert_max_num_queries(2):
            browser.get(answer["Location"])


# ── Rows of co-signers ────────────────────────────────────────────────────────────────────────
def test_a_row_is_added_without_a_script_and_nothing_typed_is_lost(
    world: World, browser: Client, stakeholder: Typed
) -> None:
    typed = stakeholder(co_signer_1="Hope", co_signer_1_email="hope@example.org", title="É")
    answer = browser.post(FORM, {**typed, "add_co_signer": "1"})
    page = answer.content.decode()
    assert (answer.status_code, Registration.objects.count()) == (200, 0)
    for kept in ("Hope", "hope@example.org", "É", typed["form_key"]):
        assert kept in page
    assert compact(page).count("data-row hidden") == 3  # two of five rows are visible
    browser.post(FORM, typed)
    assert Registration.objects.get().co_signers.get().organization_name == "Hope"


# ── The sender's time zone ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("sent", "kept"), [("Africa/Nairobi", "Africa/Nairobi"), ("Mars/Olympus", ""), ("../../x", "")]
)
def test_the_zone_that_a_script_found_is_kept_if_there_is_one(
    world: World, browser: Client, stakeholder: Typed, sent: str, kept: str
) -> None:
    browser.post(FORM, stakeholder(time_zone=sent))
    assert Registration.objects.get().person.time_zone == kept
