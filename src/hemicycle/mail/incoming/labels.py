"""The sentences that describe mail on the audit page."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from hemicycle.mail.incoming.models import Mail, Purpose
from hemicycle.mail.incoming.reasons import WHY
from hemicycle.record import labels

SENTENCES = {
    "mail.received": _(
        "A message was received (%(purpose)s, %(mail)s). Certainty of its match: "
        "%(confidence)s of 100. State: %(state)s. %(why)s"
    ),
    "mail.decided": _(
        "A message was decided on (%(purpose)s, %(mail)s): %(state)s. Reason: %(note)s"
    ),
}


def _names(ids: set[str]) -> Mapping[str, str]:
    rows = Mail.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "received_at")
    return {pk.hex: f"{pk.hex[:8]}" for pk, _at in rows}


labels.declare_sentences(SENTENCES)
labels.declare_names(_names, "mail")
labels.declare_formats(why=lambda value: str(WHY.get(str(value), value)))
labels.declare_formats(purpose=labels.choice(Purpose))
labels.declare_formats("mail.received", "mail.decided", state=labels.choice(Mail.State))
