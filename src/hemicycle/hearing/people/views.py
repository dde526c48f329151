"""Sign in by a link, and sign out."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_cookie

from hemicycle import security_log
from hemicycle.hearing.people import actions, institutions, second_factor, signals
from hemicycle.hearing.people.forms import AskForm
from hemicycle.hearing.people.models import Role, SignInLink
from hemicycle.hearing.people.redirects import local_path
from hemicycle.security_log import SecurityEvent


@never_cache
@vary_on_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Send a sign-in link; the answer never reveals whether the address is known."""
    after = local_path(request, request.POST.get("next") or request.GET.get("next") or "/")
    form = AskForm(request.POST or None)
    context = {"form": form, "next": after, "institutions": institutions.links(after)}
    if request.method == "POST" and form.is_valid():
        actions.ask_for_link(address=form.cleaned_data["email"], next_url=after)
        return render(request, "people/asked.html", {"address": form.cleaned_data["email"]})
    return render(request, "people/ask.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def use_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the person whom the link signs in; a press of the button signs them in, once."""
    link = actions.find_link(secret)
    state = actions.state_of(link)
    if link is None or state != "open":
        _log_refused(link, state)
        return render(request, "people/stale.html", {"state": state}, status=410)
    if request.method == "POST":
        if actions.sign_in(request=request, link=link):
            if second_factor.waiting(request):
                return redirect("people:second-step")
            return redirect(local_path(request, link.next_url))
        _log_refused(link, "used")
        return render(request, "people/stale.html", {"state": "used"}, status=410)
    context = {
        "link": link,
        "role": Role(link.role).label if link.role else "",
        "place": signals.hearing_name(link.hearing_id),
    }
    return render(request, "people/use.html", context)


def _log_refused(link: SignInLink | None, reason: str) -> None:
    person, hearing = (link.person_id, link.hearing_id) if link else (None, None)
    security_log.note(
        SecurityEvent.SIGN_IN_FAILED, hearing=hearing, person=person, what="sign-in", reason=reason
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("/")
