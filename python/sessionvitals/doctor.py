"""What stands between this machine and a vendor: ``sessionvitals doctor`` without the printing.

Each vendor is examined step by step in a thread of its own, so that one that hangs costs the time
allowed and no more. What is looked at with Python's own sockets is an independent witness; the
probe at the end goes the way of every call. No finding ever holds a key, nor how long it is.
"""

from __future__ import annotations

import os
import platform
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import CLIENTS
from ._core import inspect_build, inspect_provider, inspect_proxy, inspect_trust, inspect_url
from ._sync.client import Client
from .doctor_network import connect_all, look_up, shake_hands
from .errors import (
    AuthenticationError,
    CallError,
    ConfigurationError,
    NotFoundError,
    SessionVitalsError,
)
from .states import SessionState

CLIENT_BY_NAME: dict[str, type[Client]] = {client.provider: client for client in CLIENTS}

OK, HINT, PROBLEM, SKIPPED = "ok", "hint", "problem", "skipped"

#: How many seconds our clock may differ from a vendor's before times of sessions look wrong.
MOST_SKEW = 5
#: What the probe is left of the time allowed, whatever the steps before it took.
LEFT_FOR_PROBE = 0.4
#: A shorter key is in too many words to be hidden in them; see errors.h.
SHORTEST_SECRET = 4
#: A certificate that ends sooner, in days, is worth a word.
SOON = 14

# What to think of when a key is refused. The vendors' documents contradict themselves here.
REFUSED = {
    "tiun": "Is the token of the same environment as the base URL (production or sandbox)? "
    "If so, try header_name='X-TIUN-API-KEY', which the vendor's guide has.",
    "ping": "If the key should work, try authorization_scheme='bearer': the vendor's documents "
    "disagree on it.",
    "eliza": "The server wants its ELIZA_SERVER_AUTH_TOKEN: put it in ELIZA_API_KEY.",
}


@dataclass(frozen=True)
class Finding:
    """What one step came to."""

    step: str
    verdict: str  #: ok, hint, problem or skipped
    words: str
    facts: dict[str, object] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        return {"step": self.step, "verdict": self.verdict, "words": self.words, **self.facts}


