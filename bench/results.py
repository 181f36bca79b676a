"""The result of a benchmark: summarized, shown as a table, saved, and compared with the last one."""

import json
import os
import platform
import shutil
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.contenders import RESTIC, Cost

LAST = Path(__file__).parent / "last.json"
PAGE = Path(__file__).parents[1] / "docs" / "bench.md"
BEGIN, END = "<!-- result -->", "<!-- end of the result -->"
MIB = 1024 * 1024
GIB = 1024 * MIB
NOTABLE_DIFFERENCE = 0.1
"""Between two ratios; smaller differences are noise."""

HEAD = (
    "| case | wall, mover : raw | CPU, mover : raw | own CPU | own memory | restic processes | S3 requests | "
    "sent | received |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def summarize(mover: Sequence[Cost], raw: Sequence[Cost]) -> dict[str, Any]:
    """Summarize the rounds of a case: medians, and the requests of the last round."""
    return {
        "rounds": len(mover),
        "wallRatio": round(_median(m.wall / r.wall for m, r in zip(mover, raw, strict=True)), 3),
        "cpuRatio": round(_median(m.cpu / r.cpu for m, r in zip(mover, raw, strict=True)), 3),
        "ownCPUSeconds": round(_median(cost.own_cpu for cost in mover), 3),
        "ownMemoryBytes": round(_median(cost.own_memory for cost in mover)),
        "resticMemoryBytes": round(_median(cost.memory for cost in mover)),
        "mover": _counted(mover[-1]),
        "raw": _counted(raw[-1]),
    }


def _median(values: Any) -> float:  # noqa: ANN401  any iterable of numbers
    return float(statistics.median(values))


def _counted(cost: Cost) -> dict[str, Any]:
    return {
        "processes": cost.processes,
        "requests": sum(cost.kinds.values()),
        "kinds": dict(sorted(cost.kinds.items())),
        "sentBytes": cost.sent,
        "receivedBytes": cost.received,
    }


def machine() -> dict[str, Any]:
    """Describe the machine: what affects the numbers, and nothing that identifies it."""
    version = subprocess.run([RESTIC, "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memoryBytes": memory,
        "kernel": ".".join(platform.release().split("-")[0].split(".")[:2]),
        "python": platform.python_version(),
        "restic": version,
    }


def image_bytes() -> int | None:
    """Return the size of the image built by `make image`; None without Docker or the image."""
    docker = shutil.which("docker")
    if docker is None:
        return None
    done = subprocess.run(
        [docker, "image", "inspect", "--format={{.Size}}", "restic-mover"], capture_output=True, text=True, check=False
    )
    return int(done.stdout) if done.returncode == 0 else None


def table(result: Mapping[str, Any]) -> str:
    """Return the result as Markdown."""
    rows = [_row(name, case) for name, case in result["cases"].items()]
    return "\n".join(
        [
            _machine_line(result["machine"]),
            "",
            HEAD,
            *rows,
            "",
            _start_line(result["startup"]),
            _image_line(result["imageBytes"]),
        ]
    )


def _start_line(start: Mapping[str, float]) -> str:
    return (
        f"Start-up: {start['python']:.3f} s of CPU for Python itself, {start['imports']:.3f} s more for the imports "
        f"of a backup ({start['memory'] / MIB:.0f} MiB including Python); "
        f"{start['firstRestic']:.3f} s until restic starts."
    )


def _image_line(size: int | None) -> str:
    return f"Image: {size / MIB:.0f} MiB." if size else "Image: not measured (not built on this machine)."


def _machine_line(machine: Mapping[str, Any]) -> str:
    return (
        f"{machine['cores']} cores, {machine['memoryBytes'] / GIB:.0f} GiB of memory, Linux {machine['kernel']}, "
        f"Python {machine['python']}, restic {machine['restic']}."
    )


def _row(name: str, case: Mapping[str, Any]) -> str:
    mover, raw = case["mover"], case["raw"]
    kinds = ", ".join(f"{number} {kind}" for kind, number in mover["kinds"].items())
    cells = [
        name,
        f"{case['wallRatio']:.2f}",
        f"{case['cpuRatio']:.2f}",
        f"{case['ownCPUSeconds']:.2f} s",
        f"{case['ownMemoryBytes'] / MIB:.0f} MiB (restic: {case['resticMemoryBytes'] / MIB:.0f})",
        f"{mover['processes']} : {raw['processes']}",
        f"{mover['requests']} : {raw['requests']} ({kinds})",
        f"{_size(mover['sentBytes'])} : {_size(raw['sentBytes'])}",
        f"{_size(mover['receivedBytes'])} : {_size(raw['receivedBytes'])}",
    ]
    return f"| {' | '.join(cells)} |"


def _size(size: int) -> str:
    return f"{size / MIB:.1f} MiB" if size >= MIB / 10 else f"{size / 1024:.1f} KiB"


def differences(result: Mapping[str, Any], last: Mapping[str, Any]) -> list[str]:
    """List the notable differences between a result and the last one."""
    found = []
    for name, case in result["cases"].items():
        before = last["cases"].get(name)
        if before is None:
            found.append(f"{name}: new")
            continue
        for key in ("processes", "requests"):
            was, now = before["mover"][key], case["mover"][key]
            found += [f"{name}: {key} {was} -> {now}"] if was != now else []
        for key in ("wallRatio", "cpuRatio"):
            was, now = before[key], case[key]
            found += [f"{name}: {key} {was:.2f} -> {now:.2f}"] if abs(now - was) > NOTABLE_DIFFERENCE else []
    return found


def load() -> dict[str, Any] | None:
    """Read the last result, if there is one."""
    return dict(json.loads(LAST.read_text())) if LAST.exists() else None


def save(result: Mapping[str, Any]) -> None:
    """Save a result to compare the next one with, and update docs/bench.md."""
    LAST.write_text(json.dumps(result, indent=1) + "\n")
    before, rest = PAGE.read_text().split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table(result)}\n{END}{after}")
