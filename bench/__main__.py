"""Measure, print a table, compare with the last result, and write this one."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import results
from bench.cases import CASES, ReconcileContext
from bench.sides import Cost, Side
from bench.startup import startup
from integration.servers.available import s3_server
from integration.servers.counting import Traffic, counting
from integration.servers.s3 import S3Server


def main() -> None:
    """Run the bench."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        result = {
            "machine": results.machine(),
            "cases": _cases(folder),
            "startup": startup(folder),
            "imageBytes": results.image_bytes(),
        }
    sys.stdout.write(f"{results.table(result)}\n")
    last = results.load()
    if last:
        differences = results.differences(result, last) or ["nothing worth mentioning"]
        sys.stdout.write("\nSince the last result:\n" + "".join(f"  {line}\n" for line in differences))
    results.save(result)


def _cases(folder: Path) -> dict[str, Any]:
    (folder / "s3").mkdir()
    with s3_server(folder / "s3") as server, counting(server.endpoint) as traffic:
        summed: dict[str, Any] = {}
        volumes = list(dict.fromkeys(case.volume for case in CASES))
        for number, volume in enumerate(volumes):
            data = folder / f"volume-{number}"
            data.mkdir()
            volume(data)
            cases = [case for case in CASES if case.volume is volume]
            summed |= _on_one_volume(cases, folder, server.at(traffic.endpoint), traffic, data)
            shutil.rmtree(data)
        return summed


def _on_one_volume(
    cases: list[ReconcileContext], folder: Path, server: S3Server, traffic: Traffic, data: Path
) -> dict[str, Any]:
    mover, raw = (Side(folder / f"{side}-{data.name}", server, traffic, data) for side in ("mover", "raw"))
    for side in (mover, raw):
        side.warm_up()
    summed = {}
    for case in cases:
        sys.stderr.write(f"{case.name} …\n")
        summed[case.name] = results.summed_up(*_rounds(case, mover, raw))
    return summed


def _rounds(case: ReconcileContext, mover: Side, raw: Side) -> tuple[list[Cost], list[Cost]]:
    """Measure the two in turn, each first every other time: what else the machine does hits both alike."""
    movers, raws = [], []
    for number in range(case.rounds):
        for side in (mover, raw) if number % 2 == 0 else (raw, mover):
            case.before(side)
            if side is mover:
                movers.append(case.mover(side))
            else:
                raws.append(case.raw(side))
    return movers, raws


if __name__ == "__main__":
    main()
