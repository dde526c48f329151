"""Questions for the panellists that are received by mail."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.questions import actions
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Segment
from hemicycle.mail.incoming import panel_names
from hemicycle.mail.incoming.handlers import Case, HandlingResult, MailRefused, NeedsPerson, Take
from hemicycle.mail.incoming.matching import SURE
from hemicycle.mail.incoming.reading import text as words
from hemicycle.record.writer import Actor, Writer

ANY = "any"


class QuestionHandler:
    """The handler for mail with questions; a person checks one that is too long."""

    needs = SURE
    needs_registration = True

    def receive(self, case: Case) -> Take:
        """Accept the sender's words as a question. Raises `NeedsPerson` for none or too many."""
        text = words.own(case.parsed.text)
        if not text:
            raise NeedsPerson("empty")
        if len(text) > actions.LONGEST:
            raise NeedsPerson("not_taken")
        segment = _panel(case)
        registration = _registration(case)
        return _putting(registration, text, segment, actor_of(registration))

    def form(self, case: Case, data: Any = None) -> forms.Form:
        """Return the form with the question's words and its panel."""
        return QuestionForm(case, data)

    def decide(self, case: Case, form: Any, actor: Actor) -> Take:
        """Accept the question as an officer has cut it out of the mail."""
        segments = {str(panel.id): panel for panel in panel_names.panels_of(case.hearing)}
        segment = segments.get(form.cleaned_data["panel"])
        return _putting(_registration(case), form.cleaned_data["text"], segment, actor)


def _registration(case: Case) -> Registration:
    assert case.registration is not None
    return Registration.objects.select_related("person", "hearing").get(pk=case.registration)


def _panel(case: Case) -> Segment | None:
    said = f"{case.parsed.subject}\n{case.parsed.text[:2000]}"
    found = panel_names.named(said, panel_names.panels_of(case.hearing))
    return found[0] if len(found) == 1 else None


def _putting(registration: Registration, text: str, segment: Segment | None, actor: Actor) -> Take:
    def take(_record: Writer) -> HandlingResult:
        try:
            question = actions.put(
                registration=registration, text=text, segment=segment, actor=actor
            )
        except RegistrationRefused as refused:
            raise MailRefused(refused.sentence) from refused
        with speaking_to(registration.person):
            said = _("The moderator may put this question to the panel:")
            return HandlingResult(
                subject=_("we have received your question"),
                body=f"{said}\n\n{question.text}",
                person=registration.person,
                registration=registration.id,
            )

    return take


class QuestionForm(forms.Form):
    """The question alone, without greetings."""

    text = forms.CharField(
        label=gettext_lazy("The question"),
        max_length=actions.LONGEST,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    panel = forms.ChoiceField(label=gettext_lazy("For which panel?"))

    def __init__(self, case: Case, data: Any = None) -> None:
        found = _panel(case)
        initial = {
            "text": words.own(case.parsed.text)[: actions.LONGEST],
            "panel": str(found.id) if found else ANY,
        }
        super().__init__(data, initial=initial)
        field = self.fields["panel"]
        assert isinstance(field, forms.ChoiceField)
        rows = [(str(panel.id), panel.title) for panel in panel_names.panels_of(case.hearing)]
        field.choices = [(ANY, _("any panel")), *rows]
