"""The secretariat stops held letters on decisions, or sends them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hemicycle.before.registration import decision_letters
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.actions import OutgoingRefused


@require_POST
@for_roles(Role.SECRETARIAT, needs={Duty.LETTERS, Duty.REGISTRATION}, either=True)
def on_decisions(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Act on the letter about one registration, or on all that are held."""
    registration = _registration(hearing, request.POST.get("registration", ""))
    try:
        messages.success(request, _act(request, hearing, registration))
    except OutgoingRefused as refused:
        messages.error(request, refused.sentence)
    if registration:
        args = (hearing.slug, registration.pk)
        return HttpResponseRedirect(reverse("registration:detail", args=args))
    return HttpResponseRedirect(reverse("registration:office", args=(hearing.slug,)))


def _registration(hearing: Hearing, pk: str) -> Registration | None:
    if not pk:
        return None
    try:
        return get_object_or_404(Registration, hearing=hearing, pk=pk)
    except ValidationError as error:  # no id at all
        raise Http404 from error


def _act(request: HttpRequest, hearing: Hearing, registration: Registration | None) -> str:
    """Do what was asked and return the sentence about it. Raises `OutgoingRefused`."""
    by, asked = actor(request, Role.SECRETARIAT), request.POST.get("act", "")
    if asked == "stop":
        number = decision_letters.stop(hearing=hearing, registration=registration, actor=by)
        said = ngettext(
            "%(number)s letter was stopped. The decision stands.",
            "%(number)s letters were stopped. The decisions stand.",
            number,
        )
        return said % {"number": number}
    if asked == "release":
        decision_letters.release(hearing=hearing, registration=registration, actor=by)
        return _("The letters are sent now.")
    if asked == "send" and registration:
        decision_letters.send(registration=registration, actor=by)
        return _("The letter is sent now.")
    raise OutgoingRefused(_("Choose what to do with the letters."))
