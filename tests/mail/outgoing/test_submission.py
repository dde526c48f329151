"""Mail is submitted with a password, which only an authenticated server receives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from hemicycle.mail.outgoing.delivery.transport import Smtp, Unreachable
from hemicycle.site import env
from tests.support import certificate
from tests.support.ports import free_port

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings


class Submission:
    """A server that requires STARTTLS and a password, and stores both logins and recipients."""

    def __init__(self, file: Path) -> None:
        self.told: list[tuple[bytes, bytes]] = []
        self.taken: list[str] = []
        self.controller = Controller(
            self,
            hostname="localhost",
            port=free_port(),
            tls_context=certificate.serving(file),
            require_starttls=True,
            authenticator=self._check,
            auth_required=True,
        )

    def _check(self, _server: Any, _session: Any, _envelope: Any, _how: str, told: Any) -> Any:
        assert isinstance(told, LoginPassword)
        self.told.append((told.login, told.password))
        return AuthResult(success=told.password == b"s@cret", handled=False)

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd looks for
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        self.taken += envelope.rcpt_tos
        return "250 2.0.0 taken"

    def way_out(self, password: str = "s%40cret") -> Smtp:
        server = env._smtp(f"smtp://me:{password}@localhost:{self.controller.port}")
        return Smtp(server, "localhost")


@pytest.fixture
def submission(tmp_path: Path) -> Iterator[Submission]:
    server = Submission(certificate.make(tmp_path))
    server.controller.start()
    yield server
    server.controller.stop()


def test_a_server_that_proves_nothing_is_told_no_password(submission: Submission) -> None:
    with pytest.raises(Unreachable, match="certificate verify failed"):
        submission.way_out().open()
    assert submission.told == []


def test_the_password_goes_over_a_secured_line(
    submission: Submission, settings: Settings, tmp_path: Path
) -> None:
    settings.MAIL_AUTHORITIES = tmp_path / "localhost.pem"
    way_out = submission.way_out()
    way_out.open()
    way_out.close()
    assert submission.told == [(b"me", b"s@cret")]
    with pytest.raises(Unreachable, match="535"):
        submission.way_out("wrong").open()
