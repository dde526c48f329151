"""The entries about the wall. Posts and authors are separate rows that can be erased."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

SET_UP = declare(
    "wall.set_up",
    *("is_public", "takes_posts", "is_moderated"),
    erasure=nothing_personal,
).name
SCREEN_SWITCHED = declare("wall.screen_switched", "screen", "on", erasure=nothing_personal).name
SOURCE_ADDED = declare("wall.source_added", "source", "origin", erasure=nothing_personal).name
SOURCE_REMOVED = declare("wall.source_removed", "source", erasure=nothing_personal).name
POSTED = declare("wall.posted", "post", "author", erasure=ids_only("post", "author")).name
GATHERED = declare("wall.gathered", "source", "posts", "gone", erasure=nothing_personal).name
SHOWN = declare("wall.post_shown", "post", erasure=ids_only("post")).name
HIDDEN = declare("wall.post_hidden", "post", "note", erasure=ids_only("post", "note")).name
BLOCKED = declare("wall.author_blocked", "author", "note", erasure=ids_only("author", "note")).name
UNBLOCKED = declare("wall.author_unblocked", "author", erasure=ids_only("author")).name
ERASED = declare("wall.author_erased", "author", "posts", erasure=ids_only("author")).name
