"""A hearing in six languages, from convening to circulation: all people read their own language.

Six organizations register with the form in their language, speak in it, and read letters, papers
and pages in it. Readers of Chinese, Arabic and Russian find names, titles and statements as people
type them in these scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from hemicycle.before.registration import links, review
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup import translations
from hemicycle.mail.outgoing import lists, mailings
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import known_letters
from hemicycle.outcome.summary import circulation
from hemicycle.procedure import commands as c
from hemicycle.ui.languages import base, spoken
from tests.support.jobs import outcome
from tests.support.lists import World, reference_world
from tests.support.markup import compact
from tests.support.translated import WORDS, published_in
from tests.support.untranslated import ISOLATED, english, left_in_english, of_the_hearing

pytestmark = pytest.mark.any_database


@dataclass(frozen=True)
class Voice:
    """A participant: what they type, and what others search for."""

    organization: str
    person: str
    function: str
    statement: str
    called: str
    """The statement's title in this language."""
    searches: tuple[str, ...]
    day: str
    """The day until which the place is reserved, as a letter in this language writes it."""
    title: str
    """The hearing's title."""


VOICES = {
    "ar": Voice(
        "مؤسسة إشراق الأمل",
        "آمنة الإدريسي",
        "مديرة المؤسسة",
        "نطالب بحماية النِّساء والفتيات من الاتجار بالأشخاص في كل مكان.",
        "عالم آمن للجميع",
        ("اشراق الامل", "عالم امن", "امنة الادريسي", "النساء", "النِّساءِ", "إشراق"),
        "2 يوليو 2021",
        "جلسة استماع بشأن الاتجار بالأشخاص",
    ),
    "zh": Voice(
        "光明妇女协会",
        "王小明",
        "秘书长",
        "我们必须保护受害者，并追究责任。",
        "共同守护安全",
        ("光明", "守护", "王小明", "受害者", "追究责任"),
        "2021年7月2日",
        "关于贩运人口问题的听询会",
    ),
    "ru": Voice(
        "Общественный фонд «Ёлка»",
        "Алёна Берёзкина",
        "директор фонда",
        "Борьба с торговлей людьми начинается с защиты детей и женщин.",
        "Всё о безопасном мире",
        ("елка", "безопасный мир", "БЕРЕЗКИНА", "женщины", "торговля"),
        "2 июля 2021",
        "Слушания по вопросу о торговле людьми",
    ),
    "fr": Voice(
        "Eau pour tous",
        "Hélène Lefèvre",
        "directrice",
        "L’eau est un droit pour les victimes protégées et pour les enfants.",
        "Des rivières sûres",
        ("eau pour tous", "rivière", "helene lefevre", "victime", "enfant"),
        "2 juillet 2021",
        "Audition sur la traite des personnes",
    ),
    "es": Voice(
        "Casa Abierta",
        "Íñigo Núñez",
        "director",
        "Las niñas y las víctimas de la trata necesitan los refugios.",
        "Ningún niño más",
        ("casa abierta", "ningun", "inigo nunez", "victimas", "refugio"),
        "2 de julio de 2021",
        "Audiencia sobre la trata de personas",
    ),
    "en": Voice(
        "Safe Harbour",
        "Amina Otieno",
        "Director",
        "The platforms must report each of the traffickers to the police.",
        "Harbours without fear",
        ("safe harbour", "fear", "otieno", "trafficker"),
        "2 July 2021",
        "",
    ),
}
RIGHT_TO_LEFT = {"ar"}
TOGETHER = {"en": "Together, at last", "fr": "Ensemble, enfin"}
"""The second title of each statement: in English, and of the English one in French."""


def second(language: str) -> str:
    """Return the language of a statement's second title."""
    return "fr" if language == "en" else "en"


def browser(language: str) -> Client:
    """Return a browser that asks for pages in a language."""
    return Client(headers={"accept-language": language})


def checked(page: str, language: str, world: World) -> str:
    """Return a page after checking that it is in a language, without English words of its own."""
    way = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    (root,) = re.findall(r"<html[^>]*>", page)
    assert (f'lang="{spoken(language)}"' in root.lower(), f'dir="{way}"' in root) == (True, True)
    if language != "en":
        own = {world.secretary.name, world.moderator.name}
        assert set(left_in_english(page, spoken(language))) - own == set()
    return page


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """Yield the reference hearing with its title in the six languages."""
    with reference_world() as world:
        world.accepts = False
        texts = {tag: voice.title for tag, voice in VOICES.items() if voice.title}
        titles = [
            translations.TextChange(entry, dict(texts))
            for entry in translations.entries(world.hearing)
            if entry.key.startswith("hearing.") and entry.name in {"title", "short_title"}
        ]
        translations.save(world.hearing, titles, actor=world.office)
        world.hearing.refresh_from_db()
        world.hearing.public_list = True
        world.hearing.save(update_fields=["public_list"])
        yield world


