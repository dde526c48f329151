"""The shares of a list by each attribute: of its places and its time, spoken and expected."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle.before.registration.list_phase import slots_of
from hemicycle.before.speakers import grouping
from hemicycle.before.speakers.queries import ListedSpeaker, SpeakerList
from hemicycle.hearing.setup.balance import ATTRIBUTES, GENDER, OTHERS, group_labels, per_cent
from hemicycle.procedure import Floor
from hemicycle.procedure.balance import NOBODY
from hemicycle.ui.charts import Bar, ChartRow, bars


@dataclass(frozen=True, slots=True)
class GroupShare:
    """The share of one group: places and times (ms) on the list, spoken, and expected by the end.

    The expected values count those who have spoken, and others by the chance that they are reached.
    """

    label: str
    places: int
    place_share: str
    spoken: int
    spoken_ms: int
    expected: int
    expected_ms: int
    time_share: str


@dataclass(frozen=True, slots=True)
class ShareTable:
    """The shares by one attribute, with a picture of them as SVG."""

    attribute: str
    label: str
    rows: tuple[GroupShare, ...]
    picture: str


@dataclass(frozen=True, slots=True)
class _SpeakerTime:
    """What one line adds to its group; `chance`, of being reached, is from 0 to 1."""

    id: str
    has_spoken: bool
    spoken_ms: int
    chance: float
    expected_ms: float


def share_tables(listing: SpeakerList, floor: Floor) -> list[ShareTable]:
    """Return the shares of a list by each attribute with known groups; one query for newcomers."""
    times = _times(listing, floor)
    rows = [line.inscription for line in listing.on_list]
    tables = []
    for attribute, label in ATTRIBUTES.items():
        groups = grouping.groups_of(rows, attribute)
        if set(groups.values()) - {NOBODY}:
            shares = _shares(listing, attribute, groups, times)
            picture = _picture(attribute, str(label), shares)
            tables.append(ShareTable(attribute, str(label), shares, picture))
    return tables


def _times(listing: SpeakerList, floor: Floor) -> list[_SpeakerTime]:
    used = {slot.id: slot.used_ms for slot in slots_of(listing.segment, floor)}
    usual = listing.demand.limit_ms * listing.outlook.share / 100
    return [_time(line, used.get(line.inscription.id.hex, 0), usual) for line in listing.on_list]


def _time(line: ListedSpeaker, used: int, usual: float) -> _SpeakerTime:
    has_spoken = line.state in {"delivered", "speaking"}
    chance = 1.0 if has_spoken else (line.expected.chance / 100 if line.expected else 0.0)
    still = 0.0 if line.state == "delivered" else max(0.0, usual - used)
    return _SpeakerTime(line.inscription.id.hex, has_spoken, used, chance, used + chance * still)


def _shares(
    listing: SpeakerList,
    attribute: str,
    groups: Mapping[str, str],
    times: Sequence[_SpeakerTime],
) -> tuple[GroupShare, ...]:
    places = Counter(groups.values())
    spoken = [time for time in times if time.has_spoken]
    if attribute == GENDER:
        spoken = spoken[: len(spoken) // grouping.SMALLEST * grouping.SMALLEST]
    heard: Counter[str] = Counter()
    heard_ms: Counter[str] = Counter()
    for time in spoken:
        heard[groups[time.id]] += 1
        heard_ms[groups[time.id]] += time.spoken_ms
    expected: dict[str, float] = defaultdict(float)
    expected_ms: dict[str, float] = defaultdict(float)
    for time in times:
        expected[groups[time.id]] += time.chance
        expected_ms[groups[time.id]] += time.expected_ms
    whole_ms = sum(expected_ms.values())
    labels = group_labels(listing.segment.meeting.hearing, attribute, places)
    labels[NOBODY] = str(OTHERS)
    order = sorted(places, key=lambda group: (group == NOBODY, -places[group], group))
    return tuple(
        GroupShare(
            label=labels[group],
            places=places[group],
            place_share=per_cent(100 * places[group] / len(times)),
            spoken=heard[group],
            spoken_ms=heard_ms[group],
            expected=round(expected[group]),
            expected_ms=round(expected_ms[group]),
            time_share=per_cent(100 * expected_ms[group] / whole_ms) if whole_ms else "–",
        )
        for group in order
    )


def _picture(attribute: str, label: str, shares: Sequence[GroupShare]) -> str:
    """Draw the places on the list and the expected time as bars, plain and hatched."""
    most = sum(share.places for share in shares)
    most_ms = sum(share.expected_ms for share in shares)
    rows = [
        ChartRow(
            share.label,
            (
                Bar(share.places / most, share.place_share),
                Bar(share.expected_ms / most_ms if most_ms else 0.0, share.time_share),
            ),
        )
        for share in shares
    ]
    series = (_("places on the list"), pgettext("share of", "expected speaking time"))
    return bars(attribute, label, series, rows)
