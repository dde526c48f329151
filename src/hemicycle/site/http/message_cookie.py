"""Messages to the next page, in a cookie whose name the settings give."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class NamedCookieStorage(CookieStorage):
    """Django's storage in a cookie; its name is no setting of Django's."""

    cookie_name = settings.MESSAGE_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """Messages in a cookie while they fit into one, or else in the session."""

    storage_classes = (NamedCookieStorage, SessionStorage)
