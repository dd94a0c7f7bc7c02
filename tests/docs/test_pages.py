"""Every block of every page of docs/ runs, and prints what the page says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.support.consumers import build_consumer, installed_and_moved
from tests.support.sandbox import Space

pytest.importorskip("sybil", reason="sybil needs Python 3.11 or newer")

from tests.support.pages import DOCS, PAGES, Page, difference, is_left_out, program_of, read_page

WITH_PROGRAMS = [page for page in PAGES if program_of(read_page(page))[0]]
WITH_BLOCKS = [page for page in PAGES if not all(map(is_left_out, read_page(page).examples()))]


def name_of(page: Path) -> str:
    return str(page.relative_to(DOCS))


def test_there_are_pages() -> None:
    assert len(WITH_BLOCKS) > 20


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=name_of)
def test_a_page_does_what_it_says(
    page: Path, space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Page(space, tmp_path)
    for variable, value in runner.environment.items():
        monkeypatch.setenv(variable, value)

    runner.run(read_page(page))


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_PROGRAMS, ids=name_of)
def test_a_pages_cpp_program_does_what_it_says(page: Path, space: Space, tmp_path: Path) -> None:
    program, expected = program_of(read_page(page))
    (tmp_path / "program.cpp").write_text(program)
    built = build_consumer(tmp_path / "program.cpp", installed_and_moved(tmp_path), tmp_path)
    environment = Page(space, tmp_path).environment
    environment.pop("LD_PRELOAD", None)

    done = subprocess.run([built], env=environment, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert difference(expected, done.stdout) is None
