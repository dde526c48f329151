"""The virus scanner ClamAV, used over clamd's socket (command INSTREAM) if there is one."""

import socket
import struct

TIMEOUT_S = 60.0
_CHUNK = 2**18


class ScannerUnavailable(OSError):
    """The scanner could not be reached, or did not answer as it should."""


def scan(content: bytes, at: str) -> str:
    """Return the name of the malware found in `content`, or "". Raises `ScannerUnavailable`."""
    try:
        with _connected(at) as clamd:
            clamd.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                chunk = content[start : start + _CHUNK]
                clamd.sendall(struct.pack("!L", len(chunk)) + chunk)
            clamd.sendall(struct.pack("!L", 0))
            answer = _answer(clamd)
    except OSError as error:
        raise ScannerUnavailable(str(error)) from error
    if answer.endswith(" FOUND"):
        return answer.partition(": ")[2].removesuffix(" FOUND") or "unnamed"
    if not answer.endswith("OK"):
        raise ScannerUnavailable(answer)
    return ""


def _connected(at: str) -> socket.socket:
    host, _, port = at.rpartition(":")
    if host and port.isdigit():
        return socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_S)
    opened = socket.socket(socket.AF_UNIX)
    try:
        opened.settimeout(TIMEOUT_S)
        opened.connect(at)
    except OSError:
        opened.close()
        raise
    return opened


def _answer(clamd: socket.socket) -> str:
    said = b""
    while len(said) < 4096 and not said.endswith(b"\0"):
        chunk = clamd.recv(4096)
        if not chunk:
            break
        said += chunk
    return said.rstrip(b"\0\n").decode("ascii", "replace")
