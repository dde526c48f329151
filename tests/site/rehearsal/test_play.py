"""Whole hearings are played: everybody is counted, the record verifies, a seed gives one result."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hemicycle.before.questions.models import Question
from hemicycle.before.statements.models import StatementVersion
from hemicycle.hearing.people.models import Organization, TrackKind
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import document_mapping, toml_io
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.mail.outgoing.models import Message
from hemicycle.outcome.summary.models import Sentence, Summary
from hemicycle.record import verify
from hemicycle.record.models import Entry
from hemicycle.site.rehearsal import play, scenes, tally
from hemicycle.site.rehearsal.people import STATES
from hemicycle.site.rehearsal.speech import LANGUAGES
from hemicycle.ui.territories import folded
from hemicycle.ui.territories import missions as names

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OTHER = Path(__file__).with_name("other.toml")


def played(seed: int = 1, registrations: int = 40) -> dict[str, Any]:
    return play.through(scenes.read(), seed=seed, registrations=registrations)


def entries(hearing: Hearing) -> Iterator[dict[str, Any]]:
    yield from Entry.objects.filter(hearing=hearing.id).order_by("seq").values(*tally.FIELDS)


def check_counts(figures: dict[str, Any], registrations: int) -> None:
    assert figures["registered"] + sum(figures["refused"].values()) == registrations
    became = ("delivered", "not_reached", "absent", "skipped", "withdrawn", "refused_on_review")
    assert figures["inscribed"] == sum(figures[outcome] for outcome in became)
    assert figures["waiting"] == 0


def test_a_whole_hearing_is_played_counted_and_verified() -> None:
    figures = played()
    check_counts(figures, 40)
    hearing = Hearing.objects.get(slug="2021-rehearsal")
    assert figures["verification"] == {
        "holds": True,
        "entries": Entry.objects.filter(hearing=hearing.id).count(),
        "broken": None,
    }
    assert figures["delivered"] >= 15
    assert figures["clock"]["longest_overrun_s"] <= 10 + 30
    assert hearing.status == Hearing.Status.ENDED
    assert hearing.registrations.count() == figures["registered"]
    assert Summary.objects.filter(hearing=hearing).exists()
    kinds = set(StatementVersion.objects.values_list("media_type", flat=True))
    assert len(kinds) >= 2  # files of several kinds went through the real extraction
    _one_flipped_bit_is_found(hearing)
    _nobody_real_has_a_seat_an_inscription_or_a_word(hearing)


def _nobody_real_has_a_seat_an_inscription_or_a_word(hearing: Hearing) -> None:
    """Neither a real State nor the body, or a document, of a real hearing is named anywhere."""
    assert hearing.is_rehearsed
    there = Organization.objects.filter(registrations__hearing=hearing).distinct()
    assert {body.country for body in there} == {""}
    missions = hearing.registrations.filter(track=TrackKind.MISSIONS)
    invented = missions.filter(organization__name__in=STATES).count()
    assert invented > 5
    real = {
        folded(name)
        for language in LANGUAGES
        for code, name in names(language).items()
        if len(name) > 3
    }
    said = folded(
        "\n".join(
            [
                *there.values_list("name", flat=True),
                *StatementVersion.objects.values_list("text", flat=True),
                *Question.objects.values_list("text", flat=True),
                *Sentence.objects.values_list("text", flat=True),
                *Message.objects.values_list("body", flat=True),
                *PanelMember.objects.values_list("title", flat=True),
                toml_io.dumps(document_mapping.to_document(hearings.whole(hearing.id))),
            ]
        )
    )
    assert [name for name in sorted(real) if re.search(rf"\b{re.escape(name)}\b", said)] == []
    for body in ("united nations", "general assembly", "global plan of action", "undocs"):
        assert body not in said


def _one_flipped_bit_is_found(hearing: Hearing) -> None:
    rows = list(entries(hearing))
    row = rows[len(rows) // 2]
    flipped = chr(ord(row["body"][-2]) ^ 1)
    row["body"] = row["body"][:-2] + flipped + row["body"][-1]
    broken = verify.verify(rows).broken
    assert broken is not None
    assert broken.seq == row["seq"]


@pytest.mark.any_database
def test_the_same_seed_plays_the_same_course() -> None:
    first, second, other = (
        play.through(scenes.read(OTHER), seed=seed, registrations=8) for seed in (4, 4, 5)
    )
    assert second.pop("hearing") != first.pop("hearing")
    assert first == second
    assert other["entries"] != first["entries"]
    one, two = (
        [(e["kind"], e["at"]) for e in entries(hearing)]
        for hearing in Hearing.objects.order_by("slug")[:2]
    )
    assert one == two


@pytest.mark.any_database
def test_another_hearing_is_played_by_its_own_rules() -> None:
    figures = play.through(scenes.read(OTHER), seed=5, registrations=60)
    check_counts(figures, 60)
    assert figures["inscribed"] - figures["withdrawn"] <= 12
    assert {"panel-full", "organization-full", "malformed"} <= figures["refused"].keys()
    assert figures["clock"]["cuts"] == 0
    assert figures["verification"]["holds"]


@pytest.mark.any_database
def test_over_several_rehearsals_the_range_holds_what_happens() -> None:
    told = [played(seed, 24)["forecast"] for seed in (11, 12)]
    made = sum(score["forecasts"] for score in told)
    held = sum(score["forecasts"] * score["coverage_80"] for score in told)
    assert made > 100
    assert 0.65 <= held / made <= 0.97
