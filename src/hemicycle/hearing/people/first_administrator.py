"""Create the first administrator of a site in the browser, by the code that `hemicycle up` prints.

The page exists until the site has an administrator or staff. The code works once. People who read
the machine’s terminal know it, and it lies in the folder of keys until it is used.
"""

import hmac
import secrets
from pathlib import Path

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.hearing.people import actions, second_factor
from hemicycle.hearing.people.models import Appointment, Person
from hemicycle.hearing.people.sessions import Proof
from hemicycle.record.writer import Actor

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no characters that are easily mistaken for others
_GROUPS, _LONG = 4, 4
FIRST = Actor.system("first-administrator")


def is_wanted() -> bool:
    """Whether the site has no administrator and no staff yet."""
    if Person.objects.filter(is_administrator=True).exists():
        return False
    return not Appointment.every.filter(role__in=actions.GIVEN).exists()


def code() -> str:
    """Return the code, created on first use."""
    file = _file()
    if not file.exists():
        groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_LONG)) for _ in range(_GROUPS))
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text("-".join(groups))
    return file.read_text()


def _file() -> Path:
    folder: Path = settings.KEYS_DIR
    return folder / "first-administrator"


def _plain(typed: str) -> str:
    return "".join(letter for letter in typed.upper() if letter in _ALPHABET)


class FirstForm(forms.Form):
    """The code, and the data of the administrator."""

    code = forms.CharField(
        label=_("One-time code"),
        max_length=60,
        help_text=_("The command “hemicycle up” has printed it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the code that “hemicycle up” has printed.")},
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Your sign-in links go to this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter the address we should send the link to."),
            "invalid": _("Enter an e-mail address in the format name@hearing.example."),
        },
    )

    def clean_code(self) -> str:
        """Refuse a wrong code."""
        typed: str = self.cleaned_data["code"]
        file = _file()
        known = _plain(file.read_text()) if file.exists() else ""
        if not known or not hmac.compare_digest(_plain(typed).encode(), known.encode()):
            raise forms.ValidationError(_("This is not the code. Read it again in the terminal."))
        return typed


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Create the first administrator and sign them in; 404 if the site has staff already."""
    if not is_wanted():
        raise Http404
    form = FirstForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _taken():
        person = actions.make_administrator(
            name=form.cleaned_data["name"], email=form.cleaned_data["email"], actor=FIRST
        )
        second_factor.sign_in(request, person, Proof.LINK, reverse("hearing:mine"))
        waits = second_factor.waiting(request) is not None
        return redirect("people:second-step" if waits else "hearing:mine")
    status = 422 if form.is_bound else 200
    return render(request, "people/first.html", {"form": form}, status=status)


def _taken() -> bool:
    """Use the code up; return False if another request was faster."""
    try:
        _file().unlink()
    except FileNotFoundError:
        return False
    return True
