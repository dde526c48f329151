"""Create a hearing from an earlier one, or from a preset: two forms of the convene page."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hemicycle.hearing.people.access import actor, signed_in
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import beginning
from hemicycle.hearing.setup.beginning_forms import CopyForm, PresetForm
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.hearing.setup.views import convene
from hemicycle.record.writer import Actor


@never_cache
@signed_in
@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    """Make a draft as a copy of an earlier hearing that the officer works for."""
    person = convene.convener(request)
    form = CopyForm(person, request.POST)
    hearing = _made(form, actor(request, Role.SECRETARIAT), person)
    if hearing is None:
        return convene.page(request, person, copy_form=form)
    return _begun(request, hearing)


@never_cache
@signed_in
@require_POST
def preset(request: HttpRequest) -> HttpResponse:
    """Make a draft from a preset."""
    person = convene.convener(request)
    form = PresetForm(request.POST)
    hearing = _made(form, actor(request, Role.SECRETARIAT), person)
    if hearing is None:
        return convene.page(request, person, preset_form=form)
    return _begun(request, hearing)


def _made(form: CopyForm | PresetForm, by: Actor, person: Person) -> Hearing | None:
    """Return the draft; None if it cannot be made, with the reasons on the form."""
    if not form.is_valid():
        return None
    typed = form.cleaned_data
    try:
        if isinstance(form, CopyForm):
            typed["parts"] = frozenset(typed["parts"])
            return beginning.copy(**typed, by=person, actor=by)
        typed["name"] = typed.pop("preset")
        return beginning.from_preset(**typed, by=person, actor=by)
    except InvalidDocument as invalid:
        form.add_error(None, forms.ValidationError([str(row) for row in invalid.problems]))
        return None


def _begun(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    messages.success(request, _("The draft is ready. Check its dates and texts, then publish it."))
    return redirect("hearing:office", slug=hearing.slug)
