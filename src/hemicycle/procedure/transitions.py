"""Which command is legal when: the procedure of a meeting as tables, and `decide`.

The theory. A meeting always has one of nine *standings*. Before it opens it is *unopened*. Once
open it is *between* segments, or in one. In a segment, the floor is *free*, a holder is *speaking*
with the clock running, the holder is *halted* with the clock stopped, or the panel is *discussing*
with several microphones open. An open meeting can be suspended, within a segment (*suspended*) or
between two (*recess*). At the end it is *closed*.

The input is a command; the output is its events or a refusal, which changes nothing. Whether a
command is legal depends on the standing (`MEETING`); then, if it is about a slot, on the history of
that slot (`SLOT`); and last on its own content (`deciding`). Every cell of both tables is "ok" or
the code of the obstacle; the code below only reads them.

Nine rules shape the tables.

1. *One floor.* At most one slot has it. Giving it to another ends the present holding: one press
   makes two events, `floor.ended` and `floor.given`, so that the moderator never needs a second
   press between two speakers. Closing the segment also ends the holding, and so does withdrawing,
   skipping or marking absent the holder.
2. *A place is never lost.* A slot leaves the list only by its state: delivered, absent, skipped,
   withdrawn, not reached. Only waiting slots are called; absent and skipped speakers, and those who
   have spoken, must be recalled first. A panellist with an open drawn question may take the floor
   to answer it without a recall.
3. *The clock signals, people decide.* Warning, limit and the closing of the microphone are facts,
   each given once for one limit. An extension counts from the limit, or from now if the limit has
   passed. Only the moderator gives and ends the floor.
4. *Undo is a new act.* It undoes the last act that is in force, as if it had not been done: after
   an undone *give the floor*, the former holder has the floor as if the clock had run all the time.
   Facts stay. Up to `UNDO_DEPTH` acts can be undone, none older than `UNDO_WINDOW_MS`.
5. *Two presses, one winner.* An act is accepted only if no other act came after the one that the
   person saw (`fresh`). Facts do not conflict: a warning makes no press stale.
6. *Order in the room.* To restore order, the moderator mutes the microphone of the holder, while
   the clock continues, or removes a person: their floor ends, they leave their seats and
   connections, and they can neither join nor have the floor until they are readmitted. Their places
   stay. A mute ends with the holding.
7. *The public feed.* It can be stopped at any time, even after the end of the meeting, when a
   delayed feed is still on air. A stop is accepted whatever the person saw, a second stop changes
   nothing, and no undo lifts it. Only *resume* does, and only for the stop that the person saw.
8. *A discussion.* If the rules allow it, nobody has the floor and the microphones of the panel are
   open together, each until the moderator mutes it, with the clock of the segment. Giving the
   floor, or closing the segment, ends it. The engine measures who speaks; nobody else is recorded
   as having spoken. A panellist who was heard in it keeps their own turn until the segment closes.
9. *A chair.* A segment's chair has a slot but no place on the list, so chairs are neither called in
   turn nor absent. They have the floor whenever the moderator gives it, as often as it is given,
   and without a limit unless the segment sets one.
"""

from typing import Literal, get_args

from hemicycle.procedure import reports  # noqa: F401 - registers how facts are decided
from hemicycle.procedure.commands import Command
from hemicycle.procedure.deciding import DECIDERS, about, open_question
from hemicycle.procedure.events import Event
from hemicycle.procedure.refusals import Refused, Stale
from hemicycle.procedure.state import CHAIR, Floor, Slot

type Standing = Literal[
    "unopened",
    "between",
    "free",
    "speaking",
    "halted",
    "discussing",
    "suspended",
    "recess",
    "closed",
]
STANDINGS: tuple[Standing, ...] = get_args(Standing.__value__)

OK = "ok"


def _table(text: str) -> dict[str, dict[str, str]]:
    head, *rows = (line.split() for line in text.strip().splitlines())
    return {name: dict(zip(head, cells, strict=True)) for name, *cells in rows}


