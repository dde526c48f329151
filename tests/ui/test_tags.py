"""The template tags, as templates use them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import include, path
from django.utils import translation
from django.utils.html import escape

from hemicycle.record import clock
from hemicycle.ui import commands, times
from hemicycle.ui.samples import SampleHearing
from tests.support.markup import compact, tags_in_line
from tools.catalogues import ROOT

CLOSES = datetime(2021, 7, 5, 21, tzinfo=UTC)


def write(text: str, **context: Any) -> str:
    hearing = SampleHearing()
    template = Template("{% load hemicycle %}" + text)
    return template.render(Context({"hearing": hearing, "at": CLOSES, **context}))


def test_moment_is_in_the_hearings_zone_and_machine_readable() -> None:
    assert write("{% moment at hearing %}") == (
        '<time datetime="2021-07-05T21:00:00Z">Monday, 5 July 2021, 17:00 New York time</time>'
    )
    assert write('{% moment at "Africa/Nairobi" "time" %}') == (
        '<time datetime="2021-07-05T21:00:00Z">00:00</time>'
    )
    assert write("{% moment nothing hearing %}") == ""


def test_a_command_breaks_between_its_words_alone() -> None:
    assert write('{{ "hemicycle backup --to <FOLDER>"|command }}') == (
        '<code dir="ltr"><span>hemicycle</span> <span>backup</span> <span>--to</span> '
        "<span>&lt;FOLDER&gt;</span></code>"
    )


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        (
            "Run: hemicycle backup --to FOLDER --key FILE.pub (docs/backup.md), every night.",
            ["hemicycle backup --to FOLDER --key FILE.pub"],
        ),
        (
            "Start it with `hemicycle up`, or with systemctl start hemicycle-media.",
            ["hemicycle up", "systemctl start hemicycle-media"],
        ),
        ("Run: hemicycle admin rotate-keys", ["hemicycle admin rotate-keys"]),
        ("Restart Hemicycle <now>.", []),
    ],
)
def test_a_sentence_marks_its_commands(sentence: str, found: list[str]) -> None:
    html = commands.marked(sentence)
    shown = [re.sub("<[^>]+>", "", code) for code in re.findall("<code.*?</code>", html)]
    assert shown == found
    assert re.sub("<[^>]+>", "", html) == escape(sentence.replace("`", ""))


@pytest.mark.parametrize(
    ("language", "found"), [("ar", "rtl"), ("ar-eg", "rtl"), ("fr", "ltr"), ("", "ltr")]
)
def test_direction_goes_by_the_language(language: str, found: str) -> None:
    assert write("{{ language|direction }}", language=language) == found


def test_span_leaves_room_for_the_readers_own_time() -> None:
    assert write("{% span at end hearing %}", end=CLOSES + timedelta(minutes=25)) == (
        '<span class="when"><time datetime="2021-07-05T21:00:00Z">17:00</time>–'
        '<time datetime="2021-07-05T21:25:00Z">17:25</time><span class="local" '
        'data-local="2021-07-05T21:00:00Z" data-until="2021-07-05T21:25:00Z" '
        'data-zone="America/New_York" data-kind="time" hidden></span></span>'
    )


@pytest.mark.parametrize(
    ("zone", "own"),
    [
        ("Africa/Nairobi", '"> 6 Jul, 00:00–00:25 your time</span>'),  # another day there
        ("Europe/Paris", '"> 23:00–23:25 your time</span>'),
        ("America/Toronto", '" hidden></span>'),  # the same clock
        ("Mars/Olympus", '" hidden></span>'),
    ],
)
def test_a_known_reader_gets_their_own_time_without_a_script(zone: str, own: str) -> None:
    with times.reading_in(zone):
        shown = write("{% span at end hearing %}", end=CLOSES + timedelta(minutes=25))
    assert own in shown


def test_deadline_says_what_is_left_on_the_servers_clock() -> None:
    texts = []
    for days in (-5, -1, 1):
        now = clock.Virtual(clock.to_ms(CLOSES + timedelta(days=days)))
        with clock.using(now):
            texts.append(write("{% deadline at hearing %}"))
    for text, tone, left in zip(
        texts,
        ("info", "warn", "quiet"),
        ("closes in 5 days", "closes in 24 hours", "closed 24 hours ago"),
        strict=True,
    ):
        assert f"deadline__left tone-{tone}" in text
        assert f'<span data-left="2021-07-05T21:00:00Z">{left}</span>' in text


def test_status_has_a_word_a_shape_and_a_tone() -> None:
    shown = write('{% status "not-reached" %}')
    assert shown.startswith('<span class="badge tone-warn"><svg')
    assert shown.endswith("not delivered for lack of time</span>")
    assert write('{% status "accepted" "in order" %}').endswith("</svg>in order</span>")
    assert "tone-quiet" in write('{% status "<new>" %}')
    assert "&lt;new&gt;" in write('{% status "<new>" %}')


def test_facts_leave_out_what_is_empty() -> None:
    shown = write('{% facts "Venue" nothing "Theme" theme %}', theme="Water & life")
    assert shown == ('<dl class="facts"><div><dt>Theme</dt><dd>Water &amp; life</dd></div></dl>')


def test_progress_tells_its_figures_and_an_excess() -> None:
    shown = write('{% progress 1027 1000 "places" %}')
    assert '<span class="num">1,027 of 1,000</span>' in shown
    assert '<progress value="1000" max="1000" aria-label="places">' in shown
    assert "tone-warn" in shown


def test_clock_holds_what_is_left_before_the_script_runs() -> None:
    state = {
        "running": True,
        "limit_ms": 180_000,
        "used_before_ms": 30_000,
        "running_since_ms": 1_000_000,
        "warning_ms": 30_000,
    }
    with clock.using(lambda: 1_030_000):
        assert ">2:00</span>" in write("{% clock state %}", state=state)
    with clock.using(lambda: 1_162_000):
        assert ">+0:12</span>" in write('{% clock state "hall" %}', state=state)
    assert 'data-state="null"' in write("{% clock nothing %}", nothing=None)


def test_sorting_turns_round_and_keeps_the_search() -> None:
    request = RequestFactory().get("/list?q=water&sort=name&page=4")
    shown = write('{% sort_head "name" "Name" %}', request=request)
    assert shown.startswith(
        '<th scope="col" aria-sort="ascending"><a href="?q=water&amp;sort=-name">'
    )
    other = write('{% sort_head "place" "Place" "num" %}', request=request)
    assert other.startswith(
        '<th scope="col" aria-sort="none" class="num"><a href="?q=water&amp;sort=place">'
    )


def test_pages_keep_the_order() -> None:
    request = RequestFactory().get("/list?sort=name&page=5")
    page = Paginator(range(95), 10).page(5)
    shown = write("{% pages page %}", page=page, request=request)
    assert '<a href="?sort=name&amp;page=5" aria-current="page">5</a>' in shown
    assert '<a href="?sort=name&amp;page=4" rel="prev">Previous</a>' in shown
    assert shown.count("<li>") == 7


def test_search_keeps_the_filters() -> None:
    request = RequestFactory().get("/list?q=%3Cb%3E&track=missions&page=3")
    shown = compact(write('{% search "Search names" %}', request=request))
    assert '<input type="hidden" name="track" value="missions">' in shown
    assert 'value="&lt;b&gt;" aria-label="Search names"' in shown
    assert "page" not in shown


def test_scripts_get_their_words_in_the_readers_language() -> None:
    with translation.override("ar"):
        words = write("{% js_words %}")
    assert '"clock.stopped": "\\u0645\\u062a\\u0648\\u0642\\u0641"' in words
    assert words.startswith('<script id="hc-messages" type="application/json">')


urlpatterns = [
    path("ask/<int:pk>/", HttpResponse, name="ask"),
    path(
        "<slug:hearing>/office/",
        include(
            (
                [
                    path("", HttpResponse, name="office"),
                    path("programme/", HttpResponse, name="programme"),
                ],
                "hearing",
            )
        ),
    ),
]


@pytest.mark.urls(__name__)
def test_places_without_an_address_are_left_out() -> None:
    request = RequestFactory().get("/sample/office/programme/edit")
    text = (
        '{% places "office" as links %}{% for link in links %}'
        "{{ link.label }} {{ link.url }} {{ link.current }}|{% endfor %}"
    )
    assert write(text, request=request) == (
        "Overview /sample/office/ False|Programme /sample/office/programme/ True|"
    )
    assert write(text, request=request, hearing=None) == ""


@pytest.mark.urls(__name__)
def test_a_form_of_one_button() -> None:
    made = write(
        '{% button "ask" 7 look="small danger" press="do" value="end" row=3 %}End{% endbutton %}',
        csrf_token="abc",
    )
    assert compact(tags_in_line(made)) == (
        '<form method="post" action="/ask/7/"><input type="hidden" name="csrfmiddlewaretoken" '
        'value="abc"><input type="hidden" name="row" value="3"><button class="btn btn--small '
        'btn--danger" name="do" value="end">End</button></form>'
    )


def test_a_form_of_one_button_escapes_what_it_is_given() -> None:
    made = write(
        '{% button "" aria_pressed=on aria_label=nothing row=word %}'
        "<b>{{ word }}</b>{% endbutton %}",
        csrf_token="abc",
        on="true",
        word='"<i>',
    )
    assert compact(tags_in_line(made)) == (
        '<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="abc">'
        '<input type="hidden" name="row" value="&quot;&lt;i&gt;"><button class="btn" '
        'aria-pressed="true"><b>&quot;&lt;i&gt;</b></button></form>'
    )


def test_the_colon_after_a_label_is_that_of_the_language() -> None:
    """Templates contain neither the colon nor the space before it, which French has."""
    pages = (ROOT / "src").rglob("templates/**/*.html")
    wrong = re.compile(r"\s\{% colon %\}|[>}]: (\{\{|<bdi)")
    assert [page.name for page in pages if wrong.search(page.read_text())] == []
