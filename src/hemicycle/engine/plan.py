"""The program plan: what the outputs should do, and the operations that are missing. Pure.

`wanted` makes a `ProgramPlan` of the floor (a fold of the record), the connected sessions and the
engine's clock. `plan` compares it with the present one and returns the difference as operations.
Carrying them all out makes both equal, and then nothing is left to do. This holds after a crash as
it does after a click.

Five rules say who is heard:

1. The holder of the floor, while the rules leave their microphone open (`Floor.microphone`), or the
   recorded video that replaces them. When the limit has passed by the engine's own clock, the
   microphone is closed here, whether or not the record says so yet.
2. The moderator of the open panel, who presides, while the meeting is open; if none of the panel's
   moderators is connected, any moderator of the hearing.
3. The person whose point of order the moderator hears (`Floor.point_raiser`), with or without a
   place on the list.
4. In a discussion, the panel (`Floor.microphones`), except people who keep out of webcast,
   recording or transcript, which would otherwise contain their words and show their picture.
5. Nobody else, and never a person who is removed from the meeting. Interpreters are heard in their
   channels, never on the floor.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from hemicycle.procedure import clock
from hemicycle.procedure.channels import Carried
from hemicycle.procedure.state import PRESENTING, Floor

type SceneKind = Literal["card", "speaker", "panel", "grid", "screen", "video"]
type CardKind = Literal["before", "suspended", "between", "closed", "held"]

PRESIDING = frozenset({"moderator"})
STRIP = 5
"""How many others a panel's picture shows beside the presenter."""
GRID = 9
"""How many people the picture of a discussion shows."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A session that sends; `picture` says whether it may be shown beside others."""

    session: str
    use: Literal["publish", "screen"]
    role: str
    person: str = ""
    slot: str = ""
    picture: bool = True
    connected_at: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """One program picture, in ids: sessions, or `video_of(slot)` for a recorded intervention.

    `slot` is the slot whose plate and clock are shown ("" for none), `person` a moderator, who has
    no slot. In a discussion (a "grid"), `others` are all sources in the picture, and `speaking`
    the sources that speak.
    """

    kind: SceneKind
    main: str = ""
    others: tuple[str, ...] = ()
    screen: str = ""
    slot: str = ""
    person: str = ""
    card: CardKind | None = None
    speaking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramPlan:
    """What the outputs do, or should do.

    `heard` are the sources on the floor, `preview` the session of the next speaker, `playing` the
    slot whose recorded video plays, `carries` what each language channel carries.
    """

    heard: frozenset[str] = frozenset()
    preview: str = ""
    playing: str = ""
    scene: Scene = Scene("card", card="before")
    carries: Mapping[str, Carried] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenMicrophone:
    """Make a source heard on the floor."""

    source: str


@dataclass(frozen=True, slots=True)
class CloseMicrophone:
    """Stop a source from being heard on the floor."""

    source: str


@dataclass(frozen=True, slots=True)
class ShowPreview:
    """Let the moderator and the technician see and hear the next speaker; "" for nobody."""

    session: str


@dataclass(frozen=True, slots=True)
class PlayVideo:
    """Start the recorded video of a slot from its beginning; "" stops the one that plays."""

    slot: str


@dataclass(frozen=True, slots=True)
class ShowScene:
    """Make this the program picture."""

    scene: Scene


@dataclass(frozen=True, slots=True)
class RouteChannel:
    """Let a channel carry the floor or a booth's voice."""

    channel: str
    source: str


type PlanOperation = (
    OpenMicrophone | CloseMicrophone | ShowPreview | PlayVideo | ShowScene | RouteChannel
)


def video_of(slot: str) -> str:
    """Return the id of a recorded intervention among the sources."""
    return f"video:{slot}"


def slot_of(source: str) -> str:
    """Return the slot of a recorded intervention by its id; "" for any other source."""
    kind, _, slot = source.partition(":")
    return slot if kind == "video" else ""


