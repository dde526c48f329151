"""The page on which a participant or the secretariat corrects a statement's title."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from hemicycle.before.statements import actions
from hemicycle.before.statements.forms import TitleForm, initial
from hemicycle.before.statements.models import Statement
from hemicycle.before.statements.titles import GivenTitle
from hemicycle.record.writer import Actor
from hemicycle.ui.languages import base


def show(
    request: HttpRequest, statement: Statement, *, by: Actor, layout: str, back: str
) -> HttpResponseBase:
    """Show the form, or save it and redirect to `back`; `layout` is the template it extends."""
    registration = statement.registration
    given = initial(GivenTitle.of(statement), base(registration.language))
    form = TitleForm(request.POST if request.method == "POST" else None, initial=given)
    if form.is_bound and form.is_valid():
        try:
            actions.set_title(statement=statement, title=form.given_title(), actor=by)
        except actions.StatementRefused as refused:
            form.add_error("title", refused.sentence)
        else:
            messages.success(request, _("The title has been saved."))
            return HttpResponseRedirect(back)
    context = {"form": form, "layout": layout, "back": back, "hearing": registration.hearing}
    status = 422 if form.is_bound else 200
    return render(request, "statements/title.html", context, status=status)
