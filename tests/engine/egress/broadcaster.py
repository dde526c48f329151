"""Another broadcaster, who receives a program by RTMP: an nginx of the tests."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port

RTMP_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")

no_nginx = pytest.mark.skipif(
    not (shutil.which("nginx") and RTMP_MODULE.exists()),
    reason="needs nginx with its rtmp module (Debian: apt-get install libnginx-mod-rtmp)",
)


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[str]:
    """Run an nginx that accepts RTMP and records it; yield the address to push to."""
    port = free_port()
    (tmp_path / "kept").mkdir()
    (tmp_path / "nginx.conf").write_text(
        f"""load_module {RTMP_MODULE};
        daemon off; master_process off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log;
        events {{}}
        rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{ live on;
          record all; record_path {tmp_path}/kept; record_suffix .flv; }} }} }}"""
    )
    command = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield f"rtmp://127.0.0.1:{port}/live/program"
    finally:
        running.terminate()
        running.wait(10)


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx did not come up")
