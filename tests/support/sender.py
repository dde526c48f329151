"""The product's own sender, alone in a process. The argument is how many seconds a claim holds."""

import os
import signal
import sys
from datetime import timedelta

import django


def main() -> None:
    """Send until SIGTERM."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemicycle.site.settings")
    django.setup()
    from hemicycle.mail.outgoing.delivery import sender

    transport = sender.transport()
    assert transport is not None
    own = sender.Sender(transport, held_for=timedelta(seconds=float(sys.argv[1])))
    signal.signal(signal.SIGTERM, lambda *_: own.stop.set())
    own.run()


if __name__ == "__main__":
    main()
