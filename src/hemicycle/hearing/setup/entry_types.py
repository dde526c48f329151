"""Types of entries about the hearing itself: convened, changed, published, ended."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

declare("hearing.convened", "key", "source", "meetings", "segments", erasure=nothing_personal)
# `key` is the fingerprint of the key that signs the record from its first entry on.
declare("hearing.changed", "fields", erasure=nothing_personal)
declare("programme.changed", "meetings", "segments", erasure=nothing_personal)
declare("panel.public_name", "slot", "alias", erasure=ids_only("slot"))
declare("panel.seated", "slot", "person", erasure=ids_only("slot", "person"))
declare("witnesses.named", "asked", "keys", erasure=nothing_personal)
# `keys` are the SHA-256 of each witness's verifier key (vkey), in the order of the hearing.
declare("list.balance_published", "attribute", "bound", "shares", erasure=nothing_personal)
# The rule of balance from now on; `verify` checks each `list.balanced` against it.
declare("deadline.changed", "track", "at", erasure=nothing_personal)
declare("hearing.published", erasure=nothing_personal)
declare("hearing.unpublished", erasure=nothing_personal)
declare("hearing.postponed", erasure=nothing_personal)
declare("hearing.rescheduled", erasure=nothing_personal)
declare("hearing.ended", erasure=nothing_personal)
