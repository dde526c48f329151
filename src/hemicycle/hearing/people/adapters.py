"""allauth's hook for secrets of authenticator apps: they are stored encrypted."""

import base64
from hashlib import sha256

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth publishes no types
    """Stores secrets encrypted with the site's secret key, so a copy of the database reveals none.

    Secrets that were encrypted with a key in `SECRET_KEY_FALLBACKS` can still be decrypted.
    """

    def encrypt(self, text: str) -> str:
        """Return the text in encrypted form."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the stored text; "" if the secret key has been changed since."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""


def _cipher() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(force_bytes(key))) for key in keys])


def _derived(key: bytes) -> bytes:
    return base64.urlsafe_b64encode(sha256(b"hemicycle.hearing.people.adapters" + key).digest())