class Examination:
    """One vendor's findings, as they come."""

    def __init__(
        self,
        provider: str,
        until: float,
        session_id: str | None = None,
        base_url: str | None = None,
        key: str | None = None,
    ) -> None:
        self.provider = provider
        self.findings: list[Finding] = []
        #: The error that ended it, for the exit code; None if the vendor answered.
        self.error: SessionVitalsError | None = None
        #: Whether the time allowed ended first.
        self.is_given_up = False
        #: Whether anything was set up for this vendor: an argument or a variable.
        self.is_set_up = False
        self._until = until
        self._session_id = session_id
        self._base_url = base_url
        self._key = key
        self._facts = inspect_provider(provider)
        self._step = "base url"

    @property
    def is_well(self) -> bool:
        return all(finding.verdict != PROBLEM for finding in self.findings)

    def to_dict(self) -> dict[str, object]:
        findings = [finding.to_dict() for finding in self.findings]
        return {"provider": self.provider, "well": self.is_well, "findings": findings}

    def run(self) -> None:
        """Take every step. Ends early where nothing can follow."""
        try:
            self._take_steps()
        except ConfigurationError as error:
            self.error = error
            self._note(PROBLEM, str(error))
        except Exception as error:  # noqa: BLE001 a doctor that dies helps nobody
            self._note(PROBLEM, f"this step failed by itself: {type(error).__name__}: {error}")

    def give_up(self, seconds: float) -> None:
        """Say that the time allowed ended before the examination did."""
        self.is_given_up = True
        self._note(PROBLEM, f"no end within {seconds:g} s: given up here")

    def _note(self, verdict: str, words: str, **facts: object) -> None:
        if len(self._secret) >= SHORTEST_SECRET:
            words = words.replace(self._secret, "[redacted]")
        self.findings.append(Finding(self._step, verdict, words, facts))

    @property
    def _secret(self) -> str:
        return self._key or os.environ.get(str(self._facts["credential_variable"]), "")

    def _left(self) -> float:
        return max(self._until - time.monotonic(), 0.05)

    def _take_steps(self) -> None:
        base_url = self._find_base_url()
        is_tls, host, port, _ = inspect_url(base_url)
        self._look_at_key(is_tls, host)
        self._step = "proxy"
        proxy, why = inspect_proxy(base_url)
        words = f"{proxy[0]}:{proxy[1]} ({why})" if proxy else why
        self._note(OK, words, proxy=proxy, why=why)
        is_reached = self._reach(proxy or (host, port))
        self._step = "tls"
        if not is_tls:
            self._note(SKIPPED, "the base URL is plain HTTP")
        elif not is_reached:
            self._note(SKIPPED, "nothing to talk to")
        else:
            timeout = min(self._left() / 3, 5.0)
            self._note(*describe_tls(shake_hands((host, port), proxy, timeout)))
        self._probe(base_url)

    def _find_base_url(self) -> str:
        variable = str(self._facts["base_url_variable"])
        self._step = "base url"
        if self._base_url:
            base_url, source = self._base_url, "the argument"
        elif os.environ.get(variable):
            base_url, source = os.environ[variable], variable
        else:
            base_url = str(self._facts["default_base_url"])
            source = f"the vendor's own; {variable} is not set"
        self.is_set_up = self.is_set_up or "vendor" not in source
        inspect_url(base_url)  # raises before anything of a bad one is shown
        self._note(OK, f"{base_url} ({source})", base_url=base_url, source=source)
        return base_url

    def _look_at_key(self, is_tls: bool, host: str) -> None:
        variable = str(self._facts["credential_variable"])
        self._step = "key"
        if self._secret:
            self.is_set_up = True
            source = "the argument" if self._key else variable
            self._note(OK, f"there, from {source}", source=source)
            if not is_tls and host not in {"localhost", "127.0.0.1", "::1"}:
                self._note(HINT, "it travels unencrypted: the base URL is plain HTTP")
        elif self._facts["credential_required"]:
            self._note(PROBLEM, f"none: set {variable}", source=None)
        else:
            self._note(OK, f"none, and none is needed unless the server wants one ({variable})")

    def _reach(self, where: tuple[str, int]) -> bool:
        self._step = "name"
        lookups = look_up(*where, min(self._left() / 3, 5.0))
        is_found = any(lookup.addresses for lookup in lookups)
        for lookup in lookups:  # one family is enough
            verdict = OK if lookup.addresses else (SKIPPED if is_found else HINT)
            self._note(verdict, lookup.words, family=lookup.family, seconds=lookup.seconds)
        addresses = [address for lookup in lookups for address in lookup.addresses[:2]]
        if not addresses:
            self._note(
                PROBLEM, f"{where[0]} has no address: is the name right, is there a network?"
            )
        self._step = "connect"
        if not addresses:
            self._note(SKIPPED, "nowhere to connect to")
            return False
        attempts = connect_all(addresses, where[1], min(self._left() / 3, 5.0))
        is_reached = any(attempt.is_connected for attempt in attempts)
        for attempt in attempts:
            verdict = OK if attempt.is_connected else (HINT if is_reached else PROBLEM)
            self._note(verdict, attempt.words, address=attempt.address, seconds=attempt.seconds)
        return is_reached

    def _probe(self, base_url: str) -> None:
        self._step = "probe"
        if not self._secret and self._facts["credential_required"]:
            self.error = ConfigurationError(f"no key for {self.provider}")
            self._note(SKIPPED, "there is no key to ask with")
            return
        made_up = self._session_id is None
        session_id = self._session_id or str(uuid.uuid4())
        client = CLIENT_BY_NAME[self.provider](self._key, base_url=base_url, max_retries=1)
        with client:
            try:
                session = client.probe(session_id, deadline=self._left())
            except CallError as error:
                self.error = error
                self._note(PROBLEM, self._words_for(error), error=type(error).__name__)
                self._look_at_clock(error)
                return
        took = session.call.elapsed.total_seconds() if session.call else 0.0
        asked = "a made-up session" if made_up else "the session"
        words = f"answered about {asked} in {took * 1000:.0f} ms: {session.state}"
        self._note(OK, words, state=str(session.state), seconds=took)
        if session.hint:
            self._note(HINT, session.hint)
        if made_up and session.state not in {SessionState.NOT_FOUND, SessionState.DENIED}:
            self._note(HINT, "a server that knows a made-up session is no vendor's: is it a mock?")
        self._look_at_clock(session)

    def _words_for(self, error: CallError) -> str:
        words = str(error)
        if isinstance(error, AuthenticationError):
            words += " " + REFUSED.get(self.provider, "")
        if isinstance(error, NotFoundError):
            words += " Is the base URL right?"
        return words.strip()

    def _look_at_clock(self, answer: Any) -> None:
        self._step = "clock"
        skew = answer.call.clock_skew if answer.call is not None else None
        if skew is None:
            self._note(SKIPPED, "no answer to compare with")
            return
        seconds = int(skew.total_seconds())
        if abs(seconds) <= MOST_SKEW:
            self._note(OK, f"within {MOST_SKEW} s of the server's", skew_seconds=seconds)
            return
        order = "ahead of" if seconds > 0 else "behind"
        words = f"{abs(seconds)} s {order} the server's: set this machine's clock (NTP)"
        self._note(HINT, words, skew_seconds=seconds)


def describe_tls(handshake: Any) -> tuple[str, str]:
    """Return a verdict and what to say about a handshake."""
    words = handshake.words
    if not handshake.chain:
        return PROBLEM, words
    certificate = handshake.chain[0]
    days = handshake.days_left
    left = f"{days} days left" if days >= 0 else f"expired {-days} days ago"
    words += f"; for {', '.join(certificate['names']) or certificate['subject']}"
    words += f", issued by {', issued by '.join(handshake.issuers)}, {left}"
    if not handshake.is_verified:
        return PROBLEM, words
    return (HINT if days < SOON else OK), words


def examine(
    providers: list[str],
    *,
    deadline: float,
    each: Callable[[Examination], None] = lambda examination: None,
    **given: Any,
) -> list[Examination]:
    """Examine vendors side by side; call ``each`` with every one, in order, as they are done.

    Takes at most ``deadline`` seconds, whatever hangs.
    """
    until = time.monotonic() + deadline
    examinations = [Examination(name, until - LEFT_FOR_PROBE, **given) for name in providers]
    threads = [threading.Thread(target=one.run, daemon=True) for one in examinations]
    for thread in threads:
        thread.start()
    for examination, thread in zip(examinations, threads, strict=True):
        thread.join(max(until - time.monotonic(), 0))
        if thread.is_alive():
            examination.give_up(deadline)
        each(examination)
    return examinations


def describe_build() -> dict[str, object]:
    """Return the versions of all that a call goes through, and where CAs are taken from."""
    return {
        **inspect_build(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "ca_places": inspect_trust(),
    }
