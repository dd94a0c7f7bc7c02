"""What stands between this machine and a vendor: ``sessionvitals doctor`` without the printing.

The settings are looked at one by one; then one probe is made, and its own report says how far it
came. No finding holds a key, nor how long it is.
"""

from __future__ import annotations

import os
import platform
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from . import CLIENTS
from ._core import (
    MAX_CLOCK_SKEW,
    inspect_build,
    inspect_provider,
    inspect_proxy,
    inspect_trust,
    inspect_url,
)
from .errors import CallError, ConfigurationError, SessionVitalsError
from .states import SessionState

OK, HINT, PROBLEM = "ok", "hint", "problem"

#: The steps of a probe before its answer, and the phase of a call that each is.
STEPS = {"name": "resolve", "connect": "connect", "proxy tunnel": "proxy", "tls": "tls"}
PHASES = ("queue", *STEPS.values(), "send", "receive", "done")


@dataclass(frozen=True)
class Finding:
    """The result of one step."""

    step: str
    verdict: str  #: ok, hint or problem
    words: str
    facts: dict[str, object] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        return {"step": self.step, "verdict": self.verdict, "words": self.words, **self.facts}


@dataclass
class Examination:
    """One vendor's findings."""

    provider: str
    findings: list[Finding] = field(default_factory=list)
    #: The error that ended it, for the exit code; None if the vendor answered.
    error: SessionVitalsError | None = None

    def note(self, step: str, verdict: str, words: str, **facts: object) -> None:
        self.findings.append(Finding(step, verdict, words, facts))

    def to_dict(self) -> dict[str, object]:
        findings = [finding.to_dict() for finding in self.findings]
        return {"provider": self.provider, "well": self.error is None, "findings": findings}


def variables_of(provider: str) -> tuple[str, str]:
    """Return the variables that hold the vendor's key and base URL."""
    facts = inspect_provider(provider)
    return str(facts["credential_variable"]), str(facts["base_url_variable"])


def is_set_up(provider: str) -> bool:
    return any(os.environ.get(variable) for variable in variables_of(provider))


def examine_all(providers: list[str], **given: Any) -> list[Examination]:
    """Examine vendors side by side, so that one that hangs costs the others nothing."""
    with ThreadPoolExecutor(len(providers) or 1) as workers:
        return list(workers.map(lambda provider: examine(provider, **given), providers))


def examine(
    provider: str,
    *,
    timeout: float,
    session_id: str | None = None,
    base_url: str | None = None,
    key: str | None = None,
    **options: Any,
) -> Examination:
    """Examine one vendor, in ``timeout`` seconds at most; options are those of its client."""
    found = Examination(provider)
    way: dict[str, str] = {}
    step = "base url"
    try:
        url, source = find_base_url(provider, base_url)
        is_tls, host, _, _ = inspect_url(url)  # raises before anything of a bad one is shown
        found.note(step, OK, f"{url} ({source})", base_url=url, source=source)
        step = "key"
        look_at_key(found, key, is_tls or host in {"localhost", "127.0.0.1", "::1"})
        step = "proxy"
        proxy, why = inspect_proxy(url)
        found.note(step, OK, f"{proxy[0]}:{proxy[1]} ({why})" if proxy else why, why=why)
        way = way_of(is_tls, host, proxy)
        step = "probe"
        make = next(client for client in CLIENTS if client.provider == provider)
        with make(key, base_url=url, max_retries=0, timeout=timeout, **options) as client:
            session = client.probe(session_id or str(uuid.uuid4()))
    except CallError as error:
        found.error = error
        note_steps(found, error.call, way, str(error))
        note_clock(found, error.call)
    except ConfigurationError as error:
        found.error = error
        found.note(step, PROBLEM, str(error))
    else:
        note_steps(found, session.call, way, "")
        note_answer(found, session, is_made_up=session_id is None)
        note_clock(found, session.call)
    return found


def find_base_url(provider: str, given: str | None) -> tuple[str, str]:
    """Return the base URL, and what has set it."""
    _, variable = variables_of(provider)
    if given:
        return given, "the argument"
    if value := os.environ.get(variable):
        return value, variable
    return str(inspect_provider(provider)["default_base_url"]), f"{variable} is not set"


def look_at_key(found: Examination, key: str | None, is_private: bool) -> None:
    variable, _ = variables_of(found.provider)
    if not key and not os.environ.get(variable):
        if inspect_provider(found.provider)["credential_required"]:
            raise ConfigurationError(f"none: set {variable}")
        found.note("key", OK, f"none; if the server wants one, set {variable}")
        return
    source = "the argument" if key else variable
    found.note("key", OK, f"from {source}", source=source)
    if not is_private:
        found.note("key", HINT, "it is sent unencrypted: the base URL is plain HTTP")


def note_steps(found: Examination, call: Any, way: dict[str, str], problem: str) -> None:
    """Note each step of ``way`` that the last attempt of a call has taken, and where it failed."""
    attempt = call.attempts[-1] if call is not None and call.attempts else None
    phase = attempt.phase if attempt is not None and attempt.phase in PHASES else PHASES[0]
    failed = "probe"
    for step, own_phase in STEPS.items():
        if phase == own_phase:
            failed = step
        if attempt is not None and PHASES.index(phase) > PHASES.index(own_phase) and step in way:
            facts = {"address": attempt.address, "tls_version": attempt.tls_version}
            found.note(step, OK, way[step].format_map(facts))
    if problem:
        found.note(failed, PROBLEM, problem, error=type(found.error).__name__)


def way_of(is_tls: bool, host: str, proxy: tuple[str, int] | None) -> dict[str, str]:
    """Return what to say of each step on the way to a vendor once it is taken."""
    first = proxy[0] if proxy else host
    way = {"connect": "{address}"}
    if not is_address(first):
        way["name"] = f"{first} has an address"
    if is_tls and proxy:
        way["proxy tunnel"] = "open"
    if is_tls:
        way["tls"] = "{tls_version}, verified"
    return way


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def note_answer(found: Examination, session: Any, *, is_made_up: bool) -> None:
    asked = "a made-up session" if is_made_up else "the session"
    seconds = session.call.elapsed.total_seconds()
    words = f"answered about {asked} in {seconds * 1000:.0f} ms: {session.state}"
    found.note("probe", OK, words, state=str(session.state), seconds=seconds)
    if session.hint:
        found.note("probe", HINT, session.hint)
    if is_made_up and session.state not in {SessionState.NOT_FOUND, SessionState.DENIED}:
        found.note("probe", HINT, "a server that knows a made-up session is not the vendor's")


def note_clock(found: Examination, call: Any) -> None:
    if call is None or call.clock_skew is None:
        return
    seconds = int(call.clock_skew.total_seconds())
    if abs(seconds) <= MAX_CLOCK_SKEW:
        words = f"within {MAX_CLOCK_SKEW} s of the server's"
        found.note("clock", OK, words, skew_seconds=seconds)
        return
    order = "ahead of" if seconds > 0 else "behind"
    words = f"{abs(seconds)} s {order} the server's: set this machine's clock (NTP)"
    found.note("clock", HINT, words, skew_seconds=seconds)


def find_last_places() -> list[dict[str, Any]]:
    """Return certifi's file as the one place, or nothing where there is no certifi."""
    from .options import find_certifi

    path = find_certifi()
    return [place | {"source": "certifi"} for place in inspect_trust(fallback_ca_file=path)]


def describe_build() -> dict[str, Any]:
    """Return the versions of all that a call goes through, and where CAs are taken from."""
    return {
        **inspect_build(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "ca_places": inspect_trust() or find_last_places(),
    }
