"""Search engine optimization: JSON-LD for a statement, and sitemaps."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from hemicycle.before.statements.library import publication
from hemicycle.before.statements.library.queries import readable
from hemicycle.before.statements.models import Statement
from hemicycle.before.statements.queries import StatementDetails
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.words import plain

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST = 50_000
"""The most addresses in one sitemap, by its protocol."""
LONGEST = 200
_UNSAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


type Place = tuple[str, datetime | None]
"""An address, and when its content last changed."""


def absolute(name: str, *args: object) -> str:
    """Return an address with its host."""
    return settings.BASE_URL + reverse(name, args=args)


def address(hearing: Hearing, statement: Statement) -> str:
    """Return the stable address of a statement."""
    return absolute("statements:published", hearing.slug, statement.pk)


def description(handed: StatementDetails) -> str:
    """Return the beginning of the text, as search results show it."""
    text = " ".join(handed.public_text[: LONGEST * 2].split())
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + "…"


def linked_data(hearing: Hearing, handed: StatementDetails, status: str) -> SafeString:
    """Return a statement in the vocabulary of schema.org, escaped for a `script` element."""
    statement, latest = handed.statement, handed.latest
    who = publication.names(statement)
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "@id": address(hearing, statement),
        "url": address(hearing, statement),
        "name": " · ".join(who),
        "headline": (plain(handed.public_title) or f"{who[0]} – {hearing}")[:110],
        "author": _author(statement, who),
        "creativeWorkStatus": status,
        "isAccessibleForFree": True,
        "isPartOf": {
            "@type": "Event",
            "name": hearing.title,
            "url": absolute("hearing:page", hearing.slug),
        },
    }
    if handed.other_titles:
        told["alternativeHeadline"] = plain(handed.other_titles[0])
    if statement.published_at:
        told["datePublished"] = statement.published_at.isoformat()
    if latest:
        told |= {"dateModified": latest.handed_in_at.isoformat(), "version": latest.number}
        told |= {"wordCount": latest.words} if latest.words else {}
    if statement.listing.language:
        told["inLanguage"] = statement.listing.language
    if description(handed):
        told["description"] = description(handed)
    written = json.dumps(told, ensure_ascii=False).translate(_UNSAFE)
    return mark_safe(written)  # noqa: S308 - what could end the element is written as escapes


def _author(statement: Statement, who: tuple[str, ...]) -> dict[str, Any]:
    if statement.registration.alias:
        return {"@type": "Person", "alternateName": who[0], "name": who[0]}
    author: dict[str, Any] = {"@type": "Organization", "name": who[0]}
    return author | ({"member": {"@type": "Person", "name": who[1]}} if who[1:] else {})


def sitemap(hearing: Hearing) -> HttpResponse:
    """Return the sitemap of a hearing's published statements."""
    public = publication.public().values("pk")
    rows = readable(hearing).filter(statement__in=public).order_by("pk")
    places: list[Place] = [(absolute("statements:library", hearing.slug), None)]
    listed = rows[: MOST - 1].values_list("statement_id", "listed_at")
    places += [(absolute("statements:published", hearing.slug, pk), at) for pk, at in listed]
    return _xml("urlset", "url", places)


def sitemap_index() -> HttpResponse:
    """Return the index of the sitemaps, one for each public hearing with a library."""
    hearings = Hearing.objects.exclude(status=Hearing.Status.DRAFT)
    slugs = hearings.order_by("slug").values_list("slug", flat=True)
    maps: list[Place] = [(absolute("statements:sitemap", slug), None) for slug in slugs]
    return _xml("sitemapindex", "sitemap", maps)


def _xml(root: str, element: str, places: Iterable[Place]) -> HttpResponse:
    lines = [
        f"<{element}><loc>{escape(url)}</loc>"
        + (f"<lastmod>{at.isoformat(timespec='seconds')}</lastmod>" if at else "")
        + f"</{element}>"
        for url, at in places
    ]
    body = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<{root} xmlns="{SITEMAP}">',
            *lines,
            f"</{root}>\n",
        ]
    )
    return HttpResponse(body, content_type="application/xml; charset=utf-8")
