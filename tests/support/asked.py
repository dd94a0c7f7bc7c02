"""The last lines of a run against real servers: how much was asked of whom, and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

#: Under which a test's report says how many calls it made: (provider, calls) pairs.
PROPERTY = "calls by server"
#: In the reason of a skip: the server answered 429, and the rest was not asked.
LIMITED = "limits rates and answers 429"


@dataclass
class Sums:
    tests: Counter[str] = field(default_factory=Counter)  # by outcome
    calls: int = 0
    reasons: Counter[str] = field(default_factory=Counter)  # of skips


def summed(stats: dict[str, list[Any]]) -> dict[str, Sums]:
    """Return what was asked of each server, from the reports of pytest's terminal."""
    sums: dict[str, Sums] = defaultdict(Sums)
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in stats.get(outcome, []):
            calls: dict[str, int] = dict(getattr(report, "user_properties", [])).get(PROPERTY, {})
            for provider, count in calls.items():
                each = sums[provider]
                each.calls += count
                each.tests[outcome] += 1
                if outcome == "skipped":
                    each.reasons[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    return sums


def lines(
    urls: dict[str, str], sums: dict[str, Sums], exchanges: dict[str, Counter[str]]
) -> list[str]:
    """Return the summary, a paragraph for each server.

    `exchanges` has, by provider, how many exchanges of its contract were asked ("asked") or could
    not be, by the reason.
    """
    said = []
    for provider, url in urls.items():
        each = sums.get(provider, Sums())
        failed = each.tests["failed"] + each.tests["error"]
        said.append(
            f"{provider} at {url}: {each.calls} calls by {sum(each.tests.values())} tests; "
            f"{each.tests['passed']} passed, {failed} failed, {each.tests['skipped']} skipped"
        )
        said += [f"  skipped {count}: {reason}" for reason, count in each.reasons.most_common()]
        could = exchanges[provider].pop("asked", 0)
        said.append(
            f"  exchanges of the contract: {could} of {could + exchanges[provider].total()}"
        )
        said += [f"    not {count}: {why}" for why, count in exchanges[provider].most_common()]
    return said


def is_whole(urls: dict[str, str], sums: dict[str, Sums]) -> bool:
    """Whether every server answered, and none of them refused for its limit of rates."""
    if not all(provider in sums and sums[provider].calls for provider in urls):
        return False
    return not any(LIMITED in reason for each in sums.values() for reason in each.reasons)
