"""The tags of the design system: `{% load hemicycle %}`. How to use each: docs/design-system.md."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BaseForm
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join, json_script, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext

from hemicycle.procedure.clock import HolderClock, m_ss
from hemicycle.record import clock as the_clock
from hemicycle.ui import (
    commands,
    forms,
    icons,
    js_messages,
    languages,
    media_messages,
    navigation,
    screen_passes,
    states,
    times,
    words,
)

register = template.Library()


# ── Words and figures ─────────────────────────────────────────────────────────────────────────
@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "search" %}`: an icon; put a word beside it."""
    return icons.icon(name)


@register.simple_tag
def status(value: object, label: object = None) -> SafeString:
    """`{% status registration.status %}`: a state by shape, word and colour."""
    look = states.state(value)
    return badge(label or look.label, look.tone, look.icon)


@register.simple_tag
def badge(label: object, tone: str = "quiet", icon: str = "dot") -> SafeString:
    """`{% badge "NGO" "info" "person" %}`: a word with a shape, in one of five tones."""
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, icons.icon(icon), label)


@register.filter
def listed(items: Iterable[object]) -> SafeString:
    """`{{ languages|listed }}`: "A, B and C" in the reader's language, each item isolated."""
    return mark_safe(languages.listed(format_html("<bdi>{}</bdi>", item) for item in items))  # noqa: S308 - escaped


@register.filter
def direction(language: str) -> str:
    """`dir="{{ letter.language|direction }}"`: how a language is written, "rtl" or "ltr".

    `dir="auto"` depends on the first letter, which may belong to a foreign title.
    """
    return words.direction(language or "en")


register.filter("one_stop", times.one_stop)
register.filter("command", commands.code)


@register.filter
def plain(text: object) -> str:
    """`content="{{ hearing|plain }}"`: the words alone, where no element can name their language.

    Elsewhere the words name their language themselves: `hemicycle.ui.words`.
    """
    return words.plain(text)


@register.filter
def paragraphs(text: str) -> SafeString:
    """`{{ hearing.objective|paragraphs }}`: as `linebreaks`, with the language if it is foreign."""
    html = SafeString(linebreaks(plain(text), autoescape=True))
    return text.marked(html, "div") if isinstance(text, words.Words) else html


@register.filter
def first_words(text: str, count: int) -> str:
    """`{{ hearing.theme|first_words:40 }}`: as `truncatewords`, in the language of the text."""
    return words.mapped(text, lambda said: Truncator(said).words(count, truncate=" …"))


@register.simple_tag
def colon() -> str:
    """`{% translate "Next" %}{% colon %}{{ name }}`: between a label and its value."""
    return languages.colon()


@register.simple_tag
def said_in(language: str) -> SafeString:
    """`{% said_in "en" %}`: the language of the text below, if the page is in another.

    The text itself has `lang` and `dir` (WCAG 3.1.2).
    """
    if not language or languages.base(language) == languages.base(times.language()):
        return SafeString("")
    name = languages.language_name(language)
    return format_html(
        '<p class="muted small">{}</p>',
        gettext("Language of this text: %(language)s") % {"language": name},
    )


@register.filter
def spoken(language: str) -> str:
    """`{% language tag|spoken %}`: the code of a language's catalogue, "zh-hans" for "zh"."""
    return languages.spoken(language)


@register.filter
def own_name(language: str) -> str:
    """`{{ code|own_name }}`: a language's own name, "Français"."""
    return languages.own_name(language)


@register.simple_tag
def moment(at: datetime | None, hearing: object = "UTC", kind: str = "full") -> SafeString:
    """`{% moment segment.starts_at hearing "time" %}`: in the hearing's zone, machine-readable."""
    if not at:
        return SafeString("")
    name = times.zone_of(hearing)
    shown = times.words(at.astimezone(times.zone(name)), kind)
    if kind == "full":
        shown = f"{shown} {times.zone_name(name)}"
    return format_html('<time datetime="{}">{}</time>', times.iso(at), shown)


@register.simple_tag
def local(at: datetime | None, hearing: object = "UTC", kind: str = "full") -> SafeString:
    """As `moment`, with the reader's own time, which a script adds if it is not known here."""
    if not at:
        return SafeString("")
    own = times.own_time(at, hearing, is_time=kind == "time")
    return format_html(
        '<span class="when">{}<span class="local" data-local="{}" data-zone="{}" data-kind="{}"'
        "{}</span></span>",
        moment(at, hearing, kind),
        times.iso(at),
        times.zone_of(hearing),
        kind,
        _own(own),
    )


def _own(time: str) -> SafeString:
    """Return the rest of the element that holds the reader's own time: hidden until it is known.

    The space before the time is inside the element: a full stop may follow while it is hidden.
    """
    if not time:
        return SafeString(" hidden>")
    return format_html("> {}", gettext("{time} your time").format(time=time))


