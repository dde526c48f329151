"""Debian's Postfix and Dovecot, each in a separate folder and on high ports of loopback."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from imap_tools import MailBox

from tests.support import certificate
from tests.support.ports import free_port

DAEMONS = Path("/usr/lib/postfix/sbin")
PASSWORD = "secret"
START_S = 30.0
SPF_POLICY = Path("/usr/bin/policyd-spf")
ASK_POLICY = "reject_unauth_destination, check_policy_service unix:private/policyd-spf"
POLICY = """debugLevel = 1
TestOnly = 1
HELO_reject = False
Mail_From_reject = False
Header_Type = AR
Authserv_Id = mx.hearing.example
"""


def why_not() -> str:
    """Return why the servers cannot run here; "" if they can."""
    if os.geteuid() != 0:
        return "Postfix and Dovecot start as root only"
    if not (DAEMONS / "master").exists() or shutil.which("postfix") is None:
        return "Debian's package postfix is not installed"
    if shutil.which("dovecot") is None or not Path("/usr/lib/dovecot/lmtp").exists():
        return "Debian's packages dovecot-imapd and dovecot-lmtpd are not installed"
    return ""


def _wait_for(port: int, log: Path) -> None:
    limit = time.monotonic() + START_S
    while time.monotonic() < limit:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text() if log.exists() else f"nothing answers on port {port}")


class Postfix:
    """A mail server that forwards the mail of each domain over LMTP or SMTP, according to `routes`.

    At `port`, it accepts mail for these domains from anyone, as the server of a domain does. With
    `login` (a Dovecot that knows the passwords), it accepts mail for any domain at `submission`,
    only over TLS and after a login. With `nameserver` (an address of loopback), it and its
    processes query only that name server, and Debian's policy server for SPF reports on each sender
    in a header.
    """

    def __init__(self, login: Dovecot | None = None, nameserver: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hemicycle-postfix-"))
        self.folder.chmod(0o755)
        self.port, self.submission = free_port(), free_port()
        self.log = self.folder / "mail.log"
        self.login, self.nameserver = login, nameserver

    def start(self, routes: dict[str, str]) -> None:
        """Start the server; `routes` has a transport for each domain."""
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix", "postfix")
        (self.folder / "etc/main.cf").write_text(self._main(routes))
        (self.folder / "etc/master.cf").write_text(self._master())
        (self.folder / "policy.conf").write_text(POLICY)
        (self.folder / "resolv.conf").write_text(f"nameserver {self.nameserver}\n")
        self._begin()

    def _begin(self) -> None:
        self._run("start")
        for port in (self.port, self.submission) if self.login else (self.port,):
            _wait_for(port, self.log)

    def url(self, user: str) -> str:
        """Return the value of `HEMICYCLE_SMTP_URL` with which a user signs in at this server."""
        return f"smtp://{user.replace('@', '%40')}:{PASSWORD}@localhost:{self.submission}"

    def _main(self, routes: dict[str, str]) -> str:
        inline = ", ".join(f"{{ {domain} = {to} }}" for domain, to in routes.items())
        facts = {
            "compatibility_level": "3.9",
            "queue_directory": self.folder / "queue",
            "data_directory": self.folder / "data",
            "command_directory": "/usr/sbin",
            "daemon_directory": DAEMONS,
            "mail_owner": "postfix",
            "setgid_group": "postdrop",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "myhostname": "mx.hearing.example",
            "mydestination": "",
            "local_recipient_maps": "",
            "alias_maps": "",
            "alias_database": "",
            "mynetworks": "127.0.0.0/8",
            "relay_domains": ", ".join(routes),
            "transport_maps": f"inline:{{ {inline} }}",
            "smtpd_relay_restrictions": "reject_unauth_destination",
            "smtpd_authorized_xclient_hosts": "127.0.0.0/8",
            "smtpd_peername_lookup": "no",
            "smtp_dns_support_level": "disabled",
            "message_size_limit": "60000000",
            "queue_run_delay": "1s",
            "minimal_backoff_time": "1s",
            "maximal_backoff_time": "2s",
            "lmtp_connection_cache_on_demand": "no",
            "destination_recipient_limit": "50",
            "maillog_file": self.log,
            "maillog_file_prefixes": self.folder,
            **(self._signing_in(self.login) if self.login else {}),
            **({"smtpd_recipient_restrictions": ASK_POLICY} if self.nameserver else {}),
        }
        return "".join(f"{name} = {value}\n" for name, value in facts.items())

    @staticmethod
    def _signing_in(login: Dovecot) -> dict[str, object]:
        return {
            "smtpd_tls_chain_files": login.certificate,
            "smtpd_sasl_type": "dovecot",
            "smtpd_sasl_path": login.auth,
        }

    def _master(self) -> str:
        """Return Debian's list of services, changed to our port and without chroot."""
        lines = Path("/etc/postfix/master.cf.proto").read_text().splitlines()
        own = [self._service(line) for line in lines if not line.startswith("#")]
        if self.login:
            own += [
                f"127.0.0.1:{self.submission} inet n - n - - smtpd",
                "  -o smtpd_tls_security_level=encrypt",
                "  -o smtpd_sasl_auth_enable=yes",
                "  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject",
            ]
        if self.nameserver:
            policy = f"argv={SPF_POLICY} {self.folder / 'policy.conf'}"
            own.append(f"policyd-spf unix - n n - 0 spawn user=policyd-spf {policy}")
        return "\n".join(own) + "\n"

    def _service(self, line: str) -> str:
        parts = line.split()
        if not parts or line[0].isspace():
            return line
        parts[4] = "n"
        if parts[:2] == ["smtp", "inet"]:
            parts[0] = f"127.0.0.1:{self.port}"
        return " ".join(parts)

    def _run(self, what: str) -> None:
        command = ["postfix", "-c", str(self.folder / "etc"), what]
        if self.nameserver:  # in a mount namespace with another resolv.conf
            bound = f"mount --bind {self.folder / 'resolv.conf'} /etc/resolv.conf"
            command = ["unshare", "-m", "sh", "-c", f'{bound} && exec "$@"', "sh", *command]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if what == "start":
            assert done.returncode == 0, f"{done.stdout}{done.stderr}"

    def waiting(self) -> int:
        """Return the number of messages in the queue."""
        places = ("incoming", "active", "deferred")
        folders = (self.folder / "queue" / place for place in places)
        return sum(path.is_file() for folder in folders for path in folder.rglob("*"))

    def took(self, message_id: str) -> bool:
        """Return whether the log says that the server took charge of a message.

        The line with the Message-ID is written while the message still arrives. A line of the queue
        manager under the same queue id then says that the whole message was accepted.
        """
        log = self.log.read_text()
        queued = re.findall(rf"cleanup\[\d+\]: (\w+): message-id={re.escape(message_id)}", log)
        return any(re.search(rf"qmgr\[\d+\]: {message}: from=", log) for message in queued)

    def kill(self) -> None:
        """Kill all processes of the server at once; its queue stays."""
        master = int((self.folder / "queue/pid/master.pid").read_text())
        os.killpg(master, signal.SIGKILL)
        (self.folder / "queue/pid/master.pid").unlink()

    def restart(self) -> None:
        """Start the server again after it was killed."""
        self._begin()

    def stop(self) -> None:
        """Stop the server, and remove its folder."""
        self._run("stop")
        shutil.rmtree(self.folder, ignore_errors=True)


