"""The hearing as a file: a round trip, and each error reported with its line."""

from datetime import date, datetime

import pytest
from django.utils.translation import override

from hemicycle.hearing.setup import document, toml_io
from hemicycle.hearing.setup.models import NOBODY, Hearing
from hemicycle.hearing.setup.schema import InvalidDocument, Key
from tests.hearing.setup.conftest import REFERENCE

local = datetime.fromisoformat

SMALL = """\
slug = "water"
title = "Public hearing on water"
time_zone = "Europe/Rome"

[[deadlines]]
track = "stakeholders"
closes = 2030-03-01

[[meetings]]
date = 2030-03-30
starts = 10:00:00
ends = 12:00:00

[[meetings.segments]]
kind = "panel"
title = "Rivers"
starts = 10:00:00
ends = 11:00:00

[[meetings.segments]]
kind = "closing"
title = "Closing"
starts = 11:00:00
ends = 12:00:00
"""


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        toml_io.loads(text)
    return [str(problem) for problem in caught.value.problems]


def changed(old: str, new: str) -> list[str]:
    assert old in SMALL
    return problems(SMALL.replace(old, new, 1))


def test_the_reference_hearing_says_what_the_letter_says(reference: str) -> None:
    hearing = toml_io.loads(reference)
    assert hearing["time_zone"] == "America/New_York"
    assert [(meeting["starts"], meeting["ends"]) for meeting in hearing["meetings"]] == [
        (local("2021-07-13T10:00"), local("2021-07-13T12:00")),
        (local("2021-07-13T15:00"), local("2021-07-13T17:00")),
    ]
    assert [(deadline["track"], deadline["closes"]) for deadline in hearing["deadlines"]] == [
        ("stakeholders", local("2021-07-05T17:00")),
        ("member-states", local("2021-07-09T23:59:59")),
    ]
    assert [reference["symbol"] for reference in hearing["mandate"]] == [
        "A/RES/75/283",
        "A/RES/74/176",
        "A/RES/64/293",
    ]
    assert hearing["floor"]["time_limit_seconds"] == 180
    assert len(hearing["guiding_questions"]) == 8
    assert hearing["hashtag"] == "#endhumantrafficking"


def test_there_and_back_again(reference: str) -> None:
    for text in (reference, SMALL):
        hearing = toml_io.loads(text)
        assert toml_io.loads(toml_io.dumps(hearing)) == hearing


def test_a_string_of_several_lines_does_not_disturb_the_line_numbers() -> None:
    text = SMALL.replace('slug = "water"', 'theme = """\nfloor = 1\n[x]\n"""\nslug = "wa ter"')
    assert problems(text) == [
        "Line 5: “wa ter” may contain only letters without accents, digits and hyphens."
    ]


def test_an_unknown_key_is_told_with_the_nearest_known_one() -> None:
    assert changed("track =", "trak =") == [
        "Line 5: “track” is missing.",
        "Line 6: The key “trak” is not known here. Did you mean “track”?",
    ]


