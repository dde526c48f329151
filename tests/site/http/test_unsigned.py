"""Pages that need a signature while the holder of the key is unavailable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lists import World

SLUG = "/h/2021-trafficking"


@pytest.mark.parametrize("page", ["chain/", "chain.json", "public-key.pem"])
def test_a_page_says_that_nothing_can_be_signed_and_comes_back(
    world: World, client: Client, settings: Any, tmp_path: Path, page: str
) -> None:
    away = f"unix:{tmp_path}/signer.sock"
    settings.RECORD_KEY = away
    answer = client.get(f"{SLUG}/{page}")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "This page is not available at the moment" in answer.content.decode()
    assert away not in answer.content.decode()
    settings.RECORD_KEY = ""
    assert client.get(f"{SLUG}/{page}").status_code == 200


def test_pages_that_sign_nothing_go_on(
    world: World, client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.RECORD_KEY = f"unix:{tmp_path}/signer.sock"
    assert client.get(f"{SLUG}/").status_code == 200