class Dovecot:
    """A mail server with a mailbox for every address that receives mail, all with one password."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hemicycle-dovecot-"))
        self.folder.chmod(0o755)
        self.imaps, self.lmtp = free_port(), free_port()
        self.log, self.auth = self.folder / "dovecot.log", self.folder / "auth"
        self.certificate = certificate.make(self.folder)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, and wait until it listens."""
        mail = self.folder / "mail"
        mail.mkdir(exist_ok=True)
        shutil.chown(mail, "mail", "mail")
        config = self.folder / "dovecot.conf"
        config.write_text(self._config())
        command = ["dovecot", "-F", "-c", str(config)]
        self._process = subprocess.Popen(command, start_new_session=True)
        for port in (self.imaps, self.lmtp):
            _wait_for(port, self.log)

    def _config(self) -> str:
        return f"""dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.log}
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_server_cert_file = {self.certificate}
ssl_server_key_file = {self.certificate}
mail_driver = maildir
mail_path = {self.folder}/mail/%{{user}}
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
passdb static {{
  password = {PASSWORD}
}}
userdb static {{
  fields {{
    uid = mail
    gid = mail
    home = {self.folder}/mail/%{{user}}
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {self.imaps}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {self.auth} {{
    mode = 0666
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {self.lmtp}
  }}
}}
"""

    def url(self, user: str) -> str:
        """Return the value of `HEMICYCLE_MAILROOM_IMAP` for a user's mailbox."""
        return f"imaps://{user.replace('@', '%40')}:{PASSWORD}@localhost:{self.imaps}/INBOX"

    def letters(self, user: str) -> list[EmailMessage]:
        """Return the messages in a mailbox, read over IMAP."""
        trusting = ssl.create_default_context(cafile=str(self.certificate))
        with MailBox("localhost", self.imaps, timeout=START_S, ssl_context=trusting).login(
            user, PASSWORD
        ) as box:
            found = [letter.obj.as_bytes() for letter in box.fetch(mark_seen=False)]
        return [message_from_bytes(letter, policy=default) for letter in found]

    def kill(self) -> None:
        """Kill all processes of the server at once; the mailboxes stay."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)

    def stop(self) -> None:
        """Stop the server, and remove its folder."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
