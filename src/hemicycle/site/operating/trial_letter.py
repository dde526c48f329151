"""A test letter, sent immediately, so that the operator sees the mail server's answer."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from django.conf import settings

from hemicycle.mail.outgoing.delivery import mail
from hemicycle.mail.outgoing.delivery.mail import OutgoingMail
from hemicycle.mail.outgoing.delivery.sender import transport
from hemicycle.mail.outgoing.delivery.transport import Dropped, NoAnswer, Unreachable

BODY = """\
This is a test letter of the Hemicycle site at {site}.

If you read it, the site can send letters. Look at its headers too: SPF, DKIM and DMARC should pass.
"""


class NotSent(Exception):
    """The letter was not sent; the message says why and what to do."""


def send(address: str) -> str:
    """Send a test letter; return the mail server's answer. Raises `NotSent`."""
    way = transport()
    if way is None:
        raise NotSent("Letters have no way out. Set HEMICYCLE_SMTP_URL or HEMICYCLE_MAIL_BACKEND.")
    try:
        way.open()
        answer = way.deliver(_letter(address), lambda: None)
    except Unreachable as error:
        raise NotSent(
            f"The mail server cannot be used: {error}. Check HEMICYCLE_SMTP_URL and its password."
        ) from error
    except (Dropped, NoAnswer) as error:
        raise NotSent(f"The mail server did not take the letter: {error}.") from error
    finally:
        way.close()
    if not answer.taken:
        raise NotSent(f"The mail server refused the letter: {answer}.")
    return str(answer)


def _letter(address: str) -> OutgoingMail:
    letter = EmailMessage(policy=mail.POLICY)
    letter["From"] = settings.MAIL_FROM
    letter["To"] = address
    letter["Subject"] = "Test letter of Hemicycle"
    letter["Date"] = formatdate(usegmt=True)
    letter["Message-ID"] = make_msgid(domain=settings.MAIL_FROM.rpartition("@")[2])
    text = BODY.format(site=settings.BASE_URL)
    letter.set_content(text)
    return OutgoingMail(settings.MAIL_FROM, address, letter, html=f"<p>{text}</p>")
