"""A limit on how many sessions all processes that share a Redis ask for a second."""

from __future__ import annotations

import logging
import time
from collections import deque
from os import getpid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from ..errors import ConfigurationError, TransportError
from .pace import Pace, read_number
from .redis_refusals import refusal_of

if TYPE_CHECKING:
    from _thread import RLock
    from collections.abc import Callable

#: ``gcra.py`` in Lua, with Redis's own clock. Times are microseconds, written with all their digits.
#: A worker is known for as long as it has asked within the last ten seconds.
#:
#: The latest score of the workers is when the script ran last. If that is to come, the clock was set
#: back, or a replica with another clock took over: all times are moved by as much, so that nobody
#: waits for the step and nobody gets more. A state that no process can have made is that of a clock
#: from before the workers were known; the limit goes on as after a whole lease.
SCRIPT = """
local interval, burst, want, horizon = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local closed_for, worker = tonumber(ARGV[5]), ARGV[6]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local used_up = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local first, permits, back = 0, 0, 0
local latest = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
if latest and tonumber(latest) > now then
  back = tonumber(latest) - now
  local known = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
  used_up = math.max(used_up - back, now)
  for place = 1, #known, 2 do
    redis.call('ZADD', KEYS[2], tonumber(known[place + 1]) - back, known[place])
  end
end
local longest = 60000000
if used_up - now > math.max(longest, horizon) + burst * interval then
  longest = math.max(longest, tonumber(redis.call('GET', KEYS[3]) or '0'))
  if used_up - now > math.max(longest, horizon) + burst * interval then
    back = back + used_up - now
    used_up = now + horizon + burst * interval
  end
end
if closed_for > 60000000 then
  redis.call('SET', KEYS[3], string.format('%.17g', closed_for), 'PX', math.ceil(closed_for / 1000))
end
if closed_for > 0 then
  used_up = math.max(used_up, now + closed_for + (burst - 1) * interval)
end
first = used_up - (burst - 1) * interval - now
if first <= horizon and want > 0 then
  permits = math.floor(math.min(want, math.floor((horizon - first) / interval) + 1))
  used_up = used_up + permits * interval
end
local known_for = 10000
local kept_for = math.ceil((used_up - now) / 1000) + known_for
redis.call('SET', KEYS[1], string.format('%.17g', used_up), 'PX', kept_for)
redis.call('ZADD', KEYS[2], now, worker)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - known_for * 1000)
redis.call('PEXPIRE', KEYS[2], kept_for)
return {permits, string.format('%.17g', first), redis.call('ZCARD', KEYS[2]), string.format('%.17g', back)}
"""

WITHOUT_REDIS = ("share", "stop")
#: How long an answer of Redis is waited for, and how long nothing is asked of it after it failed.
TIMEOUT = 0.5
RETRY_AFTER = 1.0
WARNING_INTERVAL = 60.0
#: A shorter step of Redis's clock, in seconds, is no news: clocks are corrected all the time.
LEAST_STEP = 1.0

logger: logging.Logger = logging.getLogger("sessionvitals")


