"""The file of ``--resume``: the ids that were answered, so that a next run leaves them out."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .failures import CommandError, write_error
from .files import Appender, open_locked
from .ids import text_of

#: In bytes. No id that can be sent is longer, also with each of its bytes escaped.
MAX_ID = 32_000


class Notes:
    """One id a line, as ``text_of`` writes it. One run at a time may use the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        #: Whether an earlier run, or the user, has made the file.
        self.was_there: bool = path.exists()
        descriptor = open_locked("--resume", path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            _check_is_its_own(path, descriptor)
            answered, end = _read(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self.answered: set[str] = answered
        self._drawn: set[str] = set()
        self._file = Appender(path, descriptor, end)

    def is_left_out(self, session_id: str) -> bool:
        """Return whether the id was answered by an earlier run, or has come before in this one."""
        text = text_of(session_id)
        if text in self.answered or text in self._drawn:
            return True
        self._drawn.add(text)
        return False

    def add(self, texts: list[str]) -> None:
        """Note ids, as ``text_of`` writes them. Raises CommandError."""
        if texts:
            self._file.append("".join(f"{text}\n" for text in texts).encode())

    def close(self) -> None:
        self._file.close()

    def discard(self) -> None:
        """Close the file, and remove it if this run has made it."""
        self.close()
        if not self.was_there:
            self.path.unlink(missing_ok=True)


def _check_is_its_own(path: Path, descriptor: int) -> None:
    """Raise CommandError if the file is what the command reads or writes besides."""
    for number, what in (
        (0, "the list of ids itself, so that none would be asked for"),
        (1, "where standard output goes"),
    ):
        if number == descriptor:  # it was closed, and is this file now
            continue
        with suppress(OSError):  # closed
            if os.path.samestat(os.fstat(number), os.fstat(descriptor)):
                raise CommandError(f"--resume {path}: this is {what}; name a file of its own")


def _read(path: Path, descriptor: int) -> tuple[set[str], int]:
    """Return the ids and where the last whole line ends: a line that is cut is another id's."""
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        # The line that is cut goes; what is no id is somebody's file, and stays.
        is_of_ids = b"\0" not in content and len(content) - len(whole) <= MAX_ID
        text = whole.decode("utf-8") if is_of_ids else "\0"
    except OSError as error:
        raise write_error(path, error) from error
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise CommandError(f"--resume {path}: not a file of ids, one a line")
    return {line.rstrip("\r") for line in text.split("\n")} - {""}, len(whole)