def wanted(
    floor: Floor,
    publishers: Iterable[Publisher],
    videos: Iterable[str],
    carries: Mapping[str, Carried],
    *,
    now: int,
    presiding: frozenset[str] = frozenset(),
    first: frozenset[str] = frozenset(),
    apart: frozenset[str] = frozenset(),
    speaking: tuple[str, ...] = (),
) -> ProgramPlan:
    """Return the plan for `now` (ms since the Unix epoch, by the record's clock).

    `videos` are the slots with a recorded video. It is played if the slot is not connected, and in
    any case if the slot is in `first`. `presiding` are the persons who moderate the open panel. In
    a discussion, `apart` are the slots that take no part, and `speaking` the sources that speak.
    """
    # A removed person is disconnected a moment later, and may have connected again since.
    here = tuple(publisher for publisher in publishers if publisher.person not in floor.removed)
    playing = _playing(floor, here, frozenset(videos), first)
    moderators = _moderators(here, presiding)
    raiser = _raiser(floor, here)
    return ProgramPlan(
        heard=_heard(floor, here, (*moderators, *raiser), playing, now)
        | _discussing(floor, here, apart),
        preview=_previewed(floor, here),
        playing=playing,
        scene=_raised(raiser[0])
        if raiser
        else _grid(floor, here, moderators, apart, speaking)
        if floor.discussion is not None and floor.phase == "open"
        else _scene(floor, here, moderators, playing),
        carries=carries,
    )


def plan(want: ProgramPlan, actual: ProgramPlan) -> tuple[PlanOperation, ...]:
    """Return the operations that turn `actual` into `want`; microphones are closed first."""
    made: list[PlanOperation] = [
        CloseMicrophone(source) for source in sorted(actual.heard - want.heard)
    ]
    if want.playing != actual.playing:
        made.append(PlayVideo(want.playing))
    made += [OpenMicrophone(source) for source in sorted(want.heard - actual.heard)]
    made += [
        RouteChannel(channel, carried.source)
        for channel, carried in want.carries.items()
        if channel not in actual.carries or actual.carries[channel].source != carried.source
    ]
    if want.scene != actual.scene:
        made.append(ShowScene(want.scene))
    if want.preview != actual.preview:
        made.append(ShowPreview(want.preview))
    return tuple(made)


def speaks(floor: Floor) -> str:
    """Return the language spoken on the floor by the list of speakers ("" if unknown)."""
    slot = floor.slots.get(floor.holder.slot) if floor.holder else None
    return slot.languages[0] if slot and slot.languages else ""


def _raiser(floor: Floor, here: tuple[Publisher, ...]) -> tuple[Publisher, ...]:
    """Return the newest connection of the person whose point of order is being heard, if any."""
    person = floor.point_raiser
    theirs = [one for one in here if person and one.person == person and one.use == "publish"]
    return tuple(sorted(theirs, key=lambda one: (one.connected_at, one.session))[-1:])


def _raised(raiser: Publisher) -> Scene:
    return Scene("speaker", main=raiser.session, slot=raiser.slot, person=raiser.person)


def _moderators(here: tuple[Publisher, ...], presiding: frozenset[str]) -> tuple[Publisher, ...]:
    """Return the open panel's own moderators, or all moderators if none of these is connected."""
    moderators = tuple(
        publisher
        for publisher in here
        if publisher.use == "publish" and publisher.role in PRESIDING
    )
    return (
        tuple(moderator for moderator in moderators if moderator.person in presiding) or moderators
    )


def _of_slot(here: tuple[Publisher, ...], slot: str, use: str = "publish") -> str:
    found = (
        publisher for publisher in here if slot and publisher.slot == slot and publisher.use == use
    )
    return next((publisher.session for publisher in found), "")


