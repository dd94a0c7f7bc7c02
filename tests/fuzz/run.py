"""Build the fuzzers and run each for a time; say what each executed, reached and found.

Usage: run.py [--seconds N] [--jobs N] [NAME...]. Needs clang with libFuzzer (Debian: clang,
libclang-rt-dev; $FUZZ_CXX names another clang++), cmake and ninja. What is found is kept in
build/fuzz/found/NAME, and what the run added to the corpus in build/fuzz/corpus/NAME.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build/fuzz"
FUZZERS = sorted(file.stem for file in HERE.glob("*.cpp"))

#: An input is stopped after so many seconds, and at so many MiB.
LIMITS = ("-timeout=10", "-rss_limit_mb=2048", "-malloc_limit_mb=1024")
OPTIONS = {"UBSAN_OPTIONS": "print_stacktrace=1"}


def find_clang() -> str:
    for name in (os.environ.get("FUZZ_CXX"), "clang++", "clang++-16", "clang++-14"):
        if name and shutil.which(name):
            return name
    sys.exit("no clang++ was found: install clang and libclang-rt-dev, or set $FUZZ_CXX")


def build(jobs: int) -> None:
    configure = ("cmake", "-S", HERE, "-B", BUILD, "-G", "Ninja")
    subprocess.run([*configure, f"-DCMAKE_CXX_COMPILER={find_clang()}"], check=True)
    subprocess.run(["cmake", "--build", BUILD, "-j", str(jobs), "--target", "fuzzers"], check=True)


def run(name: str, seconds: int) -> bool:
    """Run one fuzzer, print a line about it, and return whether it found nothing."""
    grown, found = (BUILD / kind / name for kind in ("corpus", "found"))
    for folder in (grown, found):
        folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *(BUILD / f"fuzz_{name}", grown, HERE / "corpus" / name),
            *(f"-max_total_time={seconds}", f"-artifact_prefix={found}/", *LIMITS),
            *("-use_value_profile=1", "-print_final_stats=1"),
        ],
        env={**os.environ, **OPTIONS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    said = done.stderr
    executed = re.findall(r"number_of_executed_units: (\d+)", said)
    reached = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", said)
    edges, features, inputs = reached[-1] if reached else ("?", "?", "?")
    verdict = "nothing found" if done.returncode == 0 else f"FOUND: see {found}"
    count = f"{int(executed[-1]):,}" if executed else "?"
    print(f"{name:10} {seconds} s, {count} executions, {edges} edges, {features} features,")
    print(f"{'':10} {inputs} inputs, {verdict}", flush=True)
    if done.returncode != 0:
        print(said[-6000:])
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FUZZERS))
    parser.add_argument("--seconds", type=int, default=60, help="for each of them (60)")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at once (2)")
    given = parser.parse_args()
    if unknown := {*given.names} - {*FUZZERS}:
        parser.error(f"no such fuzzer: {', '.join(sorted(unknown))}")
    build(given.jobs)
    with ThreadPoolExecutor(given.jobs) as pool:
        clean = list(pool.map(lambda name: run(name, given.seconds), given.names or FUZZERS))
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
