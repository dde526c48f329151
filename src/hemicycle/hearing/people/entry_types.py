"""Types of entries about the roles of people in a hearing, and the links that sign them in."""

from hemicycle.record.entry_registry import declare, ids_only

DUTIES_SET = declare("duties.set", "person", "duties", erasure=ids_only("person")).name

for _name in ("role.given", "role.taken", "link.issued", "link.used", "link.revoked"):
    declare(_name, "person", "role", erasure=ids_only("person"))
