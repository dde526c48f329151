"""A summary in the language that the office chooses, from statements in several languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils.translation import override

from hemicycle.before.statements import actions as statements
from hemicycle.mail.outgoing.models import Message
from hemicycle.outcome.archive import export
from hemicycle.outcome.summary import actions, circulation, translating, translations
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.contents import contents, public_languages
from hemicycle.outcome.summary.document import compose, pdf_of
from hemicycle.outcome.summary.drafting.sentences import quotable
from hemicycle.outcome.summary.models import Section, Sentence, Summary
from hemicycle.outcome.summary.quotations import Quotations, SentencePiece
from hemicycle.outcome.summary.sources import statements as texts_of
from hemicycle.record import verify
from tests.support.markup import parsed
from tests.support.translated import WORDS, translate_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.finished import Finished

SAID = {
    "Open Doors": (
        "ar",
        "ندعو إلى إنشاء صندوق استئماني يدفع تكاليف المساعدة القانونية والمأوى للناجين.",
        "تحتاج ملاجئ النساء والفتيات إلى تمويل يدوم أكثر من سنة واحدة في كل مقاطعة.",
    ),
    "Safe Harbour": (
        "zh",
        "我们呼吁设立信托基金，为幸存者支付法律援助和住所的费用。",
        "科技公司必须培训其审核人员识别人贩子的招募行为。",
    ),
    "Estmere": (
        "fr",
        "Nous demandons un fonds d’affectation spéciale pour l’aide juridique aux survivants.",
        "Les inspecteurs du travail doivent visiter chaque ferme et chaque navire du pays.",
    ),
}
"""Statements by language and organization: each has one shared point and one of its own."""
ENGLISH = re.compile(
    r"\b(?:the|of|and|in|was|were|said|from|among|speakers?|meeting|summary)\b",
    re.IGNORECASE,
)


@pytest.fixture
def spoken(finished: Finished) -> Finished:
    """The hearing with statements in Arabic, Chinese, French and English."""
    for name, (_language, *said) in SAID.items():
        row = finished.registrations[name]
        statements.hand_in(
            registration=row,
            inscription=row.inscriptions.get(),
            file_name="statement.txt",
            data="\n".join(said).encode(),
            by=row.person,
            actor=finished.world.office,
        )
    return finished


def drafted(spoken: Finished, language: str = "") -> Summary:
    world = spoken.world
    return actions.draft(hearing=world.hearing, language=language, actor=world.office)


def frame(summary: Summary) -> dict[str, str]:
    """Return the draft's own words by sentence: without names, titles and quotations."""
    hearing, texts = summary.hearing, texts_of(summary.hearing)
    own = [
        *spoken_texts(summary),
        *(source.statement.registration.public_organization for source in texts),
        *(category.label for category in hearing.categories.all()),
        *(segment.title for day in hearing.meetings.all() for segment in day.segments.all()),
        *(str(document.get("symbol")) for document in hearing.mandate),
        hearing.title,
    ]
    names = re.compile("|".join(map(re.escape, sorted(filter(None, own), key=len, reverse=True))))
    rows = Sentence.objects.filter(section__summary=summary)
    return {row.text: names.sub("", row.text) for row in rows}


def spoken_texts(summary: Summary) -> list[str]:
    """Return all sentences of the statements."""
    return [
        words
        for source in texts_of(summary.hearing)
        for sentence in quotable(source.text_under_alias)
        for words in sentence
    ]


@pytest.mark.any_database
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_no_word_of_the_frame_is_in_english(spoken: Finished, language: str) -> None:
    with override("ru"):  # the office's own language has no influence
        summary = drafted(spoken, language)
        with override(language):
            left = {whole: own for whole, own in frame(summary).items() if ENGLISH.search(own)}
    assert left == {}
    assert summary.language == language
    headings = set(summary.sections.values_list("heading", flat=True))
    known = {"fr": {"Messages clés", "Participation"}, "ar": {"الرسائل الرئيسية", "المشاركة"}}
    assert known[language] <= headings


@pytest.mark.any_database
@pytest.mark.parametrize(("language", "name"), [("fr", "Estmere"), ("ar", "Open Doors")])
def test_a_message_is_in_the_words_of_who_speaks_the_language(
    spoken: Finished, language: str, name: str
) -> None:
    summary = drafted(spoken, language)
    shared = SAID[name][1]
    messages = Sentence.objects.filter(section__summary=summary, section__key=Section.MESSAGES)
    (said,) = (row for row in messages if shared in row.text)
    assert said.sources[0]["statement"] == spoken.statement(name).id.hex
    assert len(said.sources) >= 3  # in whatever language the other statements are


