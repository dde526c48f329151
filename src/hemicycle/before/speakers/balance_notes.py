"""Sentences on pages about moves for balance, which reveal nothing about protected people."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from hemicycle.before.speakers.balancing import ProposedMove
from hemicycle.before.speakers.queries import ListedSpeaker
from hemicycle.hearing.setup.balance import BalanceRule, group_labels
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import labelled


def noted(hearing: Hearing, lines: Iterable[ListedSpeaker]) -> list[tuple[ListedSpeaker, str]]:
    """Return each line with what the public reads about its move for balance; "" if not moved."""
    found = list(lines)
    moves = [said for line in found if (said := line.balance)]
    labels = {
        attribute: group_labels(
            hearing,
            attribute,
            {said["group"]: None for said in moves if said.get("group")},
        )
        for attribute in {said["attribute"] for said in moves}
    }
    return [(line, _public_note(line, labels)) for line in found]


def _public_note(line: ListedSpeaker, labels: Mapping[str, Mapping[str, str]]) -> str:
    said = line.balance
    if said is None:
        return ""
    # No page shows the category or language of a speaker with an alias either.
    sentence = _sentence({} if line.public.is_alias else said, labels[said["attribute"]], said)
    arrival = labelled(_("Place by order of arrival"), said["arrival"])
    return f"{arrival}. {sentence}"


def explanation(
    hearing: Hearing, rule: BalanceRule, moves: Iterable[ProposedMove]
) -> list[tuple[ProposedMove, str]]:
    """Return each proposed move with its sentence for the office."""
    found = list(moves)
    groups = {one.change.group: None for one in found if one.change}
    labels = group_labels(hearing, rule.attribute, groups)
    return [
        (
            one,
            _sentence(
                asdict(one.change) if one.change else {},
                labels,
                {"from": one.place, "to": one.to},
            ),
        )
        for one in found
    ]


def _sentence(
    share: Mapping[str, Any], labels: Mapping[str, str], places: Mapping[str, Any]
) -> str:
    if not share.get("group"):
        return _("From place %(from)s to place %(to)s, for the balance of the list.") % places
    sentence = _(
        "From place %(from)s to place %(to)s: among the first %(among)s speakers, “%(group)s” "
        "then has %(after)s instead of %(before)s."
    )
    return sentence % {**share, **places, "group": labels.get(share["group"], share["group"])}
