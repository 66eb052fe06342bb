#!/usr/bin/env python3
"""Writes src/source/demo/google.json: the three architectures of Google Cloud in the embedded demo, sound and broken.

    python3 tests/google/demo.py            writes it
    python3 tests/google/demo.py --check    says whether the file is what this script writes

`shop-prod` is sound. In `shop-legacy` every workload has something wrong, and one thing each. `client-project` and
`partner-project` are where callers live; nobody scans them, and what is asked of them is what a scan asks of a caller's home.
"""

import pathlib
import sys

from estate import CLIENT, PROJECT, REGION, account, direct, email, grant, organisation
import reading

FILE = pathlib.Path(__file__).resolve().parents[2] / "src/source/demo/google.json"
LEGACY, PARTNER, EUROPE = "shop-legacy", "partner-project", "europe-west1"
INSIDE, OUTSIDE = "INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_ALL"


def connector(name, project, egress="ALL_TRAFFIC"):
    return {"connector": f"projects/{project}/locations/{REGION}/connectors/{name}", "egress": egress}


def network(e, project, name, addresses, connector, ranges):
    """A network with a connector and a Cloud NAT; automatic where it has no addresses."""
    e.network(name, project)
    e.subnet(f"{name}-subnet", ranges[0], name, project)
    e.route(f"default-route-{name}", "0.0.0.0/0", name, project, description="Default route to the Internet.")
    e.router(f"{name}-router", name, project)
    for address, ip in addresses.items():
        e.address(address, ip, f"{name}-router", project)
    e.nat(f"{name}-nat", list(addresses), f"{name}-router", project)
    e.connector(connector, project, network=name, cidr=ranges[1])


def sound(e):
    """`shop-prod`: one address for partners, one key for everything, one caller."""
    network(e, PROJECT, "my-vpc", {"functions-static-ip": "34.72.171.164"}, "my-connector", ("10.10.0.0/24", "10.8.0.0/28"))
    egress = connector("my-connector", PROJECT)
    e.account(email("scheduler"))
    e.first_generation("testIP", connector=egress["connector"], egress=egress["egress"], ingress="ALLOW_INTERNAL_ONLY",
                       invokers=[account("scheduler")], runs_as=email("test-ip"))

    key = e.key("functions")
    repository = e.repository("functions", key)
    e.account(email("checkout"))
    e.function("cmek-api", vpc=egress, key=key, repository=repository, ingress=INSIDE, invokers=[account("checkout")])

    e.project(CLIENT)
    caller = email("cloud-invoke-test", CLIENT)
    e.account(caller, [grant("iam.workloadIdentityUser", f"serviceAccount:{CLIENT}.svc.id.goog[default/api-client]")])
    e.function("private-api", vpc=egress, ingress=OUTSIDE, invokers=[f"serviceAccount:{caller}"])


def broken(e):
    """`shop-legacy`: every workload has its own fault."""
    e.project(LEGACY)
    e.scanned.append(LEGACY)
    caller = account("legacy-caller", LEGACY)
    e.account(email("legacy-caller", LEGACY))
    network(e, LEGACY, "legacy-vpc", {"partner-ip": "35.192.118.40"}, "legacy-connector", ("10.30.0.0/24", "10.31.0.0/28"))
    network(e, LEGACY, "batch-vpc", {}, "batch-connector", ("10.40.0.0/24", "10.41.0.0/28"))

    # The NAT serves us-central1, and the job runs in europe-west1.
    e.subnet("legacy-vpc-europe", "10.32.0.0/24", "legacy-vpc", LEGACY, EUROPE)
    e.job("report-job", LEGACY, EUROPE, vpc=direct("legacy-vpc-europe", LEGACY, EUROPE, network="legacy-vpc"), bindings=[grant("run.jobsExecutor", caller)])
    # The NAT takes whatever addresses it gets.
    e.job("nightly-export", LEGACY, vpc=connector("batch-connector", LEGACY), bindings=[grant("run.jobsExecutor", caller)])
    # The NAT is perfect, and nothing uses it.
    e.service("price-feed", LEGACY, vpc=connector("legacy-connector", LEGACY, "PRIVATE_RANGES_ONLY"), ingress=INSIDE, invokers=[caller])
    # The version of the key that is in use was disabled.
    key = e.key("payments", "legacy", project=LEGACY, workload=LEGACY, versions=("ENABLED", "DISABLED"),
                users=[f"serviceAccount:service-{e.number(LEGACY)}@serverless-robot-prod.iam.gserviceaccount.com"])
    e.service("payments", LEGACY, vpc=connector("legacy-connector", LEGACY), key=key, ingress=INSIDE, invokers=[caller])
    # Anyone may call.
    e.service("public-report", LEGACY, ingress=OUTSIDE, invokers=["allUsers"])
    # One account may call, and who has its key, or is in the group, is that account.
    e.project(PARTNER)
    partner = email("webhook-sender", PARTNER)
    e.account(partner, [grant("iam.serviceAccountTokenCreator", "group:integrations@example.com")],
              keys=[("7c1d0e5b9a3f", {"validAfterTime": "2026-02-11T09:30:00Z"})])
    e.service("partner-hook", LEGACY, ingress=OUTSIDE, invokers=[f"serviceAccount:{partner}"])


def text():
    e = organisation()
    sound(e)
    broken(e)
    return reading.read(e).text()


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if FILE.read_text() == text() else f"{FILE} is not what tests/google/demo.py writes")
    FILE.write_text(text())
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")