@register.simple_tag
def span(start: datetime, end: datetime | None, hearing: object = "UTC") -> SafeString:
    """`{% span segment.starts_at segment.ends_at hearing %}`: 10:00-10:25, also in own time."""
    return format_html(
        '<span class="when">{}{}{}<span class="local" data-local="{}" data-until="{}" '
        'data-zone="{}" data-kind="time"{}</span></span>',
        moment(start, hearing, "time"),
        "–" if end else "",
        moment(end, hearing, "time"),
        times.iso(start),
        times.iso(end) if end else "",
        times.zone_of(hearing),
        _own(times.own_time(start, hearing, end, is_time=True)),
    )


@register.simple_tag
def sitting(start: datetime, end: datetime, hearing: object, *, local: bool = False) -> SafeString:
    """`{% sitting meeting.starts_at meeting.ends_at hearing %}`: a day and its hours.

    "Monday, 5 July 2021, 10:00-13:00"; with `local=True`, also the reader's hours if different.
    """
    begins, ends = (moment(at, hearing, "time") for at in (start, end))
    return format_html(
        times.joined("{day}", "{hours}"),
        day=moment(start, hearing, "day"),
        hours=span(start, end, hearing) if local else format_html("{}–{}", begins, ends),
    )


@register.simple_tag
def now_in(hearing: object = "UTC") -> SafeString:
    """`{% now_in hearing %}`: the server's time in the hearing's zone; `module "wall-clock"`."""
    name = times.zone_of(hearing)
    shown = times.words(the_clock.now().astimezone(times.zone(name)), "seconds")
    return format_html('<time data-now data-zone="{}">{}</time>', name, shown)


@register.simple_tag
def deadline(at: datetime, hearing: object = "UTC") -> SafeString:
    """`{% deadline d.at hearing %}`: the moment, in the hearing's and the reader's zone, and
    the time left.
    """
    now = the_clock.now()
    tone, shape = ("quiet", "lock") if at <= now else ("info", "clock")
    if at > now and (at - now).days < 2:
        tone = "warn"
    return format_html(
        '<span class="deadline"><span>{}</span><span class="deadline__left tone-{}">{}'
        '<span data-left="{}">{}</span></span></span>',
        local(at, hearing),
        tone,
        icons.icon(shape),
        times.iso(at),
        times.left_until(at, now),
    )


@register.simple_tag
def time_zone_name(hearing: object) -> str:
    """`{% time_zone_name hearing %}`: "New York time"."""
    return times.zone_name(times.zone_of(hearing))


@register.simple_tag
def duration(ms: float | str | None, kind: str = "clock") -> str:
    """`{% duration 180000 %}` is 3:00; `{% duration 180000 "words" %}` is 3 minutes."""
    if ms is None or isinstance(ms, str):  # "" stands for a name that is not in the context
        return ""
    return times.in_words(ms) if kind == "words" else times.duration(ms)


@register.simple_tag
def number(value: float | str | None, places: int | None = None) -> str:
    """`{% number 12500 %}`: a number with the reader's thousands and decimal separators."""
    if value is None or isinstance(value, str):
        return ""
    return times.number(value, places)


@register.simple_tag
def figure(value: object, label: object, tone: str = "", note: object = "") -> SafeString:
    """`{% figure 42 "registrations" %}`: one figure with its label; wrap several in `.figures`."""
    shown = times.number(value) if isinstance(value, int | float) else value
    extra = format_html('<span class="figure__label">{}</span>', note) if note else ""
    return format_html(
        '<div class="figure{}"><span class="figure__value">{}</span>'
        '<span class="figure__label">{}</span>{}</div>',
        f" tone-{tone}" if tone else "",
        shown,
        label,
        extra,
    )


@register.simple_tag
def progress(value: float, limit: float, label: object, tone: str = "") -> SafeString:
    """`{% progress 18 24 "places taken" %}`: a bar with its figures in words."""
    tone = tone or ("warn" if value > limit else "")
    return format_html(
        '<div class="progress{}"><span class="progress__text"><span>{}</span>'
        '<span class="num">{}</span></span><progress value="{}" max="{}" aria-label="{}">'
        "</progress></div>",
        f" tone-{tone}" if tone else "",
        label,
        gettext("%(value)s of %(limit)s")
        % {"value": times.number(value), "limit": times.number(limit)},
        min(value, limit),
        limit or 1,
        plain(label),
    )


@register.simple_tag
def kbd(key: str) -> SafeString:
    """`{% kbd "E" %}`: a key, as a console's button shows it."""
    return format_html("<kbd>{}</kbd>", key)


