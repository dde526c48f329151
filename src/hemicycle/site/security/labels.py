"""The events of the security log in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle.security_log import Event

EVENTS: dict[str, str | Promise] = {
    Event.SIGNED_IN: _("Signed in"),
    Event.SIGN_IN_FAILED: _("Sign-in refused"),
    Event.SIGNED_OUT: _("Signed out"),
    Event.CREDENTIAL_ADDED: _("Way of signing in added"),
    Event.CREDENTIAL_REMOVED: _("Way of signing in removed"),
    Event.APPOINTED: _("Role given"),
    Event.DISMISSED: _("Role taken away"),
    Event.LINK_MADE: _("Private link made"),
    Event.LINK_USED: _("Private link used"),
    Event.LINK_REVOKED: _("Private link revoked"),
    Event.TOKEN_MADE: _("API token made"),
    Event.TOKEN_REVOKED: _("API token revoked"),
    Event.IDENTITY_CONFIRMED: _("Identity confirmed"),
    Event.IDENTITY_DISPUTED: _("Identity not proved"),
    Event.EXPORTED: _("Data exported"),
    Event.ERASED: _("Person erased"),
    Event.ACCESS_REFUSED: _("Page refused"),
    Event.LIMITED: _("Limit reached"),
}
