"""Verify an archive together with today's published chain, which has later cosignatures.

Witnesses cosign the last checkpoint of an archive, or one that continues it, after the archive was
sealed. Its seal stays as it is: the published chain begins with the archive's entries, and contains
the checkpoints that have been cosigned since.
"""

from dataclasses import replace
from pathlib import Path

from hemicycle.record.log import carried
from hemicycle.record.log.carried import Judges
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext as _
from hemicycle.record.verify.chains import read_chain
from hemicycle.record.verify.report import Broken, Failed, Report, Unreadable, reason


def with_later_checkpoints(report: Report, chain: Path, key: str, judges: Judges) -> Report:
    """Return the report on an archive, with the checkpoints of a chain that continues its record.

    Raises `Unreadable` for a file that is no chain, or is older than the archive.
    """
    if not report.holds or report.seal is None:
        return report
    published, rows, line = read_chain(chain, key, replace(judges, must_sign=False))
    end = report.seal.end
    try:
        if published.broken:
            raise _failed(_("it is not valid (%(why)s)") % {"why": published.broken})
        if published.seal is None or published.seal.end.hearing != end.hearing:
            raise _failed(_("it belongs to another hearing"))
        if len(rows) < end.seq:
            said = _(
                "%(name)s has only %(count)s entries, and the archive %(seq)s: it is older than "
                "the archive. Download it again."
            )
            raise Unreadable(said % {"name": chain.name, "count": len(rows), "seq": end.seq})
        if end.seq and rows[end.seq - 1]["hash"] != end.hash:
            said = _(
                "its entry %(seq)s is not the one with which the archive ends: two histories were "
                "signed. Keep both; hemicycle verify --fork proves it"
            )
            raise _failed(said % {"seq": end.seq})
        if report.seal.signer not in line:
            said = _("its record does not name the archive’s key: %(signer)s")
            raise _failed(said % {"signer": report.seal.signer})
        later = published.checkpoints
        _require(judges, report, later)
    except Failed as failure:
        return replace(report, broken=failure.broken, is_trusted=False)
    return replace(report, later=later)


def _require(judges: Judges, report: Report, later: tuple[carried.CarriedCheckpoint, ...]) -> None:
    try:
        carried.require((*report.checkpoints, *later), judges)
    except InvalidProof as error:
        raise Failed(Broken(_("the checkpoints"), reason(error))) from error


def _failed(problem: str) -> Failed:
    return Failed(Broken(_("the published chain"), problem))
