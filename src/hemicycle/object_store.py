"""Connections to stores with the S3 protocol, and sentences for their errors.

Backups, the site's files and the webcast may be in three different stores, so each has its own
settings (`StoreSettings`). The library is obstore, which has its own threads: do not call it before
a process forks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from hemicycle import settings_sources as sources

if TYPE_CHECKING:
    from obstore.store import S3Store

SCHEME: Final = "s3://"
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The settings for the connection to a store."""

    endpoint: str
    region: str
    key: str
    secret: str

    @classmethod
    def below(cls, prefix: str) -> StoreSettings:
        """Return the settings that begin with `prefix`, such as `HEMICYCLE_BACKUP_S3`."""
        return cls(*(f"{prefix}_{name}" for name in ("ENDPOINT", "REGION", "KEY", "SECRET")))


def parts(address: str, fault: Callable[[str], Exception]) -> tuple[str, str]:
    """Return the bucket and the prefix of `s3://bucket/prefix`; raise a `fault` for other texts."""
    found = urlsplit(address)
    if found.scheme != "s3" or not found.netloc or found.query or found.fragment:
        raise fault(f"{address} is not an address like s3://bucket/prefix.")
    if "@" in found.netloc:
        raise fault(f"{address} is not an address like s3://bucket/prefix.")
    return found.netloc, found.path.strip("/")


def connected(
    address: str,
    names: StoreSettings,
    *,
    what: str,
    away_s: float,
    timeout_s: float,
    fault: Callable[[str], Exception],
) -> S3Store:
    """Return the store that the settings describe; nothing is sent yet.

    A request may take `timeout_s` seconds, and is repeated for `away_s` seconds while the store
    does not answer. `what` names the purpose, for the sentence about a missing library.
    """
    bucket, prefix = parts(address, fault)
    try:
        from obstore.store import S3Store
    except ImportError as error:
        raise fault(
            f"{what} to S3 need the package obstore. Install it: pip install 'hemicycle[s3]'"
        ) from error
    given = sources.given()
    key, secret, endpoint = given.get(names.key), given.get(names.secret), given.get(names.endpoint)
    if not key or not secret:
        raise fault(
            f"Set {names.key} and {names.secret}, or {names.secret}_FILE, to reach s3://{bucket}."
        )
    if endpoint and not endpoint.startswith(("https://", "http://")):
        raise fault(f"{names.endpoint} must begin with https:// or http://.")
    own_address: dict[str, Any] = {"endpoint": endpoint.rstrip("/")} if endpoint else {}
    return S3Store(
        bucket,
        prefix=prefix or None,
        region=given.get(names.region) or DEFAULT_REGION,
        access_key_id=key,
        secret_access_key=secret,
        checksum_algorithm="SHA256",
        virtual_hosted_style_request=not endpoint,
        client_options={
            "allow_http": (endpoint or "").startswith("http://"),
            "timeout": timedelta(seconds=timeout_s),
        },
        retry_config={
            "max_retries": 100 if away_s else 0,
            "retry_timeout": timedelta(seconds=away_s),
            "backoff": {
                "init_backoff": timedelta(milliseconds=200),
                "max_backoff": timedelta(seconds=5),
                "base": 2,
            },
        },
        **own_address,
    )


def reason(error: BaseException, address: object, names: StoreSettings) -> str:
    """Return a sentence for administrators about an error of the library."""
    told = str(error)
    status = "" if "status code: " not in told else told.partition("status code: ")[2][:3]
    if status in {"401", "403"}:
        return (
            f"The store at {address} refuses us. Check {names.key} and {names.secret}, and what "
            "that key may do."
        )
    if isinstance(error, FileNotFoundError) or status == "404":
        return f"The store has nothing at {address} with that name, or no such bucket."
    how = f"answers with an error ({status})" if status else "does not answer"
    return f"The store at {address} {how}. Check it, and {names.endpoint}."