def test_an_unknown_key_far_from_all_is_told_with_the_list() -> None:
    assert changed("[[deadlines]]", "[[deadlines]]\nxyz = 1") == [
        "Line 6: The key “xyz” is not known here. The known keys are: track, closes."
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'title = "Rivers"',
            "title = 7",
            "Line 16: “title” must be text, in quotes.",
        ),
        (
            'kind = "panel"',
            'kind = "panell"',
            (
                "Line 15: “kind” is “panell”, but must be one of: opening, panel, closing, break, "
                "other. Did you mean “panel”?"
            ),
        ),
        (
            "Europe/Rome",
            "Rome",
            (
                "Line 3: The time zone “Rome” is not known. Use a name such as America/New_York. "
                "Did you mean “Europe/Rome”?"
            ),
        ),
        (
            "ends = 11:00:00",
            "ends = 11:30:00",
            (
                "Line 23: “Closing” starts at 11:00, before “Rivers” has ended at 11:30. Items are "
                "listed in the order of their times and may not overlap."
            ),
        ),
        (
            "ends = 11:00:00",
            "ends = 09:30:00",
            "Line 18: “Rivers” ends at 09:30, which is not after its start at 10:00.",
        ),
        (
            'title = "Closing"\nstarts = 11:00:00\nends = 12:00:00',
            'title = "Closing"\nstarts = 11:00:00\nends = 12:30:00',
            (
                "Line 23: “Closing” (11:00 to 12:30) does not lie within its meeting, which runs "
                "from 10:00 to 12:00."
            ),
        ),
        (
            "date = 2030-03-30",
            "date = 2030-03-31\n",
            "",
        ),
        (
            "closes = 2030-03-01",
            'closes = "1 March"',
            "Line 7: “closes” must be a time, such as 10:00:00, without quotes.",
        ),
        (
            "closes = 2030-03-01",
            "closes = 2031-03-01",
            "Line 7: This deadline is after the end of the hearing.",
        ),
        (
            "closes = 2030-03-01",
            "closes = 10:00:00",
            "Line 7: A deadline must be a day, or a day and a time, such as 2021-07-05T17:00:00.",
        ),
        (
            'slug = "water"',
            'slug = "water"\nlanguages = ["english please"]',
            "Line 2: “english please” is not a language tag. Use a tag such as en or zh-Hans.",
        ),
        (
            'slug = "water"',
            'slug = "water"\nretention_days = true',
            "Line 2: “retention_days” must be a whole number from 1 to 36500.",
        ),
    ],
)
def test_each_mistake_has_its_sentence(old: str, new: str, says: str) -> None:
    if says:
        assert says in changed(old, new)
    else:
        assert toml_io.loads(SMALL.replace(old, new, 1))["meetings"][0]["date"] == date(2030, 3, 31)


def test_an_hour_that_the_clocks_skip_is_refused() -> None:
    text = SMALL.replace("2030-03-30", "2030-03-31").replace(
        "starts = 10:00:00", "starts = 02:30:00", 1
    )
    assert problems(text) == [
        (
            "Line 11: 2030-03-31 02:30:00 does not exist in this time zone on that "
            "day because the clocks change."
        )
    ]


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", "slug = ", "not a hearing at all", b"\x00" * 600_000]
)
def test_what_is_no_toml_gets_one_sentence(text: str | bytes) -> None:
    assert len(problems(text)) == 1


def test_the_manual_explains_each_key() -> None:
    manual = (REFERENCE.parents[1] / "docs/hearing-file.md").read_text()
    tables = [table for table in vars(document).values() if isinstance(table, Key)]
    keys = {key for table in tables if isinstance(table.default(), dict) for key in table.default()}
    assert len(keys) > 50
    assert {key for key in keys if f"`{key}`" not in manual and f"{key}]" not in manual} == set()


def test_where_plate_and_clock_stand_goes_there_and_back() -> None:
    told = toml_io.loads(SMALL + '\n[floor]\nplate = "beside"\n')
    assert (told["floor"]["plate"], told["floor"]["clock"]) == ("beside", "burnt")
    assert toml_io.loads(toml_io.dumps(told)) == told
    (problem,) = problems(SMALL + '\n[floor]\nclock = "besides"\n')
    assert "must be one of: burnt, beside. Did you mean “beside”?" in problem


def test_a_warning_as_long_as_a_panellists_limit_is_refused() -> None:
    member = '\n[[meetings.segments.members]]\nname = "Ana Silva"\nlimit_seconds = {}\n'
    rivers = 'title = "Rivers"\nstarts = 10:00:00\nends = 11:00:00\n'
    assert rivers in SMALL
    line = next(
        number for number, text in enumerate(SMALL.splitlines(), 1) if text == "ends = 11:00:00"
    )
    assert changed(rivers, rivers + member.format(30)) == [
        (
            f"Line {line + 4}: Ana Silva has 30 seconds, and the warning is 30 seconds before "
            "the limit. Allow more time, or shorten the warning in the rules of the floor."
        )
    ]
    allowed = SMALL.replace(rivers, rivers + member.format(31), 1)
    segment = toml_io.loads(allowed)["meetings"][0]["segments"][0]
    assert segment["members"][0]["limit_seconds"] == 31


