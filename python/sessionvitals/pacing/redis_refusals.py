"""What a Redis says that answers and refuses, in words that name what to change."""

from __future__ import annotations

from typing import Any, NamedTuple

#: How much of Redis's own words is quoted.
MOST_QUOTED = 200


class Refusal(NamedTuple):
    """A refusal of a Redis that is there."""

    what: str
    #: What to do about it; "" if it may pass by itself, as that of a read-only replica.
    remedy: str


def refusal_of(error: Exception, place: str, name: str, options: dict[str, Any]) -> Refusal | None:
    """Return the refusal; None if Redis does not answer.

    ``place`` is Redis's address without secrets, ``name`` the first of the limit's keys, and
    ``options`` those of the connection.
    """
    from redis import exceptions

    if isinstance(error, exceptions.AuthenticationError):
        return _of_credentials(place, options)
    if not isinstance(error, exceptions.ResponseError):
        return None
    words = str(error)
    if isinstance(error, exceptions.NoPermissionError):
        return Refusal(
            f"Redis at {place} does not let this user run the script of the limit",
            f"Allow the user eval, evalsha, script and the keys {name}*.",
        )
    if "DB index" in words or "SELECT" in words:
        return Refusal(
            f"Redis at {place} has no database {options.get('db')}",
            "Check the number at the end of its URL.",
        )
    if "WRONGTYPE" in words or "bad argument" in words:  # math.max has no number
        return Refusal(
            f"The key {name!r} in Redis at {place}, or one that begins so, holds something else "
            "than a limit",
            "Give the limit another key, or delete that one.",
        )
    if options.get("password"):  # of which a server that does not know AUTH repeats the arguments
        words = words.replace(str(options["password"]), "...")
    quoted = " ".join(words.split())[:MOST_QUOTED]
    return Refusal(f"Redis at {place} refuses: {type(error).__name__}: {quoted}", "")


def _of_credentials(place: str, options: dict[str, Any]) -> Refusal:
    if not options.get("password"):
        return Refusal(
            f"Redis at {place} asks for a password",
            "Put it into the URL, redis://:PASSWORD@HOST:PORT/DB, or set REDIS_URL to such a one.",
        )
    what = "the user's name or password" if options.get("username") else "the password"
    return Refusal(f"Redis at {place} refuses {what}", "Check what stands before the @ of its URL.")
