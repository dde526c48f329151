"""Protection of tracks that people have registered on, when a hearing is changed."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.hearing.setup.schema import InvalidDocument, Problem
from hemicycle.record.writer import Writer


def on_hearing_changed(record: Writer, hearing: Hearing) -> None:
    """Raise `InvalidDocument` if a change would leave registrations without their track.

    A track with registrations stays and keeps its form, and a category that was chosen in them
    stays on its track.
    """
    rows = Registration.objects.filter(hearing=hearing).order_by("track", "category__ordinal")
    used = rows.values("track", "kind", "category__label", "category__track").annotate(
        people=Count("pk")
    )
    if problems := list(_problems(hearing, list(used))):
        raise InvalidDocument(problems)


def _problems(hearing: Hearing, used: Sequence[Any]) -> Iterator[Problem]:
    keys = [track.key for track in hearing.all_tracks]
    people = Counter[str]()
    for row in used:
        people[row["track"]] += row["people"]
    for key, kind in {row["track"]: row["kind"] for row in used}.items():
        values = {"track": hearing.track_label(key), "n": people[key]}
        track = hearing.track(key)
        if track is None:
            sentence = ngettext(
                "The track “%(track)s” cannot be removed: one person has registered on it.",
                "The track “%(track)s” cannot be removed: %(n)s people have registered on it.",
                people[key],
            )
            yield Problem(("tracks",), sentence % values)
        elif track.kind != kind:
            sentence = ngettext(
                "The track “%(track)s” keeps its form: one person has registered with it.",
                "The track “%(track)s” keeps its form: %(n)s people have registered with it.",
                people[key],
            )
            yield Problem(("tracks", keys.index(key), "kind"), sentence % values)
    for row in used:
        if row["track"] in keys and row["category__track"] != row["track"]:
            sentence = _(
                "“%(category)s” stays on the track “%(track)s”: people have registered there."
            )
            values = {
                "category": row["category__label"],
                "track": hearing.track_label(row["track"]),
            }
            yield Problem(("categories",), sentence % values)


def notices(hearing: Hearing, changed: Collection[str]) -> Iterable[str]:
    """Yield a notice for each list that is longer than its new limit: nobody loses a place."""
    if not {"meetings", "tracks"}.intersection(changed):
        return
    rows = Inscription.objects.filter(
        hearing_id=hearing.id, state=Inscription.State.INSCRIBED
    ).order_by()
    standing = rows.values_list("segment", "track").annotate(Count("pk"))
    by_list: dict[UUID, Counter[str]] = {}
    for segment, track, count in standing:
        by_list.setdefault(segment, Counter())[track] = count
    panels = Segment.objects.filter(meeting__hearing=hearing, pk__in=by_list)
    for panel in panels.order_by("ordinal"):
        yield from _above(hearing, panel, by_list[panel.pk])


def _above(hearing: Hearing, panel: Segment, standing: Counter[str]) -> Iterator[str]:
    whole = panel.max_inscriptions
    if whole is not None and standing.total() > whole:
        said = _(
            "The list of “%(panel)s” has %(n)d speakers and %(most)d places. Nobody loses a place. "
            "Nobody else gets one until there are fewer than %(most)d speakers."
        )
        yield said % {"panel": panel.title, "n": standing.total(), "most": whole}
    for track in hearing.all_tracks:
        most = panel.places_of(track)
        if most is not None and standing[track.key] > most:
            said = _(
                "The list of “%(panel)s” has %(n)d speakers of “%(track)s” and %(most)d places for "
                "them. Nobody loses a place. Nobody else gets one until there are fewer than "
                "%(most)d of these speakers."
            )
            values = {"track": track.label, "n": standing[track.key], "most": most}
            yield said % {"panel": panel.title, **values}
