"""Files that no end of the process, and no full disk, leaves with half a row or half an id."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from pathlib import Path

from .failures import CommandError, path_error, write_error


def open_locked(option: str, path: Path, flags: int) -> int:
    """Open a regular file that no other run may use meanwhile; return its descriptor.

    Raises:
        CommandError: The path cannot be used, or another run has the file.
    """
    while True:
        try:
            descriptor = os.open(path, flags | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise path_error(option, path, error) from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise CommandError(f"{option} {path}: not a regular file")
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_at(path, descriptor):
                return descriptor
            os.close(descriptor)  # another run has just renamed it: open what is there now
        except BlockingIOError:
            os.close(descriptor)
            raise CommandError(f"{option} {path}: another run is writing it") from None
        except OSError as error:
            os.close(descriptor)
            raise write_error(path, error) from error
        except CommandError:
            os.close(descriptor)
            raise


def _is_still_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


class Appender:
    """Appends whole pieces to a file. After a failure the file ends where the last piece does.

    Takes over the descriptor.
    """

    def __init__(self, path: Path, descriptor: int, end: int = 0) -> None:
        self.path = path
        self._descriptor = descriptor
        self._end = end
        self._is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        self._cut()

    def append(self, piece: bytes) -> None:
        """Write the piece. The system then has it, whatever becomes of this process.

        Raises:
            CommandError: It could not be written whole.
        """
        left = memoryview(piece)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            self._cut()
            raise write_error(self.path, error) from error
        self._end += len(piece)

    def sync(self) -> None:
        """Wait until all that was appended is on the disk. Raises CommandError."""
        if self._is_regular:
            sync(self.path, self._descriptor)

    def close(self) -> None:
        self._cut()  # what Ctrl-C has left of a piece
        with contextlib.suppress(OSError):
            os.close(self._descriptor)

    def _cut(self) -> None:
        if self._is_regular:
            with contextlib.suppress(OSError):  # a cut line is repaired by the next run
                os.ftruncate(self._descriptor, self._end)
                os.lseek(self._descriptor, self._end, os.SEEK_SET)


def sync(path: Path, descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise write_error(path, error) from error


class Target:
    """A file that gets its name when it is whole: until then it is FILE.partial.

    What is no regular file, a pipe for one, is written as it is. A link stays one.
    """

    def __init__(self, out: Path) -> None:
        self._shown = out
        self._out = Path(os.path.realpath(out))
        self._held: int | None = None
        try:
            mode: int | None = self._out.stat().st_mode
        except FileNotFoundError:
            mode = None
        except OSError as error:
            raise path_error("--out", out, error) from error
        if mode is not None and not stat.S_ISREG(mode):
            self.path: Path = out
            try:
                self.descriptor: int = os.open(out, os.O_WRONLY | os.O_CLOEXEC)
            except OSError as error:
                raise path_error("--out", out, error) from error
            return
        self._hold()
        self.path = self._out.with_name(f"{self._out.name}.partial")
        self.descriptor = open_locked("--out", self.path, os.O_RDWR | os.O_CREAT)
        if mode is not None:
            os.fchmod(self.descriptor, stat.S_IMODE(mode))

    def _hold(self) -> None:
        """Keep a run that adds to the present file out of it, as it is about to be replaced."""
        if self._held is None and self._out.exists():
            self._held = open_locked("--out", self._out, os.O_RDONLY)

    def finish(self, *, is_whole: bool, answered: int, failed: int) -> str:
        """Give the file its name if it is whole; return a sentence on what there is now."""
        if self.path == self._shown:
            return f"{self._shown} has {'all' if is_whole else 'not all'} rows"
        if is_whole and not (answered or failed) and self._held is not None:
            self.path.unlink(missing_ok=True)
            raise CommandError(
                f"--out {self._shown}: there was no id to ask for, and the file is as it was: "
                "remove it to have one without rows"
            )
        if not is_whole or (failed and not answered):
            kept = f"; {self._shown} is as it was" if self._held is not None else ""
            return f"incomplete: the rows are in {self.path}{kept}"
        self._hold()
        try:
            self.path.replace(self._out)
            folder = os.open(self._out.parent, os.O_RDONLY)
            with contextlib.suppress(OSError):  # some file systems cannot
                os.fsync(folder)
            os.close(folder)
        except OSError as error:
            raise write_error(self._shown, error) from error
        errors = f", {failed} of them errors" if failed else ""
        return f"{self._shown} has a row for each id{errors}"

    def close(self) -> None:
        if self._held is not None:
            os.close(self._held)
