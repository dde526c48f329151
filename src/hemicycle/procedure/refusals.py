"""Why a command is refused: a code, for which pages have a sentence (`ui.refusals`).

The codes in the tables of `transitions` name the obstacle; the others name the error in the
command. `docs/procedure.md` lists them all with their sentences.
"""

from typing import Final, NoReturn

CODES: Final = (
    # Obstacles: the state of the meeting.
    "unopened",
    "opened",
    "between",
    "segment",
    "free",
    "running",
    "stopped",
    "suspended",
    "sitting",
    "discussing",
    "quiet",
    "closed",
    # Obstacles: the state of the slot.
    "waiting",
    "speaking",
    "delivered",
    "absent",
    "skipped",
    "withdrawn",
    "joined",
    "merged",
    "not_reached",
    "silent",
    "chairs",
    # Errors in the command.
    "unknown_slot",
    "list_done",
    "list_closed",
    "list_open",
    "listed_twice",
    "no_reason",
    "bad_place",
    "bad_duration",
    "bad_rules",
    "discussion_off",
    "no_panel",
    "no_extension",
    "no_limit",
    "muted",
    "not_muted",
    "unknown_person",
    "removed",
    "not_removed",
    "barred",
    "segment_held",
    "drawn",
    "not_drawn",
    "answered",
    "points_off",
    "raised",
    "not_raised",
    "ruled",
    "point_heard",
    "keeps_out",
    "raiser_keeps_out",
    "nothing_to_undo",
    "too_late_to_undo",
    "stale",
)


class Refused(Exception):
    """The procedure does not allow the command now. Nothing has changed."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Stale(Refused):
    """Another act has made the console's view of the floor out of date since the press."""

    def __init__(self) -> None:
        super().__init__("stale")


def refuse(code: str) -> NoReturn:
    """Refuse the current command for the reason that `code` names."""
    raise Refused(code)
