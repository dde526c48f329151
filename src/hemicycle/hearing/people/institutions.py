"""Sign in with an institution's own account: OpenID Connect or SAML, by allauth's providers.

allauth implements the protocols. A visitor from the institution is admitted only if they already
have a role under the address that the institution confirms; no new account is created. At the first
sign-in, the institution's id of the account is stored: if the address later belongs to another
person, it does not sign in as the first one.
"""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from hemicycle import security_log
from hemicycle.hearing.people import institution_config as config
from hemicycle.hearing.people import second_factor
from hemicycle.hearing.people.actions import GIVEN
from hemicycle.hearing.people.models import Appointment, Person
from hemicycle.hearing.people.redirects import local_path
from hemicycle.hearing.people.sessions import Proof
from hemicycle.security_log import SecurityEvent


def links(after: str) -> list[dict[str, str]]:
    """Return the name and start page of each institution's sign-in; empty if none is set up."""
    query = f"?{urlencode({'next': after})}"
    found = []
    for provider, made in settings.SOCIALACCOUNT_PROVIDERS.items():
        path = (
            reverse("saml_login", args=(config.SAML,))
            if provider == "saml"
            else reverse("openid_connect_login", args=(config.OIDC,))
        )
        found += [{"name": app["name"], "url": path + query} for app in made["APPS"]]
    return found


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth publishes no types
    """Takes over from allauth when the institution has answered."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Sign in a person who has a role; allauth's own steps are skipped."""
        raise ImmediateHttpResponse(_answer(request, sociallogin))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """Show that the institution's answer could not be used."""
        raise ImmediateHttpResponse(_refused(request, "failed"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Allow no new accounts."""
        return False


def _answer(request: HttpRequest, sociallogin: Any) -> HttpResponse:
    person = _person(sociallogin)
    if person is None:
        return _refused(request, "unknown")
    after = local_path(request, sociallogin.state.get("next") or "", reverse("hearing:mine"))
    second_factor.sign_in(request, person, Proof.INSTITUTION, after)
    return redirect(after)


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    security_log.note(SecurityEvent.SIGN_IN_FAILED, what="institution", reason=why)
    return render(request, "people/institution_refused.html", {"why": why}, status=403)


def _person(sociallogin: Any) -> Person | None:
    """Return the person with this account, linking it by its address at first; None if unknown."""
    provider, uid = sociallogin.account.provider, sociallogin.account.uid
    known = SocialAccount.objects.filter(provider=provider, uid=uid).first()
    if known is not None:
        return _appointed().filter(pk=known.user_id).first()
    address = _address(sociallogin)
    people = list(_appointed().filter(email__iexact=address)) if address else []
    if len(people) != 1:
        return None
    (person,) = people
    if SocialAccount.objects.filter(provider=provider, user=person).exists():
        return None  # the institution has given the address to another person
    SocialAccount.objects.create(user=person, provider=provider, uid=uid, extra_data={})
    return person


def _appointed() -> QuerySet[Person]:
    held = Appointment.objects.filter(role__in=GIVEN)
    works = Q(pk__in=held.values("person")) | Q(is_administrator=True)
    return Person.objects.filter(works, is_active=True)


def _address(sociallogin: Any) -> str:
    """Return the address that the institution vouches for if its domain is allowed; else ""."""
    claims = sociallogin.account.extra_data or {}
    told = [claims, *(part for part in claims.values() if isinstance(part, dict))]
    if any(part.get("email_verified") in {False, "false"} for part in told if _is_plain(part)):
        return ""
    address = next((found.email for found in sociallogin.email_addresses), "")
    box, _at, domain = address.rpartition("@")
    return address if box and domain.lower() in settings.INSTITUTION_DOMAINS else ""


def _is_plain(claims: dict[str, Any]) -> bool:
    """Whether the claim can be compared; the attributes of SAML are lists."""
    return isinstance(claims.get("email_verified"), bool | str)
