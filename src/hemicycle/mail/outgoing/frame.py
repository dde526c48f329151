"""The frame of every letter: the reference and greeting before it, and the sender after it.

The greeting is a field of the text, so that a secretariat can word it. The ending names the sender,
the hearing, its dates and whom to ask. It is written when the letter is sent, so that its dates are
up to date.
"""

import re
from datetime import UTC, datetime
from functools import cache

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui import times
from hemicycle.ui.languages import LINKED, apart, labelled, spoken

_ANY_CITY = "…"


def page(hearing: Hearing) -> str:
    """Return the address of the hearing's page."""
    return settings.BASE_URL + reverse("hearing:page", args=(hearing.slug,))


def when(moment: datetime, hearing: Hearing) -> str:
    """Return a moment in the hearing's time zone and in the reader's own (`times.reading_in`).

    "13 July 2021, 10:00 (New York time), 16:00 your time". If the reader's zone is not known, UTC
    is given instead, which every reader can convert. The date is repeated if it differs.
    """
    local, name = times.when(moment, hearing), times.zone_of(hearing)
    own = times.reader_zone()
    there, here = moment.astimezone(times.zone(name)), moment.astimezone(times.zone(own))
    if there.utcoffset() == here.utcoffset():
        return local
    values = {"local": local, "time": times.words(here, "time"), "day": times.words(here, "date")}
    if there.date() == here.date():
        said = _("%(local)s, %(time)s your time") if own else _("%(local)s, %(time)s UTC")
    elif own:
        said = _("%(local)s, %(day)s, %(time)s your time")
    else:
        said = _("%(local)s, %(day)s, %(time)s UTC")
    return said % values


def together(text: str) -> str:
    """Return a text in which no date, and no time with its zone, breaks at the end of a line.

    "13 July 2021", "10:00 (New York time)" and "14:00 UTC" get no-break spaces. Use it when a
    letter is sent; the outbox, calendars and files keep their spaces, so that people can search for
    them.
    """
    return _in_one_piece(times.language()).sub(lambda found: found[0].replace(" ", "\u00a0"), text)


@cache
def _in_one_piece(_language: str) -> re.Pattern[str]:
    """Return a pattern of dates and of times with zones, as the active language writes them."""
    some_days = (datetime(2030, month, 28, tzinfo=UTC) for month in range(1, 13))
    days = (
        re.escape(times.words(day, "date"))
        .replace("28", r"\b\d{1,2}(?:er)?")
        .replace("2030", r"\d{4}")
        for day in some_days
    )
    own = _("%(local)s, %(time)s your time"), _("%(local)s, %(time)s UTC")
    after = [re.escape(sentence.partition("%(time)s")[2]) for sentence in own]
    utc, city = re.escape(times.zone_name("")), times.city_time(_ANY_CITY)
    word = r"[^\W\d_][^\s(),.;:]*"
    zone = re.escape(city).replace(_ANY_CITY, rf"{word}(?:\ {word}){{0,3}}?")
    after += [rf"\ \((?:{utc}|{zone})\)", rf"\ (?:{utc}|{zone})(?!\w)"]
    clock = r"\b\d{1,2}:\d\d(?::\d\d)?"
    return re.compile("|".join((*days, f"{clock}(?:–{clock})?(?:{'|'.join(filter(None, after))})")))


def meetings(hearing: Hearing) -> str:
    """Return the dates of the hearing, a line for each meeting."""
    return "\n".join(
        labelled(apart(meeting.title or str(hearing)), when(meeting.starts_at, hearing))
        for meeting in hearing.meetings.all()
    )


def greeting(name: str) -> str:
    """Return the greeting line, with or without a `name`."""
    name = " ".join(name.split())
    return _("Dear %(name)s,") % {"name": apart(name)} if name else _("Hello,")


def greeted(body: str, name: str) -> str:
    """Return a letter's text with its greeting before it."""
    return f"{greeting(name)}\n\n{body}"


def reference_line(reference: str) -> list[str]:
    """Return the line with the secretariat's reference, as a list; empty if there is none."""
    return [labelled(_("Reference"), apart(reference))] if reference else []


def ending(body: str, hearing: Hearing | None, answers: str) -> list[str]:
    """Return the last paragraphs of a letter; `answers` is the mailbox for answers, or "".

    The dates are left out if the `body` contains them already.
    """
    if hearing is None:
        return [_("Sent by the hearings site at %(link)s") % {"link": settings.BASE_URL}]
    if hearing.is_postponed:
        dates = _("The hearing is postponed. New dates will be announced.")
    else:
        dates = meetings(hearing)
    told = "" if dates in body or _as_to_many(hearing) in body else dates
    who = "\n".join(filter(None, (_("The secretariat of the hearing"), apart(hearing.title), told)))
    ask = (
        _("Questions? Write to %(address)s") % {"address": answers}
        if answers
        else _("Questions? Ask the secretariat of the hearing.")
    )
    return [who, ask]


def _as_to_many(hearing: Hearing) -> str:
    """Return the dates as in a letter that is the same for many readers."""
    if not times.reader_zone():
        return "\0"  # occurs in no letter: `ending` has already looked for these dates
    with times.reading_in(""):
        return meetings(hearing)


def opened_in(language: str, text: str) -> str:
    """Return a text in which links to the site's pages open them in a language.

    Links to files stay as they are.
    """
    named = f"{LINKED}={spoken(language)}"

    def with_language(link: re.Match[str]) -> str:
        page, query, part = link.groups("")
        return f"{page}{query + '&' if query else '?'}{named}{part}"

    return _links(settings.BASE_URL).sub(with_language, text)


@cache
def _links(site: str) -> re.Pattern[str]:
    """Return a pattern of links to pages: paths that end in a slash, with query and fragment."""
    page = rf"({re.escape(site)}/(?:[\w.~%:-]+/)*)(?![\w.~%:-]*[\w~%-])"
    return re.compile(page + r"(\?[\w.~%:=&+-]*[\w~%=-])?(#[\w.~%:=&+-]*[\w~%=-])?")


def page_line(hearing: Hearing) -> str:
    """Return the line with the address of the hearing's page."""
    return _("The hearing’s page: %(link)s") % {"link": page(hearing)}


def framed(body: str, hearing: Hearing | None, answers: str) -> str:
    """Return a letter's text with its ending, in the active language."""
    return "\n\n".join([body, *ending(body, hearing, answers)])
