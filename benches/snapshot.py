"""Writes a snapshot of N workloads: half Lambda functions in accounts of AWS, half functions, services and jobs of Google Cloud.

    python3 benches/snapshot.py FILE [WORKLOADS [PART]]    100,000 of them where no number is given; others in each part

An account has 25 functions around one network with two NAT gateways; forty projects in fifty share the network of a host project,
and the others have a network of their own. One account and one group of projects are built by what builds the scenarios
of the tests, so that every record has the form that the clouds give it; all others are copies of them under other names, numbers and addresses,
as the teams of a company that work by one template are. What is wrong in them is wrong in every copy.
"""

import json
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests"
LISTS = ("scopes", "coverage", "gaps", "records")
WORKLOADS = 100_000

sys.path.insert(0, str(TESTS / "corpus"))
import doors  # noqa: E402
import estate as aws  # noqa: E402

# Both clouds of the tests call their module `estate`.
del sys.modules["estate"]
sys.path.insert(0, str(TESTS / "google"))
import estate as google  # noqa: E402
import reading  # noqa: E402

# What stands in a template for what every copy has of its own: a number of nine digits, and a byte of an address.
NUMBER, HIGH, LOW = "\x01", "\x02", "\x03"

FUNCTIONS = 25
PROJECTS, PER_PROJECT = 10, 12


def account():
    """An account of AWS: most of its functions are sound, and six are not."""
    e = aws.network()
    key = e.key("orders")
    events = aws.grant("lambda:InvokeFunction", {"Service": "events.amazonaws.com"},
                       {"StringEquals": {"AWS:SourceAccount": aws.ACCOUNT}}, "events")
    for number in range(FUNCTIONS):
        name, variables = f"orders-{number:02}", {"STAGE": None}
        if number < 12:
            e.function(name, key=key, env=variables, policy=[events])
        elif number < 15:
            e.function(name, key=key, env=variables, policy=[doors.by_api()])
        elif number < 20:
            e.function(name, subnets=None, env=variables, policy=[events])
        elif number == 20:
            e.function(name, subnets=["subnet-private-a"], env=variables, Runtime="nodejs14.x")
        elif number == 21:
            e.function(name, subnets=["subnet-public-a"], env=variables)
        elif number == 22:
            e.function(name, url=[(None, "NONE")], policy=aws.PUBLIC_URL)
        elif number == 23:
            e.function(name, policy=[aws.grant("lambda:InvokeFunction", {"Service": "s3.amazonaws.com"}, sid="s3")])
        else:
            e.function(name, key=e.key("old", rotation=False), versions=["3"], aliases=[("live", "3")], policy={"3": [events]})
    paths = {f"/orders-{it}": {"get": doors.method(f"orders-{it}", security=["sigv4"])} for it in range(12, 15)}
    doors.rest(e, paths)
    return json.loads(e.text())


def projects():
    """A host project with a shared network, eight service projects that use it, and two with networks of their own."""
    e = google.organisation()
    e.scanned = []
    e.project("net-host", f"7{NUMBER}99")
    e.network("shared-vpc", "net-host")
    e.subnet("apps", "10.0.0.0/12", "shared-vpc", "net-host")
    shared(e, "net-host", "shared-vpc")
    for index in range(PROJECTS):
        id = f"team-{index:02}"
        e.project(id, f"7{NUMBER}{index:02}")
        e.scanned.append(id)
        team(e, id, index)
    users = [f"serviceAccount:service-{e.number(id)}@serverless-robot-prod.iam.gserviceaccount.com" for id in e.scanned]
    e.policy(f"compute/projects/net-host/regions/{google.REGION}/subnetworks/apps", google.grant("compute.networkUser", *users))
    del e.projects[google.PROJECT]
    return reading.read(e).document()


def shared(e, project, network):
    e.route("default-route-internet", "0.0.0.0/0", network, project)
    e.router(network=network, project=project)
    e.address(project=project)
    e.nat(project=project)


