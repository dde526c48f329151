"""Reports copies that no erasure reaches: the exports in the security log."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import ngettext

from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import copies_elsewhere
from hemicycle.security_log import SecurityEvent
from hemicycle.site.security.log_files import lines_in
from hemicycle.ui.times import day


@copies_elsewhere.connect
def exports(hearing: Hearing) -> Iterable[str]:
    """Yield a sentence on the staff's exports of the hearing's data, as far back as the log goes,
    or nothing.
    """
    found = [
        line
        for line in lines_in(Path(settings.SECURITY_LOG_DIR))
        if line.get("event") == SecurityEvent.EXPORTED and line.get("hearing") == hearing.id.hex
    ]
    if not found:
        return
    said = ngettext(
        "Staff exported data %(n)s time, last on %(day)s: %(what)s.",
        "Staff exported data %(n)s times, last on %(day)s: %(what)s.",
        len(found),
    )
    last = day(datetime.fromisoformat(found[0]["at"]), hearing)
    what = ", ".join(sorted({str(line.get("what", "")) for line in found}))
    yield said % {"n": len(found), "day": last, "what": what}
