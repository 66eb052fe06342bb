"""Reads a report in every format by readers of others, and prints how many findings of each verdict they hold."""

import collections
import csv
import json
import re
import xml.etree.ElementTree as ET

from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

SHOWN = ("fail", "not-evaluated", "waived")


def counted(verdicts):
    count = collections.Counter(verdicts)
    return {verdict: count[verdict] for verdict in SHOWN[:2]}


def text(name):
    with open(f"out.{name}", encoding="utf-8", newline="") as file:
        return file.read()


report = json.loads(text("json"))
found = {"json": counted(it["verdict"] for it in report["evaluations"])}

suites = [it for it in ET.fromstring(text("junit")) if it.get("name") != "what was read"]
cases = [case for suite in suites for case in suite.iter("testcase")]
kinds = {"failure": "fail", "error": "not-evaluated", "skipped": "waived"}
found["junit"] = counted(kinds[child.tag] for case in cases for child in case if child.tag in kinds)

rows = list(csv.DictReader(text("csv").splitlines(keepends=True), strict=True))
found["csv"] = counted(row["verdict"] for row in rows)
found["csv_formulas"] = sum(cell.lstrip()[:1] in tuple("=+-@|%") for row in rows for cell in row.values() if cell)

issues = json.loads(text("gitlab"))
for issue in issues:
    assert set(issue) >= {"description", "check_name", "fingerprint", "severity", "location"}, issue
    assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
    assert isinstance(issue["location"]["lines"]["begin"], int) and not issue["location"]["path"].startswith("/")
assert len({issue["fingerprint"] for issue in issues}) == len(issues)
found["gitlab"] = counted("not-evaluated" if issue["severity"] == "info" else "fail" for issue in issues)

events = [ComplianceFinding.model_validate_json(line) for line in text("ocsf").splitlines()]
verdicts = {0: "not-evaluated", 1: "pass", 3: "fail"}
found["activities"] = collections.Counter(it.activity_id.name for it in events)
assert len({it.finding_info.uid for it in events}) == len(events)
found["ocsf"] = counted(verdicts[it.compliance.status_id.value] for it in events if it.status_id.value != 3)

# What has a standard has its requirements, and a framework of one cloud is not held against the other.
OTHERS = {"AWS": ["Google"], "GCP": ["Amazon", "AWS"]}
for it, line in zip(events, text("ocsf").splitlines()):
    standards, requirements = it.compliance.standards, it.compliance.requirements
    assert {name for name in standards if name != "egress-audit"} == {one.rsplit(": ", 1)[0] for one in requirements}
    others = OTHERS.get(json.loads(line).get("cloud", {}).get("provider"), [])
    assert not [name for name in standards for word in others if word in name], standards
found["requirements"] = sum(len(it.compliance.requirements) for it in events)

commands = [re.fullmatch(r"::(error|warning|notice) (?:file=([^,]+),line=(\d+),col=\d+,)?title=([^:]*)::(.*)", line)
            for line in text("github").splitlines()]
assert all(commands), text("github")
about = [it for it in commands if it[2]]
found["github"] = counted("not-evaluated" if it[4].endswith("was not evaluated") else "fail" for it in about)

assert text("markdown").startswith("## egress-audit: ")
print(json.dumps(found))
