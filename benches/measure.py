"""What the benchmarks share: the release binary, and what one run of a program takes."""

import collections
import os
import pathlib
import platform
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
WORK = TARGET / "bench"

Run = collections.namedtuple("Run", "wall cpu memory")


def run(command: list, codes: set[int], output: pathlib.Path) -> Run:
    """One run: seconds on the clock, seconds of all processors, and the most memory of any of its processes, in MB."""
    start = time.perf_counter()
    with output.open("wb") as out, (WORK / "errors").open("wb") as errors:
        child = subprocess.Popen(command, stdout=out, stderr=errors, cwd=WORK)
        _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in codes:
        sys.exit(f"{command[0]} ended with {code}:\n{(WORK / 'errors').read_text()[-2000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def best(runs: list[Run]) -> Run:
    return min(runs, key=lambda it: it.wall)


def build(*more: str) -> pathlib.Path:
    """The release binary without the SDKs of clouds."""
    subprocess.run(["cargo", "build", "--release", "--no-default-features", *more], cwd=ROOT, check=True)
    return TARGET / "release" / "egress-audit"


def machine() -> str:
    """What was measured on, and what else it did."""
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine()) if platform.system() == "Linux" else platform.machine()
    load = " ".join(f"{it:.1f}" for it in os.getloadavg())
    return f"{model}, {os.cpu_count()} processors, {platform.system()}; load {load}; {time.strftime('%F')}"
