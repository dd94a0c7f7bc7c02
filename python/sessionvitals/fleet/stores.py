"""Where a run's files are: a folder, or whatever fsspec has a name for (s3://, gs://, memory://).

A file is published whole and never replaces another, so that a unit of work may run twice.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol
from uuid import uuid4

from ..errors import ConfigurationError
from . import points
from .errors import FleetError

#: How often a file is created again that another run has removed with its folder.
ATTEMPTS = 10


class Store(Protocol):
    """What a run needs of the place that its files are in. Names are relative, with slashes."""

    def exists(self, name: str) -> bool:
        """Return whether there is a file of that name."""

    def publish(self, name: str, file: Path) -> bool:
        """Put the file there under that name, at once and whole; return False if there is one.

        It is on the disk, or wherever the store keeps it, when the call returns.
        """

    def list(self, folder: str) -> list[str]:
        """Return the names of the files in the folder, without the folder's; none if it is not there."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read it. Raises FileNotFoundError."""

    def scratch(self, folder: str) -> Path:
        """Return a folder of this machine for files that are to be published in that one."""

    def clear_scratch(self, folder: str) -> None:
        """Remove what workers that were killed have left there."""


class FileStore:
    """A folder on a disk that knows hard links."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = Path(root)

    def exists(self, name: str) -> bool:
        return (self._root / name).exists()

    def publish(self, name: str, file: Path) -> bool:
        target = self._root / name
        _sync(file)
        points.reached("synced")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Not a rename, which would replace what another worker has published.
            os.link(file, target)
        except FileExistsError:
            return False
        points.reached("linked")
        _sync(target.parent)
        return True

    def list(self, folder: str) -> list[str]:
        with suppress(FileNotFoundError):
            return sorted(entry.name for entry in (self._root / folder).iterdir())
        return []

    def open(self, name: str) -> IO[bytes]:
        return (self._root / name).open("rb")

    def scratch(self, folder: str) -> Path:
        # A link does not leave its file system.
        path = self._root / folder / ".tmp"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def clear_scratch(self, folder: str) -> None:
        path = self._root / folder / ".tmp"
        with suppress(OSError):  # another run still has files in it, or has removed it
            for file in path.iterdir():
                _remove_if_left(file)
            path.rmdir()


class ObjectStore:
    """What fsspec knows, if its file systems can create a file only where there is none."""

    def __init__(self, url: str) -> None:
        scheme, _, rest = url.partition("://")
        shown = f"{scheme}://{rest.rpartition('@')[2]}"  # without a password
        try:
            from fsspec.core import url_to_fs
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f"{shown} needs fsspec; install it with pip install 'sessionvitals[fleet]'"
            ) from error
        try:
            found: tuple[Any, str] = url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise ConfigurationError(f"{shown}: {error}") from error
        except OSError as error:
            raise FleetError(f"{shown}: {error.strerror or error}") from error
        self._files, self._root = found[0], found[1].rstrip("/")

    def exists(self, name: str) -> bool:
        self._files.invalidate_cache()
        return bool(self._files.exists(self._path(name)))

    def publish(self, name: str, file: Path) -> bool:
        points.reached("synced")
        try:
            self._files.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(self._path(name), file.read_bytes(), mode="create")
        except FileExistsError:
            return False
        points.reached("linked")
        return True

    def list(self, folder: str) -> list[str]:
        self._files.invalidate_cache()
        with suppress(FileNotFoundError):
            entries = self._files.ls(self._path(folder), detail=False)
            return sorted(str(entry).rstrip("/").rpartition("/")[2] for entry in entries)
        return []

    def open(self, name: str) -> IO[bytes]:
        opened: IO[bytes] = self._files.open(self._path(name), "rb")
        return opened

    def scratch(self, folder: str) -> Path:
        return Path(tempfile.gettempdir())

    def clear_scratch(self, folder: str) -> None:
        pass

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def store_of(out: str | os.PathLike[str]) -> Store:
    """Return the store at a path or a URL. Raises ConfigurationError."""
    where = os.fspath(out)
    return ObjectStore(where) if "://" in where else FileStore(where)


@contextmanager
def scratch_file(store: Store, folder: str, suffix: str) -> Iterator[Path]:
    """Give a path for a file, which is gone when the block ends.

    Raises:
        FleetError: The disk is full, or refuses.
    """
    try:
        path, lock = _locked(store, folder, suffix)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
            os.close(lock)
    except OSError as error:
        raise FleetError(f"{error.filename or folder}: {error.strerror or error}") from error


def _locked(store: Store, folder: str, suffix: str) -> tuple[Path, int]:
    """Create a file whose lock tells others that it is being written; return its descriptor, too."""
    for _ in range(ATTEMPTS):
        path = store.scratch(folder) / f"{uuid4().hex}{suffix}"
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        except FileNotFoundError:  # another run has just removed the folder
            continue
        with suppress(OSError):  # a file system without locks: nothing is removed there
            fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            return path, lock
        os.close(lock)  # it was removed before it was locked
    raise FileNotFoundError(errno.ENOENT, "other runs keep removing it", f"{folder}/.tmp")


def _remove_if_left(path: Path) -> None:
    """Remove the file, unless its writer lives."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)


def publish_bytes(store: Store, name: str, content: bytes) -> bool:
    with scratch_file(store, name.rpartition("/")[0], "") as path:
        path.write_bytes(content)
        return store.publish(name, path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
