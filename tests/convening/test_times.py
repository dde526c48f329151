"""Expressions of time, each with its meaning."""

import datetime

import pytest

from hemicycle.convening.dates import dates_in
from hemicycle.convening.hours import clock, hours_in
from hemicycle.convening.languages import language
from hemicycle.convening.roles import DateRole, role_of
from hemicycle.convening.zones import agree, zone_of_place, zone_of_words, zones_in

DATES = {
    "Tuesday, 13 July 2021": [["2021-07-13"]],
    "July 13th, 2021": [["2021-07-13"]],
    "the 14th day of July, 2026": [["2026-07-14"]],
    "13-14 July 2021": [["2021-07-13", "2021-07-14"]],
    "May 8th and 9th, 2023": [["2023-05-08", "2023-05-09"]],
    "Thursday and Friday, 4 and 5 October 2007": [["2007-10-04", "2007-10-05"]],
    "30 June to 2 July 2021": [["2021-06-30", "2021-07-01", "2021-07-02"]],
    "30 June and 2 July 2021": [["2021-06-30", "2021-07-02"]],
    "2021-07-13 or 13/07/2021 or 13.07.21": [["2021-07-13"], ["2021-07-13"], ["2021-07-13"]],
    "Tuesday 07/13/2021": [["2021-07-13"]],
    "1er et 2 juin 2024": [["2024-06-01", "2024-06-02"]],
    "13 y 14 de julio de 2021": [["2021-07-13", "2021-07-14"]],
    "Day 1 – Monday, 3 June 2024": [["2024-06-03"]],
    "you may 5 times march 3 abreast": [],
    "31 February 2021": [],
    "resolution 75/283, paragraph 11, of May 2020": [],
}


@pytest.mark.parametrize("text", DATES)
def test_dates(text: str) -> None:
    found = [
        [day.date.isoformat() for day in mention.days if day.date] for mention in dates_in(text)
    ]
    assert found == DATES[text]


def test_a_date_without_year_keeps_its_weekday() -> None:
    (mention,) = dates_in("on Friday, 26 April")
    (day,) = mention.days
    assert (day.month, day.day, day.year, day.weekday) == (4, 26, None, 4)


def test_a_numeric_date_that_reads_two_ways_says_so() -> None:
    (mention,) = dates_in("05/07/2021")
    assert mention.days[0].swapped


HOURS = {
    "from 10 a.m. to 12 noon and from 3 p.m. to 5 p.m.": [("10:00", "12:00"), ("15:00", "17:00")],
    "10am – 12pm": [("10:00", "12:00")],
    "2 to 5 p.m.": [("14:00", "17:00")],
    "11-1 p.m.": [("11:00", "13:00")],
    "10:00-1:00": [("10:00", "13:00")],
    "13.45-15.45": [("13:45", "15:45")],
    "1400 hrs - 1630 hrs": [("14:00", "16:30")],
    "between 10 and 11.30 am": [("10:00", "11:30")],
    "at 10 a.m. and 3 p.m.": [("10:00", None), ("15:00", None)],
    "9.30 am": [("09:30", None)],
    "12 a.m. or 12 p.m. or midnight": [("00:00", None), ("12:00", None), ("23:59", None)],
    "6 o'clock in the evening": [("18:00", None)],
    "de 10 h à 12 h 30": [("10:00", "12:30")],
    "à 18 heures": [("18:00", None)],
    "10:00 EDT to 12:00 EDT": [("10:00", "12:00")],
    "sections 3.30 and 4.15, £3.50, 75/283": [],
}


@pytest.mark.parametrize("text", HOURS)
def test_hours(text: str) -> None:
    found = [(clock(span.starts), span.ends and clock(span.ends)) for span in hours_in(text)]
    assert found == HOURS[text]


def test_the_same_moment_elsewhere_is_an_echo() -> None:
    here, there = hours_in("10:00 – 12:00 EDT (16:00 – 18:00 CEST)")
    assert (here.echo, there.echo) == (False, True)


ZONES = {
    "EDT": "America/New_York",
    "Eastern Daylight Time": "America/New_York",
    "New York time": "America/New_York",
    "Geneva time": "Europe/Zurich",
    "CET": "Europe/Brussels",
    "GMT": "UTC",
    "UTC+3": "Etc/GMT-3",
    "UTC −5": "Etc/GMT+5",
    "heure de Dakar": "Africa/Dakar",
    "BST": None,
    "local time": None,
}


@pytest.mark.parametrize("written", ZONES)
def test_zones(written: str) -> None:
    assert zone_of_words(written) == ZONES[written]


def test_zones_in_a_sentence() -> None:
    assert zones_in("at 5pm New York time (EDT)") == [
        (7, "America/New_York"),
        (22, "America/New_York"),
    ]


PLACES = {
    "Virtual, United Nations Headquarters, New York": "America/New_York",
    "Palais des Nations, Geneva": "Europe/Zurich",
    "Room 3, Auckland 1010": "Pacific/Auckland",
    "Vienna International Centre, Room C3": "Europe/Vienna",
    "City Hall, London, Ontario": None,
    "12 Paris Street, Elderton": None,
}


@pytest.mark.parametrize("venue", PLACES)
def test_places(venue: str) -> None:
    assert zone_of_place(venue) == PLACES[venue]


def test_zones_agree_on_a_day_and_not_on_another() -> None:
    winter, summer = datetime.date(2024, 1, 15), datetime.date(2024, 7, 15)
    assert [agree("Europe/London", "UTC", day) for day in (winter, summer)] == [True, False]


ROLES = {
    "The hearing will be held on 13 July 2021.": DateRole.HEARING,
    "The hearing, as part of the process towards the summit, will be held on 13 July 2021.": (
        DateRole.HEARING
    ),
    "I will hold a hearing ahead of the high-level meeting to be held on 13 July 2021.": (
        DateRole.OTHER
    ),
    "On 13 July 2021 the President will hold a hearing before the summit.": DateRole.HEARING,
    "On 13 July 2021 the summit will hear the report of the hearing.": DateRole.OTHER,
    "By resolution 75/283 of 13 July 2021 the Assembly asked for a hearing.": DateRole.OTHER,
    "The hearing was to be held on 5 May and was first scheduled for 13 July 2021.": DateRole.OTHER,
    "Register for the hearing by 5 p.m. (EDT) on Monday 13 July 2021.": DateRole.DEADLINE,
    "Registration for the hearing closes on 13 July 2021.": DateRole.DEADLINE,
    "No later than close of business on 13 July 2021, write to us.": DateRole.DEADLINE,
    "The last hearing took place on 13 July 2021.": DateRole.OTHER,
    "It will take place on 13 July 2021.": DateRole.OPEN,
}


@pytest.mark.parametrize("sentence", ROLES)
def test_what_a_date_is_the_date_of(sentence: str) -> None:
    mention = next(
        mention
        for mention in dates_in(sentence)
        if "13 July" in sentence[mention.start : mention.end]
    )
    assert role_of(language("en"), sentence, mention) is ROLES[sentence]