def registered(world: World, language: str, voice: Voice) -> Registration:
    """Register with the form, and confirm with the letter's link."""
    client = browser(language)
    where = reverse("registration:register", kwargs={"slug": world.hearing.slug})
    page = checked(client.get(where).text, language, world)
    if voice.title:
        assert voice.title in page
    (form_key,) = re.findall(r'name="form_key" value="([^"]+)"', page)
    typed = {
        "form_key": form_key,
        "category": str(world.hearing.categories.get(key="civil-society").id),
        "organization": voice.organization,
        "country": "KE",
        "name": voice.person,
        "title": voice.function,
        "email": f"{language}@hearing.example",
        "language": language,
        "wishes_to_intervene": "yes",
        "segment": str(world.panels[0].id),
        "consents_to_list": "on",
    }
    wrong = client.post(where, typed | {"name": ""})
    assert wrong.status_code == 422
    checked(wrong.text, language, world)
    sent = client.post(where, typed, follow=True)
    assert sent.status_code == 200
    checked(sent.text, language, world)
    row = Registration.objects.get(person__email=typed["email"])
    letter = Message.objects.get(person=row.person)
    (link,) = re.findall(r"/confirm/[\w-]+/", letter.body)
    checked(client.get(link).text, language, world)
    done = client.post(link, follow=True)
    assert voice.organization in checked(done.text, language, world)
    row.refresh_from_db()
    assert row.is_confirmed
    return row


def handed_in(world: World, row: Registration, language: str, voice: Voice) -> None:
    """Submit the statement on the personal page, with a title in this language and in another."""
    client = browser(language)
    secret, place = links.secret_of(row), world.inscription(row)
    where = reverse("statements:hand-in-for", args=(secret, place.pk))
    checked(client.get(where).text, language, world)
    typed = {
        "text": voice.statement,
        "title": voice.called,
        "title_language": language,
        "other_title": TOGETHER[second(language)],
        "other_title_language": second(language),
    }
    wrong = client.post(where, typed | {"title_language": ""})
    assert wrong.status_code == 422
    checked(wrong.text, language, world)
    taken = outcome(client, client.post(where, typed))
    assert voice.called in checked(taken.text, language, world)
    statement = Statement.objects.get(inscription=place)
    consent = reverse("statements:consent", args=(secret, statement.pk))
    done = client.post(consent, {"publish": "yes"}, follow=True)
    checked(done.text, language, world)


def hear(world: World, rows: dict[str, Registration]) -> None:
    """Let everybody speak for a minute, then close both meetings."""
    world.open_panel()
    for row in rows.values():
        world.press(c.GiveFloor(world.inscription(row).id.hex))
        world.clock.advance(60_000)
        world.press(c.EndFloor())
    for panel in (0, 1):
        if panel:
            world.open_panel(panel)
        world.press(c.CloseSegment(), panel)
        world.press(c.CloseMeeting(), panel)


@pytest.mark.slow
def test_each_reads_letters_pages_and_papers_in_their_own_language(world: World) -> None:
    rows = {tag: registered(world, tag, voice) for tag, voice in VOICES.items()}
    review.decide(
        hearing=world.hearing,
        chosen=[row.pk for row in rows.values()],
        outcome=Registration.Status.ACCEPTED,
        reason="",
        decided_by=world.secretary,
        actor=world.office,
    )
    invited(world)
    for tag, voice in VOICES.items():
        handed_in(world, rows[tag], tag, voice)
    hear(world, rows)
    published_in(world.hearing, world.office, *WORDS)
    circulation.circulate(hearing=world.hearing, actor=world.office)
    for tag, voice in VOICES.items():
        letters_of(world, rows[tag], tag, voice)
    lists_and_papers(world)
    searches(world)


def invited(world: World) -> None:
    """Send the letter and the concept note to everybody who registered."""
    everybody = lists.source(world.hearing, "registered:all")
    assert everybody is not None
    mailing = mailings.make(
        hearing=world.hearing,
        letter=known_letters()["invitation"],
        source=everybody,
        enclosed=["letter-pdf", "letter-docx", "note-pdf", "note-docx"],
    )
    count = len(VOICES)
    mailings.confirm(hearing=world.hearing, mailing=mailing, count=count, actor=world.office)


