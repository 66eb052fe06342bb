"""How long a collection takes beside the calls that the cloud forces, and beside Prowler.

    python3 benches/collect.py [--functions 1000] [--many 10000] [--latency 0.05] [--skip-prowler] [--program FILE]

Builds the release binary with all features, and collects from `benches/cloud.py`, which answers after 50 ms: the floor is the number of
calls for which the API has nothing that says the same of many, times the latency, divided by the calls that are under way at a
time (16 for a service in a region: `IN_FLIGHT`). Then Prowler from PyPI, pinned, and the same binary read the same 500 functions from the
same moto (`tests/moto/serve.py`). Prints the tables of `benches/README.md`. Needs cargo and python3.
"""

import argparse
import contextlib
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys

from measure import ROOT, TARGET, WORK, Run, best, machine, run

IN_FLIGHT = 16
PINS = ["moto[server]==5.2.5", "boto3==1.44.5"]
PROWLER = "prowler==5.46.0"
# What of Prowler asks what we ask.
SERVICES = ["awslambda", "vpc", "kms"]
NOWHERE = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_CONFIG_FILE": "/dev/null",
           "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-west-2"}
APIS = ["artifactregistry", "cloudasset", "cloudfunctions", "cloudkms", "cloudresourcemanager", "compute", "iam", "iap",
        "networkconnectivity", "run", "serviceusage", "vpcaccess"]


def built() -> pathlib.Path:
    """The release binary with everything."""
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    return TARGET / "release" / "egress-audit"


def venv(name: str, packages: list[str]) -> pathlib.Path:
    """The Python of an environment with these packages."""
    python = WORK / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / name], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    return python


@contextlib.contextmanager
def served(command: list):
    """A server that prints its port and ends when its standard input closes; gives the port, and what it says at its end."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = {}
    try:
        yield int(child.stdout.readline()), said
    finally:
        child.stdin.close()
        last = child.stdout.read()
        child.wait()
        said.update(json.loads(last) if last.strip() else {})


@contextlib.contextmanager
def environment(variables: dict):
    """The same environment for what is run within, and nothing of this machine's own that would lead elsewhere."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("AWS_", "CLOUDSDK_", "GOOGLE_")) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def clouds(port: int) -> dict:
    """What each cloud's settings need to say for the server to be it."""
    here = f"http://127.0.0.1:{port}"
    google = {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{api.upper()}": f"{here}/{api}/" for api in APIS}
    google["CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE"] = f"{here}/compute/compute/v1/"
    return {"aws": {**NOWHERE, "AWS_ENDPOINT_URL": here},
            "google": {**google, "CLOUDSDK_AUTH_ACCESS_TOKEN": "token", "GCE_METADATA_HOST": "127.0.0.1:1"}}


def collected(ours: pathlib.Path, cloud: str, functions: int, latency: float) -> tuple[Run, dict]:
    """One collection, and how many calls it made."""
    source = {"aws": ["aws", "--region", "us-west-2"], "google": ["gcp:projects/p"]}[cloud]
    with served([sys.executable, ROOT / "benches" / "cloud.py", cloud, str(functions), "--latency", str(latency)]) as (port, said):
        with environment(clouds(port)[cloud]):
            took = run([ours, "collect", *source, "-o", WORK / "collected.json"], {0}, WORK / "collected.out")
    return took, said


def beside_the_floor(ours: pathlib.Path, sizes: list[tuple[int, int]], latency: float) -> None:
    print("| cloud | functions | calls | forced | times | floor s | best s | median s | times the floor | CPU s | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for cloud in ("aws", "google"):
        for functions, times in sizes:
            runs = [collected(ours, cloud, functions, latency) for _ in range(times)]
            said = runs[0][1]
            calls = sum(said["calls"].values())
            # Of everything else, one call of each kind is forced.
            forced = said["forced"] + sum(1 for count in said["calls"].values() if count * 4 < functions)
            floor = forced * latency / IN_FLIGHT
            took = [it for it, _ in runs]
            wall = statistics.median(it.wall for it in took)
            print(f"| {cloud} | {functions:,} | {calls:,} | {forced:,} | {calls / forced:.3f} | {floor:.2f} | {best(took).wall:.2f} | {wall:.2f} "
                  f"| {best(took).wall / floor:.2f} | {min(it.cpu for it in took):.2f} | {max(it.memory for it in took):,.0f} |", flush=True)


def beside_prowler(ours: pathlib.Path, functions: int, times: int) -> None:
    python, prowler = venv("moto", PINS), venv("prowler", [PROWLER]).parent / "prowler"
    with served([python, ROOT / "tests" / "moto" / "serve.py"]) as (port, _), environment(clouds(port)["aws"]):
        subprocess.run([python, ROOT / "benches" / "functions.py", str(functions)], check=True)
        collect = [ours, "report", "aws", "--region", "us-west-2", "--no-policy", "--format", "json"]
        mine = [run(collect, {0, 1, 3, 4}, WORK / "ours.json") for _ in range(times)]
        out = WORK / "prowler-out"
        command = [prowler, "aws", "--region", "us-west-2", "--services", *SERVICES, "--output-formats", "csv", "--output-directory", out, "--no-banner"]
        theirs = [run(command, {0, 3}, WORK / "prowler.out")]
    csv.field_size_limit(sys.maxsize)
    latest = max(out.glob("*.csv"), key=lambda it: it.stat().st_mtime)
    with latest.open(newline="") as file:
        findings = sum(1 for _ in csv.DictReader(file, delimiter=";"))
    evaluated = json.loads((WORK / "ours.json").read_text())["summary"]
    print(f"\n{functions} functions on one moto\n\n| program | best s | times ours | CPU s | peak MB |\n|---|---|---|---|---|")
    for name, runs in (("egress-audit, all rules", mine), (f"Prowler, {' '.join(SERVICES)}", theirs)):
        it = best(runs)
        print(f"| {name} | {it.wall:.2f} | {it.wall / best(mine).wall:.1f} | {it.cpu:.2f} | {max(one.memory for one in runs):,.0f} |")
    print(f"\nProwler wrote {findings:,} results; ours are {evaluated}.")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--functions", type=int, default=1_000, help="of the smaller cloud")
    arguments.add_argument("--many", type=int, default=10_000, help="of the larger one, read once")
    arguments.add_argument("--latency", type=float, default=0.05, help="seconds that each answer takes")
    arguments.add_argument("--repeat", type=int, default=3, help="runs of each")
    arguments.add_argument("--skip-prowler", action="store_true")
    arguments.add_argument("--program", type=pathlib.Path, help="a release binary that is there already")
    given = arguments.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    ours = given.program.resolve() if given.program else built()
    beside_the_floor(ours, [(given.functions, given.repeat), (given.many, 1)], given.latency)
    if not given.skip_prowler:
        beside_prowler(ours, 500, given.repeat)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
