"""The office's page with the list of missions."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.before.registration import mission_list
from hemicycle.before.registration.models import MissionAddress
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import lists
from hemicycle.mail.outgoing.lists import organization_of

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})


class MissionListForm(forms.Form):
    """Lines to add to the list."""

    lines = forms.CharField(
        label=gettext_lazy("Missions with their e-mail addresses or domains"),
        help_text=gettext_lazy(
            "One mission on each line: France, france@example.org, mission.example.org. You "
            "can paste a whole table. Do not list the domain of a mail provider, where anyone "
            "can have an address."
        ),
        max_length=mission_list.LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )

    def clean_lines(self) -> list[mission_list.MissionLine]:
        """Return the parsed lines; report all faults at once."""
        found, faults = mission_list.read(str(self.cleaned_data["lines"]))
        if faults:
            raise forms.ValidationError(faults[:20])
        return found


@require_http_methods(["GET", "POST"])
@secretariat
def page(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show the list, and a form that adds to it."""
    form = MissionListForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        count = mission_list.add(
            hearing=hearing,
            lines=form.cleaned_data["lines"],
            actor=actor(request, Role.SECRETARIAT),
        )
        said = ngettext("%(n)s address added.", "%(n)s addresses added.", count)
        messages.success(request, said % {"n": count})
        return HttpResponseRedirect(_address(hearing))
    written_to = [(organization_of(line), line.address) for line in lists.of_missions(hearing)]
    context = {
        "hearing": hearing,
        "form": form,
        "rows": hearing.mission_addresses.all(),
        "written_to": written_to,
    }
    status = 422 if form.is_bound else 200
    return render(request, "registration/office/missions.html", context, status=status)


@require_POST
@secretariat
def remove(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Remove an address from the list."""
    row = get_object_or_404(MissionAddress, hearing=hearing, pk=pk)
    mission_list.remove(hearing=hearing, row=row, actor=actor(request, Role.SECRETARIAT))
    messages.success(request, _("The address has been removed from the list."))
    return HttpResponseRedirect(_address(hearing))


def _address(hearing: Hearing) -> str:
    return reverse("registration:missions", args=(hearing.slug,))
