"""Sentences proposed by a language model, if the installation names one; it is never required.

The model gets numbered sentences of statements that are no longer confidential, and no names. Each
proposed sentence must name its sources, and be close to one of them in meaning; a sentence without
sources, or with unknown ones, is refused with the reason. Only a person can accept a proposal.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hemicycle.hearing.language_model import ModelUnavailable, complete
from hemicycle.outcome.summary.actions import LONGEST
from hemicycle.outcome.summary.drafting.embeddings import vectors
from hemicycle.outcome.summary.models import Section
from hemicycle.outcome.summary.sources import IN_WRITING, citable, statements
from hemicycle.ui.languages import SOURCE, name_in

MOST_SHOWN = 60
MOST_OFFERED = 12
SUPPORTED = 0.4
"""The least similarity in meaning of a proposed sentence to one of its sources."""
_FENCED = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)
_TASK = (
    "You help a secretariat to write the impartial summary of a public hearing. You are given "
    "numbered sentences from statements. Write at most {most} sentences in {language}, in the "
    "third person and the past tense, each of which reports what one or several of the numbered "
    "sentences say, and nothing else. Answer with JSON alone: "
    '{{"sentences": [{{"text": "...", "sources": ["S1.2"]}}]}}. '
    "Each sentence must name in `sources` the numbers of all sentences that it rests on."
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposed sentence. `refused` says why it cannot be accepted; "" if it can."""

    text: str
    sources: tuple[tuple[str, int], ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class PromptSentence:
    """A sentence of a statement, with the label under which the model gets it."""

    label: str
    statement: str
    index: int
    text: str


def suggestions(section: Section) -> list[Suggestion]:
    """Return the model's proposals for a section, each checked. Raises `ModelUnavailable`."""
    shown = _prompt_sentences(section)
    if not shown:
        raise ModelUnavailable("nothing")
    answer = complete(_messages(section, shown))
    return list(_checked(_sentences(answer), {sentence.label: sentence for sentence in shown}))


def _prompt_sentences(section: Section) -> list[PromptSentence]:
    """Return the sentences closest in meaning to the section's heading, by statement."""
    panel = section.segment_id.hex if section.segment_id else None
    whole = panel is None and not section.key.startswith(":")
    found: list[PromptSentence] = []
    for number, source in enumerate(statements(section.summary.hearing), start=1):
        if source.is_citable and (whole or source.panel == (panel or IN_WRITING)):
            found.extend(
                PromptSentence(f"S{number}.{said.index + 1}", said.statement, said.index, said.core)
                for said in citable(source)
            )
    if len(found) <= MOST_SHOWN:
        return found
    made = vectors([section.heading, *(sentence.text for sentence in found)])
    near = made[1:] @ made[0]
    kept = sorted(sorted(range(len(found)), key=lambda i: (-near[i], i))[:MOST_SHOWN])
    return [found[index] for index in kept]


def _messages(section: Section, shown: Sequence[PromptSentence]) -> list[dict[str, str]]:
    lines = "\n".join(f"[{sentence.label}] {sentence.text}" for sentence in shown)
    written_in = name_in(section.summary.language, SOURCE)
    task = _TASK.format(most=MOST_OFFERED, language=written_in)
    asked = f"Section: {section.heading}\n\n{lines}"
    return [
        {"role": "system", "content": task},
        {"role": "user", "content": asked},
    ]


def _sentences(content: str) -> list[Any]:
    fenced = _FENCED.search(content)
    try:
        found = json.loads(fenced[1] if fenced else content)["sentences"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ModelUnavailable("unreadable") from error
    if not isinstance(found, list):
        raise ModelUnavailable("unreadable")
    return found[:MOST_OFFERED]


# ── What may be taken in ──────────────────────────────────────────────────────────────────────


def _checked(found: Sequence[Any], shown: Mapping[str, PromptSentence]) -> Iterator[Suggestion]:
    for answer in found:
        text = answer.get("text") if isinstance(answer, dict) else None
        if not isinstance(text, str) or not text.strip():
            yield Suggestion("–", refused=_("It is empty."))
            continue
        words = " ".join(text.replace("\0", "").split())
        named = answer.get("sources")
        yield _suggestion(words[:LONGEST], named if isinstance(named, list) else [], shown)


def _suggestion(text: str, named: Sequence[Any], shown: Mapping[str, PromptSentence]) -> Suggestion:
    if not named:
        return Suggestion(text, refused=_("It names no source."))
    labels = [str(label).strip("[] ") for label in named]
    invented = [label for label in labels if label not in shown]
    if invented:
        said = _("It names a source that does not exist: %(label)s.")
        return Suggestion(text, refused=said % {"label": invented[0][:40]})
    sources = [shown[label] for label in dict.fromkeys(labels)]
    made = vectors([text, *(source.text for source in sources)])
    if float((made[1:] @ made[0]).max()) < SUPPORTED:
        return Suggestion(text, refused=_("None of the sources that it names says this."))
    return Suggestion(text, tuple((source.statement, source.index) for source in sources))
