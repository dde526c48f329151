"""The secretariat's page that stops or sends held letters about decisions."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hemicycle.before.registration import decision_letters
from hemicycle.before.registration.access import for_officer
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.actions import OutgoingRefused


@require_POST
@for_roles(Role.SECRETARIAT, needs={Duty.LETTERS, Duty.REGISTRATION}, either=True)
def on_decisions(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Act on the letter about one registration, or on all letters that are held."""
    registration = _registration(request, hearing)
    try:
        messages.success(request, _act(request, hearing, registration))
    except OutgoingRefused as refused:
        messages.error(request, refused.sentence)
    if registration:
        args = (hearing.slug, registration.pk)
        return HttpResponseRedirect(reverse("registration:detail", args=args))
    return HttpResponseRedirect(reverse("registration:office", args=(hearing.slug,)))


def _registration(request: HttpRequest, hearing: Hearing) -> Registration | None:
    pk = request.POST.get("registration", "")
    if not pk:
        return None
    try:
        key = UUID(pk)
    except ValueError as error:  # not an id
        raise Http404 from error
    return for_officer(request, hearing, key)


def _act(request: HttpRequest, hearing: Hearing, registration: Registration | None) -> str:
    """Carry out the requested act and return a sentence about it. Raises `OutgoingRefused`."""
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