@pytest.mark.any_database
def test_a_quotation_in_another_language_is_marked_with_it(spoken: Finished) -> None:
    summary = drafted(spoken, "fr")
    actions.publish(hearing=summary.hearing, actor=spoken.world.office)
    page = parsed(spoken.world.client(None).get(public(spoken)).text)
    quoted = {
        span.text_content(): (span.get("lang"), span.get("dir"))
        for span in page.xpath("//article//span[@lang]")
    }
    arabic, chinese, french = (SAID[name] for name in ("Open Doors", "Safe Harbour", "Estmere"))
    assert quoted[arabic[2]] == ("ar", "rtl")
    assert quoted[chinese[2]] == ("zh", "ltr")
    assert french[2] not in quoted
    (article,) = page.xpath("//article")
    assert (article.get("lang"), article.get("dir")) == ("fr", "ltr")
    runs = {
        run.text.strip("\u2068\u2069"): run.language
        for block in compose(summary).blocks
        for run in getattr(block, "runs", ())
    }
    assert runs[arabic[2]] == "ar"
    assert runs[chinese[2]] == "zh"
    office = spoken.world.client().get(reverse("summary:office", args=(summary.hearing.slug,)))
    assert f'<span lang="ar" dir="rtl">{arabic[2]}</span>' in office.text


def public(spoken: Finished) -> str:
    return reverse("summary:public", args=(spoken.world.hearing.slug,))


def test_it_is_translated_from_that_language_into_the_others(
    spoken: Finished, tmp_path: Path
) -> None:
    world = spoken.world
    summary = drafted(spoken, "fr")
    by: dict[str, Any] = {"hearing": world.hearing, "actor": world.office}
    assert "en" in translations.languages_of(summary)
    assert "fr" not in translations.languages_of(summary)
    translate_all(summary, "ar", but=1)
    actions.publish(**by)
    translating.publish(**by, language="ar", incomplete=True)
    summary.refresh_from_db()
    assert public_languages(summary) == ["fr", "ar"]
    last = contents(summary, "ar").parts[-1].sentences[-1]
    assert last.language == "fr"
    page = world.client(None).get(public(spoken), HTTP_ACCEPT_LANGUAGE="ar").text
    assert WORDS["ar"] in page
    english = world.client(None).get(public(spoken), HTTP_ACCEPT_LANGUAGE="en").text
    assert "Language of this text: French" in english
    file = reverse("summary:public-pdf-in", args=(world.hearing.slug, "fr"))
    assert world.client(None).get(file).content == pdf_of(summary)
    export.write_folder(world.hearing, tmp_path, public=True)
    assert verify.verify_export(tmp_path).holds
    assert (tmp_path / "summary.pdf").read_bytes() == pdf_of(summary, "fr")
    assert (tmp_path / "summary.ar.pdf").is_file()
    index = parsed((tmp_path / "index.html").read_bytes())
    assert "Messages clés" in index.xpath("string(//div[@lang='fr'])")
    circulation.circulate(**by)
    letters = Message.objects.filter(purpose=Message.Purpose.SUMMARY)
    letter = next(letter for letter in letters if letter.language == "en")
    assert "The summary is in French." in letter.body
    assert "/summary.pdf" in letter.body


def test_the_language_changes_only_before_people_work_in_it(spoken: Finished) -> None:
    summary = drafted(spoken, "fr")
    assert drafted(spoken).language == "fr"  # it remains
    again = drafted(spoken, "ar")
    assert (again.pk, again.language) == (summary.pk, "ar")
    row = Sentence.objects.filter(section__summary=summary).order_by("section__ordinal", "ordinal")[
        0
    ]
    actions.edit(
        hearing=spoken.world.hearing,
        sentence=row.pk,
        text="جملة كتبتها الأمانة.",
        revision=row.revision,
        actor=spoken.world.office,
    )
    for language in ("fr", "de"):
        with pytest.raises(SummaryRefused):
            drafted(spoken, language)
    assert Summary.objects.get(pk=summary.pk).language == "ar"


@pytest.mark.any_database
def test_the_office_chooses_the_language(spoken: Finished) -> None:
    hearing = spoken.world.hearing
    hearing.original_language = "es"
    hearing.save(update_fields=["original_language"])
    assert translations.drafting_languages(hearing)[0] == "es"
    office = spoken.world.client()
    where = reverse("summary:office", args=(hearing.slug,))
    (first,) = parsed(office.get(where).text).xpath("//select[@name='language']/option[1]")
    assert first.get("value") == "es"
    office.post(reverse("summary:draft", args=(hearing.slug,)), {"language": "zh"})
    assert Summary.objects.get(hearing=hearing).language == "zh"
    (chosen,) = parsed(office.get(where).text).xpath("//select[@name='language']/option[@selected]")
    assert chosen.get("value") == "zh"


def test_passages_are_found_in_an_edited_sentence(spoken: Finished) -> None:
    """What remains of a quotation, word for word, keeps its language."""
    statement = spoken.statement("Open Doors")
    (source,) = (one for one in texts_of(spoken.world.hearing) if one.statement == statement)
    arabic = SAID["Open Doors"][2]
    cited: list[dict[str, Any]] = [{"statement": source.id, "sentence": 1}, {"seq": 3}]
    found = Quotations({source.id: source})
    assert found.passages(f"In short: “{arabic}” So be it.", "en", cited) == [
        SentencePiece("In short: “"),
        SentencePiece(arabic, "ar"),
        SentencePiece("” So be it."),
    ]
    for text, language in (("Nothing of it.", "en"), (arabic, "ar")):
        assert found.passages(text, language, cited) == [SentencePiece(text)]
