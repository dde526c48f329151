"""The section on participation: figures, each of which can be recounted from its sources."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from hemicycle.outcome.summary.drafting.model import (
    Citation,
    DraftSection,
    DraftSentence,
    SourceDiscussion,
    SourceIntervention,
    SourceMaterial,
    SourceStatement,
)
from hemicycle.ui import times
from hemicycle.ui.languages import language_name


def heading() -> str:
    """Return the heading of the section on participation, in the active language."""
    return _("Participation")


def participation(material: SourceMaterial) -> DraftSection:
    """Return the section with the figures of the hearing, then of each panel."""
    said = [*_statements(material.statements), *_floor(material.interventions)]
    for panel in material.panels:
        taken = [
            intervention
            for intervention in material.interventions
            if intervention.panel == panel.id
        ]
        said.extend(_floor(taken, panel.title))
        talks = [talk for talk in material.discussions if talk.panel == panel.id]
        said.extend(_discussed(talks, panel.title))
    return DraftSection(None, None, heading(), tuple(said))


def _statements(statements: Sequence[SourceStatement]) -> list[DraftSentence]:
    if not statements:
        return []
    weighed = ngettext(
        "%(n)s written statement is weighed here (%(shares)s).",
        "%(n)s written statements are weighed here (%(shares)s).",
        len(statements),
    )
    languages = _shares(language_name(statement.language) for statement in statements)
    categories = _shares(statement.category for statement in statements)
    return [
        _count(
            statements,
            weighed % {"n": times.number(len(statements)), "shares": _became(statements)},
        ),
        _count(statements, _("By category: %(shares)s.") % {"shares": categories}),
        _count(statements, _("By language: %(shares)s.") % {"shares": languages}),
    ]


def _became(statements: Sequence[SourceStatement]) -> str:
    """Return how many statements were delivered, not delivered, or sent in writing, in words."""
    delivered = sum(statement.delivered for statement in statements)
    waiting = sum(statement.not_reached for statement in statements)
    came = (
        (pgettext("a statement", "delivered"), delivered),
        (pgettext("a statement", "not delivered for lack of time"), waiting),
        (pgettext("a statement", "sent in writing"), len(statements) - delivered - waiting),
    )
    return _listed((how, number) for how, number in came if number)


def _count(statements: Sequence[SourceStatement], text: str) -> DraftSentence:
    return DraftSentence(
        text, tuple(Citation(statement.id) for statement in statements), len(statements)
    )


def _floor(
    interventions: Sequence[SourceIntervention], panel: str | None = None
) -> list[DraftSentence]:
    """Say how many interventions were made from the floor, with shares and total length.

    The interventions are those of a panel, or of the whole hearing. Returns [] if there were none.
    """
    count = len(interventions)
    if not count:
        return []
    if panel is not None:
        said = ngettext(
            "In “%(panel)s”, %(n)s intervention was made from the floor (%(shares)s), "
            "%(length)s in all.",
            "In “%(panel)s”, %(n)s interventions were made from the floor (%(shares)s), "
            "%(length)s in all.",
            count,
        )
    else:
        said = ngettext(
            "In the hearing, %(n)s intervention was made from the floor (%(shares)s), "
            "%(length)s in all.",
            "In the hearing, %(n)s interventions were made from the floor (%(shares)s), "
            "%(length)s in all.",
            count,
        )
    told = {
        "panel": panel,
        "n": times.number(count),
        "shares": _shares(intervention.track for intervention in interventions),
        "length": _length(sum(intervention.used_ms for intervention in interventions)),
    }
    sources = tuple(Citation(seq=intervention.seq) for intervention in interventions)
    return [DraftSentence(said % told, sources, count)]


def _discussed(talks: Sequence[SourceDiscussion], panel: str) -> list[DraftSentence]:
    """Say how many discussions a panel held, and how long its speakers were heard in them."""
    if not talks:
        return []
    said = ngettext(
        "In “%(panel)s”, %(n)s discussion was held; its speakers were heard for %(length)s.",
        "In “%(panel)s”, %(n)s discussions were held; their speakers were heard for %(length)s.",
        len(talks),
    )
    told = {
        "panel": panel,
        "n": times.number(len(talks)),
        "length": _length(sum(talk.spoke_ms for talk in talks)),
    }
    return [DraftSentence(said % told, tuple(Citation(seq=talk.seq) for talk in talks), len(talks))]


def _length(ms: int) -> str:
    """Return a duration in words, in whole minutes from one minute on."""
    return times.in_words(ms if ms < 60_000 else ms // 60_000 * 60_000)


def _shares(kinds: Iterable[str]) -> str:
    counted = Counter(kinds)
    return _listed(sorted(counted.items(), key=lambda share: (-share[1], share[0])))


def _listed(shares: Iterable[tuple[str, int]]) -> str:
    # Translators: one of several kinds with how many there are: "civil society, 3".
    share = pgettext("a kind and its number", "%(kind)s, %(number)s")
    told = (share % {"kind": kind, "number": times.number(number)} for kind, number in shares)
    return pgettext("between the items of a list that have commas", "; ").join(told)