def team(e, id, index):
    caller = google.account("caller", id)
    e.account(google.email("caller", id))
    agents = [google.agent(it, e.number(id)) for it in ("serverless-robot-prod", "gcp-sa-artifactregistry")]
    key = e.key(project=id, users=agents)
    e.repository("apps", key, id)
    if index < 8:
        vpc = google.direct("apps", "net-host", network="shared-vpc")
    else:
        e.network(project=id)
        e.subnet(project=id)
        shared(e, id, "main-vpc")
        e.connector(project=id)
        e.balancer(service="app-00", project=id)
        vpc = google.all_traffic(project=id)
    inside = "INGRESS_TRAFFIC_INTERNAL_ONLY"
    for number in range(7):
        broken = index == 0 and number == 0
        e.service(f"app-{number:02}", id, vpc=vpc, key=key, ingress="INGRESS_TRAFFIC_ALL" if broken else inside,
                  invokers=["allUsers"] if broken else [caller])
    for number in range(3):
        e.function(f"fn-{number:02}", id, vpc=vpc, ingress=inside, invokers=[caller])
    for number in range(2):
        e.job(f"job-{number:02}", id, vpc=vpc, bindings=[google.grant("run.jobsExecutor", caller)])


def template(document, names):
    """The lines of every list, by what they are of, with a mark in the place of all that a copy has of its own."""
    marked = {}
    for name in LISTS:
        of = marked.setdefault(name, {})
        for item in document[name]:
            # Unicode is left as it is, so that a mark stays one character.
            text = json.dumps(item, separators=(",", ":"), ensure_ascii=False).replace("\\u0001", NUMBER)
            for pattern, mark in names:
                text = re.sub(pattern, mark, text)
            of.setdefault(item.get("kind", ""), []).append(text)
    return marked


def copy(text, number):
    return text.replace(NUMBER, f"{number:09}").replace(HIGH, str(number // 250 % 250)).replace(LOW, str(number % 250))


def copies(name, templates, part):
    """The lines of a list, those of one kind together, as a collection sorts them; no two parts have a copy in common."""
    for kind in sorted({kind for of, _ in templates for kind in of[name]}):
        for of, count in templates:
            texts = of[name].get(kind, [])
            # What no mark is in belongs to the organisation, and is there once.
            yield from (text for text in texts if NUMBER not in text)
            texts = [text for text in texts if NUMBER in text]
            for number in range(part * count, (part + 1) * count):
                yield from (copy(text, number) for text in texts)


def write(path, workloads, part=0):
    resources = r"\b(vpc|subnet|nat|rtb|rtbassoc|igw|sg|acl|aclassoc|eni|eni-nat|eipalloc|eipassoc)-(main|public|private|a|b|app|default|nat)\b"
    in_aws = template(account(), [
        (aws.ACCOUNT, f"100{NUMBER}"), (resources, rf"\1-{NUMBER}-\2"), (r"\bapi1\b", f"api{NUMBER}"),
        (r"\b52([.-])43[.-]112[.-]142\b", rf"52\g<1>{HIGH}\g<1>{LOW}\g<1>142"),
        (r"\b44([.-])230[.-]9[.-]17\b", rf"44\g<1>{HIGH}\g<1>{LOW}\g<1>17")])
    in_google = template(projects(), [
        (r"\b(team-\d\d|net-host)\b", rf"\1-{NUMBER}"), (re.escape(google.STATIC_IP), f"34.{HIGH}.{LOW}.164")])
    half = workloads // 2
    templates = [(in_aws, -(-half // FUNCTIONS)), (in_google, -(-half // (PROJECTS * PER_PROJECT)))]
    head = {"schema": "egress-audit/snapshot/v1", "tool": {"name": "egress-audit", "version": "0.1.0"}, "taken_at": aws.TAKEN}
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps(head, separators=(",", ":"))[:-1])
        for name in LISTS:
            out.write(f',\n"{name}":[')
            for index, line in enumerate(copies(name, templates, part)):
                out.write(",\n" if index else "\n")
                out.write(line)
            out.write("]")
        out.write("\n}\n")


if __name__ == "__main__":
    write(sys.argv[1], *map(int, sys.argv[2:] or [WORKLOADS]))
