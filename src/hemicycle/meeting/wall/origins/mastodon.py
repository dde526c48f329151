"""Mastodon's public timeline of a hashtag, and lookup of posts.

`GET /api/v1/timelines/tag/:hashtag` returns at most 40 statuses, the newest first, with the other
pages in the Link header: `next` leads to older ones (`max_id`), `prev` to newer ones (`min_id`).
The first round reads the newest page and a few pages back. Later rounds go forward from the last id
seen (`min_id`), page by page, so that no post between two rounds is lost.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from aiohttp import ClientSession

from hemicycle.meeting.wall import texts
from hemicycle.meeting.wall.actions import Arrived
from hemicycle.meeting.wall.origins.http import OriginResponse, Trouble, ask

PAGE: Final = 40
PAGES_BACK: Final = 3
PAGES_ON: Final = 10


async def newest(
    session: ClientSession, server: str, hashtag: str, mark: str
) -> tuple[list[Arrived], str]:
    """Return the posts since `mark`, and the mark for the next round. Raises `Trouble`."""
    url = f"{server}/api/v1/timelines/tag/{quote(hashtag, safe='')}"
    params = [("limit", str(PAGE))] + ([("min_id", mark)] if mark else [])
    answer = await ask(session, url, params)
    rows = _rows(answer)
    relation, most = ("prev", PAGES_ON) if mark else ("next", PAGES_BACK)
    for _page in range(most - 1):
        if relation not in answer.links or not _rows(answer):
            break
        answer = await ask(session, answer.links[relation])
        rows += _rows(answer)
    ids = [row["id"] for row in rows if isinstance(row.get("id"), str)]
    mark = max([*ids, mark], key=_by_age)
    return [post for row in rows if (post := _post(row))], mark


def _by_age(ref: str) -> tuple[int, str]:
    """Return a sort key for ids, which are numbers in text, too large for some languages."""
    return len(ref), ref


def _rows(answer: OriginResponse) -> list[dict[str, Any]]:
    if answer.status != 200:
        raise Trouble("odd")
    if not isinstance(answer.data, list):
        raise Trouble("odd")
    return [row for row in answer.data if isinstance(row, dict)]


def _post(row: dict[str, Any]) -> Arrived | None:
    """Return a status as a post; None if it is not public or not readable."""
    try:
        if row["visibility"] != "public" or row.get("reblog"):
            return None
        account = row["account"]
        warning = texts.line(str(row.get("spoiler_text") or ""), 200)
        said = texts.from_html(str(row["content"]))
        url = str(row.get("url") or "")
        return Arrived(
            ref=str(row["id"])[:300],
            author=str(account["url"] or account["acct"]),
            name=texts.line(str(account.get("display_name") or account["username"]), 200),
            handle="@" + texts.line(str(account["acct"]), 290),
            text=f"[{warning}] {said}" if warning else said,
            url=url if texts.safe(url) else "",
            language=str(row.get("language") or "")[:16],
            posted_at=_moment(str(row["created_at"])),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _moment(said: str) -> datetime:
    moment = datetime.fromisoformat(said)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


async def still_there(session: ClientSession, server: str, refs: Sequence[str]) -> dict[str, str]:
    """Return the texts of the posts that still exist, by id. Raises `Trouble`."""
    found: dict[str, str] = {}
    for ref in refs:
        answer = await ask(session, f"{server}/api/v1/statuses/{quote(ref, safe='')}")
        if answer.status == 200:
            post = _post(answer.data) if isinstance(answer.data, dict) else None
            found[ref] = post.text if post else ""
    return found
