"""The entries about the rooms that are not part of a meeting's procedure."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

PRACTICE_PASSED = declare(
    "practice.passed",
    *("person", "level_db", "echo_db", "rtt_ms", "loss", "camera"),
    erasure=ids_only("person"),
).name
BROADCASTER_ADDED = declare(
    "broadcaster.added", "broadcaster", "protocol", "channel", erasure=nothing_personal
).name
BROADCASTER_REMOVED = declare("broadcaster.removed", "broadcaster", erasure=nothing_personal).name
