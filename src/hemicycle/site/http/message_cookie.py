"""Messages for the next page, in a cookie whose name the settings determine."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class NamedCookieStorage(CookieStorage):
    """Django's storage in a cookie, with a name from our settings: Django has no setting for it."""

    cookie_name = settings.MESSAGE_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """Messages in a cookie if they fit into one, or else in the session."""

    storage_classes = (NamedCookieStorage, SessionStorage)
