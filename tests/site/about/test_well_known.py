"""What browsers, researchers and other sites ask for: security.txt, manifest, icons, Open Graph."""

from __future__ import annotations

import re
import struct
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from hemicycle.record import clock
from hemicycle.site.about import config, well_known
from tests.support.addresses import patterns

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from tests.support.addresses import Place

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
SECURITY = "/.well-known/security.txt"
SHARED = {
    "hearing:index",
    "hearing:page",
    "registration:choose",
    "speakers:public",
    "statements:library",
    "webcast:live",
    "summary:public",
}
"""The pages to which people send each other links."""


def test_without_a_contact_there_is_no_security_txt() -> None:
    assert Client().get(SECURITY).status_code == 404


def test_security_txt_names_the_contact_and_is_valid_for_half_a_year(
    settings: Settings,
) -> None:
    settings.SECURITY_CONTACT = config.contact_uri("security@hearing.example")
    answer = Client().get(SECURITY)
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:security@hearing.example"
    assert fields["Canonical"] == settings.BASE_URL + SECURITY
    left = datetime.fromisoformat(fields["Expires"]) - clock.now()
    assert timedelta(days=178) < left <= timedelta(days=180)
    assert set(fields) == {"Contact", "Expires", "Canonical"}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("", ""),
        ("a@hearing.example", "mailto:a@hearing.example"),
        ("mailto:a@hearing.example", "mailto:a@hearing.example"),
        ("https://hearing.example/report", "https://hearing.example/report"),
        ("tel:+1-201-555-0123", "tel:+1-201-555-0123"),
    ],
)
def test_a_contact_is_an_address(given: str, found: str) -> None:
    assert config.contact_uri(given) == found


@pytest.mark.parametrize(
    "given",
    [
        "http://hearing.example",
        "https://",
        "somebody",
        "a@b.example\nExpires: never",
        "ä@b.example",
    ],
)
def test_a_contact_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="it must be"):
        config.contact_uri(given)


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_manifest_has_name_language_and_icons_that_exist(
    language: str, direction: str, settings: Settings
) -> None:
    settings.OPERATOR_NAME = 'Council "of" Example'
    answer = Client(headers={"accept-language": language}).get("/site.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    content = answer.json()
    assert content["name"] == 'Council "of" Example'
    assert (content["lang"], content["dir"]) == (language, direction)
    assert [icon["purpose"] for icon in content["icons"][1:]] == ["any", "any", "maskable"]


@pytest.mark.parametrize(("sizes", "purpose"), well_known.ICONS)
def test_each_icon_has_the_size_that_the_manifest_says(sizes: str, purpose: str) -> None:
    assert _size(well_known.icon_file(sizes, purpose)) == tuple(map(int, sizes.split("x")))


def test_the_picture_for_links_and_the_icon_of_a_telephone_have_their_sizes() -> None:
    assert _size("img/share.png") == (1200, 630)
    assert _size("img/icon-180.png") == (180, 180)


def _size(file: str) -> tuple[int, ...]:
    path = finders.find(file)
    assert isinstance(path, str)
    head = Path(path).read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", head[16:24])


def test_the_colours_of_the_manifest_are_those_of_the_pages() -> None:
    path = finders.find("css/tokens.css")
    assert isinstance(path, str)
    light = Path(path).read_text().partition(":root {")[2].partition("}")[0]
    found = dict(re.findall(r"--(paper|brand): (#\w{6});", light))
    assert found == {"paper": well_known.PAPER, "brand": well_known.BRAND}


def test_pages_that_people_share_and_no_others_have_a_title_and_a_picture_for_links(
    place: Place, settings: Settings
) -> None:
    place.hearing.theme = 'Safe "homes" <now>'
    place.hearing.save()
    found = {}
    for name in patterns():
        answer = Client().get(place.url(name))
        if "text/html" in answer.headers["Content-Type"] and not answer.streaming:
            found[name] = dict(
                re.findall(r'<meta property="og:(\w+)" content="(.*?)">', answer.content.decode())
            )
    shared = {name: tags for name, tags in found.items() if tags}
    missing = {name for name in SHARED if not shared.get(name)}
    assert missing == {"summary:public"}  # the summary is not published
    assert set(shared) <= SHARED
    for name, tags in shared.items():
        assert tags["url"] == settings.BASE_URL + place.url(name)
        assert tags["image"].startswith(settings.BASE_URL + "/static/img/share")
    assert shared["hearing:page"]["title"] == place.hearing.title
    assert shared["hearing:page"]["description"] == "Safe &quot;homes&quot; &lt;now&gt;"


def test_an_address_for_links_has_no_query(place: Place) -> None:
    url = reverse("hearing:page", kwargs={"slug": place.hearing.slug})
    page = Client().get(url, {"key": "secret"}).content.decode()
    assert re.findall(r'og:url" content="(.*?)"', page)[0].endswith(url)
