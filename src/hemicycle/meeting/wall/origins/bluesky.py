"""Bluesky's public search for a hashtag (`app.bsky.feed.searchPosts`), and lookup of posts.

The newest posts come first, at most 100 a page, with a `cursor` to older ones. A round covers the
time since the last round, which it requests with `since`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import ClientSession

from hemicycle.meeting.wall import texts
from hemicycle.meeting.wall.actions import Arrived
from hemicycle.meeting.wall.origins.http import Trouble, ask

PAGE: Final = 100
PAGES: Final = 5
OVERLAP: Final = timedelta(minutes=10)
"""The overlap of each round with the last one, because posts reach the index late."""
TOGETHER: Final = 25


async def newest(
    session: ClientSession, server: str, hashtag: str, mark: str
) -> tuple[list[Arrived], str]:
    """Return the posts since `mark`, and the mark for the next round. Raises `Trouble`."""
    params = [("q", f"#{hashtag}"), ("tag", hashtag), ("sort", "latest"), ("limit", str(PAGE))]
    if mark:
        since = (datetime.fromisoformat(mark) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
        params.append(("since", since))
    found: list[Arrived] = []
    cursor = ""
    for _page in range(PAGES):
        more = [("cursor", cursor)] if cursor else []
        answer = await ask(session, f"{server}/xrpc/app.bsky.feed.searchPosts", params + more)
        rows = _rows(answer.data)
        found += [post for row in rows if (post := _post(row))]
        cursor = answer.data.get("cursor") or ""
        if not (rows and cursor and isinstance(cursor, str)):
            break
    latest = max((post.posted_at for post in found), default=None)
    return found, max(mark, latest.astimezone(UTC).isoformat()) if latest else mark


def _rows(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, dict) or not isinstance(data.get("posts"), list):
        raise Trouble("odd")
    return [row for row in data["posts"] if isinstance(row, dict)]


def _post(row: dict[str, Any]) -> Arrived | None:
    try:
        uri, author, record = str(row["uri"]), row["author"], row["record"]
        handle = texts.line(str(author["handle"]), 290)
        url = f"https://bsky.app/profile/{author['did']}/post/{uri.rpartition('/')[2]}"
        languages = record.get("langs") or [""]
        return Arrived(
            ref=uri[:300],
            author=str(author["did"]),
            name=texts.line(str(author.get("displayName") or handle), 200),
            handle=f"@{handle}",
            text=texts.tidy(_written_out(str(record["text"]), record.get("facets"))),
            url=url if texts.safe(url) else "",
            language=str(languages[0])[:16],
            posted_at=_moment(str(row.get("indexedAt") or record["createdAt"])),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return None


def _moment(said: str) -> datetime:
    moment = datetime.fromisoformat(said)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _written_out(text: str, facets: Any) -> str:
    """Return the text with its links written out; the positions of facets count bytes."""
    raw = text.encode()
    for start, end, uri in sorted(_link_facets(facets), reverse=True):
        if 0 <= start < end <= len(raw):
            raw = raw[:start] + uri.encode() + raw[end:]
    return raw.decode(errors="replace")


def _link_facets(facets: Any) -> list[tuple[int, int, str]]:
    found = []
    for facet in facets if isinstance(facets, list) else ():
        for feature in facet["features"]:
            if feature.get("$type") == "app.bsky.richtext.facet#link" and texts.safe(
                feature["uri"]
            ):
                index = facet["index"]
                found.append((int(index["byteStart"]), int(index["byteEnd"]), feature["uri"]))
    return found


async def still_there(session: ClientSession, server: str, refs: Sequence[str]) -> dict[str, str]:
    """Return the texts of the posts that still exist, by id. Raises `Trouble`."""
    found: dict[str, str] = {}
    for first in range(0, len(refs), TOGETHER):
        asked = [("uris", ref) for ref in refs[first : first + TOGETHER]]
        answer = await ask(session, f"{server}/xrpc/app.bsky.feed.getPosts", asked)
        for row in _rows(answer.data):
            if post := _post(row):
                found[post.ref] = post.text
    return found