@register.simple_tag
def facts(*pairs: object) -> SafeString:
    """`{% facts _("Venue") hearing.venue %}`: terms with values; empty ones are left out."""
    rows = [(pairs[i], pairs[i + 1]) for i in range(0, len(pairs) - 1, 2) if pairs[i + 1]]
    return format_html(
        '<dl class="facts">{}</dl>',
        format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows),
    )


# ── Live parts ────────────────────────────────────────────────────────────────────────────────
@register.simple_tag
def clock(state: dict[str, Any] | None = None, size: str = "", sound: bool = False) -> SafeString:
    """`{% clock state "hall" %}`: the clock, following the page's feed; needs `module "clock"`.

    It shows the time left at rendering until the script takes over.
    """
    return format_html(
        '<hc-clock data-follow data-state="{}"{}{}><span class="clock__fallback num">{}</span>'
        "</hc-clock>",
        json.dumps(state),
        format_html(' data-size="{}"', size) if size else "",
        SafeString(" data-sound") if sound else "",
        _figures(state) if state else m_ss(0),
    )


def _figures(state: dict[str, Any]) -> str:
    counted = HolderClock(**{name: value for name, value in state.items() if name != "running"})
    return counted.figures(the_clock.now_ms())


@register.simple_tag
def live(url: str) -> SafeString:
    """`{% live feed_url %}`: follows the feed and shows the connection; needs `module "link"`."""
    return format_html('<hc-link data-feed="{}">{}</hc-link>', url, gettext("connecting"))


@register.simple_tag
def screen(hearing: Any, kind: str) -> SafeString:
    """`{% screen hearing "hall" %}`: attributes of the body by which `module "beat"` reports."""
    issued = screen_passes.issue(hearing.id, kind)
    attributes = 'data-screen="{}" data-screen-id="{}" data-screen-pass="{}"'
    return format_html(attributes, kind, issued.id.hex, issued.text)


@register.simple_tag
def module(name: str) -> SafeString:
    """`{% module "countdown" %}`: loads js/countdown.js; a path loads another slice's module."""
    path = name if "/" in name else f"js/{name}.js"
    return format_html('<script type="module" src="{}"></script>', static(path))


@register.simple_tag
def styles(*names: str) -> SafeString:
    """`{% styles "tokens" "room" %}`: links to css/tokens.css and css/room.css."""
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(f"css/{name}.css"),) for name in names)
    )


@register.simple_tag
def js_words() -> SafeString:
    """`{% js_words %}`: the scripts' texts in the reader's language; the base template calls
    it once.
    """
    return json_script(js_messages.messages(), "hc-messages")


@register.simple_tag
def media_words() -> SafeString:
    """`{% media_words %}`: texts of the scripts in `ui/static/media/`, for pages with live
    media.
    """
    return json_script(media_messages.messages(), "hc-messages-media")


# ── Forms ─────────────────────────────────────────────────────────────────────────────────────
@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """`{% error_summary form %}`: all errors with links, for forms laid out field by field."""
    return forms.error_summary(form)


@register.simple_block_tag(takes_context=True)
def button(
    context: Context,
    content: SafeString,
    name: str,
    *args: object,
    look: str = "",
    press: str = "",
    value: object = "1",
    **hidden: object,
) -> SafeString:
    """`{% button "api:revoke" slug pk %}Revoke{% endbutton %}`: a form that consists of one button.

    `name` and `args` name the URL as for `{% url %}`; `name` may also be a path, or "" for the
    page's own.
    `look` names variants of `.btn`: "primary", "small danger". `press` and `value` are the name and
    the value that the button sends. Keywords such as `aria_pressed` become attributes of the
    button, unless empty; every other keyword becomes a hidden field.
    """
    aria = {key: hidden.pop(key) for key in [*hidden] if key.startswith("aria_")}
    parts = {
        "url": reverse(name, args=args) if name and not name.startswith("/") else name,
        "classes": "".join(f" btn--{variant}" for variant in look.split()),
        "press": press,
        "value": value,
        "aria": {key.replace("_", "-"): said for key, said in aria.items() if said},
        "hidden": hidden,
        "content": content,
        "csrf_token": context.get("csrf_token"),
    }
    return render_to_string("ui/components/button.html", parts)


@register.simple_tag
def default_press() -> SafeString:
    """`{% default_press %}`: the button for Enter, if the first button does not send the form."""
    return SafeString('<button class="visually-hidden" tabindex="-1" aria-hidden="true"></button>')


@register.inclusion_tag("ui/components/autosave.html")
def autosave() -> dict[str, Any]:
    """`{% autosave %}`: shows when the draft was saved; put it in a form with `data-autosave`."""
    return {}


