"""Carries captured answers of real AWS accounts over into snapshots of our own.

    captures.py FOLDER OUT

FOLDER holds, by deployment, what `aws ec2 describe-...` answered: the test data of Batfish (batfish/batfish, commit cba1873,
Apache-2.0), with `traces.json`, the hops that its authors expect. Only the facts that decide over a packet are taken: ids,
ranges, routes, attachments, rules. OUT gets one snapshot for each deployment that a trace speaks of, and the traces; both are
committed, and no test runs this script. A function stands in every subnet that a trace starts in, with the default group.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "corpus"))
import estate  # noqa: E402


def answers(folder, name):
    files = sorted(folder.rglob(f"{name}.json"))
    return json.loads(files[0].read_text())[name] if files else []


def only(item, *keys):
    return {key: item[key] for key in keys if item.get(key) not in (None, "", [])}


def carried(folder, starts):
    e = estate.Estate()
    for vpc in answers(folder, "Vpcs"):
        e.put("ec2:vpc", vpc["VpcId"], only(vpc, "VpcId", "CidrBlock"))
    for subnet in answers(folder, "Subnets"):
        e.put("ec2:subnet", subnet["SubnetId"], only(
            subnet, "SubnetId", "VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId"))
    for table in answers(folder, "RouteTables"):
        e.put("ec2:route-table", table["RouteTableId"], only(table, "RouteTableId", "VpcId", "Routes") | {
            "Associations": [only(it, "Main", "SubnetId", "GatewayId") for it in table["Associations"]]})
    for nat in answers(folder, "NatGateways"):
        e.put("ec2:nat-gateway", nat["NatGatewayId"], only(
            nat, "NatGatewayId", "VpcId", "SubnetId", "State", "NatGatewayAddresses"))
    for gateway in answers(folder, "InternetGateways"):
        e.put("ec2:internet-gateway", gateway["InternetGatewayId"], only(gateway, "InternetGatewayId", "Attachments"))
    for endpoint in answers(folder, "VpcEndpoints"):
        e.put("ec2:vpc-endpoint", endpoint["VpcEndpointId"], only(
            endpoint, "VpcEndpointId", "VpcId", "VpcEndpointType", "ServiceName", "State", "RouteTableIds", "SubnetIds"))
    for found in answers(folder, "PrefixLists"):
        e.put("ec2:prefix-list", found["PrefixListId"], only(found, "PrefixListId", "PrefixListName"))
        e.put("ec2:prefix-list-entries", found["PrefixListId"], {"Entries": [{"Cidr": cidr} for cidr in found["Cidrs"]]})
    for acl in answers(folder, "NetworkAcls"):
        e.put("ec2:network-acl", acl["NetworkAclId"], only(acl, "NetworkAclId", "VpcId", "Entries") | {
            "Associations": [only(it, "SubnetId") for it in acl["Associations"]]})
    for group in answers(folder, "SecurityGroups"):
        e.put("ec2:security-group", group["GroupId"], only(group, "GroupId", "GroupName", "VpcId", "IpPermissionsEgress"))
    e.bpa()
    for start in starts:
        vpc = e.get("ec2:subnet", start)["VpcId"]
        default = [id for (kind, id), body in e.records.items()
                   if kind == "ec2:security-group" and body["VpcId"] == vpc and body["GroupName"] == "default"]
        e.function(start, subnets=[start], groups=default)
    return e.text()


if __name__ == "__main__":
    source, out = map(pathlib.Path, sys.argv[1:])
    traces = json.loads((source / "traces.json").read_text())
    out.mkdir(parents=True, exist_ok=True)
    (out / "traces.json").write_text(json.dumps(traces, indent=1) + "\n")
    for name in sorted({trace["folder"] for trace in traces}):
        starts = sorted({trace["from_subnet"] for trace in traces if trace["folder"] == name})
        (out / f"{name}.json").write_text(carried(source / name, starts))
