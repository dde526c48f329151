"""The sentences for refusals of the procedure, in the reader's language.

The procedure gives a code, and values if a sentence needs them; nothing else crosses a wire.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle.procedure.order import BadRule
from hemicycle.procedure.refusals import Refused

COMMANDS: Final[dict[str, str | Promise]] = {
    # What stands in the way: the meeting.
    "unopened": _("The meeting is not open yet. Open it first."),
    "opened": _("The meeting is open already."),
    "between": _("No segment is open. Open one first."),
    "segment": _("A segment is open. Close it first."),
    "free": _("Nobody has the floor."),
    "running": _("The clock is running already."),
    "stopped": _("The clock stands still already."),
    "suspended": _("The meeting is suspended. Resume it first."),
    "sitting": _("The meeting is not suspended."),
    "closed": _("The meeting is closed."),
    # What stands in the way: the slot.
    "waiting": _("This speaker is waiting on the list already."),
    "speaking": _("This speaker has the floor."),
    "delivered": _("This speaker has spoken. Recall them to give the floor again."),
    "absent": _("This speaker is marked absent. Recall them first."),
    "skipped": _("This speaker was skipped. Recall them first."),
    "withdrawn": _("This speaker has withdrawn and cannot be called."),
    "joined": _("The last act brought a speaker onto the list. It stands."),
    "not_reached": _("This speaker was not reached before the segment closed."),
    "silent": _("This speaker does not have the floor."),
    # What is wrong with the command.
    "unknown_slot": _("This slot is not on the list of speakers."),
    "list_done": _("Nobody is waiting on the list."),
    "list_closed": _("The list of speakers is closed. Reopen it to add a speaker."),
    "list_open": _("The list of speakers is open already."),
    "listed_twice": _("A slot can stand on a list only once in a meeting."),
    "no_reason": _("Say why the speaker is moved. The reason is kept on the record."),
    "bad_place": _("The place to move to is not on the list of speakers."),
    "bad_duration": _("The time must be more than zero."),
    "bad_rules": _("A time limit must be more than zero, and no time less than zero."),
    "no_extension": _("This speaker had all the extensions that the rules allow."),
    "muted": _("This microphone is muted already."),
    "not_muted": _("This microphone is not muted."),
    "unknown_person": _("This person is not in this meeting."),
    "removed": _("This person was removed from the meeting. Readmit them first."),
    "not_removed": _("This person was not removed from the meeting."),
    "barred": _("You were removed from this meeting. Ask the secretariat to be readmitted."),
    "segment_held": _("This segment was held already."),
    "drawn": _("This question was put already."),
    "not_drawn": _("This question was not put to the panel."),
    "answered": _("This question was answered already."),
    "points_off": _("The rules of this meeting allow no points of order."),
    "raised": _("This point of order was raised already."),
    "not_raised": _("This point of order was not raised."),
    "ruled": _("This point of order was ruled on already."),
    "nothing_to_undo": _("There is nothing left to undo."),
    "too_late_to_undo": _("The last act is too old to be undone."),
    "stale": _("Somebody else acted first. Look at the floor as it is now, then press."),
}
"""Why a command is refused, by `procedure.refusals.CODES`."""

RULES: Final[dict[str, str | Promise]] = {
    "kind": _("The rule for merging needs a kind: one of %(kinds)s."),
    "field": _("The rule for merging has no field “%(field)s”."),
    "tracks": _("The tracks of a rule are a list of names, or names with numbers of turns."),
    "track": _("A track of the rule needs a name and a whole number of turns."),
    "twice": _("The rule for merging names a track twice."),
    "turns": _("A track takes between 1 and %(most)d turns at a time."),
    "uncounted": _("A ratio needs the tracks and how many turns each takes."),
    "counts": _("A ratio needs one number for each track."),
}
"""Why a rule for merging is refused, by `procedure.order.RULE_CODES`."""


def sentence_of(refused: Refused | BadRule) -> str:
    """Return why the procedure refused something, in the language now active."""
    if isinstance(refused, BadRule):
        return str(RULES[refused.code]) % refused.values
    return str(COMMANDS[refused.code])
