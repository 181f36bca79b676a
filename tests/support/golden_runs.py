"""Runs of the mover, as they are shown in golden files."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.support.golden import Page, normalised
from tests.support.mover_process import TOOLS, Mover, Result


def add_run(page: Page, heading: str, mover: Mover, *arguments: str, **settings: str) -> Result:
    """Run the mover to its end, and add to the page what was shown of it; return how it ended."""
    return add_result(page, heading, mover, mover.run(*arguments, **settings), *arguments, **settings)


def add_result(page: Page, heading: str, mover: Mover, result: Result, *arguments: str, **settings: str) -> Result:
    """Add a run that has ended already."""
    shown = {name: value for name, value in settings.items() if name != "TERMINATION_LOG"}
    lines = [
        _command(arguments, shown),
        *_log(result.text.splitlines()),
        *_log(result.errors.splitlines()),
        *_outcome(result),
    ]
    page.add(heading, [normalised(line, known_paths(mover)) for line in lines])
    return result


def known_paths(mover: Mover) -> dict[str, str]:
    """Return the places of a mover, and what stands for them."""
    places = {
        mover.repository: "<repository>",
        mover.cache: "<cache>",
        mover.data: "<data>",
        mover.search_path: "<bin>",
        mover.folder: "<folder>",
        TOOLS: "<tools>",
    }
    return {str(path): kind for path, kind in places.items()}


def _command(arguments: tuple[str, ...], settings: Mapping[str, str]) -> str:
    return " ".join(["$", *(f"{name}={value!r}" for name, value in settings.items()), "mover", *arguments])


def _log(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a log; those in JSON as level, reason and message, without the outcome."""
    for line in lines:
        record = _parsed(line)
        if not record:
            yield line
        elif "exitCode" not in record:
            reason = f" ({record['reason']})" if "reason" in record else ""
            yield from f"{record['level'].upper()}{reason}: {record['message']}".splitlines()


def _parsed(line: str) -> dict[str, Any]:
    return dict(json.loads(line)) if line.startswith("{") and '"level"' in line else {}


def _outcome(result: Result) -> Iterator[str]:
    """Yield the facts of the outcome, as it was logged or written."""
    logged = [record for line in result.text.splitlines() if "exitCode" in (record := _parsed(line))]
    outcome = result.outcome or (logged[-1] if logged else {})
    yield ""
    if not outcome:
        yield f"exit code {result.exit_code}"
        return
    yield f"exit code {result.exit_code} ({outcome['outcome']})"
    yield f"message: {outcome['message']}"
    for operation in outcome["operations"]:
        more = operation.get("message")
        yield f"operation {operation['operation']}: {operation['outcome']}" + (f": {more}" if more else "")
    yield from (f"warning: {warning}" for warning in outcome["warnings"])
