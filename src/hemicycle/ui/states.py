"""How each state is shown: tone (colour), icon (shape) and label (word), in one table.

Keys are the values that models and the procedure use, with `-` read as `_`. A model's own label
(`get_FOO_display`) may replace the word; the tone and the shape stay with the state.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class StatusStyle:
    tone: str
    icon: str
    label: str | Promise


def _ok(label: str | Promise, icon: str = "check") -> StatusStyle:
    return StatusStyle("ok", icon, label)


def _info(label: str | Promise, icon: str = "ring") -> StatusStyle:
    return StatusStyle("info", icon, label)


def _warn(label: str | Promise, icon: str = "alert") -> StatusStyle:
    return StatusStyle("warn", icon, label)


def _bad(label: str | Promise, icon: str = "cross") -> StatusStyle:
    return StatusStyle("bad", icon, label)


def _quiet(label: str | Promise, icon: str = "dash") -> StatusStyle:
    return StatusStyle("quiet", icon, label)


STATES: dict[str, StatusStyle] = {
    # a hearing, a meeting, a segment
    "draft": _quiet(_("draft"), "pen"),
    "published": _ok(_("published")),
    "ended": _quiet(_("ended")),
    "not_opened": _quiet(_("not opened"), "ring"),
    "upcoming": _quiet(_("to come"), "ring"),
    "open": _ok(_("open"), "dot"),
    "now": _ok(_("now"), "dot"),
    "suspended": _warn(_("suspended"), "pause"),
    "closed": _quiet(_("closed"), "lock"),
    "done": _ok(_("done")),
    "list_open": _ok(pgettext_lazy("a list", "open"), "dot"),
    "list_closed": _quiet(pgettext_lazy("a list", "closed"), "lock"),
    # a registration, a co-signer
    "submitted": _info(_("received"), "mail"),
    "unproved": _warn(_("mission not verified yet"), "alert"),
    "admitted_late": _warn(_("admitted late"), "clock"),
    "unconfirmed": _warn(_("not confirmed yet"), "mail"),
    "unwritten": _quiet(_("imported, not written to yet"), "mail"),
    "named": _quiet(_("to be asked"), "mail"),
    "in_review": _info(_("in review"), "half"),
    "accepted": _ok(_("accepted")),
    "refused": _bad(_("refused")),
    "withdrawn": _quiet(_("withdrawn")),
    "waiting_list": _warn(_("waiting list"), "clock"),
    "asked": _info(_("asked"), "mail"),
    "consented": _ok(_("consented")),
    "declined": _bad(_("declined")),
    # the next step of a registration; its approval, its no-objection list
    "evidence": _warn(_("evidence is missing"), "file"),
    "approval_unasked": _warn(_("focal point to be asked"), "person"),
    "approval": _info(_("with the focal point"), "half"),
    "approval_lapsed": _warn(_("focal point did not answer"), "clock"),
    "approval_declined": _bad(_("focal point did not approve")),
    "to_be_listed": _info(_("for the next no-objection list"), "forward"),
    "listed": _info(_("on a no-objection list"), "half"),
    "objected": _bad(_("objection to be settled"), "pause"),
    "no_objection": _ok(_("no objection was made")),
    "review": _warn(_("to be decided"), "pen"),
    "approved": _ok(_("approved")),
    "lapsed": _warn(_("not answered in time"), "clock"),
    "revoked": _quiet(_("link revoked"), "lock"),
    "frozen": _info(_("made"), "lock"),
    "circulated": _info(_("circulated"), "mail"),
    "list_discarded": _quiet(pgettext_lazy("a list", "discarded"), "cross"),
    "list_replaced": _quiet(pgettext_lazy("a list", "replaced"), "forward"),
    "list_withdrawn": _quiet(pgettext_lazy("a list", "withdrawn"), "undo"),
    "upheld": _bad(_("upheld")),
    # a place on a list, and on the floor
    "inscribed": _info(_("on the list"), "ring"),
    "waiting": _info(_("waiting"), "ring"),
    "next": _info(_("next"), "forward"),
    "speaking": _ok(_("speaking"), "mic"),
    "delivered": _ok(_("delivered"), "double-check"),
    "interrupted": _warn(_("interrupted"), "pause"),
    "absent": _warn(_("absent")),
    "skipped": _quiet(_("skipped"), "forward"),
    "replaced": _quiet(_("replaced"), "person"),
    "recalled": _info(_("called again"), "undo"),
    "not_reached": _warn(_("not delivered for lack of time"), "clock"),
    # a person's connection
    "ready": _ok(_("ready")),
    "hand": _info(_("hand raised"), "mic"),
    "in_room": _info(_("in the room"), "person"),
    "away": _quiet(_("not connected"), "ring"),
    "linked": _ok(_("connected"), "screen"),
    "no_sound": _bad(_("in the room without sound"), "mic-off"),
    "link_lost": _bad(_("connection lost")),
    "removed": _bad(_("removed"), "lock"),
    "passed": _ok(_("check passed")),
    "in_time": _ok(_("in time")),
    "out_of_time": _warn(_("out of time"), "clock"),
    "failed": _bad(_("failed")),
    # a forecast
    "likely": _ok(_("likely")),
    "at_risk": _warn(_("at risk")),
    "unreachable": _bad(_("will not be reached"), "clock"),
    # a statement, a question
    "missing": _warn(_("missing")),
    "received": _info(pgettext_lazy("a video", "received"), "file"),
    "handed_in": _ok(_("submitted")),
    "late": _warn(pgettext_lazy("a statement", "late")),
    "read": _ok(_("text read")),
    "unreadable": _bad(_("text could not be read")),
    "embargoed": _quiet(_("until delivered"), "lock"),
    "released": _ok(_("released")),
    "sorted": _info(_("ready for the moderator"), "ring"),
    "set_aside": _quiet(_("set aside")),
    "drawn": _info(_("put to the panel"), "forward"),
    "answered": _ok(_("answered"), "double-check"),
    # mail that came in
    "stored": _quiet(_("not reviewed yet"), "mail"),
    "aside": _quiet(pgettext_lazy("a message", "set aside")),
    "certain": _ok(_("certain")),
    "unsure": _warn(_("unsure")),
    # a letter
    "queued": _info(_("to be sent"), "clock"),
    "sending": _info(_("being sent"), "forward"),
    "sent": _ok(_("sent"), "mail"),
    "deferred": _warn(_("delayed"), "clock"),
    "bounced": _bad(_("returned")),
    "unclear": _warn(_("unclear")),
    "cancelled": _bad(pgettext_lazy("a message", "cancelled")),
    # a training session
    "session_done": _ok(pgettext_lazy("a training session", "done")),
    "session_cancelled": _bad(_("cancelled")),
    "signed_up": _ok(_("signed up")),
    "signed_off": _quiet(_("cancelled")),
    "attended": _ok(_("attended"), "double-check"),
    # the summary
    "summary_draft": _quiet(pgettext_lazy("the summary", "draft"), "pen"),
    "summary_published": _ok(pgettext_lazy("the summary", "published")),
    "drafted": _quiet(_("drafted"), "pen"),
    "edited": _info(_("edited"), "pen"),
    "written": _info(_("written by hand"), "pen"),
    # a token, a webhook
    "current": _ok(_("in use")),
    "token_revoked": _bad(_("revoked")),
    "token_lapsed": _quiet(_("expired"), "clock"),
    "switched_off": _warn(_("switched off"), "pause"),
    "offered": _warn(_("suggested by a language model"), "alert"),
    # a check of the record
    "verified": _ok(_("verified"), "double-check"),
    "broken": _bad(_("broken")),
    "yes": _ok(_("yes")),
    "no": _quiet(_("no")),
}


def state(value: object) -> StatusStyle:
    """Return the look of a state; an unknown one is shown as its own word in a neutral tone."""
    key = str(value).strip().lower().replace("-", "_").replace(" ", "_")
    return STATES.get(key) or StatusStyle("quiet", "ring", str(value).replace("_", " "))
