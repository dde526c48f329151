"""What the asker of a question is told, in their language, in the transaction of the act."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from hemicycle.correspondence.actions import queue
from hemicycle.correspondence.models import Message
from hemicycle.questions.models import Question
from hemicycle.registration import links

Letter = tuple[str, str]
"""Subject and body."""


def put_to_panel(question: Question) -> Letter:
    """The moderator has drawn it."""
    return (
        _("your question was put to the panel"),
        _("The moderator has put your question to the panel:"),
    )


def answered(question: Question) -> Letter:
    """The panel has answered it."""
    return (
        _("your question was answered"),
        _("The panel has answered your question. The answer is part of the hearing's record:"),
    )


def taken_back(question: Question) -> Letter:
    """The draw was undone after it had been told."""
    return (
        _("your question waits again"),
        _("The moderator has taken this question back for now. It can still be put to the panel:"),
    )


def tell(question: Question, letter: Letter) -> None:
    """Owe the asker a message about the question; call under `in_their_language`."""
    registration = question.registration
    subject, said = letter
    page = _("Your personal page, which nobody else should see: %(link)s")
    body = (said, question.text, page % {"link": links.personal_url(registration)})
    queue(
        hearing_id=question.hearing_id,
        purpose=Message.Purpose.QUESTION,
        subject=f"{registration.hearing}: {subject}",
        body="\n\n".join(body),
        person=registration.person,
    )


def in_their_language(question: Question) -> override:
    """The asker's language, for the length of a block."""
    return override(question.registration.person.language)