# ── Lists and ways ────────────────────────────────────────────────────────────────────────────
def _query(request: HttpRequest, **changes: object) -> str:
    query = request.GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def sort_head(context: dict[str, Any], key: str, label: object, kind: str = "") -> SafeString:
    """`{% sort_head "name" _("Name") %}`: a `<th>` whose link sorts by `?sort=name` or `-name`."""
    request = context["request"]
    now = request.GET.get("sort", "")
    up, down = now == key, now == f"-{key}"
    direction = "ascending" if up else "descending" if down else "none"
    return format_html(
        '<th scope="col" aria-sort="{}"{}><a href="{}">{}{}</a></th>',
        direction,
        SafeString(' class="num"') if kind == "num" else "",
        _query(request, sort=f"-{key}" if up else key, page=None),
        label,
        icons.icon("up" if up else "down" if down else "sort"),
    )


@register.inclusion_tag("ui/components/pages.html", takes_context=True)
def pages(context: dict[str, Any], page: Page[Any]) -> dict[str, Any]:
    """`{% pages page_obj %}`: links to the pages of a list, which keep the search and the order."""
    request = context["request"]
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "links": [
            (n, _query(request, page=n) if isinstance(n, int) else "", n == page.number)
            for n in numbers
        ],
        "before": page.has_previous() and _query(request, page=page.previous_page_number()),
        "after": page.has_next() and _query(request, page=page.next_page_number()),
    }


@register.inclusion_tag("ui/components/search.html", takes_context=True)
def search(context: dict[str, Any], label: object = "", name: str = "q") -> dict[str, Any]:
    """`{% search _("Search names") %}`: a search box that keeps the page's other filters."""
    request = context["request"]
    kept = [(k, v) for k, values in request.GET.lists() if k not in {name, "page"} for v in values]
    return {
        "label": label or gettext("Search"),
        "name": name,
        "value": request.GET.get(name, ""),
        "kept": kept,
    }


@register.inclusion_tag("ui/components/tabs.html")
def tabs(items: Sequence[tuple[Any, ...]], label: object = "") -> dict[str, Any]:
    """`{% tabs items %}`: items are (url, label, current[, count])."""
    return {"items": [(*item, None)[:4] for item in items], "label": label}


@register.inclusion_tag("ui/components/stepper.html")
def stepper(steps: Sequence[object], current: int) -> dict[str, Any]:
    """`{% stepper steps 2 %}`: the steps with the current one marked, counted from 1."""
    return {"steps": list(enumerate(steps, 1)), "current": current}


@register.simple_tag(takes_context=True)
def places(context: dict[str, Any], area: str) -> list[navigation.NavLink]:
    """`{% places "office" as links %}`: the area's links for the page's hearing."""
    hearing, request = context.get("hearing"), context.get("request")
    slug = getattr(hearing, "slug", "")
    if not slug:
        return []
    path, standing = getattr(request, "path", ""), getattr(request, "standing", None)
    return navigation.links(area, slug, path, standing)


@register.simple_tag(takes_context=True)
def may_open(context: dict[str, Any], url: str) -> bool:
    """`{% may_open url as is_open %}`: whether the visitor may open the page at a URL."""
    standing = getattr(context.get("request"), "standing", None)
    return standing is None or navigation.is_open(url, standing)


@register.simple_tag(takes_context=True)
def share(context: dict[str, Any], kind: str = "website") -> SafeString:
    """`{% share %}`: how a link to this public page looks in messages (Open Graph).

    The title and the description are only the hearing's, which its secretariat wrote, and the
    picture is ours: they show no person and nothing that participants have sent. Pages behind a
    private link must not have this tag, since it contains their address.
    """
    hearing, request = context.get("hearing"), context.get("request")
    site = gettext("Public hearings")
    title = getattr(hearing, "title", "") or site
    about = getattr(hearing, "theme", "") or gettext(
        "Take the floor, submit a statement, or follow a meeting live."
    )
    properties = {
        "og:type": kind,
        "og:site_name": getattr(hearing, "convener", "") or site,
        "og:title": title,
        "og:description": about,
        "og:url": settings.BASE_URL + getattr(request, "path", "/"),
        "og:image": settings.BASE_URL + static("img/share.png"),
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": gettext("A hemicycle of seats around a speaker"),
    }
    said = ((name, plain(text)) for name, text in properties.items())
    tags = format_html_join("", '<meta property="{}" content="{}">', said)
    return format_html('<meta name="description" content="{}">{}', plain(about), tags)


@register.simple_tag
def handbook() -> str:
    """`{% handbook as help %}`: the address of the handbook, "" if there is none."""
    if settings.HANDBOOK_URL or not settings.HAS_HANDBOOK:
        return str(settings.HANDBOOK_URL)
    try:
        return reverse("about:help")
    except NoReverseMatch:  # this configuration of URLs has no pages about the site
        return ""


@register.simple_tag
def query(**values: object) -> str:
    """`{% query track="missions" %}`: a new query string; empty values are left out."""
    return "?" + urlencode({k: v for k, v in values.items() if v not in (None, "")})
