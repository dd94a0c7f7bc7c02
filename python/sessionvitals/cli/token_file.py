"""The file of ``watch --resume``: what a later watch goes on from."""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..watching.changes import Change
from .failures import CommandError, path_error
from .files import open_locked

#: How often the file of --resume is written, in seconds: at once after the first change, then
#: after twice the time of before, from the first of these to the second.
SAVE_INTERVALS = (0.1, 10.0)


class TokenFile:
    """The file of --resume: of one watch at a time, written anew whole, for its owner alone."""

    def __init__(self, path: Path) -> None:
        """Take the file, and find out if it can be written. Raises CommandError."""
        self._path = path
        self._is_kept = path.exists()
        self._held = open_locked("--resume", path, os.O_RDONLY | os.O_CREAT | os.O_NONBLOCK)
        try:
            descriptor, name = self._make()
            os.close(descriptor)
            Path(name).unlink()
        except OSError as error:
            self.close()
            raise path_error("--resume", path, error) from error

    def close(self) -> None:
        """Let another watch have the file. It is removed if this one has made and not saved it."""
        if not self._is_kept:
            self._path.unlink(missing_ok=True)
        os.close(self._held)

    def _make(self) -> tuple[int, str]:
        return tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)

    def read(self) -> str | None:
        """Return the token that is there, or None. Raises CommandError."""
        try:
            return self._path.read_text(encoding="utf-8").strip() or None
        except OSError as error:
            raise path_error("--resume", self._path, error) from error
        except UnicodeDecodeError:
            raise CommandError(f"--resume {self._path}: not text in UTF-8") from None

    def save(self, token: str) -> None:
        """Write the token: to a file beside it, which then takes its place."""
        try:
            descriptor, name = self._make()  # 0600 by mkstemp
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", closefd=False) as file:
                    file.write(token + "\n")
                    file.flush()
                    os.fsync(descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX)  # before it is what another watch finds
                Path(name).replace(self._path)
            except BaseException:
                os.close(descriptor)
                with suppress(OSError):
                    Path(name).unlink()
                raise
            os.close(self._held)
            self._held, self._is_kept = descriptor, True
        except OSError as error:
            raise path_error("--resume", self._path, error) from error


class Saver:
    """Has a thread save a watch's token after changes, while the watch waits for the next one."""

    def __init__(self, watch: Any, file: TokenFile) -> None:
        self._watch = watch
        self._file = file
        #: Held while a change is shown: a token says of each that was taken that it was told.
        self._is_showing = threading.Lock()
        self._has_changed = threading.Event()
        self._has_ended = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def show(self, show: Callable[[Change], None], change: Change) -> None:
        with self._is_showing:
            show(change)
        self._has_changed.set()

    def _run(self) -> None:
        pause, longest = SAVE_INTERVALS
        try:
            while self._has_changed.wait() and not self._has_ended.is_set():
                self._has_changed.clear()
                with self._is_showing:
                    token = self._watch.token()
                self._file.save(token)
                self._has_ended.wait(pause)
                pause = min(2 * pause, longest)
        except BaseException as error:  # noqa: BLE001 raised by end()
            self._error = error
            self._watch.close()  # which ends the loop that would note no more

    def end(self) -> None:
        """Save what is known at the end. Raises CommandError."""
        self._has_ended.set()
        self._has_changed.set()
        self._thread.join()
        if self._error is not None:
            raise self._error
        self._file.save(self._watch.token())