MEETING = _table("""
                     unopened between free    speaking halted  discussing suspended recess    closed
open_meeting         ok       opened  opened  opened   opened  opened     opened    opened    closed
suspend              unopened ok      ok      ok       ok      ok         suspended suspended closed
resume               unopened sitting sitting sitting  sitting sitting    ok        ok        closed
close_meeting        unopened ok      segment segment  segment segment    suspended suspended closed
open_segment         unopened ok      segment segment  segment segment    suspended suspended closed
reschedule           unopened between ok      ok       ok      ok         ok        between   closed
close_segment        unopened between ok      ok       ok      ok         suspended between   closed
close_list           unopened between ok      ok       ok      ok         ok        between   closed
reopen_list          unopened between ok      ok       ok      ok         ok        between   closed
add_slot             unopened between ok      ok       ok      ok         ok        between   closed
move_slot            unopened between ok      ok       ok      ok         ok        between   closed
withdraw_slot        unopened between ok      ok       ok      ok         ok        between   closed
replace_speaker      unopened between ok      ok       ok      ok         ok        between   closed
skip                 unopened between ok      ok       ok      ok         ok        between   closed
mark_absent          unopened between ok      ok       ok      ok         ok        between   closed
recall               unopened between ok      ok       ok      ok         ok        between   closed
give_floor           unopened between ok      ok       ok      ok         suspended suspended closed
end_floor            unopened between free    ok       ok      free       suspended suspended closed
extend               unopened between free    ok       ok      free       suspended suspended closed
interrupt            unopened between free    ok       stopped free       suspended suspended closed
continue             unopened between free    running  ok      free       suspended suspended closed
open_discussion      unopened between ok      ok       ok      discussing suspended suspended closed
close_discussion     unopened between quiet   quiet    quiet   ok         suspended suspended closed
mute                 unopened between free    ok       ok      ok         suspended suspended closed
unmute               unopened between free    ok       ok      ok         suspended suspended closed
remove_participant   ok       ok      ok      ok       ok      ok         ok        ok        closed
readmit_participant  ok       ok      ok      ok       ok      ok         ok        ok        closed
draw_question        unopened between ok      ok       ok      ok         suspended suspended closed
answer_question      unopened between ok      ok       ok      ok         suspended suspended closed
hear_point_of_order  unopened between ok      ok       ok      ok         suspended suspended closed
rule_point_of_order  unopened ok      ok      ok       ok      ok         ok        ok        closed
undo                 ok       ok      ok      ok       ok      ok         ok        ok        ok
raise_point_of_order unopened between ok      ok       ok      ok         suspended suspended closed
ready                ok       ok      ok      ok       ok      ok         ok        ok        closed
join                 ok       ok      ok      ok       ok      ok         ok        ok        closed
leave                ok       ok      ok      ok       ok      ok         ok        ok        ok
stop_feed            ok       ok      ok      ok       ok      ok         ok        ok        ok
resume_feed          ok       ok      ok      ok       ok      ok         ok        ok        ok
report_microphone    ok       ok      ok      ok       ok      ok         ok        ok        ok
report_link          ok       ok      ok      ok       ok      ok         ok        ok        ok
report_voice         ok       ok      ok      ok       ok      ok         ok        ok        ok
report_sound         ok       ok      ok      ok       ok      ok         ok        ok        ok
report_booth         ok       ok      ok      ok       ok      ok         ok        ok        ok
report_signal        ok       ok      ok      ok       ok      ok         ok        ok        ok
report_technician    ok       ok      ok      ok       ok      ok         ok        ok        ok
tick                 ok       ok      ok      ok       ok      ok         ok        ok        ok
""")
"""Standing of the meeting × command: "ok", or the code of the obstacle."""

LISTED = _table("""
                waiting speaking delivered asked     absent  skipped withdrawn not_reached
give_floor      ok      speaking delivered ok        absent  skipped withdrawn not_reached
skip            ok      ok       delivered delivered absent  skipped withdrawn not_reached
mark_absent     ok      ok       delivered delivered absent  ok      withdrawn not_reached
recall          waiting speaking ok        ok        ok      ok      withdrawn not_reached
move_slot       ok      speaking delivered delivered ok      ok      withdrawn not_reached
withdraw_slot   ok      ok       delivered delivered ok      ok      withdrawn not_reached
replace_speaker ok      speaking delivered delivered ok      ok      withdrawn not_reached
mute            silent  ok       silent    silent    silent  silent  silent    not_reached
unmute          silent  ok       silent    silent    silent  silent  silent    not_reached
ready           ok      speaking ok        ok        ok      ok      withdrawn not_reached
""")
CHAIRS = _table("""
                chair  presiding
give_floor      ok     speaking
skip            chairs chairs
mark_absent     chairs chairs
recall          chairs chairs
move_slot       chairs chairs
withdraw_slot   chairs chairs
replace_speaker ok     speaking
mute            silent ok
unmute          silent ok
ready           ok     speaking
""")
SLOT = {name: {**row, **CHAIRS[name]} for name, row in LISTED.items()}
"""State of the slot that a command is about × command: "ok", or the code of the obstacle.

*asked* is a slot that has delivered and has an open drawn question. *chair* is a chair's slot,
which is not on the list; *presiding* is a chair's slot that has the floor.
"""


def standing(floor: Floor) -> Standing:
    """Return the standing of the meeting, in the words of the table's columns."""
    if floor.phase == "not_opened":
        return "unopened"
    if floor.phase == "closed":
        return "closed"
    if floor.phase == "suspended":
        return "suspended" if floor.segment_open else "recess"
    if not floor.segment_open:
        return "between"
    if floor.holder is None:
        return "free" if floor.discussion is None else "discussing"
    return "halted" if floor.holder.running_since is None else "speaking"


def slot_standing(floor: Floor, slot: Slot) -> str:
    """Return the state of the slot, in the words of the columns of `SLOT`."""
    if slot.role == CHAIR:
        return "presiding" if slot.state == "speaking" else "chair"
    if slot.state == "delivered" and open_question(floor, slot.id) is not None:
        return "asked"
    return slot.state


def decide(floor: Floor, command: Command, now: int) -> tuple[Event, ...]:
    """Return the events of `command` at `now` (ms since the Unix epoch).

    Raises `Refused`, with a code, if the procedure does not allow the command. A fact without news
    (a tick before its time, a seat left twice) has no events. Append the events of one command
    together or not at all.
    """
    _pass(MEETING[command.NAME][standing(floor)])
    slot = about(floor, command)
    if slot is not None:
        _pass(SLOT[command.NAME][slot_standing(floor, slot)])
    return DECIDERS[type(command)](floor, command, now)


def fresh(floor: Floor, expected_act_seq: int) -> None:
    """Raise `Stale` if the last act is not the one that the person saw."""
    if floor.act_seq != expected_act_seq:
        raise Stale


def permitted(floor: Floor, command_name: str) -> bool:
    """Return whether the standing allows the command, so that a page can enable its button."""
    return MEETING[command_name][standing(floor)] == OK


def _pass(cell: str) -> None:
    if cell != OK:
        raise Refused(cell)