class RedisPace(Pace):
    """A ``Pace`` whose limit holds for all processes with the same ``key`` in one Redis.

    A process leases permits for ``lease`` seconds at a time, by one script and Redis's own clock, so
    no worker's clock counts. What it leases and does not use is lost. A 429 that one of them sees
    closes the key, so that all stop within a lease.

    While Redis does not answer, ``without_redis="share"`` gives this process its share of the rate,
    by the number of processes that Redis knew last, with a warning a minute in the log;
    ``"stop"`` gives nothing until Redis is back. A pace that has never reached its Redis gives
    nothing either: it raises.

    It is pickled unless its URL has a password; without ``url`` each process reads ``REDIS_URL``.

    Raises:
        ConfigurationError: An option is out of range, or the package redis is not installed: it
            comes with ``pip install 'sessionvitals[redis]'``. From what takes a permit: Redis has
            refused the password, the database or the key, and never done otherwise.
        TransportError: From what takes a permit: Redis has not answered yet.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str,
        rate: float,
        burst: int | None = None,
        lease: float = 0.25,
        without_redis: str = "share",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(rate, burst, clock=clock)
        self._lease = read_number("lease", lease, 0, 10)
        if not isinstance(key, str) or not key:
            raise ConfigurationError("key must be the name of the limit in Redis, a text.")
        if without_redis not in WITHOUT_REDIS:
            raise ConfigurationError(
                f"without_redis must be one of {', '.join(WITHOUT_REDIS)}, not {without_redis!r}."
            )
        self._url, self._key, self._without = url, key, without_redis
        self._redis = connect(url)
        self._give = self._redis.register_script(SCRIPT)
        # All keys are in the same slot of a cluster. The last has a closure that is longer than a
        # 429's can be, if there is one.
        name = f"sessionvitals:{{{key}}}"
        self._keys = [name, f"{name}:workers", f"{name}:closed"]
        self._worker = uuid4().hex
        self._leased: deque[float] = deque()  # when each permit may be used
        self._wanted = 1
        self._expired = 0
        self._ask_at = 0.0  # before that, by the clock, Redis is not asked again
        self._closed_until = 0.0
        self._workers = 0  # that Redis knew last; 0 if it has never answered
        self._local: Pace | None = None  # while Redis is away
        self._warned_at = float("-inf")
        self._stepped_at = float("-inf")  # when a step of Redis's clock was last warned of

    def try_take(self) -> float | None:
        with self._locked():
            now = self._clock()
            while self._leased and self._leased[0] < now - self._lease:
                self._leased.popleft()
                self._expired += 1
            if self._leased:
                if self._leased[0] > now:
                    return self._leased[0] - now
                self._leased.popleft()
                return 0.0
            if now >= self._ask_at:
                return None
            local, wait = self._local, self._ask_at - now
        if local is None:
            return wait
        return min(local.try_take() or 0.0, wait)

    def renew(self) -> None:
        """Lease permits from Redis.

        Raises:
            ConfigurationError: It refuses what the URL or the key says, and always has.
            TransportError: It does not answer, and never has.
        """
        with self._locked():
            if self._leased or self._clock() < self._ask_at:
                return  # another thread has done so
            now = self._clock()
            self._ask_at = now + TIMEOUT  # others wait for this answer
            # Redis may have been away when it was told, or have forgotten it.
            closed_for = max(0.0, self._closed_until - now)
            most = max(1, round(self._rate * self._lease))
            # As many as were used of the last lease, and twice that if all were.
            used = self._wanted - self._expired
            want = min(most, max(1, used + 1 if self._expired else 2 * used))
        self._ask(want, closed_for)

    def close_for(self, seconds: float) -> None:
        with self._locked():
            until = self._clock() + seconds
            if until <= self._closed_until + 0.001:
                return
            self._closed_until = until
            self._leased.clear()
            local = self._local
        if local is not None:
            local.close_for(seconds)
        self._ask(0, seconds)

    def share(self, parts: int) -> Pace:
        return self

    def _locked(self) -> RLock:
        if self._process != getpid():
            # What is leased is the parent's to use, and Redis counts its workers by their names.
            self._leased, self._worker, self._ask_at = deque(), uuid4().hex, 0.0
        return super()._locked()

    def _ask(self, want: int, closed_for: float) -> None:
        interval = 1e6 / self._rate
        arguments = [
            *(repr(interval), self._burst, want, repr(self._lease * 1e6)),
            *(repr(closed_for * 1e6), self._worker),
        ]
        try:
            answer = self._give(keys=self._keys, args=arguments)
        except Exception as error:  # noqa: BLE001 redis's own classes are not imported here
            self._note_failure(error)
            return
        permits, first = int(answer[0]), float(answer[1]) / 1e6
        with self._locked():
            if self._local is not None:
                logger.warning("Redis answers again: the limit %r is shared again", self._key)
            self._local, self._workers = None, int(answer[2])
            now = self._clock()
            self._note_step(float(answer[3]) / 1e6, now)
            self._leased.extend(
                max(now, now + first + number / self._rate) for number in range(permits)
            )
            if want:
                self._wanted, self._expired = max(1, permits), 0
            # A quarter of a lease later there is something to give, and not one permit.
            self._ask_at = now if permits else now + first - self._lease * 3 / 4

    def _note_step(self, seconds: float, now: float) -> None:
        if seconds < LEAST_STEP or now < self._stepped_at + WARNING_INTERVAL:
            return
        self._stepped_at = now
        logger.warning(
            "The clock of Redis was set back by %.0f seconds, or another Redis took over: "
            "the limit %r goes on without a wait for it",
            *(seconds, self._key),
        )

    def _note_failure(self, error: Exception) -> None:
        import redis

        if not isinstance(error, redis.RedisError | OSError):
            raise error
        options = self._redis.connection_pool.connection_kwargs
        refusal = refusal_of(error, shown(self._url), self._keys[0], options)
        with self._locked():
            now = self._clock()
            self._ask_at = now + RETRY_AFTER
            if not self._workers:
                self._ask_at = 0.0
                if refusal and refusal.remedy:
                    raise ConfigurationError(f"{refusal.what}. {refusal.remedy}") from None
                if refusal:
                    raise TransportError(f"{refusal.what}.", phase="done") from None
                raise TransportError(
                    f"Redis at {shown(self._url)} does not answer, and never has: "
                    f"{type(error).__name__}. Check its address.",
                    phase="connect",
                ) from error
            if self._without == "share" and self._local is None:
                self._local = Pace.share(self, self._workers)
                if self._closed_until > now:
                    self._local.close_for(self._closed_until - now)
            if now < self._warned_at + WARNING_INTERVAL:
                return
            self._warned_at = now
        what = refusal.what if refusal else f"Redis does not answer ({type(error).__name__})"
        how = (
            f"this process keeps to 1/{self._workers} of its rate"
            if self._without == "share"
            else "nothing is asked until it gives permits"
        )
        logger.warning("%s: %s", what, how)

    def __reduce__(self) -> tuple[object, ...]:
        if self._url is not None and has_password(self._url):
            raise TypeError(
                "a RedisPace whose URL has a password is not pickled or copied: leave url out and "
                "set REDIS_URL, or make it where it is needed"
            )
        return _made_again, (
            *(self._url, self._key, self._rate, self._burst, self._lease, self._without),
        )


def _made_again(
    url: str | None, key: str, rate: float, burst: int, lease: float, without_redis: str
) -> RedisPace:
    return RedisPace(url, key=key, rate=rate, burst=burst, lease=lease, without_redis=without_redis)


def connect(url: str | None) -> Any:
    import os

    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "RedisPace needs redis; install it with pip install 'sessionvitals[redis]'"
        ) from error
    url = url or os.environ.get("REDIS_URL")
    if not url:
        raise ConfigurationError("pass the url of Redis, or set REDIS_URL.")
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:  # which may quote a part of the password as the port
        raise ConfigurationError(f"{shown(url)} is no URL of a Redis.") from None


def shown(url: str | None) -> str:
    """Return the URL without what is secret in it."""
    if url is None:
        return "REDIS_URL"
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname or ''}:{parts.port or 6379}"
    except ValueError:  # what looks like its port may be of a password with a slash
        return f"{url.partition('://')[0]}://..."


def has_password(url: str) -> bool:
    """Return whether the URL has a password in it, or may have one that no URL can have."""
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return "@" in url
