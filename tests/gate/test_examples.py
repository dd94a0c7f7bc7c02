"""The examples of the gate, as they stand in examples/gate/, under the servers they are for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from tests.gate.serving import ask, free_port, running
from tests.support.consumers import ROOT
from tests.support.sandbox import Space
from tests.support.shell import environment_of

UVICORN: list[str | Path] = [sys.executable, "-m", "uvicorn", "--fd", "{fd}", "--log-level=warning"]
GUNICORN: list[str | Path] = [sys.executable, "-m", "gunicorn", "--bind", "fd://{fd}"]
#: what is started: the server, the application, a paid page, what the page has, a free page
SITES = {
    "fastapi": (UVICORN, "fastapi_site:app", "/article", b'"the paid one"', "/"),
    "starlette": (UVICORN, "starlette_site:app", "/article.html", b"The paid article", None),
    "django": (GUNICORN, "django_site:application", "/article", b"the paid article", "/"),
    "django async": (
        *(UVICORN, "django_site:async_application", "/async-article"),
        *(b"the paid article, active", "/"),
    ),
    "wsgi": (GUNICORN, "wsgi_site:application", "/article", b"the paid article, active", None),
    "hls": (UVICORN, "hls_site:app", "/live.m3u8", b"segment-1.ts", None),
}
PAID = "X-Session-Id: reader-1"
#: Paths that other sites' rules did not see through.
ODD = ["//article.html", "/./article.html", "/%2e/article.html", "/site/..%2farticle.html"]
ODD += ["/pay.html/../article.html", "/pay.html/%2e%2e/article.html", "/pay.html;/../article.html"]
ODD += ["/article.html?/pay.html", "/pay.html%2f..%2farticle.html", "/article.html/", "/_gate"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the examples, where servers may write."""
    return Path(shutil.copytree(ROOT / "examples/gate", tmp_path / "gate"))


@pytest.fixture
def environment(space: Space) -> dict[str, str]:
    space.add_session("tiun", "reader-1", "valid")
    space.faults(
        {"kind": "status", "http_status": 500, "times": 1}, scope={"session_id": "unlucky"}
    )
    return {**environment_of(space), "TIUN_ACCESS_TOKEN": "tiun-sandbox-token"}


@pytest.mark.parametrize("name", SITES)
def test_a_site_serves_only_who_has_paid(
    name: str, folder: Path, environment: dict[str, str], space: Space
) -> None:
    server, application, page, words, free = SITES[name]
    pytest.importorskip(str(server[2]))
    with running([*server, application], folder, environment) as port:
        assert ask(port, page)[0] == 402
        assert ask(port, page, "X-Session-Id: nobody")[0] == 402
        assert ask(port, page, PAID, PAID)[0] == 402
        for header in (PAID, "Cookie: sid=reader-1"):
            status, head, body = ask(port, page, header)
            assert (status, words in body) == (200, True)
            assert "private, no-store" in head
        if free is not None:
            assert ask(port, free)[0] == 200
        asked = space.sandbox.journal.count(session_id="reader-1")
        assert asked == (1 if name == "hls" else 2)


@contextmanager
def nginx(folder: Path, environment: dict[str, str], conf: str = "nginx.conf") -> Iterator[int]:
    """Run nginx as a user of this machine may."""
    program = shutil.which("nginx", path=f"{environment['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("needs nginx: Debian's nginx-light")
    port = free_port()
    text = (folder / conf).read_text().replace("8080", str(port))
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text = text.replace("http {", f"http {{ {kind}_temp_path {folder}/{kind};", 1)
    text = text.replace("http {", "http { access_log off;", 1)
    (folder / conf).write_text(text)
    own = f"daemon off; pid {folder}/nginx.pid;" + (" user root;" if os.getuid() == 0 else "")
    command: list[str | Path] = [program, "-p", folder, "-c", conf, "-e", "stderr", "-g", own]
    with running(command, folder, environment, port):
        yield port


@contextmanager
def caddy(folder: Path, environment: dict[str, str]) -> Iterator[int]:
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("needs caddy: Debian's caddy")
    port = free_port()
    file = folder / "Caddyfile"
    file.write_text(file.read_text().replace("8080", str(port)))
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with running([program, "run"], folder, {**environment, **home}, port):
        yield port


@pytest.mark.parametrize(
    ("proxy", "application", "conf"),
    [(nginx, "nginx", "nginx.conf"), (caddy, "app", "Caddyfile")],
    ids=["nginx", "caddy"],
)
def test_a_proxy_serves_a_static_site_only_to_who_has_paid(
    proxy: Callable[..., AbstractContextManager[int]],
    application: str,
    conf: str,
    folder: Path,
    environment: dict[str, str],
) -> None:
    command = [*UVICORN, f"forward_auth:{application}"]
    with running(command, folder, environment) as gate:
        file = folder / conf
        file.write_text(file.read_text().replace("8081", str(gate)))
        with proxy(folder, environment) as port:
            for header in (PAID, "Cookie: sid=reader-1"):
                status, head, body = ask(port, "/article.html", header)
                assert (status, b"The paid article" in body) == (200, True)
                assert "private, no-store" in head
            for target in ["/article.html", "/", "/nothing", "/pay.html", *ODD]:
                status, _, body = ask(port, target)
                assert status in (400, 402, 404)
                assert b"The paid article" not in body
            status, _, body = ask(port, "/article.html", "X-Session-Id: nobody")
            assert status == 402
            assert (b"Please pay" in body) == (conf == "nginx.conf")
            assert ask(port, "/article.html", PAID, PAID)[0] == 402
            status, _, body = ask(port, "/article.html", "X-Session-Id: unlucky")
            assert status == 503
            refused = ask(port, "/article.html", "X-Original-URL: /pay.html", method="POST")
            assert refused[0] in (402, 405)


CACHE = """events {}
http {
  proxy_cache_path cache keys_zone=pages:1m;
  server {
    listen 127.0.0.1:8080;
    proxy_cache pages;
    proxy_cache_valid 10m;
    add_header X-Cache $upstream_cache_status always;
    location / { proxy_pass http://127.0.0.1:8081; }
  }
}
"""
SITE = """
from sessionvitals import AsyncTiunClient
from sessionvitals.gate import TiunGate
from tests.gate.forms import paid_asgi

behind = TiunGate(AsyncTiunClient()).asgi(paid_asgi([]))

async def app(scope, receive, send):
    if scope["path"].startswith("/free"):  # the same application without a gate
        await paid_asgi([])({**scope, "state": {"tiun_session": None}}, receive, send)
    else:
        await behind(scope, receive, send)
"""


def test_the_second_reader_behind_a_cache_gets_not_the_first_ones_page(
    folder: Path, environment: dict[str, str]
) -> None:
    (folder / "cached_site.py").write_text(SITE)
    environment["PYTHONPATH"] = str(ROOT)
    command = [*UVICORN, "--lifespan=off", "cached_site:app"]
    with running(command, folder, environment) as site:
        (folder / "cache.conf").write_text(CACHE.replace("8081", str(site)))
        with nginx(folder, environment, "cache.conf") as port:
            free = [ask(port, "/free") for _ in range(2)]
            assert "X-Cache: HIT" in free[1][1]  # so the cache is one

            status, _, body = ask(port, "/article", PAID)
            assert (status, b"the paid article" in body) == (200, True)
            status, head, body = ask(port, "/article")
            assert (status, b"the paid article" in body) == (402, False)
            assert "X-Cache: MISS" in head
            # Nor does the first get the refusal that the second got.
            assert ask(port, "/article", PAID)[0] == 200
