"""Check the time stamp of a receipt, by an authority's certificate that the reader gives."""

from pathlib import Path

from cryptography.x509 import Certificate

from hemicycle.record import receipts, signing
from hemicycle.record.log import timestamps
from hemicycle.record.log.timestamps import Stamp
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext
from hemicycle.record.speech import noop as _
from hemicycle.record.verify.report import Unreadable, text_of


def check_stamp(checked: receipts.Checked, time_proof: Path, authority: Path | None) -> Stamp:
    """Check the time proof of a receipt; raise `InvalidProof` or `Unreadable`."""
    if authority is None:
        raise Unreadable(
            gettext("A time stamp is checked with the authority’s certificate: give it with --tsa.")
        )
    trusted = authorities_in(authority)
    content = checked.content
    stamp, proved = timestamps.check_proof(
        signing.parse(text_of(time_proof)),
        trusted,
        seq=content.seq,
        hash=checked.hash,
        at=content.at,
    )
    if checked.proved and proved.checkpoint.origin != checked.proved.checkpoint.origin:
        raise InvalidProof(_("The time proof and the receipt belong to different logs."))
    return stamp


def authorities_in(path: Path) -> list[Certificate]:
    """Return the certificates in a file that the reader gives; raise `Unreadable`.

    It also raises if the library that reads time stamps is missing: then nothing can be checked.
    """
    if missing := timestamps.missing_library():
        raise Unreadable(gettext(missing))
    try:
        return timestamps.certificates(path.read_bytes())
    except ValueError as error:
        said = gettext("%(name)s holds no certificate in PEM.")
        raise Unreadable(said % {"name": path}) from error
