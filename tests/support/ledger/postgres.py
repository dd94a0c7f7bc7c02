"""A PostgreSQL of the tests' own: Debian's, on a free port, gone with the tests."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.consumers import ENVIRONMENT

#: Durability is what the tests are about: fsync stays on.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "20",
    "shared_buffers": "16MB",
    "autovacuum": "off",
}
#: Of an account that Debian always has; PostgreSQL refuses to run as root.
ACCOUNT = "nobody"


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs; None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: p.parts[-3])
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextlib.contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """Run a server whose files are in that folder until the block ends; give its URL."""
    at = programs()
    assert at is not None
    port = free_port()
    is_root = os.geteuid() == 0
    if is_root:
        shutil.chown(folder, ACCOUNT)
    account: dict[str, Any] = (
        {"user": ACCOUNT, "group": pwd.getpwnam(ACCOUNT).pw_gid, "extra_groups": []}
        if is_root
        else {}
    )
    data = folder / "data"
    subprocess.run(
        [at / "initdb", "-D", data, "-U", "ledger", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**ENVIRONMENT, "LC_ALL": "C"},
        cwd="/",
        **account,
    )
    settings = [f"-c{name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
    with subprocess.Popen(
        [at / "postgres", "-D", data, *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**ENVIRONMENT, "LC_ALL": "C"},
        cwd="/",
        **account,
    ) as server:
        assert server.stderr is not None
        log = server.stderr
        said = []
        for line in log:
            said.append(line.decode())
            if "ready to accept connections" in said[-1]:
                break
        else:
            raise AssertionError("".join(said))
        threading.Thread(target=lambda: [None for _ in log], daemon=True).start()
        try:
            yield f"postgresql://ledger@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # "fast": it ends the connections that there are
            server.wait(30)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run a server in a temporary folder that the server's account may reach."""
    with tempfile.TemporaryDirectory(prefix="ledger-") as folder:
        Path(folder).chmod(0o755)
        with running_postgres(Path(folder)) as url:
            yield url
