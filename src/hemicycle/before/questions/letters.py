"""Letters to the asker of a question, in their language, in the transaction of the act."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.questions.models import Question
from hemicycle.before.registration import links
from hemicycle.before.registration.letters import page_words
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import Field, Letter, Text, Values, built_in, declare, send


def _text(subject: str, said: str) -> Text:
    return built_in(subject, said, "{question}", page_words())


def _put_text() -> Text:
    return _text(
        _("your question was put to the panel"),
        _("The moderator has put your question to the panel:"),
    )


def _answered_text() -> Text:
    return _text(
        _("your question was answered"),
        _("The panel has answered your question. The answer is part of the hearing’s record:"),
    )


def _taken_back_text() -> Text:
    return _text(
        _("your question is waiting again"),
        _(
            "The moderator has returned this question to the waiting list. It can still be put "
            "to the panel:"
        ),
    )


def _values(question: Question) -> Values:
    registration = question.registration
    return {
        "name": registration.person.name,
        "question": question.text,
        "link": links.personal_url(registration),
    }


def _example(hearing: Hearing) -> Values | None:
    rows = Question.objects.filter(hearing_id=hearing.id, registration__person__erased_at=None)
    last = rows.select_related("registration__person").order_by("-pk").first()
    return _values(last) if last else None


def _letter(key: str, label: Promise, text: Callable[[], Text]) -> Letter:
    fields = (
        Field("name", gettext_lazy("name of the participant")),
        Field("question", gettext_lazy("the question"), required=True),
        Field("link", gettext_lazy("address of the personal page")),
    )
    return declare(Letter(key, Message.Purpose.QUESTION, label, text, fields, example=_example))


PUT = _letter("question-put", gettext_lazy("Question put to the panel"), _put_text)
ANSWERED = _letter("question-answered", gettext_lazy("Question answered"), _answered_text)
TAKEN_BACK = _letter(
    "question-back", gettext_lazy("Question returned to the waiting list"), _taken_back_text
)


def tell(question: Question, letter: Letter) -> None:
    """Queue a message to the asker of the question; call under `in_their_language`."""
    registration = question.registration
    send(
        letter,
        hearing=registration.hearing,
        values=_values(question),
        person=registration.person,
    )


def in_their_language(question: Question) -> AbstractContextManager[None]:
    """Return a context manager that sets the asker's language."""
    return speaking_to(question.registration.person)
