"""The office begins a hearing from an earlier one, a preset, or a file with a new address."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.models import Appointment, Role
from hemicycle.hearing.setup import actions
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Actor
from hemicycle.ui.languages import spoken
from tests.hearing.setup.conftest import REFERENCE
from tests.support.untranslated import left_in_english

PAGE = "/office/convene/"
TITLES = {
    "ar": "جلسة استماع بشأن الأنهار",
    "es": "Audiencia sobre los ríos",
    "fr": "Audition sur les rivières",
    "ru": "Слушания по вопросу о реках",
    "zh": "关于河流的听询会",
}
ACTOR = Actor.system("test")


@pytest.fixture
def office(hearing: Hearing) -> Client:
    """Return the browser of an officer of the reference hearing."""
    officer = parties.staff_member(name="Officer", email="officer@hearing.example")
    parties.appoint(person=officer, hearing_id=hearing.pk, role=Role.SECRETARIAT, actor=ACTOR)
    client = Client()
    client.force_login(officer)
    return client


def names(page: bytes) -> list[str]:
    tree = LexborHTMLParser(page)
    return [node.attributes["name"] or "" for node in tree.css("#copy [name], #preset [name]")]


def copy_of(hearing: Hearing, **more: object) -> dict[str, object]:
    return {
        "copy-source": str(hearing.pk),
        "copy-title": "Rivers",
        "copy-first_day": "2031-03-04",
        **more,
    }


def test_a_copy_opens_in_its_office(office: Client, hearing: Hearing) -> None:
    answer = office.post(f"{PAGE}copy/", copy_of(hearing))
    made = Hearing.objects.get(slug="rivers")
    assert answer["Location"] == "/office/rivers/"
    assert office.get(answer["Location"]).status_code == 200
    first = made.meetings.first()
    assert first is not None
    assert first.starts_at.astimezone(made.zone).date() == date(2031, 3, 4)


def test_a_link_names_the_hearing_to_copy(office: Client, hearing: Hearing) -> None:
    page = office.get(PAGE, {"from": hearing.slug}).content
    chosen = LexborHTMLParser(page).css_first("#copy option[selected]")
    assert chosen is not None
    assert chosen.attributes["value"] == str(hearing.pk)
    title = LexborHTMLParser(page).css_first("#copy [name='copy-title']")
    assert title is not None
    assert title.attributes["value"] == hearing.title


def test_nobody_copies_a_hearing_of_others(office: Client, hearing: Hearing) -> None:
    other = actions.convene(REFERENCE, slug="other", actor=ACTOR)
    Hearing.objects.filter(pk=other.pk).update(title="A secret draft")
    assert b"A secret draft" not in office.get(PAGE, {"from": "other"}).content
    answer = office.post(f"{PAGE}copy/", copy_of(other))
    assert answer.status_code == 422
    assert b"A secret draft" not in answer.content
    assert Hearing.objects.count() == 2


def test_an_officer_with_some_duties_copies_no_hearing(office: Client, hearing: Hearing) -> None:
    link = f"?from={hearing.slug}#copy".encode()
    assert link in office.get(reverse("hearing:mine")).content
    Appointment.objects.filter(hearing_id=hearing.pk).update(duties=["lists"])
    assert link not in office.get(reverse("hearing:mine")).content
    assert office.post(f"{PAGE}copy/", copy_of(hearing)).status_code == 422
    assert Hearing.objects.count() == 1


def test_what_was_typed_stays_with_its_sentence(office: Client, hearing: Hearing) -> None:
    answer = office.post(f"{PAGE}copy/", copy_of(hearing, **{"copy-first_day": "31.2.2031"}))
    assert answer.status_code == 422
    tree = LexborHTMLParser(answer.content)
    assert [node.attributes["value"] for node in tree.css("[name='copy-title']")] == ["Rivers"]
    assert [node.attributes["value"] for node in tree.css("[name='copy-first_day']")] == [
        "31.2.2031"
    ]
    assert len(tree.css("#copy .field__error")) == 1
    assert len(tree.css("#preset .field__error")) == 0


def test_a_preset_needs_a_handful_of_fields(office: Client, hearing: Hearing) -> None:
    typed = {
        "preset-preset": "council-hearing",
        "preset-title": "Plan for the harbour",
        "preset-first_day": "2031-03-04",
        "preset-time_zone": "Europe/Paris",
        "preset-language": "fr",
    }
    assert set(typed) <= set(names(office.get(PAGE).content))
    answer = office.post(f"{PAGE}preset/", typed)
    assert answer["Location"] == "/office/plan-for-the-harbour/"
    made = Hearing.objects.get(slug="plan-for-the-harbour")
    assert (made.original_language, made.time_zone) == ("fr", "Europe/Paris")
    published = actions.publish_hearing(hearing=made, actor=ACTOR)
    assert published.status == Hearing.Status.PUBLISHED


@pytest.mark.any_database
@pytest.mark.parametrize("language", sorted(TITLES))
def test_a_hearing_is_convened_and_published_in_each_language(
    office: Client, language: str
) -> None:
    office.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    typed = {
        "preset-preset": "un-hearing",
        "preset-title": TITLES[language],
        "preset-first_day": "2031-03-04",
        "preset-time_zone": "Africa/Nairobi",
        "preset-language": language,
    }
    form = office.get(PAGE).text
    made = Hearing.objects.get(
        slug=office.post(f"{PAGE}preset/", typed)["Location"].strip("/").rpartition("/")[2]
    )
    draft = office.get(f"/office/{made.slug}/").text
    actions.publish_hearing(hearing=made, actor=ACTOR)
    public = Client(headers={"accept-language": language}).get(f"/h/{made.slug}/").text
    for page in (form, draft, public):
        assert f'lang="{spoken(language)}"' in page
        assert set(left_in_english(page, spoken(language))) - {"Officer"} == set()
    assert made.original_language == language
    assert TITLES[language] in draft
    assert TITLES[language] in public


def test_an_unknown_preset_is_refused(office: Client) -> None:
    typed = {
        "preset-preset": "../secrets",
        "preset-title": "Plan",
        "preset-first_day": "2031-03-04",
        "preset-time_zone": "Europe/Paris",
        "preset-language": "fr",
    }
    assert office.post(f"{PAGE}preset/", typed).status_code == 422


def test_a_file_may_get_another_address(office: Client, hearing: Hearing) -> None:
    def sent(slug: str) -> tuple[int, str]:
        file = SimpleUploadedFile("hearing.toml", REFERENCE.read_bytes())
        answer = office.post(PAGE, {"file": file, "slug": slug})
        return answer.status_code, answer.headers.get("Location", "")

    assert sent("") == (422, "")  # the file's own address is in use
    assert sent("not an address") == (422, "")
    assert sent("second-hearing") == (302, "/office/second-hearing/")
