"""Addresses of edges as an operator writes them, and tokens as an edge reads them."""

import jwt
import pytest

from hemicycle.engine.edges import addresses, tokens

SECRET = "a secret for tests that is long enough"
HEARING = "a" * 32


def test_an_address_has_the_usual_form_or_names_its_own() -> None:
    usual, own = addresses.parse(
        "https://edge1.hearing.example/, https://edge2.hearing.example:8889/rtc/{way}/?s={path}"
    )
    path = addresses.path(HEARING, "room", "zh-Hans")
    assert usual.at(path, "whip") == f"https://edge1.hearing.example/{HEARING}/room/zh-Hans/whip"
    assert own.at(path, "whep") == (
        f"https://edge2.hearing.example:8889/rtc/whep/?s={HEARING}/room/zh-Hans"
    )
    assert (own.name, own.host) == ("https://edge2.hearing.example:8889", "edge2.hearing.example")
    assert addresses.parse("") == ()


@pytest.mark.parametrize(
    "raw",
    [
        "edge.hearing.example",
        "ftp://edge.hearing.example",
        "https://",
        "https://name:word@edge.hearing.example",
        "https://edge.hearing.example/?a=b",
        "https://edge.hearing.example/{path}/live",
        "https://{path}.hearing.example/{way}",
        "https://edge.hearing.example, https://edge.hearing.example/live",
    ],
)
def test_what_is_no_list_of_edges(raw: str) -> None:
    with pytest.raises(ValueError, match="separated by commas"):
        addresses.parse(raw)


def test_the_address_of_the_control_api() -> None:
    assert addresses.parse_api("http://{host}:9997/") == "http://{host}:9997"
    assert addresses.parse_api("") == ""
    for raw in ("{host}:9997", "http://{host}:9997/v3"):
        with pytest.raises(ValueError, match="edge's own"):
            addresses.parse_api(raw)


def test_a_token_can_be_read_with_the_public_key_alone() -> None:
    (key,) = tokens.jwks(SECRET)["keys"]
    assert "d" not in key
    token = tokens.to_read(SECRET, HEARING, "public", now=1_000)
    public = jwt.PyJWK(key).key
    past = {"verify_exp": False}
    told = jwt.decode(token, public, ["ES256"], audience="edge", options=past)  # type: ignore[arg-type]
    assert told["exp"] == 1_000 + tokens.READS_S
    assert told["mediamtx_permissions"] == [{"action": "read", "path": f"~^{HEARING}/public/"}]
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]


def test_every_machine_has_the_same_key_and_no_other_site_has_it() -> None:
    tokens._key.cache_clear()
    first = tokens.jwks(SECRET)
    tokens._key.cache_clear()
    assert tokens.jwks(SECRET) == first
    assert tokens.jwks(f"{SECRET}!") != first
