"""`hemicycle reset ADDRESS`: lets staff who have lost every second factor set up another.

For the operator of the site, once they have verified who asks. It does not print the sign-in link:
the link is sent to the mailbox.
"""

import argparse
import sys

from hemicycle.hearing.people import actions
from hemicycle.record.writer import Actor

RESETTER = Actor.system("reset")


def main(argv: list[str] | None = None) -> int:
    """Reset the sign-in of the staff with this address; return 2 if there are none."""
    parser = argparse.ArgumentParser(
        prog="hemicycle reset",
        description="End all keys and sessions of a staff member, and send them a link to set up a "
        "new passkey or app. The link works once, within one day.",
    )
    parser.add_argument("address", help="the e-mail address for their sign-in links")
    address = parser.parse_args(argv).address
    people = actions.staff_at(address).filter(is_active=True)
    for person in people:
        actions.reset_sign_in(person=person, actor=RESETTER)
        print(f"{person.name}: old keys and sessions no longer work. A new link has been queued.")
    if not people:
        print(f"No staff member has the address {address}.", file=sys.stderr)
        return 2
    return 0
