"""What ends a command early: one line for the user, and an exit code."""

from __future__ import annotations

import errno
import os

from . import EXIT_IO, EXIT_USAGE

# What is wrong with a path that was named, and not with the disk that it is on.
OF_THE_PATH = frozenset(
    {
        *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM),
        *(errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP, errno.ETXTBSY, errno.ENXIO),
    }
)


class CommandError(Exception):
    """Ends a command: what to say, and the exit code."""

    def __init__(self, words: str, code: int = EXIT_USAGE) -> None:
        super().__init__(words)
        self.code = code


def path_error(option: str, path: str | os.PathLike[str], error: OSError) -> CommandError:
    """Return what to say of a path that cannot be opened: a usage error unless the disk failed."""
    code = EXIT_USAGE if error.errno in OF_THE_PATH else EXIT_IO
    return CommandError(f"{option} {os.fspath(path)}: {reason_of(error)}", code)


def write_error(what: str | os.PathLike[str], error: OSError) -> CommandError:
    """Return what to say of a file or stream that could not be read or written."""
    return CommandError(f"{os.fspath(what)}: {reason_of(error)}", EXIT_IO)


def reason_of(error: OSError) -> str:
    return error.strerror or str(error)
