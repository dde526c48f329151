"""From a scene in ids to a picture with names: plates, the clock and the words of a card."""

from hemicycle.engine.hearing_config import Face, HearingConfig
from hemicycle.engine.plan import Publisher, Scene
from hemicycle.engine.video.layouts import Card, ClockFace, ClockWords, Layout, Plate
from hemicycle.procedure.state import Floor

NOBODY = Face("")


def layout_of(
    scene: Scene, floor: Floor, brief: HearingConfig, publishers: dict[str, Publisher]
) -> Layout:
    """The layout of a scene; plate and clock are left out where the hearing shows them beside."""
    if scene.kind == "card":
        return Layout("card", card=_card(scene, floor, brief))
    face = _face(scene.slot, scene.person, brief)
    return Layout(
        scene.kind,
        main=scene.main,
        others=scene.others,
        screen=scene.screen,
        plate=_plate(face) if brief.plate == "burnt" else None,
        clock=clock_of(floor, brief) if brief.clock == "burnt" and scene.slot else None,
        names=_names(scene, face, brief, publishers),
    )


def plate_of(source: str, brief: HearingConfig, publishers: dict[str, Publisher]) -> Plate:
    """Who a source is; an empty plate for one that is not here."""
    publisher = publishers.get(source)
    if publisher is None:
        return Plate("")
    return _plate(_face(publisher.slot, publisher.person, brief))


def clock_of(floor: Floor, brief: HearingConfig) -> ClockFace | None:
    """The holder's clock as the picture counts it; None when nobody has the floor."""
    holder, rules = floor.holder, floor.rules
    if holder is None:
        return None
    words = {
        phase: brief.cards[f"clock.{phase}"]
        for phase in ClockWords.__dataclass_fields__
        if f"clock.{phase}" in brief.cards
    }
    return ClockFace(
        running_since_ms=holder.running_since,
        used_before_ms=holder.used_before_ms,
        limit_ms=holder.limit_ms,
        warning_ms=rules.warning_ms,
        over_ms=rules.grace_ms if rules.at_limit == "cut" else None,
        words=ClockWords(**words),
    )


def _card(scene: Scene, floor: Floor, brief: HearingConfig) -> Card:
    lines = [brief.cards.get(scene.card or "", "")]
    following = floor.next_slot() if scene.card == "between" else None
    face = brief.places.get(following.id, NOBODY) if following else NOBODY
    lines += [face.name, face.line]
    return Card(brief.title, tuple(line for line in lines if line))


def _face(slot: str, person: str, brief: HearingConfig) -> Face:
    return brief.places.get(slot) or brief.moderators.get(person) or NOBODY


def _plate(face: Face) -> Plate:
    return Plate(face.name, face.line)


def _names(
    scene: Scene, main: Face, brief: HearingConfig, publishers: dict[str, Publisher]
) -> tuple[tuple[str, Plate], ...]:
    """Who each source is. The main one too: its name stands where its picture is missing."""
    others = (each for each in scene.others if each in publishers)
    return (
        (scene.main, _plate(main)),
        *((source, plate_of(source, brief, publishers)) for source in others),
    )
