from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from hemicycle.ui import times

CLOSES = datetime(2021, 7, 5, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "language", "shown"),
    [
        ("full", "en", "Monday, 5 July 2021, 17:00"),
        ("date", "en", "5 July 2021"),
        ("short", "en", "5 Jul, 17:00"),
        ("time", "en", "17:00"),
        ("seconds", "en", "17:00:00"),
        ("full", "ar", "الاثنين، 5 يوليو 2021، 17:00"),
        ("full", "zh-hans", "2021年7月5日星期一 17:00"),
        ("short", "zh-hans", "7月5日 17:00"),
        ("full", "fr", "lundi 5 juillet 2021, 17:00"),
        ("full", "ru", "понедельник, 5 июля 2021\u00a0года, 17:00"),
        ("date", "es", "5 de julio de 2021"),
    ],
)
def test_moment_in_words(kind: str, language: str, shown: str) -> None:
    local = CLOSES.astimezone(ZoneInfo("America/New_York"))
    with translation.override(language):
        assert times.words(local, kind) == shown


@pytest.mark.parametrize(
    ("kind", "language", "shown"),
    [
        ("full", "fr", "vendredi 1er janvier 2021, 10:00"),
        ("date", "fr", "1er janvier 2021"),
        ("short", "fr", "1er janv., 10:00"),
        ("date", "en", "1 January 2021"),
        ("day", "ru", "пятница, 1 января 2021\u00a0года"),
    ],
)
def test_french_begins_a_month_with_an_ordinal(kind: str, language: str, shown: str) -> None:
    with translation.override(language):
        assert times.words(datetime(2021, 1, 1, 10, tzinfo=UTC), kind) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("до 13 июля 2021 г..", "до 13 июля 2021 г."),
        ("until 13 July 2021.", "until 13 July 2021."),
        ("And so on...", "And so on..."),
    ],
)
def test_a_sentence_ends_with_one_full_stop(said: str, shown: str) -> None:
    assert times.one_stop(said) == shown


def test_french_counts_on_after_the_first() -> None:
    with translation.override("fr"):
        shown = [times.words(datetime(2021, 11, day, tzinfo=UTC), "date") for day in (2, 11, 21)]
    assert shown == ["2 novembre 2021", "11 novembre 2021", "21 novembre 2021"]


LATE = CLOSES + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("seconds", "17:00:01"),
        ("short", "5 Jul, 17:00:01"),
        ("time", "17:00"),
        ("full", "Monday, 5 July 2021, 17:00"),
    ],
)
def test_tables_tell_the_second_and_sentences_do_not(kind: str, shown: str) -> None:
    assert times.words(LATE.astimezone(ZoneInfo("America/New_York")), kind) == shown


@pytest.mark.parametrize(
    ("name", "language", "shown"),
    [
        ("America/New_York", "en", "5 July 2021, 17:00 (New York time)"),
        ("", "en", "5 July 2021, 21:00 (UTC)"),
        ("America/New_York", "ar", "5 يوليو 2021، 17:00 (بتوقيت نيويورك)"),
        ("America/New_York", "zh-hans", "2021年7月5日 17:00（纽约时间）"),
    ],
)
def test_a_letter_tells_a_moment_plainly(name: str, language: str, shown: str) -> None:
    with translation.override(language):
        assert times.when(LATE, name) == shown


@pytest.mark.parametrize(
    ("name", "language", "shown"),
    [
        ("America/New_York", "en", "New York time"),
        ("Europe/Zurich", "en", "Geneva time"),
        ("Asia/Ho_Chi_Minh", "en", "Ho Chi Minh City time"),
        ("", "en", "UTC"),
        ("America/New_York", "ar", "بتوقيت نيويورك"),
        ("Europe/Rome", "ar", "بتوقيت روما"),
    ],
)
def test_zone_as_people_say_it(name: str, language: str, shown: str) -> None:
    with translation.override(language):
        assert times.zone_name(name) == shown


@pytest.mark.parametrize(
    ("ms", "clock", "words"),
    [
        (0, "0:00", "0 seconds"),
        (1_000, "0:01", "1 second"),
        (90_400, "1:30", "1 minute 30 seconds"),
        (180_000, "3:00", "3 minutes"),
        (7_500_000, "2:05:00", "2 hours 5 minutes"),
    ],
)
def test_duration(ms: int, clock: str, words: str) -> None:
    assert (times.duration(ms), times.in_words(ms)) == (clock, words)


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (timedelta(days=3, hours=2), "closes in 3 days"),
        (timedelta(hours=30), "closes in 30 hours"),
        (timedelta(minutes=5), "closes in 5 minutes"),
        (timedelta(seconds=1), "closes in 1 second"),
        (timedelta(), "closed 0 seconds ago"),
        (timedelta(days=-9), "closed 9 days ago"),
        (timedelta(days=-1971), "closed 1,971 days ago"),
    ],
)
def test_what_is_left(left: timedelta, shown: str) -> None:
    assert times.left_until(CLOSES, CLOSES - left) == shown


@pytest.mark.parametrize(
    ("n", "shown"),
    [(1, "يوم واحد"), (2, "يومين"), (3, "3 أيام"), (11, "11 يوماً"), (100, "100 يوم")],
)
def test_arabic_days_take_six_forms(n: int, shown: str) -> None:
    with translation.override("ar"):
        told = times.left_until(CLOSES, CLOSES - timedelta(days=n, minutes=1))
        assert told == f"يُغلق بعد {shown if n > 1 else '24 ساعة'}"


def test_numbers_keep_thousands_apart() -> None:
    assert [times.number(n) for n in (7, 12_500, 2.5)] == ["7", "12,500", "2.5"]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("fr", ["7", "12\u202f500", "2,5"]),
        ("es", ["7", "12.500", "2,5"]),
        ("ru", ["7", "12\xa0500", "2,5"]),
        ("zh-hans", ["7", "12,500", "2.5"]),
        ("ar", ["7", "12,500", "2.5"]),
    ],
)
def test_numbers_are_those_of_the_language(language: str, shown: list[str]) -> None:
    with translation.override(language):
        assert [times.number(n) for n in (7, 12_500, 2.5)] == shown
        assert times.number(2, 1) == ("2.0" if language in {"ar", "zh-hans"} else "2,0")


@pytest.mark.parametrize(
    ("name", "language", "city"),
    [
        ("Asia/Calcutta", "en", "Kolkata"),
        ("Asia/Kolkata", "ru", "Калькутта"),  # CLDR has it under the older name
        ("America/Argentina/Buenos_Aires", "zh-hans", "布宜诺斯艾利斯"),
        ("Etc/GMT-3", "fr", "UTC+3"),
        ("Etc/GMT+12", "en", "UTC-12"),
    ],
)
def test_each_zone_is_offered_once_by_its_city(name: str, language: str, city: str) -> None:
    with translation.override(language):
        offered = dict(times.zone_choices())
    assert offered[times.canonical_zone(name)] == city
    assert len(set(offered.values())) > len(offered) - 3
    assert "localtime" not in offered


def test_every_zone_of_the_system_can_be_chosen() -> None:
    named = {name for name in times.known_zones() if "/" in name}
    offered = {"UTC", "Etc/GMT", *dict(times.zone_choices())}
    assert {times.canonical_zone(name) for name in named} <= offered
