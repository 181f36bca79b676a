"""Run the benchmark: measure, print a table, compare with the last result and write the new one."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import results
from bench.cases import CASES, Case
from bench.contenders import Contender, Cost
from bench.startup import startup
from integration.servers.available import s3_server
from integration.servers.counting import Traffic, counting
from integration.servers.s3 import S3Server


def main() -> None:
    """Run the benchmark."""
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
        differences = results.differences(result, last) or ["no notable difference"]
        sys.stdout.write("\nCompared with the last result:\n" + "".join(f"  {line}\n" for line in differences))
    results.save(result)


def _cases(folder: Path) -> dict[str, Any]:
    (folder / "s3").mkdir()
    with s3_server(folder / "s3") as server, counting(server.endpoint) as traffic:
        summaries: dict[str, Any] = {}
        volumes = list(dict.fromkeys(case.volume for case in CASES))
        for number, volume in enumerate(volumes):
            data = folder / f"volume-{number}"
            data.mkdir()
            volume(data)
            cases = [case for case in CASES if case.volume is volume]
            summaries |= _on_one_volume(cases, folder, server.at(traffic.endpoint), traffic, data)
            shutil.rmtree(data)
        return summaries


def _on_one_volume(cases: list[Case], folder: Path, server: S3Server, traffic: Traffic, data: Path) -> dict[str, Any]:
    mover, raw = (Contender(folder / f"{name}-{data.name}", server, traffic, data) for name in ("mover", "raw"))
    for contender in (mover, raw):
        contender.warm_up()
    summaries = {}
    for case in cases:
        sys.stderr.write(f"{case.name} …\n")
        summaries[case.name] = results.summarize(*_rounds(case, mover, raw))
    return summaries


def _rounds(case: Case, mover: Contender, raw: Contender) -> tuple[list[Cost], list[Cost]]:
    """Measure both in turn, in alternating order, so that other load on the machine affects both equally."""
    movers, raws = [], []
    for number in range(case.rounds):
        for contender in (mover, raw) if number % 2 == 0 else (raw, mover):
            case.before(contender)
            if contender is mover:
                movers.append(case.mover(contender))
            else:
                raws.append(case.raw(contender))
    return movers, raws


if __name__ == "__main__":
    main()