def words_of(paper: bytes) -> list[str]:
    """Return the lines of a Word document, without direction marks."""
    document = Document(BytesIO(paper))
    rows = (row for table in document.tables for row in table.rows)
    cells = [cell.text for row in rows for cell in row.cells]
    said = "\n".join([*(line.text for line in document.paragraphs), *cells])
    return re.sub("[\u2066-\u2069]", "", said).splitlines()


def papers_of(language: str, voice: Voice, letters: list[Message]) -> None:
    """Check the invitation's enclosed papers and the paper that the summary's letter links to."""
    (invitation,) = (one for one in letters if one.purpose == Message.Purpose.INVITATION)
    files = {file.name: bytes(file.content) for file in invitation.enclosures.all()}
    kinds = sorted((name.partition(f"-{language}")[0], name[-4:]) for name in files)
    assert kinds == [(kind, end) for kind in ("concept-note", "letter") for end in (".pdf", "docx")]
    (letter,) = (one for one in letters if one.purpose == Message.Purpose.SUMMARY)
    (link,) = re.findall(r"/h/\S+/summary\S*\.docx", letter.body)
    summary_paper = browser(language).get(link).content
    papers = [content for name, content in files.items() if name.endswith(".docx")]
    written = [words_of(paper) for paper in (*papers, summary_paper)]
    if language == "en":
        return
    assert any(WORDS[language] in line for line in written[-1])
    known = english(spoken(language))
    for lines in written:
        assert any(voice.title in line for line in lines)
        found = {line.strip() for line in lines if known.has(line.strip())}
        assert found - of_the_hearing() == set()


def letters_of(world: World, row: Registration, language: str, voice: Voice) -> None:
    """Check that each letter to a participant, its dates and the title are in their language."""
    letters = list(Message.objects.filter(address=row.person.email))
    assert {letter.purpose for letter in letters} >= {
        *(Message.Purpose.CONFIRMATION, Message.Purpose.DECISION),
        *(Message.Purpose.RECEIPT, Message.Purpose.SUMMARY, Message.Purpose.INVITATION),
    }
    assert {base(letter.language) for letter in letters} == {language}
    papers_of(language, voice, letters)
    written = "\n".join(f"{letter.subject}\n{letter.body}" for letter in letters)
    bare = ISOLATED.sub("", written) if language != "ar" else written
    assert voice.day in re.sub("[\u2066-\u2069]", "", written), language
    if language == "en":
        return
    assert world.hearing.__dict__["title"] not in written
    assert voice.title in re.sub("[\u2066-\u2069]", "", written)
    known = english(spoken(language))
    assert [line for line in bare.splitlines() if known.has(line.strip())] == []


def lists_and_papers(world: World) -> None:
    """Check the public pages and the office's printed list in each language."""
    for language, voice in VOICES.items():
        client, office = browser(language), world.client()
        office.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        for name in ("hearing:page", "speakers:public", "statements:library", "summary:public"):
            page = client.get(reverse(name, kwargs={"slug": world.hearing.slug}))
            assert page.status_code == 200
            shown = checked(page.text, language, world)
            if voice.title:
                assert voice.title in shown
            if name == "statements:library":
                titles_in(shown, language)
            if name == "summary:public" and language in WORDS:
                assert WORDS[language] in shown
        segment = world.panels[0].pk
        printed = office.get(reverse("speakers:print", args=(world.hearing.slug, segment)))
        assert voice.organization in checked(printed.text, language, world)


def titles_in(library: str, language: str) -> None:
    """Check that each title is in the reader's language, or else marked with its own language."""
    for own, voice in VOICES.items():
        if language in {own, "en"} or (own, language) == ("en", "fr"):
            shown = voice.called if language == own else TOGETHER[language]
            assert f"<strong>{shown}</strong>" in compact(library)
        else:
            way = "rtl" if own in RIGHT_TO_LEFT else "ltr"
            assert f'<span lang="{own}" dir="{way}">{voice.called}</span>' in library


def searches(world: World) -> None:
    """Check that names, titles and statements are found as people type them in each script."""
    library = reverse("statements:library", kwargs={"slug": world.hearing.slug})
    registrations = reverse("registration:office", kwargs={"slug": world.hearing.slug})
    missing = []
    for language, voice in VOICES.items():
        for words in voice.searches:
            page = browser(language).get(library, {"q": words}).text
            if voice.organization not in re.sub(r"</?mark>", "", page):
                missing.append((language, words))
        for words in (voice.searches[0], voice.function.split()[0]):
            office = world.client()
            office.defaults["HTTP_ACCEPT_LANGUAGE"] = language
            if voice.person not in office.get(registrations, {"q": words}).text:
                missing.append((f"{language} in the office", words))
    assert missing == []
