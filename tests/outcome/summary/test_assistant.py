"""A language model's sentences are accepted only with existing sources; all others are refused."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from hemicycle.hearing.language_model import ModelUnavailable
from hemicycle.outcome.summary import actions, assistant
from hemicycle.outcome.summary.models import Section, Sentence
from tests.support.markup import compact
from tests.support.model_server import Model

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from tests.support.finished import Finished

pytestmark = pytest.mark.any_database

GOOD = "It was said that States should publish figures on trafficking every second year."


@pytest.fixture
def model(settings: Settings) -> Iterator[Model]:
    """A model that is set for the installation."""
    made = Model()
    settings.MODEL_URL, settings.MODEL_KEY, settings.MODEL_TIMEOUT_S = made.url, "secret", 2
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def section(finished: Finished) -> Section:
    """A section of the first panel."""
    summary = actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    return summary.sections.filter(segment=finished.world.panels[0])[0]


def label_of(model: Model, words: str) -> str:
    """Return the label under which the model was shown the sentence that contains `words`."""
    content: str = model.asked[-1]["messages"][-1]["content"]
    return next(line[1 : line.index("]")] for line in content.splitlines() if words in line)


def test_a_sentence_with_sources_that_exist_is_offered(section: Section, model: Model) -> None:
    model.says({"sentences": []})
    assert assistant.suggestions(section) == []
    label = label_of(model, "publish figures")
    model.says(f"```json\n{json.dumps({'sentences': [{'text': GOOD, 'sources': [label]}]})}\n```")
    [offer] = assistant.suggestions(section)
    assert (offer.text, offer.refused, len(offer.sources)) == (GOOD, "", 1)
    assert (model.asked[-1]["path"], model.keys[-1]) == ("/v1/chat/completions", "Bearer secret")


def test_no_names_and_nothing_confidential_is_sent(
    finished: Finished, section: Section, model: Model
) -> None:
    statement = finished.statement("Normere")
    statement.release = statement.Release.EMBARGOED
    statement.save()
    model.says({"sentences": []})
    assistant.suggestions(section)
    sent = model.asked[-1]["messages"][-1]["content"]
    assert ("Normere" in sent, "publish figures" in sent, "labour inspectors" in sent) == (
        False,
        False,
        True,
    )


@pytest.mark.parametrize(
    ("one", "why"),
    [
        ({"text": GOOD, "sources": []}, "It names no source."),
        ({"text": GOOD}, "It names no source."),
        ({"text": GOOD, "sources": "S1.1"}, "It names no source."),
        (
            {"text": GOOD, "sources": ["S999.1"]},
            "It names a source that does not exist: S999.1.",
        ),
        ({"text": GOOD, "sources": [None]}, "It names a source that does not exist: None."),
        ({"text": "  ", "sources": ["S1.1"]}, "It is empty."),
        ("a string", "It is empty."),
    ],
)
def test_a_sentence_without_sources_that_exist_is_refused(
    section: Section, model: Model, one: object, why: str
) -> None:
    model.says({"sentences": [one]})
    [offer] = assistant.suggestions(section)
    assert (offer.refused, offer.sources) == (why, ())


def test_a_sentence_that_its_sources_do_not_say_is_refused(section: Section, model: Model) -> None:
    model.says({"sentences": []})
    assistant.suggestions(section)
    label = label_of(model, "publish figures")
    invented = "The weather in the mountains was cold and the soup was warm."
    model.says({"sentences": [{"text": invented, "sources": [label]}]})
    [offer] = assistant.suggestions(section)
    assert offer.refused == "None of the sources that it names says this."


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"not json"),
        (200, b"{}"),
        (200, b"[" * 100_000),
        (200, b'{"choices": [{"message": {"content": 5}}]}'),
        (200, b'{"choices": [{"message": {"content": "I am sorry."}}]}'),
        (200, b'{"choices": [{"message": {"content": "{\\"sentences\\": 3}"}}]}'),
        (200, b"x" * 2_000_000),
        (200, b"\xff\xfe"),
        (401, b""),
        (500, b"{}"),
    ],
)
def test_garbage_is_told_and_nothing_taken(
    section: Section, model: Model, status: int, body: bytes
) -> None:
    model.answer = lambda _asked: (status, body)
    with pytest.raises(ModelUnavailable):
        assistant.suggestions(section)
    assert not Sentence.objects.filter(origin=Sentence.Origin.OFFERED).exists()


@pytest.mark.real_time
def test_whoever_answers_too_slowly_is_not_waited_for(section: Section, model: Model) -> None:
    model.says({"sentences": []})
    model.drips_s = 0.2
    begun = time.monotonic()
    with pytest.raises(ModelUnavailable, match="in time"):
        assistant.suggestions(section)
    assert time.monotonic() - begun < 10


def test_nobody_there(section: Section, settings: Settings) -> None:
    settings.MODEL_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        assistant.suggestions(section)


def test_a_person_takes_a_sentence_in(finished: Finished, section: Section, model: Model) -> None:
    client = finished.world.client()
    where = reverse("summary:suggest", args=(finished.world.hearing.slug, section.pk))
    model.says({"sentences": []})
    nothing = "The model suggests no sentence for this section."
    assert nothing in client.post(where, {"do": "ask"}).text
    label = label_of(model, "publish figures")
    model.says({"sentences": [{"text": GOOD, "sources": [label]}]})
    page = client.post(where, {"do": "ask"}).text
    source = compact(page).split('name="source" value="')[1].partition('"')[0]
    assert not Sentence.objects.filter(text=GOOD).exists()
    client.post(where, {"do": "take", "text": GOOD, "source": source})
    row = Sentence.objects.get(text=GOOD)
    statement, _slash, number = source.partition("/")
    assert (row.origin, row.sources) == (
        "offered",
        [{"statement": statement, "sentence": int(number)}],
    )
    for bad in ("", "x/1", f"{'0' * 32}/1"):
        client.post(where, {"do": "take", "text": "Invented.", "source": bad})
    client.post(where, {"do": "take", "text": "Invented."})
    assert not Sentence.objects.filter(text="Invented.").exists()


def test_off_by_default(finished: Finished, section: Section) -> None:
    client = finished.world.client()
    where = reverse("summary:suggest", args=(finished.world.hearing.slug, section.pk))
    assert client.get(where).status_code == 404
    office = client.get(reverse("summary:office", args=(finished.world.hearing.slug,))).text
    assert "Ask a language model" not in office
