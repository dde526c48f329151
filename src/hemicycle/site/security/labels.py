"""The labels of events in the security log."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle.security_log import SecurityEvent

EVENTS: dict[str, str | Promise] = {
    SecurityEvent.SIGNED_IN: _("Signed in"),
    SecurityEvent.SIGN_IN_FAILED: _("Sign-in refused"),
    SecurityEvent.SIGNED_OUT: _("Signed out"),
    SecurityEvent.CREDENTIAL_ADDED: _("Sign-in method added"),
    SecurityEvent.CREDENTIAL_REMOVED: _("Sign-in method removed"),
    SecurityEvent.CREDENTIALS_RESET: _("Sign-in reset"),
    SecurityEvent.APPOINTED: _("Role given"),
    SecurityEvent.DISMISSED: _("Role removed"),
    SecurityEvent.DUTIES_SET: _("Duties changed"),
    SecurityEvent.LINK_MADE: _("Private link created"),
    SecurityEvent.LINK_USED: _("Private link used"),
    SecurityEvent.LINK_REVOKED: _("Private link revoked"),
    SecurityEvent.TOKEN_MADE: _("API token created"),
    SecurityEvent.TOKEN_REVOKED: _("API token revoked"),
    SecurityEvent.IDENTITY_CONFIRMED: _("Identity confirmed"),
    SecurityEvent.IDENTITY_DISPUTED: _("Identity not proved"),
    SecurityEvent.IDENTITY_LAPSED: _("Address not confirmed in time"),
    SecurityEvent.EXPORTED: _("Data exported"),
    SecurityEvent.ERASED: _("Person erased"),
    SecurityEvent.RECORDINGS_LOST: _("Recordings of a media machine are gone"),
    SecurityEvent.ACCESS_REFUSED: _("Page refused"),
    SecurityEvent.LIMITED: _("Limit reached"),
}
