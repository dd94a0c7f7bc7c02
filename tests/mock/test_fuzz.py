"""Schemathesis over both OpenAPI documents: SESSIONVITALS_CASES cases an operation, 30 by default.

30 make some 3,100 cases in 15 seconds; SESSIONVITALS_CASES=150 makes more than 6,000.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.sandbox import Mock, start_mock
from tests.support.wire import once

OPENAPI = Path(__file__).parents[2] / "mocks/openapi"
DEMO = Path(__file__).parents[2] / "mocks/scenarios/demo.json"
#: A folder with the vendors' own documents, which are not ours to give away.
DOCUMENTS = os.environ.get("SESSIONVITALS_DOCUMENTS", "")
CASES = os.environ.get("SESSIONVITALS_CASES", "30")
CHECKS = (
    "status_code_conformance,content_type_conformance,"
    "response_schema_conformance,response_headers_conformance"
)

beside = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
pytestmark = pytest.mark.skipif(not beside, reason="schemathesis is not installed")


def fuzz(url: str, document: Path, tmp_path: Path, *options: str) -> int:
    """Give the number of cases made; one that breaks the document fails the test in its words."""
    done = subprocess.run(
        [
            *(str(beside), "run", str(document), "--url", url, "-n", CASES),
            *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing"),
            *("--suppress-health-check", "all", "--seed", "1", "--warnings", "off"),
            *options,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    assert "No issues found" in done.stdout
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated, done.stdout[-6000:]
    print(document.name, generated[0])
    return int(generated[1])


@pytest.fixture
def fuzzed() -> Iterator[Mock]:
    """A mock of its own: the fuzzing drops whatever it finds."""
    with start_mock(["--scenario", str(DEMO)]) as running:
        yield running


def test_the_admin_interface_keeps_to_its_document(fuzzed: Mock, tmp_path: Path) -> None:
    cases = fuzz(
        fuzzed.url,
        OPENAPI / "admin.json",
        tmp_path,
        *("--checks", CHECKS + ",not_a_server_error"),
        # Waiting waits, events do not end, and dropping every space would drop what the others work on.
        *("--exclude-path", "/__admin/requests/wait", "--exclude-path", "/__admin/spaces"),
        *("--exclude-path", "/__admin/events"),
    )
    assert cases > 500


@pytest.mark.parametrize("dialect", ["seed", "server"])
def test_the_vendors_calls_keep_to_theirs(fuzzed: Mock, tmp_path: Path, dialect: str) -> None:
    spoken = json.dumps({"eliza": dialect}).encode()
    assert once(fuzzed.port, "/__admin/dialect", "PUT", spoken).http_status == 200
    keys = ("X-ACCESS-TOKEN: tiun-sandbox-token", "Authorization: ping-sandbox-key")
    document = OPENAPI / "vendors.json"
    endless = ("--exclude-path", "/customer/v2/sessions/events")
    assert fuzz(fuzzed.url, document, tmp_path, "-H", keys[0], "-H", keys[1], *endless) > 200

    counters = once(fuzzed.port, "/__admin/requests?limit=1").json["counters"]
    unexpected = [
        counter
        for counter in counters
        # 501 for a method that nobody documents; 500 for a body that does not parse. [wire]
        if counter["http_status"] >= 500
        and (counter["operation"], counter["http_status"])
        not in [
            (None, 501),
            ("create_session", 500),
            ("update_timeout", 500),
            ("get_session", 500),
            ("send_message", 500),
            ("verify_user", 501),  # a body without a token
        ]
    ]
    assert not unexpected


@pytest.mark.skipif(not DOCUMENTS, reason="SESSIONVITALS_DOCUMENTS names no folder")
@pytest.mark.parametrize(
    ("name", "prefix", "key"),
    [
        ("tiun.openapi.json", "", "X-ACCESS-TOKEN: tiun-sandbox-token"),
        ("ping-status.openapi.yaml", "/customer/v2", "Authorization: ping-sandbox-key"),
    ],
)
def test_the_vendors_calls_keep_to_the_vendors_own_documents(
    fuzzed: Mock, tmp_path: Path, name: str, prefix: str, key: str
) -> None:
    assert fuzz(fuzzed.url + prefix, Path(DOCUMENTS) / name, tmp_path, "-H", key) > 20