def test_a_chair_has_one_seat_and_perhaps_a_limit_of_its_own() -> None:
    rivers = 'title = "Rivers"\nstarts = 10:00:00\nends = 11:00:00\n'
    member = '\n[[meetings.segments.members]]\nrole = "{}"\nname = "Ana Silva"\n'
    allowed = SMALL.replace(rivers, f"{rivers}chair_seconds = 31\n{member.format('chair')}", 1)
    told = toml_io.loads(allowed)
    segment = told["meetings"][0]["segments"][0]
    assert (segment["chair_seconds"], segment["members"][0]["role"]) == (31, "chair")
    assert toml_io.loads(toml_io.dumps(told)) == told
    (problem,) = changed(rivers, f"{rivers}chair_seconds = 30\n")
    assert "The chair has 30 seconds, and the warning is 30 seconds before" in problem
    both = member.format("moderator") + member.format("chair")
    (problem,) = changed(rivers, rivers + both)
    assert "Ana Silva has another role in this segment." in problem
    erased = toml_io.loads(SMALL.replace(rivers, rivers + both.replace("Ana Silva", NOBODY), 1))
    assert len(erased["meetings"][0]["segments"][0]["members"]) == 2


@pytest.mark.parametrize("delay_s", [0, 5, 120])
def test_the_delay_of_the_public_feed(delay_s: int) -> None:
    floor = f"\n[floor]\npublic_delay_seconds = {delay_s}\n"
    of_segment = f'title = "Rivers"\npublic_delay_seconds = {delay_s}'
    hearing = toml_io.loads(SMALL.replace('title = "Rivers"', of_segment) + floor)
    rivers, closing = hearing["meetings"][0]["segments"]
    assert hearing["floor"]["public_delay_seconds"] == delay_s
    assert (rivers["public_delay_seconds"], closing["public_delay_seconds"]) == (delay_s, None)


@pytest.mark.parametrize("delay", ["1", "4", "121", "true", "5.5"])
def test_a_delay_that_no_public_feed_has(delay: str) -> None:
    (problem,) = problems(SMALL + f"\n[floor]\npublic_delay_seconds = {delay}\n")
    sentence = "“public_delay_seconds” must be 0, or a whole number from 5 to 120."
    assert problem.endswith(sentence)


PLACES = """
title = "A hearing"
original_language = "fr"

[[places]]
code = "FR"

[[places]]
code = "XA"
names = { fr = "Un lieu", ar = "مكان" }
"""


def test_a_hearing_sets_where_organizations_may_be_based() -> None:
    found = toml_io.loads(PLACES)
    assert toml_io.loads(toml_io.dumps(found)) == found
    hearing = Hearing(places=found["places"], original_language="fr")
    with override("ar"):
        assert hearing.place_names == {"FR": "فرنسا", "XA": "مكان"}
    with override("en"):
        assert hearing.place_names == {"FR": "France", "XA": "Un lieu"}
        assert len(Hearing().place_names) == 249
        assert hearing.place_name("KR") == "Republic of Korea"


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ('code = "fr"', "“fr” is not a country code"),
        ('code = "XA"', "Give “XA” a name"),
        ('code = "FR"\nnames = { "" = "a" }', "is not a language tag"),
    ],
)
def test_a_wrong_place_gets_a_sentence(place: str, says: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        toml_io.loads(f'title = "A hearing"\n[[places]]\n{place}\n')
    assert says in str(caught.value)
