"""Sign-in servers of an institution, on loopback: oidc-provider and saml-idp, from npm."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path
from re import DOTALL, findall, search
from typing import Any
from urllib.error import URLError
from urllib.parse import urljoin
from urllib.request import urlopen

import requests

from tools.frontend import find_node

FOLDER = Path(__file__).parents[2] / "peers"
CLIENT, SECRET = "hemicycle", "a secret for tests"
START_S = 30.0


def why_not() -> str:
    """Return why these servers cannot run here; "" if they can."""
    if not (FOLDER / "node_modules").is_dir():
        return "tools/ensure-peers has not installed the packages of tests/peers"
    return ""


@contextmanager
def running(command: list[str | Path], url: str, log: Path) -> Iterator[None]:
    """Run a server on Node.js until the end of the block, which begins when it answers at `url`."""
    node, _npm = find_node()
    with log.open("wb") as out:
        process = subprocess.Popen([node, *command], cwd=FOLDER, stdout=out, stderr=out)
        try:
            _wait_for(url, process, log)
            yield
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + START_S
    while time.monotonic() < limit:
        assert process.poll() is None, log.read_text()
        with suppress(URLError, ConnectionError, TimeoutError), urlopen(url, timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@contextmanager
def openid_connect(
    folder: Path, port: int, site: str, accounts: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Run an OpenID Connect server that knows `accounts`, and yield its issuer."""
    issuer = f"http://localhost:{port}"
    options = {
        "port": port,
        "redirect": f"{site}/sign-in/institution/oidc/login/callback/",
        "client": CLIENT,
        "secret": SECRET,
        "accounts": accounts,
    }
    well_known = f"{issuer}/.well-known/openid-configuration"
    with running(["oidc.js", json.dumps(options)], well_known, folder / "oidc.log"):
        yield issuer


def pass_openid_connect(start: str, account: str, back: str) -> str:
    """Sign in at the institution as a browser would; return the address back on the site.

    `start` is where the site sent the browser, `back` the beginning of the address to which the
    institution returns it.
    """
    browser = requests.Session()
    answer = browser.get(start, allow_redirects=False, timeout=10)
    for _ in range(12):
        if "Location" in answer.headers:
            to = urljoin(answer.url, answer.headers["Location"])
            if to.startswith(back):
                return to
            answer = browser.get(to, allow_redirects=False, timeout=10)
            continue
        form = search(r'<form[^>]*action="([^"]+)"(.*?)</form>', answer.text, DOTALL)
        assert form is not None, answer.text
        fields = dict(findall(r'<input[^>]*name="prompt" value="([^"]+)"()', form[2]))
        data = {"prompt": next(iter(fields), ""), "login": account, "password": "any"}
        to = urljoin(answer.url, unescape(form[1]))
        answer = browser.post(to, data, allow_redirects=False, timeout=10)
    raise AssertionError("the institution leads nowhere")


__all__ = ["openid_connect", "pass_openid_connect", "running", "why_not"]
