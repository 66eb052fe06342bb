"""How long an evaluation takes beside the parsing of its input: the same file, the same machine, by turns.

    python3 benches/evaluate.py [--workloads 100000] [--repeat 3] [--more 10000] [--formats table json] [--parts 10]

Writes a snapshot (`benches/snapshot.py`) of each size, builds the release binary without the SDKs of clouds and the floor
(`benches/floor.rs`: serde_json reads the same file into the same records), and runs both by turns: `report FILE` with all
rules and each format into a file. Prints the table of `benches/README.md`. Needs cargo and python3.
"""

import argparse
import pathlib
import statistics
import sys

import snapshot
from measure import TARGET, WORK, Run, best, build, machine, run


def floor() -> pathlib.Path:
    build("--bench", "floor")
    made = (TARGET / "release" / "deps").glob("floor-*")
    return max((it for it in made if not it.suffix), key=lambda it: it.stat().st_mtime)


def generated(workloads: int) -> pathlib.Path:
    file = WORK / f"snapshot-{workloads}.json"
    snapshot.write(file, workloads)
    return file


def together(ours: pathlib.Path, workloads: int, parts: int) -> None:
    """One evaluation of so many files, none of which has a workload of another: 4 GB on disk for a million workloads."""
    files = [WORK / f"part-{part}.json" for part in range(parts)]
    for part, file in enumerate(files):
        snapshot.write(file, workloads, part)
    size = sum(file.stat().st_size for file in files) / 2**20
    ran = run([ours, "report", *files, "--no-policy", "--format", "table"], {0, 1, 3}, WORK / "evaluated.parts")
    for file in files:
        file.unlink()
    print(f"\n{parts} files of {workloads:,} workloads, {size:,.0f} MB, as one report: {ran.wall:.0f} s, {ran.cpu:.0f} CPU s,"
          f" {ran.memory:,.0f} MB, {ran.memory / size:.1f} times the files")


def row(name: str, runs: list[Run], than: list[Run], size: float) -> str:
    wall, cpu = statistics.median(it.wall for it in runs), min(it.cpu for it in runs)
    times = wall / statistics.median(it.wall for it in than)
    memory = max(it.memory for it in runs)
    return (f"| {name} | {best(runs).wall:.2f} | {wall:.2f} | {times:.1f} | {cpu:.2f} | {memory:,.0f} | {memory / size:.1f} |")


def measured(ours: pathlib.Path, parse: pathlib.Path, workloads: int, formats: list[str], times: int) -> None:
    file = generated(workloads)
    size = file.stat().st_size / 2**20
    runs = {name: [] for name in ("floor", *formats)}
    for number in range(times):
        runs["floor"].append(run([parse, file], {0}, WORK / "floor"))
        for name in formats:
            command = [ours, "report", file, "--no-policy", "--format", name]
            runs[name].append(run(command, {0, 1, 3}, WORK / f"evaluated.{name}"))
        print(f"{workloads} {number + 1}/{times}: {' '.join(f'{it[-1].wall:.2f}' for it in runs.values())} s", file=sys.stderr)
    print(f"\n{workloads:,} workloads in {size:,.0f} MB\n")
    print("| what | best s | median s | times the floor | CPU s | peak MB | times the file |\n|---|---|---|---|---|---|---|")
    print(row("the floor: serde_json", runs["floor"], runs["floor"], size))
    for name in formats:
        wrote = (WORK / f"evaluated.{name}").stat().st_size / 2**20
        print(row(f"report, `{name}` of {wrote:,.1f} MB", runs[name], runs["floor"], size))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--workloads", type=int, default=100_000, help="how many the snapshot has")
    arguments.add_argument("--more", type=int, nargs="*", default=[10_000], help="other sizes, to see whether it is linear")
    arguments.add_argument("--repeat", type=int, default=3, help="runs of each")
    arguments.add_argument("--formats", nargs="+", default=["table", "json"], help="what the program writes")
    arguments.add_argument("--parts", type=int, default=0, help="so many files of that size at once, besides")
    given = arguments.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    ours, parse = build(), floor()
    demo = [run([ours, "report", "demo", "--no-policy"], {1}, WORK / "demo") for _ in range(10 * given.repeat)]
    for workloads in [*given.more, given.workloads]:
        measured(ours, parse, workloads, given.formats, given.repeat)
    if given.parts:
        together(ours, given.workloads, given.parts)
    print(f"\n`report demo` takes {best(demo).wall * 1000:.0f} ms at best, {statistics.median(it.wall for it in demo) * 1000:.0f} ms in the middle.")
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
