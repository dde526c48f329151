"""Turns a scene of ids into a layout with names: plates, the clock and the text of a card."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hemicycle.engine.hearing_config import HearingConfig
from hemicycle.engine.plan import Publisher, Scene
from hemicycle.engine.video.layouts import (
    NOBODY,
    ClockFacePhase,
    ClockWords,
    HoldingCard,
    Layout,
    Plate,
)
from hemicycle.procedure.clock import HolderClock, shown_clock, word_of
from hemicycle.procedure.state import Floor


@dataclass(frozen=True, slots=True)
class BurntClock:
    """The clock in the picture: `procedure.clock` counts; `words` are in the hearing's language."""

    clock: HolderClock
    words: ClockWords = field(default_factory=ClockWords)

    @staticmethod
    def of(clock: HolderClock, cards: Mapping[str, str]) -> "BurntClock":
        """Return the clock with its words from `cards`, by their codes."""
        phases: tuple[ClockFacePhase, ...] = ("ready", "speaking", "warning", "time", "stopped")
        words = {phase: cards[word_of(phase)] for phase in phases if word_of(phase) in cards}
        return BurntClock(clock, ClockWords(**words))

    def phase(self, now_ms: int) -> ClockFacePhase:
        """Return the phase of the clock at a wall time."""
        return self.clock.phase(now_ms)

    def figures(self, now_ms: int) -> str:
        """Return the figures of the clock at a wall time."""
        return self.clock.figures(now_ms)

    def word(self, phase: ClockFacePhase) -> str:
        """Return the word for a phase in the hearing's language."""
        return self.words.of(phase)


def layout_of(
    scene: Scene, floor: Floor, config: HearingConfig, publishers: dict[str, Publisher]
) -> Layout:
    """Return the layout of a scene; plate and clock are left out if the hearing shows them beside
    the picture.
    """
    if scene.kind == "card":
        return Layout("card", card=_card(scene, floor, config), mark=config.mark)
    plate = _plate(scene.slot, scene.person, config)
    return Layout(
        scene.kind,
        main=scene.main,
        others=scene.others,
        screen=scene.screen,
        plate=plate if config.plate == "burnt" else None,
        clock=clock_of(floor, config)
        if config.clock == "burnt" and _has_floor(scene, floor)
        else None,
        speaking=scene.speaking,
        names=_names(scene, plate, config, publishers),
        mark=config.mark,
    )


def _has_floor(scene: Scene, floor: Floor) -> bool:
    """Whether the scene shows the speaker whose time is counted: a point of order has no clock."""
    if scene.kind == "grid":
        return True
    return floor.holder is not None and scene.slot == floor.holder.slot


def plate_of(source: str, config: HearingConfig, publishers: dict[str, Publisher]) -> Plate:
    """Return the plate of a source; an empty plate if the source is not connected."""
    publisher = publishers.get(source)
    if publisher is None:
        return Plate("")
    return _plate(publisher.slot, publisher.person, config)


def clock_of(floor: Floor, config: HearingConfig) -> BurntClock | None:
    """Return the clock of the picture; None if nobody has the floor and there is no discussion."""
    clock = shown_clock(floor)
    return None if clock is None else BurntClock.of(clock, config.cards)


def _card(scene: Scene, floor: Floor, config: HearingConfig) -> HoldingCard:
    lines = [config.cards.get(scene.card or "", "")]
    following = floor.next_slot() if scene.card == "between" else None
    plate = config.places.get(following.id, NOBODY) if following else NOBODY
    lines += [plate.name, plate.line]
    return HoldingCard(config.title, tuple(line for line in lines if line))


def _plate(slot: str, person: str, config: HearingConfig) -> Plate:
    named = config.places.get(slot) or config.moderators.get(person) or config.raisers.get(person)
    return named or NOBODY


def _names(
    scene: Scene, main: Plate, config: HearingConfig, publishers: dict[str, Publisher]
) -> tuple[tuple[str, Plate], ...]:
    """Return the plate of each source, with the main one: a name replaces a missing picture."""
    others = (source for source in scene.others if source in publishers)
    return (
        (scene.main, main),
        *((source, plate_of(source, config, publishers)) for source in others),
    )
