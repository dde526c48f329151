"""Passes: how `web` says whom the engine admits, and in which role.

A pass is a JWT (RFC 7519, HS256) that `web` signs for one person, role, hearing and use, and that
`media` reads. It opens one connection: it is valid for a minute, and once. Permissions are fixed
when the pass is signed; later removals are in the record.
"""

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

import jwt

from hemicycle import shared_clock
from hemicycle.engine import protection
from hemicycle.engine.protection import Protection
from hemicycle.engine.refusals import Refusal

type Use = Literal["publish", "screen", "listen", "attend", "practice", "captions", "service"]
"""publish: camera and microphone in. screen: a shared screen in. listen: program out. attend:
events and controls without a connection of its own. practice: a microphone that only its
owner hears. captions: text in. service: one Hemicycle process to the other.
"""

type MediaRole = Literal[
    "moderator", "panellist", "speaker", "interpreter", "captioner", "technician", "listener"
]

PASS_S = 60
"""How long a pass may wait to be used, in seconds; what it has opened may last longer."""

LEEWAY_S = 2
"""By how many seconds the clocks of the signer and the reader of a pass may differ."""

ISSUER = "hemicycle"


class InvalidPass(Refusal):
    """Raised for a pass that is not valid."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Who may enter, and in which role.

    Ids are 32 hexadecimal digits. `seat` names the one live seat that the pass is for: a second
    connection of the same use to the same seat replaces the first. `connection` is the id under
    which the page joined the meeting ("" without a page). `slot` is "" for people without a slot,
    `booth` the language of an interpreter's booth or a captioner's text. `name` is what others in
    the room see; no entry contains it. `registration` is that of a participant, `link` the number
    of the personal link by which they came ("" for people who signed in). `sign_in` is the id of
    the session of a signed-in person: when it ends, what the pass has opened ends with it. `reader`
    is the id of the person who reads from another person's slot ("" for everybody else). `camera`
    and `voice` are the person's choices (`engine.protection`); a missing one counts as the
    strictest. `edge` names the edge where a listener gets sound and picture ("" for the engine).
    """

    hearing: str
    use: Use
    role: MediaRole
    seat: str
    person: str = ""
    connection: str = ""
    slot: str = ""
    booth: str = ""
    name: str = ""
    registration: str = ""
    link: str = ""
    sign_in: str = ""
    reader: str = ""
    camera: str = ""
    voice: str = ""
    edge: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def protection(self) -> Protection:
        """What may be seen and heard of the person with this pass."""
        return protection.read({"camera": self.camera, "voice": self.voice})


def sign(pass_: Pass, secret: str, *, now: float | None = None, lasts_s: int = PASS_S) -> str:
    """Return the pass as a bearer token, valid for `lasts_s` seconds from `now` (s since the
    epoch).
    """
    at = int(shared_clock.now_s() if now is None else now)
    claims = {**asdict(pass_), "iss": ISSUER, "iat": at, "exp": at + lasts_s}
    return jwt.encode(claims, secret, algorithm="HS256")


def read(token: str, secret: str) -> Pass:
    """Return the pass in a bearer token; raise `InvalidPass` for anything else."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            issuer=ISSUER,
            # Without these options PyJWT would compare with this machine's own clock.
            options={"require": ["exp", "iss"], "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError as error:
        raise InvalidPass("no_pass") from error
    until = claims["exp"]
    if type(until) is not int:
        raise InvalidPass("no_pass")
    if until <= shared_clock.now_s() - LEEWAY_S:
        raise InvalidPass("expired")
    return _pass(claims)


def _pass(claims: dict[str, Any]) -> Pass:
    names = Pass.__dataclass_fields__
    values = {name: claims[name] for name in names if isinstance(claims.get(name), str)}
    whole = {"hearing", "use", "role", "seat", "id"} <= values.keys()
    if not whole or values["use"] not in get_args(Use.__value__):
        raise InvalidPass("poor_pass")
    return Pass(**values)
