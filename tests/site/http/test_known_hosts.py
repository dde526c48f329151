"""A wrong Host header gets a page that names the setting, and shows nothing else."""

import pytest
from django.test import Client, override_settings

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("host", ["evil.example", "a b", "x" * 500, "<script>"])
def test_a_wrong_host_is_told_which_setting(host: str, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        answer = Client(headers={"host": host}).get("/sign-in/")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "add the name to HEMICYCLE_HOSTS" in page
    assert host not in page
    assert "ALLOWED_HOSTS" not in page
    assert "Traceback" not in page


def test_a_wrong_host_is_answered_in_the_visitors_language() -> None:
    page = Client(headers={"host": "evil.example", "accept-language": "ar"}).get("/").content
    assert b'lang="ar"' in page


def test_the_sites_own_name_is_answered() -> None:
    assert Client(headers={"host": "localhost:8000"}).get("/sign-in/").status_code == 200
