"""Read a message in a separate process, which has no secrets and no other rights.

If parsing takes too long or too much memory, the message is read again without its HTML and
containers; if that fails too, only its headers are read.
"""

from hemicycle.documents.reading import UnreadableDocument, guarded
from hemicycle.documents.reading.limits import Limits
from hemicycle.mail.incoming.reading import exchange, text
from hemicycle.mail.incoming.reading.parsed import ParsedMail

LIMITS = Limits(memory=2 * 2**30, file_size=128 * 2**20, characters=2 * text.LONGEST)
_WORKER = "hemicycle.mail.incoming.reading.worker"
_ENVELOPE = 2**20


def read(raw: bytes, sender: str | None = None, limits: Limits = LIMITS) -> ParsedMail:
    """Read a message; `sender` is the envelope's, None without an envelope.

    Never raises for its content: an unreadable message has the problem `unreadable`.
    """
    for job in (exchange.WHOLE, exchange.UNOPENED, exchange.HEAD):
        try:
            return _asked(job, raw, sender, limits)
        except UnreadableDocument:
            continue
    return ParsedMail(problems=("unreadable",))


def _asked(job: str, raw: bytes, sender: str | None, limits: Limits) -> ParsedMail:
    with guarded.spooled(exchange.packed(raw, sender)) as file:
        most = 2 * len(raw) + _ENVELOPE
        message, content = guarded.ask(_WORKER, job, file, limits, most_bytes=most)
    try:
        return exchange.understood(message, content)
    except (TypeError, ValueError, KeyError) as error:
        raise UnreadableDocument("damaged") from error
