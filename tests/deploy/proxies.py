"""nginx, Caddy and Varnish, started with the configurations in `deploy/` on loopback."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path

from tests.support import certificate
from tests.support.ports import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
START_S = 30.0


@dataclass(frozen=True)
class Behind:
    """Where a proxy forwards to: the ports of `web` and of the engine, and folders of files."""

    web: int
    media: int
    static: Path
    segments: Path


class Proxy:
    """One proxy in front of a site, with a certificate of its own."""

    program: str

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port, self.plain_port = folder, port, free_port()
        self.pem = certificate.make(folder)
        self._log = folder / "proxy.log"
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def is_installed(cls) -> bool:
        return shutil.which(cls.program) is not None

    @abstractmethod
    def write(self, behind: Behind) -> list[str]:
        """Write the configuration for this machine; return the command that starts the proxy."""

    def start(self, behind: Behind) -> None:
        program, command = shutil.which(self.program), self.write(behind)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                executable=program,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={"HOME": str(self.folder), "PATH": os.environ["PATH"]},
            )
        limit = time.monotonic() + START_S
        while not self._accepts():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < limit, self._log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def trusting(self) -> ssl.SSLContext:
        """Return a context with which a client trusts the proxy's certificate."""
        return ssl.create_default_context(cafile=str(self.pem))

    def _accepts(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def _adapted(self, text: str, changes: dict[str, str]) -> str:
        for before, after in changes.items():
            assert before in text, before
            text = text.replace(before, after)
        return text


class Nginx(Proxy):
    """nginx with the snippets beside its configuration."""

    program = "nginx"

    def write(self, behind: Behind) -> list[str]:
        (self.folder / "snippets").mkdir()
        for snippet in DEPLOY.glob("nginx/hemicycle-*.conf"):
            shutil.copy(snippet, self.folder / "snippets")
        site = self._adapted(
            (DEPLOY / "nginx/hemicycle.conf").read_text(),
            {
                "hearing.example;": "localhost;",
                "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
                "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
                "    listen [::]:80;\n": "",
                "    listen [::]:443 ssl;\n": "",
                "/etc/ssl/hearing.example/fullchain.pem": str(self.pem),
                "/etc/ssl/hearing.example/privkey.pem": str(self.pem),
                "127.0.0.1:8000": f"127.0.0.1:{behind.web}",
                "127.0.0.1:8090": f"127.0.0.1:{behind.media}",
                "/var/log/nginx/hemicycle.error.log": "stderr",
                "/var/cache/hemicycle": str(behind.static.parent),
                "/var/cache/nginx-hemicycle": str(self.folder / "cache"),
                "/var/lib/hemicycle/webcast": str(behind.segments),
            },
        )
        (self.folder / "site.conf").write_text(site)
        # As Debian's nginx.conf around a site, but without its logs and its user.
        (self.folder / "nginx.conf").write_text(
            "daemon off; user root; pid nginx.pid; error_log stderr;\n"
            "events {}\n"
            "http { include /etc/nginx/mime.types; access_log off; include site.conf; }\n"
        )
        return [self.program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]


class Caddy(Proxy):
    """Caddy with a certificate of the test instead of one from an authority."""

    program = "caddy"

    def write(self, behind: Behind) -> list[str]:
        own = f"https://localhost:{self.port} {{\n\ttls {self.pem} {self.pem}"
        site = self._adapted(
            (DEPLOY / "caddy/Caddyfile").read_text(),
            {
                "{$HEMICYCLE_SITE:hearing.example} {": own,
                "{$HEMICYCLE_WEBCAST:127.0.0.1:8090}": f"127.0.0.1:{self.webcast(behind)}",
                "127.0.0.1:8000": f"127.0.0.1:{behind.web}",
                "127.0.0.1:8090": f"127.0.0.1:{behind.media}",
                "/var/cache/hemicycle": str(behind.static.parent),
                "/var/lib/hemicycle/webcast": str(behind.segments),
            },
        )
        ports = (
            "{\n\tadmin off\n\tgrace_period 1s\n"
            f"\thttp_port {self.plain_port}\n\thttps_port {self.port}\n}}\n"
        )
        file = self.folder / "Caddyfile"
        file.write_text(ports + site)
        return [self.program, "run", "--adapter", "caddyfile", "--config", str(file)]

    def webcast(self, behind: Behind) -> int:
        """Return the port to which Caddy sends requests for the webcast."""
        return behind.media


class Varnish(Proxy):
    """Varnish, which has no TLS, in front of the engine only."""

    program = "varnishd"

    def write(self, behind: Behind) -> list[str]:
        text = (DEPLOY / "varnish/hemicycle.vcl").read_text()
        vcl = self.folder / "hemicycle.vcl"
        vcl.write_text(self._adapted(text, {'"8090"': f'"{behind.media}"'}))
        here = ["-a", f"127.0.0.1:{self.port}", "-n", str(self.folder / "varnish")]
        return [self.program, "-F", "-j", "none", "-s", "malloc,64m", "-f", str(vcl), *here]


class CaddyWithVarnish(Caddy):
    """Caddy, which sends requests for the webcast to Varnish."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder, port)
        (folder / "behind").mkdir()
        self.varnish = Varnish(folder / "behind", free_port())

    @classmethod
    def is_installed(cls) -> bool:
        return super().is_installed() and Varnish.is_installed()

    def webcast(self, behind: Behind) -> int:
        self.varnish.start(behind)
        return self.varnish.port

    def stop(self) -> None:
        super().stop()
        self.varnish.stop()


PROXIES = (Nginx, Caddy)