def _playing(
    floor: Floor, here: tuple[Publisher, ...], videos: frozenset[str], first: frozenset[str]
) -> str:
    """Return the slot whose recorded video plays: it has the floor, and is in `first` or not
    connected.
    """
    slot = floor.holder.slot if floor.holder and floor.phase == "open" else ""
    plays = slot in videos and (slot in first or not _of_slot(here, slot))
    return slot if plays else ""


def _heard(
    floor: Floor,
    here: tuple[Publisher, ...],
    besides: tuple[Publisher, ...],
    playing: str,
    now: int,
) -> frozenset[str]:
    if floor.phase != "open":
        return frozenset()
    slot = floor.microphone or ""
    at = clock.cut_at(floor)
    if at is not None and now >= at:
        slot = ""
    holder = video_of(playing) if playing and playing == slot else _of_slot(here, slot)
    return frozenset(
        session for session in (holder, *(publisher.session for publisher in besides)) if session
    )


def _discussing(floor: Floor, here: tuple[Publisher, ...], apart: frozenset[str]) -> frozenset[str]:
    if floor.discussion is None:
        return frozenset()
    sessions = (_of_slot(here, slot) for slot in floor.microphones - apart)
    return frozenset(session for session in sessions if session)


def _previewed(floor: Floor, here: tuple[Publisher, ...]) -> str:
    following = floor.next_slot() if floor.phase == "open" and floor.segment_open else None
    return _of_slot(here, following.id) if following else ""


def _scene(
    floor: Floor, here: tuple[Publisher, ...], moderators: tuple[Publisher, ...], playing: str
) -> Scene:
    if floor.phase != "open":
        cards: dict[str, CardKind] = {"not_opened": "before", "suspended": "suspended"}
        return Scene("card", card=cards.get(floor.phase, "closed"))
    if floor.holder is None:
        return _free(moderators)
    slot = floor.slots[floor.holder.slot]
    if playing:
        return Scene("video", main=video_of(playing), slot=slot.id)
    main = _of_slot(here, slot.id)
    screen = _of_slot(here, slot.id, "screen")
    if screen:
        presiding = tuple(one.session for one in moderators if one.picture and one.session != main)
        return Scene("screen", main=main, others=presiding[:1], screen=screen, slot=slot.id)
    if slot.role in PRESENTING:
        return Scene(
            "panel", main=main, others=_others(floor, here, moderators, main), slot=slot.id
        )
    return Scene("speaker", main=main, slot=slot.id)


def _grid(
    floor: Floor,
    here: tuple[Publisher, ...],
    moderators: tuple[Publisher, ...],
    apart: frozenset[str],
    speaking: tuple[str, ...],
) -> Scene:
    """Return the scene of a discussion: the people who take part, and which of them speak."""
    taking_part = tuple(one for one in here if one.slot in floor.panel - apart)
    shown = _others(floor, taking_part, moderators, "", GRID)
    if not shown:
        return Scene("card", card="between")
    return Scene("grid", others=shown, speaking=tuple(one for one in shown if one in speaking))


def _free(moderators: tuple[Publisher, ...]) -> Scene:
    """Return the scene while the floor is free: the moderator, or a card if there is none."""
    if not moderators:
        return Scene("card", card="between")
    return Scene("speaker", main=moderators[0].session, person=moderators[0].person)


def _others(
    floor: Floor,
    here: tuple[Publisher, ...],
    moderators: tuple[Publisher, ...],
    main: str,
    most: int = STRIP,
) -> tuple[str, ...]:
    """Return the others of the panel: moderators first, then panellists by time of connection."""
    panel = [
        publisher
        for publisher in here
        if publisher.use == "publish"
        and publisher.picture
        and publisher.slot in floor.slots
        and publisher.role in PRESENTING
    ]
    panel.sort(key=lambda publisher: (publisher.connected_at, publisher.session))
    presiding = (moderator for moderator in moderators if moderator.picture)
    sessions = dict.fromkeys(publisher.session for publisher in (*presiding, *panel))
    return tuple(session for session in sessions if session != main)[:most]
