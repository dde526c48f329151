"""Why a command is refused: a code for programs, a sentence for people.

The codes of the table name what stands in the way; the others name what is wrong with the command.
A sentence is a gettext message: pages show it translated.
"""

from typing import Final, NoReturn


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation; this package itself speaks to no one."""
    return sentence


SENTENCES: Final[dict[str, str]] = {
    # What stands in the way: the meeting.
    "unopened": gettext_noop("The meeting is not open yet. Open it first."),
    "opened": gettext_noop("The meeting is open already."),
    "between": gettext_noop("No segment is open. Open one first."),
    "segment": gettext_noop("A segment is open. Close it first."),
    "free": gettext_noop("Nobody has the floor."),
    "running": gettext_noop("The clock is running already."),
    "stopped": gettext_noop("The clock stands still already."),
    "suspended": gettext_noop("The meeting is suspended. Resume it first."),
    "sitting": gettext_noop("The meeting is not suspended."),
    "closed": gettext_noop("The meeting is closed."),
    # What stands in the way: the slot.
    "waiting": gettext_noop("This speaker is waiting on the list already."),
    "speaking": gettext_noop("This speaker has the floor."),
    "delivered": gettext_noop("This speaker has spoken. Recall them to give the floor again."),
    "absent": gettext_noop("This speaker is marked absent. Recall them first."),
    "skipped": gettext_noop("This speaker was skipped. Recall them first."),
    "withdrawn": gettext_noop("This speaker has withdrawn and cannot be called."),
    "joined": gettext_noop("The last act brought a speaker onto the list. It stands."),
    "not_reached": gettext_noop("This speaker was not reached before the segment closed."),
    "silent": gettext_noop("This speaker does not have the floor."),
    # What is wrong with the command.
    "unknown_slot": gettext_noop("This slot is not on the list of speakers."),
    "list_done": gettext_noop("Nobody is waiting on the list."),
    "list_closed": gettext_noop("The list of speakers is closed. Reopen it to add a speaker."),
    "list_open": gettext_noop("The list of speakers is open already."),
    "listed_twice": gettext_noop("A slot can stand on a list only once in a meeting."),
    "no_reason": gettext_noop("Say why the speaker is moved. The reason is kept on the record."),
    "bad_place": gettext_noop("The place to move to is not on the list of speakers."),
    "bad_duration": gettext_noop("The time must be more than zero."),
    "bad_rules": gettext_noop("A time limit must be more than zero, and no time less than zero."),
    "no_extension": gettext_noop("This speaker had all the extensions that the rules allow."),
    "muted": gettext_noop("This microphone is muted already."),
    "not_muted": gettext_noop("This microphone is not muted."),
    "unknown_person": gettext_noop("This person is not in this meeting."),
    "removed": gettext_noop("This person was removed from the meeting. Readmit them first."),
    "not_removed": gettext_noop("This person was not removed from the meeting."),
    "barred": gettext_noop(
        "You were removed from this meeting. Ask the secretariat to be readmitted."
    ),
    "segment_held": gettext_noop("This segment was held already."),
    "drawn": gettext_noop("This question was put already."),
    "not_drawn": gettext_noop("This question was not put to the panel."),
    "answered": gettext_noop("This question was answered already."),
    "points_off": gettext_noop("The rules of this meeting allow no points of order."),
    "raised": gettext_noop("This point of order was raised already."),
    "not_raised": gettext_noop("This point of order was not raised."),
    "ruled": gettext_noop("This point of order was ruled on already."),
    "nothing_to_undo": gettext_noop("There is nothing left to undo."),
    "too_late_to_undo": gettext_noop("The last act is too old to be undone."),
    "stale": gettext_noop("Somebody else acted first. Look at the floor as it is now, then press."),
}


class Refused(Exception):
    """A command that the procedure does not allow now. Nothing has changed."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.sentence = SENTENCES[code]
        super().__init__(f"{code}: {self.sentence}")


class Stale(Refused):
    """A press made on a sight of the floor that another act has overtaken."""

    def __init__(self) -> None:
        super().__init__("stale")


def refuse(code: str) -> NoReturn:
    """Refuse the command in hand for the reason that `code` names."""
    raise Refused(code)
