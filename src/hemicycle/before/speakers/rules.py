"""The rule that merges the tracks: as the hearing stores it, and as the procedure uses it."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle.hearing.setup.models import Hearing, default_merge
from hemicycle.procedure.order import BadRule, MergeRule, parse_rule
from hemicycle.ui.languages import listed

ALTERNATE, RATIO, BLOCKS, PROTOCOL = "alternate", "ratio", "blocks", "protocol"

LABELS: dict[str, str | Promise] = {
    ALTERNATE: _("alternate: one from each track in turn"),
    RATIO: _("ratio: a set number from each track in turn"),
    BLOCKS: _("blocks: one track after the other"),
    PROTOCOL: pgettext_lazy("rule of a list of speakers", "protocol: by rank, then by arrival"),
}


def rule_of(merge: dict[str, Any]) -> MergeRule:
    """Return the rule that a hearing's `merge` describes; raise `BadRule` for an invalid one."""
    tracks = merge.get("tracks") or []
    counts = merge.get("counts") or [1] * len(tracks)
    if len(counts) != len(tracks):
        raise BadRule("counts")
    pairs = [[track, count] for track, count in zip(tracks, counts, strict=True)]
    return parse_rule({"kind": merge.get("kind"), "tracks": pairs})


def rule_or_default(merge: dict[str, Any]) -> MergeRule:
    """Return the hearing's rule, or the default one if the stored rule is invalid."""
    try:
        return rule_of(merge)
    except BadRule:
        return rule_of(default_merge())


def merge_of(kind: str, first: str, counts: dict[str, int]) -> dict[str, Any]:
    """Return the stored form of a rule of `kind` whose turns begin with the track `first`.

    `counts` has the number of turns of each track, in the order in which the other tracks follow.
    """
    tracks = sorted(counts, key=lambda track: track != first)
    kept = [counts[track] for track in tracks] if kind == RATIO else []
    return {"kind": kind, "tracks": tracks, "counts": kept}


def in_words(hearing: Hearing) -> str:
    """Return the rule as a line of text, with the tracks in their order."""
    rule = rule_or_default(hearing.merge)
    named = [(hearing.track(key), turns) for key, turns in rule.tracks]
    tracks = listed(
        f"{track.label} ({turns})" if rule.kind == RATIO else track.label
        for track, turns in named
        if track is not None
    )
    return f"{LABELS.get(rule.kind, rule.kind)} — {tracks}" if tracks else str(LABELS[rule.kind])
