"""The sentences for refusals of the procedure, in the reader's language.

The procedure gives a code, and values if a sentence needs them. Sentences are made only here.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle.procedure.order import BadRule
from hemicycle.procedure.refusals import Refused

COMMANDS: Final[dict[str, str | Promise]] = {
    # The state of the meeting does not allow it.
    "unopened": _("The meeting is not open yet. Open it first."),
    "opened": _("The meeting is already open."),
    "between": _("No segment is open. Open one first."),
    "segment": _("A segment is open. Close it first."),
    "free": _("No one has the floor."),
    "running": _("The clock is already running."),
    "stopped": _("The clock is already stopped."),
    "suspended": _("The meeting is suspended. Resume it first."),
    "sitting": _("The meeting is not suspended."),
    "discussing": _("A discussion is already open."),
    "quiet": _("No discussion is open."),
    "closed": _("The meeting is closed."),
    # The state of the slot does not allow it.
    "waiting": _("This speaker is already on the list of speakers."),
    "speaking": _("This speaker has the floor."),
    "delivered": _("This speaker has spoken. Recall them to give the floor again."),
    "absent": _("This speaker is marked absent. Recall them first."),
    "skipped": _("This speaker was skipped. Recall them first."),
    "withdrawn": _("This speaker has withdrawn and cannot be called."),
    "joined": _("The last act put a speaker on the list of speakers. It cannot be undone."),
    "merged": _("The last act merged two registrations. It cannot be undone."),
    "not_reached": _("This speaker was not reached before the segment closed."),
    "silent": _("This speaker does not have the floor."),
    "chairs": _("The chair is not on the list of speakers."),
    # The command itself is wrong.
    "unknown_slot": _("This speaker is not on the list of speakers."),
    "list_done": _("The list of speakers is empty."),
    "list_closed": _("The list of speakers is closed. Reopen it to add a speaker."),
    "list_open": _("The list of speakers is already open."),
    "listed_twice": _("A speaker can be on a list of speakers only once in a meeting."),
    "no_reason": _("Give the reason for moving the speaker. It is saved in the record."),
    "bad_place": _("The position to move to is not on the list of speakers."),
    "bad_duration": _("The time must be more than zero."),
    "bad_rules": _("A time limit must be more than zero, and other times must not be negative."),
    "discussion_off": _("The programme provides for no discussion in this segment."),
    "no_panel": _("A discussion needs at least two panellists."),
    "no_extension": _("This speaker has had all the extensions that the rules allow."),
    "no_limit": _("This speaker has no time limit."),
    "muted": _("This microphone is already muted."),
    "not_muted": _("This microphone is not muted."),
    "unknown_person": _("This person is not in this meeting."),
    "removed": _("This person was removed from the meeting. Readmit them first."),
    "not_removed": _("This person was not removed from the meeting."),
    "barred": _("You have been removed from this meeting. Ask the secretariat to readmit you."),
    "segment_held": _("This segment has already been held."),
    "drawn": _("This question has already been put to the panel."),
    "not_drawn": _("This question has not been put to the panel."),
    "answered": _("This question has already been answered."),
    "points_off": _("The rules of this meeting allow no points of order."),
    "raised": _("This point of order has already been raised."),
    "not_raised": _("This point of order has not been raised."),
    "ruled": _("This point of order has already been ruled on."),
    "point_heard": _("A point of order is already being heard. Rule on it first."),
    "keeps_out": _(
        "You chose to stay out of the webcast, recording or transcript, which would contain your "
        "point of order. Write to the secretariat instead."
    ),
    "raiser_keeps_out": _(
        "This participant has chosen since to stay out of the webcast, recording or transcript, "
        "which would contain the point of order. Rule on it without listening to it."
    ),
    "nothing_to_undo": _("There is nothing left to undo."),
    "too_late_to_undo": _("The last act is too old to be undone."),
    "stale": _("Someone else acted first. Check the floor as it is now, then try again."),
}
"""Why a command is refused, by the codes in `procedure.refusals.CODES`."""

RULES: Final[dict[str, str | Promise]] = {
    "kind": _("The merging rule needs a kind: one of %(kinds)s."),
    "field": _("The merging rule has no field “%(field)s”."),
    "tracks": _("The tracks of a rule must be a list of names, or names with numbers of turns."),
    "track": _("A track of the rule needs a name and a whole number of turns."),
    "twice": _("The merging rule names a track twice."),
    "turns": _("A track takes between 1 and %(most)d turns at a time."),
    "uncounted": _("A ratio needs the tracks and how many turns each takes."),
    "counts": _("A ratio needs one number for each track."),
}
"""Why a rule for merging is refused, by the codes in `procedure.order.RULE_CODES`."""


def sentence_of(refused: Refused | BadRule) -> str:
    """Return the sentence for a refusal of the procedure, in the active language."""
    if isinstance(refused, BadRule):
        return str(RULES[refused.code]) % refused.values
    return str(COMMANDS[refused.code])
