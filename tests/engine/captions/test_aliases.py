"""Captions never name a person who has an alias, least of all while that person speaks."""

from dataclasses import replace

from hemicycle.engine import hearing_config
from hemicycle.engine.captions.aliases import TRAIL_MS, public_text
from hemicycle.mentions import OTHERS_SHORTEST, Bearer, Names, as_json
from hemicycle.procedure.state import EMPTY, Discussion, Floor, HeardPoint, Holding, Intervention

NOW = 1_700_000_000_000
OWN = Bearer(
    Names("Amina Otieno", ("River Watch",), "amina@river.example", colleagues=("John Kamau",)),
    "Voice A",
)
ALWAYS = Bearer(Names("Amina Otieno", shortest=OTHERS_SHORTEST, hides_contacts=False), "Voice A")
CONFIG = hearing_config.read({"names": {"own": {"a": as_json(OWN)}, "all": [as_json(ALWAYS)]}})
SAID = "Amina Otieno of River Watch, call +254 20 123 4567, and John Kamau"
HOLDS = replace(EMPTY, holder=Holding("a", 1, NOW, 180_000))
ANOTHER = replace(EMPTY, holder=Holding("b", 2, NOW, 180_000))


def spoke_until(at: int) -> Floor:
    held = Intervention("a", "speaker", "s", 1, at - 1000, at, 180_000, 1000, "finished")
    return replace(ANOTHER, history=(held,))


def test_a_speaker_s_names_addresses_and_colleagues_are_replaced_in_their_turn() -> None:
    told = "Voice A, call […], and […]"
    assert public_text(SAID, HOLDS, CONFIG, NOW) == told
    assert public_text(SAID, spoke_until(NOW - TRAIL_MS + 1), CONFIG, NOW) == told


def test_the_same_holds_while_somebody_on_no_list_is_heard_with_a_point_of_order() -> None:
    names = {"raisers": {"amina": as_json(OWN)}, "all": [as_json(ALWAYS)]}
    config = hearing_config.read({"names": names})
    heard = HeardPoint("point", 2, NOW - 5000)
    lasts = replace(ANOTHER, points={"point": "amina"}, heard_points=(heard,))
    over = replace(lasts, heard_points=(replace(heard, ended_at=NOW - TRAIL_MS + 1),))
    long_over = replace(lasts, heard_points=(replace(heard, ended_at=NOW - TRAIL_MS),))
    for floor in (lasts, over):
        assert public_text(SAID, floor, config, NOW) == "Voice A, call […], and […]"
    assert "+254 20 123 4567" in public_text(SAID, long_over, config, NOW)


def test_the_same_holds_while_they_take_part_in_a_discussion_and_a_little_longer() -> None:
    talk = Discussion("segment", 7, NOW - 60_000)
    lasts = replace(ANOTHER, discussions=(talk,), voiced_ms={7: {"a": 0}})
    over = replace(lasts, discussions=(replace(talk, ended_at=NOW - TRAIL_MS + 1),))
    long_over = replace(lasts, discussions=(replace(talk, ended_at=NOW - TRAIL_MS),))
    for floor in (lasts, over):
        assert public_text(SAID, floor, CONFIG, NOW) == "Voice A, call […], and […]"
    assert "+254 20 123 4567" in public_text(SAID, long_over, CONFIG, NOW)


def test_in_the_turn_of_others_their_name_alone_is_replaced() -> None:
    told = "Voice A of River Watch, call +254 20 123 4567, and John Kamau"
    for floor in (EMPTY, ANOTHER, spoke_until(NOW - TRAIL_MS)):
        assert public_text(SAID, floor, CONFIG, NOW) == told


def test_short_words_of_a_name_are_words_when_others_speak() -> None:
    hope = Bearer(Names("Hope Mark Otieno", shortest=OTHERS_SHORTEST, hides_contacts=False), "B")
    config = hearing_config.read({"names": {"all": [as_json(hope)]}})
    assert public_text("Hope remains. Mark my words, Otieno.", EMPTY, config, NOW) == (
        "Hope remains. Mark my words, B."
    )


def test_without_names_nothing_is_replaced() -> None:
    assert public_text(SAID, HOLDS, hearing_config.read({}), NOW) == SAID
