"""Read mailboxes over IMAP: each message is stored here before it is marked in the mailbox.

The position in a mailbox (its UIDVALIDITY and the last UID) is stored with the messages, in one
commit. A mailbox with new UIDs is read from the start; messages that were read before are
recognized by id and content. Nothing is deleted there: messages are marked as seen. If there are
several mail processes, one at a time reads a mailbox.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from imaplib import IMAP4

from django.db import DatabaseError, close_old_connections, connection
from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from hemicycle.hearing.jobs import leases
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming import addresses
from hemicycle.mail.incoming.addresses import OwnAddress
from hemicycle.mail.incoming.config import Config, ImapMailbox
from hemicycle.mail.incoming.models import Mail, Mailbox, Purpose
from hemicycle.mail.incoming.reading.read import read
from hemicycle.mail.incoming.receiving import store
from hemicycle.mail.outgoing.delivery.transport import tls
from hemicycle.record import clock

log = logging.getLogger(__name__)

FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 300.0
DATABASE_DELAY_S = 2.0
TIMEOUT_S = 60.0
BATCH = 50
TROUBLE = (OSError, IMAP4.error, ImapToolsError, ValueError)
"""Exceptions for a server that closes the connection, refuses, or breaks the protocol."""


def key_of(box: ImapMailbox) -> str:
    """Return the key of a mailbox's row."""
    return sha256(box.name.encode()).hexdigest()


class Poller(threading.Thread):
    """Polls one mailbox; backs off while the server fails."""

    def __init__(
        self,
        box: ImapMailbox,
        config: Config,
        committer: store.Committer,
        told: Callable[[], None],
    ) -> None:
        super().__init__(daemon=True, name=f"mail-imap-{box.host}")
        self.box = box
        self._config = config
        self._committer = committer
        self._told = told
        self._lease = leases.Holder(f"mailbox {key_of(box)}")
        self._ended = threading.Event()

    def stop(self) -> None:
        """Stop; a message that is being fetched is fetched again after the next start."""
        self._ended.set()

    def run(self) -> None:
        """Read until `stop` is called."""
        delay_s = FIRST_DELAY_S
        while not self._ended.is_set():
            close_old_connections()
            try:
                self._read()
                delay_s = FIRST_DELAY_S
                self._ended.wait(self._config.imap_every_s)
            except DatabaseError as error:  # the mailbox is not at fault, so retry soon
                log.warning("The mailbox %s waits for the database: %s", self.box.name, error)
                self._ended.wait(DATABASE_DELAY_S)
            except TROUBLE as error:
                log.warning("The mailbox %s could not be read: %s", self.box.name, error)
                self._note(str(error))
                self._ended.wait(delay_s)
                delay_s = min(delay_s * 2, LONGEST_DELAY_S)
            except Exception:
                log.exception("The mailbox %s could not be read", self.box.name)
                self._ended.wait(LONGEST_DELAY_S)
        connection.close()

    def _note(self, trouble: str) -> None:
        # A failure here must not end the thread, or nobody would read the mailbox any more.
        with suppress(DatabaseError):
            self._save_trouble(trouble)

    def _save_trouble(self, trouble: str) -> None:
        Mailbox.objects.update_or_create(
            key=key_of(self.box), defaults={"trouble": trouble.replace("\0", "")[:400]}
        )

    def _read(self) -> None:
        if not self._lease.hold():
            return  # the mail process of another machine reads the mailbox
        try:
            with connected(self.box) as mailbox:
                while not self._ended.is_set() and read_new(
                    mailbox, self.box, self._config, self._committer, self._lease.hold
                ):
                    self._told()
        finally:
            self._lease.release()


def connected(box: ImapMailbox) -> BaseMailBox:
    """Return an open mailbox, to be used as a context manager."""
    link: BaseMailBox = (
        MailBox(box.host, box.port, timeout=TIMEOUT_S, ssl_context=tls())
        if box.secure
        else MailBoxUnencrypted(box.host, box.port, timeout=TIMEOUT_S)
    )
    return link.login(box.user, box.password, box.folder)


def read_new(
    mailbox: BaseMailBox,
    box: ImapMailbox,
    config: Config,
    committer: store.Committer,
    hold: Callable[[], bool] = lambda: True,
) -> int:
    """Store new messages, at most a batch of them; return their number.

    Before each one is stored, `hold` says whether this process may still read the mailbox.
    """
    row = Mailbox.objects.filter(key=key_of(box)).first() or Mailbox(key=key_of(box))
    validity = int(mailbox.folder.status(box.folder)["UIDVALIDITY"])
    if row.validity != validity:
        row.validity, row.uid = validity, 0
    new = sorted(int(uid) for uid in mailbox.uids(f"UID {row.uid + 1}:*") if int(uid) > row.uid)
    for uid in new[:BATCH]:
        raw, too_large = _fetch(mailbox, uid, config.most_bytes)
        if not hold():
            return 0  # fetching took too long, and another process stores it
        row.uid, row.read_at, row.trouble = uid, clock.now(), ""
        _store(raw, box, row, committer, too_large=too_large)
        mailbox.flag(str(uid), MailMessageFlags.SEEN, True)
    return len(new[:BATCH])


def _fetch(mailbox: BaseMailBox, uid: int, most: int) -> tuple[bytes, bool]:
    """Return the message and False, or the headers of one that is too large and True.

    The bytes are empty if the message is gone.
    """
    answer = mailbox.client.uid("FETCH", str(uid), "(RFC822.SIZE)")[1]
    size = _size(answer)
    wanted = "BODY.PEEK[HEADER]" if size > most else "BODY.PEEK[]"
    fetched = mailbox.client.uid("FETCH", str(uid), f"({wanted})")[1]
    found = [part[1] for part in fetched if isinstance(part, tuple)]
    if not found and size:
        raise ValueError(f"message {uid} did not come")
    return (found[0] if found else b""), size > most


def _size(answer: object) -> int:
    said = str(answer)
    _before, _, after = said.partition("RFC822.SIZE ")
    digits = "".join(char for char in after[:12].split(")")[0] if char.isdigit())
    return int(digits or 0)


def _store(
    raw: bytes, box: ImapMailbox, row: Mailbox, committer: store.Committer, *, too_large: bool
) -> None:
    if not raw:
        committer.put([], row).result(TIMEOUT_S)
        return
    parsed = read(raw)
    envelope = store.Envelope(
        source=Mail.Source.IMAP,
        sender="",
        recipients=parsed.recipients,
        found=whose(parsed.recipients, box),
    )
    rows = store.rows(raw, store.write(raw), envelope)
    for mail in rows if too_large else ():
        mail.problems = ["too_large"]
    committer.put(rows, row).result(TIMEOUT_S)


def whose(recipients: tuple[str, ...], box: ImapMailbox) -> list[OwnAddress]:
    """Return the hearings and purposes that a message in a mailbox is for, by its recipients.

    In the mailbox of a single hearing, a message to none of its addresses is other mail of it.
    """
    known = addresses.read()
    found = [
        one for recipient in recipients for one in known.get(addresses.split(recipient)[0], ())
    ]
    if not box.hearing:
        return addresses.chosen(found)
    own = Hearing.objects.filter(slug=box.hearing).values_list("pk", flat=True).first()
    if own is None:
        return addresses.chosen(found)
    found = [address for address in found if address.hearing == own]
    return addresses.chosen(found) or [OwnAddress(own, Purpose.OTHER)]
