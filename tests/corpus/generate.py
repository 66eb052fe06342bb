#!/usr/bin/env python3
"""Writes the scenario snapshots of tests/corpus and the estate of `egress-audit demo`.

    python3 tests/corpus/generate.py

A scenario is the sound architecture (a Lambda function in private subnets, a NAT gateway with an Elastic IP in a public
subnet of each zone, an internet gateway) and one change to it. The snapshots are committed: no test runs this script.
Bodies have the field names that `aws ... --output json` prints.
"""

import json
import pathlib

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
ACCOUNT, REGION = "123456789012", "us-west-2"
SCOPE = f"aws:{ACCOUNT}:{REGION}"
TAKEN = "2026-11-22T06:00:00Z"
LISTS = {
    "lambda:function": "lambda:ListFunctions", "lambda:version": "lambda:ListFunctions",
    "ec2:vpc": "ec2:DescribeVpcs", "ec2:subnet": "ec2:DescribeSubnets", "ec2:route-table": "ec2:DescribeRouteTables",
    "ec2:nat-gateway": "ec2:DescribeNatGateways", "ec2:address": "ec2:DescribeAddresses",
    "ec2:internet-gateway": "ec2:DescribeInternetGateways",
    "ec2:egress-only-internet-gateway": "ec2:DescribeEgressOnlyInternetGateways",
    "ec2:security-group": "ec2:DescribeSecurityGroups", "ec2:network-acl": "ec2:DescribeNetworkAcls",
    "ec2:network-interface": "ec2:DescribeNetworkInterfaces", "ec2:vpc-endpoint": "ec2:DescribeVpcEndpoints",
    "ec2:prefix-list": "ec2:DescribeManagedPrefixLists",
    "ec2:block-public-access-exclusion": "ec2:DescribeVpcBlockPublicAccessExclusions",
}
EACH = {
    "lambda:function-detail": "lambda:GetFunction", "lambda:aliases": "lambda:ListAliases",
    "lambda:url-configs": "lambda:ListFunctionUrlConfigs", "lambda:policy": "lambda:GetPolicy",
    "lambda:code-signing": "lambda:GetFunctionCodeSigningConfig",
    "ec2:prefix-list-entries": "ec2:GetManagedPrefixListEntries",
    "ec2:block-public-access": "ec2:DescribeVpcBlockPublicAccessOptions",
    "kms:key": "kms:DescribeKey", "kms:key-rotation": "kms:GetKeyRotationStatus", "kms:key-policy": "kms:GetKeyPolicy",
}
CALLS = {**LISTS, **EACH}


def fn_arn(name):
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def key_arn(name):
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{name}"


class Estate:
    """Records by kind and id, with the gaps between them."""

    def __init__(self):
        self.records, self.gaps = {}, []

    def put(self, kind, id, body):
        self.records[(kind, id)] = body
        return body

    def get(self, kind, id):
        return self.records[(kind, id)]

    def drop(self, kind, id):
        del self.records[(kind, id)]

    def deny(self, kind, resource=None, why="denied"):
        """What a caller without the permission sees: nothing of the kind, or not this resource."""
        for key in [k for k in self.records if k[0] == kind and resource in (None, k[1])]:
            del self.records[key]
        detail = f"User: arn:aws:iam::{ACCOUNT}:user/auditor is not authorized to perform: {CALLS[kind]}"
        gap = {"scope": SCOPE, "kind": kind, "call": CALLS[kind], "why": why, "detail": detail}
        if resource:
            gap["resource"] = resource
        self.gaps.append(gap)

    # -- the network -------------------------------------------------------------------------------------------------

    def vpc(self, id="vpc-main", cidr="172.30.0.0/16", owner=ACCOUNT):
        self.put("ec2:vpc", id, {"VpcId": id, "OwnerId": owner, "CidrBlock": cidr, "IsDefault": False})

    def subnet(self, id, cidr, zone="a", vpc="vpc-main", owner=ACCOUNT, name=None, ipv6=None):
        body = {"SubnetId": id, "VpcId": vpc, "OwnerId": owner, "CidrBlock": cidr,
                "AvailabilityZone": f"{REGION}{zone}", "AvailabilityZoneId": f"usw2-az{'abcd'.index(zone) + 1}"}
        if name:
            body["Tags"] = [{"Key": "Name", "Value": name}]
        if ipv6:
            body["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": ipv6, "Ipv6CidrBlockState": {"State": "associated"}}]
        self.put("ec2:subnet", id, body)

    def table(self, id, routes, subnets=(), main=False, vpc="vpc-main"):
        associations = [{"RouteTableAssociationId": f"rtbassoc-{s}", "SubnetId": s, "Main": False,
                         "AssociationState": {"State": "associated"}} for s in subnets]
        if main:
            associations.append({"RouteTableAssociationId": f"rtbassoc-{id}", "Main": True,
                                 "AssociationState": {"State": "associated"}})
        local = route("172.30.0.0/16", "local", Origin="CreateRouteTable")
        self.put("ec2:route-table", id, {"RouteTableId": id, "VpcId": vpc, "Associations": associations,
                                         "Routes": [local, *routes]})

    def nat(self, id, subnet, ips, vpc="vpc-main", **more):
        addresses = [{"AllocationId": f"eipalloc-{ip.replace('.', '-')}", "PublicIp": ip, "PrivateIp": "172.30.0.10",
                      "NetworkInterfaceId": f"eni-{id}", "IsPrimary": n == 0, "Status": "succeeded"}
                     for n, ip in enumerate(ips)]
        body = {"NatGatewayId": id, "VpcId": vpc, "SubnetId": subnet, "State": "available",
                "ConnectivityType": "public", "AvailabilityMode": "zonal", "NatGatewayAddresses": addresses, **more}
        self.put("ec2:nat-gateway", id, {k: v for k, v in body.items() if v is not None})
        for ip in ips:
            self.eip(ip, f"eni-{id}")

    def eip(self, ip, used_by=None, **more):
        id = f"eipalloc-{ip.replace('.', '-')}"
        body = {"AllocationId": id, "PublicIp": ip, "Domain": "vpc", **more}
        if used_by:
            body |= {"AssociationId": f"eipassoc-{ip}", "NetworkInterfaceId": used_by}
        self.put("ec2:address", id, body)

    def igw(self, id="igw-main", vpc="vpc-main", attached=True):
        attachments = [{"VpcId": vpc, "State": "available"}] if attached else []
        self.put("ec2:internet-gateway", id, {"InternetGatewayId": id, "Attachments": attachments})

    def sg(self, id="sg-app", egress=None, name="app", vpc="vpc-main"):
        open_v4 = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "PrefixListIds": [],
                    "UserIdGroupPairs": []}]
        self.put("ec2:security-group", id, {"GroupId": id, "GroupName": name, "VpcId": vpc, "OwnerId": ACCOUNT,
                                            "IpPermissions": [], "IpPermissionsEgress": open_v4 if egress is None else egress})

    def acl(self, id, subnets, entries=None, vpc="vpc-main", default=True):
        if entries is None:
            entries = [acl_entry(100, e, "allow", "0.0.0.0/0") for e in (True, False)]
            entries += [acl_entry(101, e, "allow", "::/0") for e in (True, False)]
        entries += [acl_entry(32767, e, "deny", "0.0.0.0/0") for e in (True, False)]
        associations = [{"NetworkAclAssociationId": f"aclassoc-{s}", "NetworkAclId": id, "SubnetId": s} for s in subnets]
        self.put("ec2:network-acl", id, {"NetworkAclId": id, "VpcId": vpc, "OwnerId": ACCOUNT, "IsDefault": default,
                                         "Associations": associations, "Entries": entries})

    def bpa(self, mode="off"):
        options = {"AwsAccountId": ACCOUNT, "AwsRegion": REGION, "State": "default-state", "InternetGatewayBlockMode": mode}
        self.put("ec2:block-public-access", "options", {"VpcBlockPublicAccessOptions": options})

    def prefix_list(self, id, name, cidrs, owner=ACCOUNT):
        self.put("ec2:prefix-list", id, {"PrefixListId": id, "PrefixListName": name, "OwnerId": owner, "AddressFamily": "IPv4"})
        self.put("ec2:prefix-list-entries", id, {"Entries": [{"Cidr": c} for c in cidrs]})

    # -- functions ---------------------------------------------------------------------------------------------------

    def function(self, name, subnets=("subnet-private-a", "subnet-private-b"), groups=("sg-app",), policy=None, url=None,
                 key=None, env=None, aliases=(), versions=(), code_key=None, dual_stack=False, **more):
        arn = fn_arn(name)
        body = {"FunctionName": name, "FunctionArn": f"{arn}:$LATEST", "Version": "$LATEST", "Runtime": "nodejs22.x",
                "PackageType": "Zip", "Role": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
        if subnets:
            body["VpcConfig"] = {"VpcId": "vpc-main", "SubnetIds": list(subnets), "SecurityGroupIds": list(groups),
                                 "Ipv6AllowedForDualStack": dual_stack}
        if key:
            body["KMSKeyArn"] = key
        if env is not None:
            body["Environment"] = {"Variables": env}
        body = {k: v for k, v in {**body, **more}.items() if v is not None}
        self.put("lambda:function", arn, body)
        detail = {"Configuration": body | {"State": "Active"}, "Code": {"RepositoryType": "S3"}}
        if code_key:
            detail["Code"]["SourceKMSKeyArn"] = code_key
        self.put("lambda:function-detail", arn, detail)
        self.put("lambda:aliases", arn, {"Aliases": [
            {"AliasArn": f"{arn}:{a}", "Name": a, "FunctionVersion": v} for a, v in aliases]})
        configs = [{"FunctionUrl": f"https://{name}{q or ''}.lambda-url.{REGION}.on.aws/",
                    "FunctionArn": f"{arn}:{q}" if q else arn, "AuthType": auth} for q, auth in (url or [])]
        self.put("lambda:url-configs", arn, {"FunctionUrlConfigs": configs})
        self.put("lambda:code-signing", arn, {"FunctionName": name})
        policies = policy if isinstance(policy, dict) else {None: policy}
        for version in versions:
            self.put("lambda:version", f"{arn}:{version}", body | {"FunctionArn": f"{arn}:{version}", "Version": version})
        for qualifier in [None, *versions, *(a for a, _ in aliases)]:
            own = f"{arn}:{qualifier}" if qualifier else arn
            statements = policies.get(qualifier)
            document = statements and {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": [
                s | {"Resource": own} for s in statements]})}
            self.put("lambda:policy", own, document)

    def key(self, name, state="Enabled", rotation=True, manager="CUSTOMER", days=365, **more):
        arn = key_arn(name)
        self.put("kms:key", arn, {"KeyMetadata": {"KeyId": name, "Arn": arn, "KeyState": state, "KeyManager": manager, **more}})
        status = None if rotation is None else {"KeyRotationEnabled": rotation}
        if rotation:
            status["RotationPeriodInDays"] = days
        self.put("kms:key-rotation", arn, status)
        self.put("kms:key-policy", arn, {"Policy": json.dumps({"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}]})})
        return arn

    # -- writing -----------------------------------------------------------------------------------------------------

    def text(self):
        gaps = sorted(self.gaps, key=lambda g: (g["kind"], g["call"], g.get("resource", "")))
        coverage = []
        for kind, call in CALLS.items():
            count = sum(1 for k, _ in self.records if k == kind)
            own = [g for g in gaps if g["kind"] == kind]
            state = "read" if not own else "partial" if count or all("resource" in g for g in own) else "unread"
            coverage.append({"scope": SCOPE, "kind": kind, "call": call, "state": state, "count": count})
        coverage.sort(key=lambda c: (c["kind"], c["call"]))
        records = [{"kind": kind, "id": id, "scope": SCOPE, "body": body}
                   for (kind, id), body in sorted(self.records.items())]
        scope = {"id": SCOPE, "principal": f"arn:aws:iam::{ACCOUNT}:user/auditor"}
        head = {"schema": "egress-audit/snapshot/v1", "tool": {"name": "egress-audit", "version": "0.1.0"}, "taken_at": TAKEN}
        parts = [json.dumps(head, separators=(",", ":"))[:-1]]
        for name, items in [("scopes", [scope]), ("coverage", coverage), ("gaps", gaps), ("records", records)]:
            lines = ",\n".join(json.dumps(i, separators=(",", ":"), sort_keys=name == "body") for i in items)
            parts.append(f',\n"{name}":[\n{lines}]' if items else f',\n"{name}":[]')
        return "".join(parts) + "\n}\n"


def route(destination, target, **more):
    kinds = {"nat": "NatGatewayId", "tgw": "TransitGatewayId", "pcx": "VpcPeeringConnectionId", "eni": "NetworkInterfaceId",
             "i": "InstanceId", "eigw": "EgressOnlyInternetGatewayId"}
    where = "DestinationPrefixListId" if destination.startswith("pl-") else \
        "DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock"
    return {where: destination, kinds.get(target.split("-")[0], "GatewayId"): target, "Origin": "CreateRoute",
            "State": "active", **more}


def acl_entry(number, egress, action, cidr, ports=None, protocol=None):
    body = {"RuleNumber": number, "Egress": egress, "RuleAction": action, "Protocol": protocol or ("6" if ports else "-1")}
    body["Ipv6CidrBlock" if ":" in cidr else "CidrBlock"] = cidr
    if ports:
        body["PortRange"] = {"From": ports[0], "To": ports[1]}
    return body


def grant(action, principal, condition=None, sid="s", effect="Allow"):
    statement = {"Sid": sid, "Effect": effect, "Principal": principal, "Action": action}
    return statement | ({"Condition": condition} if condition else {})


URL_NONE = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
VIA_URL = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
PUBLIC_URL = [grant("lambda:InvokeFunctionUrl", "*", URL_NONE, "FunctionURLAllowPublicAccess"),
              grant("lambda:InvokeFunction", "*", VIA_URL, "FunctionURLInvokeAllowPublicAccess")]


def network():
    e = Estate()
    e.vpc()
    e.igw()
    e.bpa()
    e.subnet("subnet-public-a", "172.30.0.0/24", "a", name="public-a")
    e.subnet("subnet-public-b", "172.30.1.0/24", "b", name="public-b")
    e.subnet("subnet-private-a", "172.30.10.0/24", "a", name="private-a")
    e.subnet("subnet-private-b", "172.30.11.0/24", "b", name="private-b")
    e.nat("nat-a", "subnet-public-a", ["52.43.112.142"])
    e.nat("nat-b", "subnet-public-b", ["44.230.9.17"])
    e.table("rtb-main", [], main=True)
    e.table("rtb-public", [route("0.0.0.0/0", "igw-main")], ["subnet-public-a", "subnet-public-b"])
    e.table("rtb-private-a", [route("0.0.0.0/0", "nat-a")], ["subnet-private-a"])
    e.table("rtb-private-b", [route("0.0.0.0/0", "nat-b")], ["subnet-private-b"])
    e.sg()
    e.acl("acl-default", ["subnet-public-a", "subnet-public-b", "subnet-private-a", "subnet-private-b"])
    return e


def sound():
    e = network()
    e.function("orders", key=e.key("orders"), env={"STAGE": None})
    return e


SCENARIOS = {}


def scenario(f):
    SCENARIOS[f.__name__.replace("_", "-")] = f
    return f


def routes_a(e, *routes):
    e.table("rtb-private-a", list(routes), ["subnet-private-a"])


SCENARIOS["sound"] = sound


@scenario
def no_functions():
    e = network()
    for ip in ("52.43.112.142", "44.230.9.17"):
        e.eip(ip, "eni-nat")
    return e


@scenario
def function_in_public_subnet():
    e = sound()
    e.function("orders", subnets=["subnet-public-a", "subnet-public-b"])
    return e


@scenario
def second_subnet_without_nat():
    e = sound()
    e.table("rtb-private-b", [], ["subnet-private-b"])
    return e


@scenario
def main_table_serves_unnamed_subnets():
    e = sound()
    e.drop("ec2:route-table", "rtb-private-a")
    e.drop("ec2:route-table", "rtb-private-b")
    e.table("rtb-main", [route("0.0.0.0/0", "nat-a")], main=True)
    return e


@scenario
def split_defaults_to_two_nats():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    routes_a(e, route("0.0.0.0/1", "nat-a"), route("128.0.0.0/1", "nat-b"))
    return e


@scenario
def blackhole_default_with_live_halves():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    routes_a(e, route("0.0.0.0/0", "nat-gone", State="blackhole"), route("0.0.0.0/1", "nat-a"), route("128.0.0.0/1", "nat-a"))
    return e


@scenario
def blackholed_default():
    e = sound()
    for zone in "ab":
        e.table(f"rtb-private-{zone}", [route("0.0.0.0/0", "nat-gone", State="blackhole")], [f"subnet-private-{zone}"])
    return e


@scenario
def nat_with_secondary_addresses():
    e = sound()
    e.nat("nat-a", "subnet-public-a", ["52.43.112.142", "52.43.112.143"])
    return e


@scenario
def nat_in_private_subnet():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    e.nat("nat-a", "subnet-private-a", ["52.43.112.142"])
    return e


@scenario
def nat_behind_another_nat():
    # Traffic leaves the first with a private address, so that others see the address of the second.
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    e.subnet("subnet-inner", "172.30.20.0/24", "a", name="inner")
    e.nat("nat-inner", "subnet-inner", ["52.43.112.99"])
    e.table("rtb-inner", [route("0.0.0.0/0", "nat-b")], ["subnet-inner"])
    routes_a(e, route("0.0.0.0/0", "nat-inner"))
    e.acl("acl-default", ["subnet-public-a", "subnet-public-b", "subnet-private-a", "subnet-private-b", "subnet-inner"])
    return e


@scenario
def nat_subnet_without_route():
    e = sound()
    e.table("rtb-public", [], ["subnet-public-a", "subnet-public-b"])
    return e


@scenario
def nat_that_failed():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    e.nat("nat-a", "subnet-public-a", ["52.43.112.142"], State="failed")
    return e


@scenario
def nat_that_does_not_exist():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    e.drop("ec2:nat-gateway", "nat-a")
    return e


def regional(e, provision, scaling):
    e.nat("nat-regional", None, ["52.43.112.142", "44.230.9.17"], AvailabilityMode="regional", RouteTableId="rtb-regional",
          AutoProvisionZones=provision, AutoScalingIps=scaling)
    e.table("rtb-regional", [route("0.0.0.0/0", "igw-main")])
    for zone in "ab":
        e.table(f"rtb-private-{zone}", [route("0.0.0.0/0", "nat-regional")], [f"subnet-private-{zone}"])
        e.drop("ec2:nat-gateway", f"nat-{zone}")


@scenario
def regional_nat_automatic():
    e = sound()
    regional(e, "enabled", "enabled")
    return e


@scenario
def regional_nat_manual():
    e = sound()
    regional(e, "disabled", "disabled")
    return e


@scenario
def private_nat_to_internet_gateway():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    e.nat("nat-a", "subnet-public-a", [], ConnectivityType="private")
    return e


@scenario
def shared_vpc_of_unread_owner():
    e = sound()
    for kind, id in list(e.records):
        if kind in ("ec2:subnet", "ec2:vpc"):
            e.get(kind, id)["OwnerId"] = "222222222222"
    # A participant sees the routes, and neither the NAT gateways nor their addresses.
    for zone in "ab":
        e.drop("ec2:nat-gateway", f"nat-{zone}")
    for kind, id in list(e.records):
        if kind == "ec2:address":
            e.drop(kind, id)
    return e


@scenario
def transit_gateway():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    routes_a(e, route("0.0.0.0/0", "tgw-hub"))
    return e


@scenario
def peering_connection():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    routes_a(e, route("0.0.0.0/0", "pcx-other"))
    return e


@scenario
def detached_internet_gateway():
    e = sound()
    e.igw(attached=False)
    return e


def instance(e, ip, owner, check=False):
    e.function("orders", subnets=["subnet-private-a"])
    association = {"PublicIp": ip, "IpOwnerId": owner} | ({"AllocationId": "eipalloc-i"} if owner != "amazon" else {})
    e.put("ec2:network-interface", "eni-nat", {
        "NetworkInterfaceId": "eni-nat", "SubnetId": "subnet-public-a", "VpcId": "vpc-main", "Status": "in-use",
        "InterfaceType": "interface", "SourceDestCheck": check, "OwnerId": ACCOUNT, "Association": association,
        "Attachment": {"InstanceId": "i-nat", "Status": "attached"}})
    routes_a(e, route("0.0.0.0/0", "eni-nat", InstanceId="i-nat"))


@scenario
def nat_instance_with_elastic_address():
    e = sound()
    instance(e, "52.10.0.1", ACCOUNT)
    return e


@scenario
def nat_instance_with_lent_address():
    e = sound()
    instance(e, "54.10.0.1", "amazon")
    return e


@scenario
def instance_that_checks_source_and_destination():
    e = sound()
    instance(e, "52.10.0.1", ACCOUNT, check=True)
    return e


@scenario
def block_public_access_bidirectional():
    e = sound()
    e.bpa("block-bidirectional")
    return e


@scenario
def block_public_access_ingress():
    e = sound()
    e.bpa("block-ingress")
    return e


@scenario
def block_public_access_with_nat_subnet_excluded():
    e = sound()
    e.bpa("block-bidirectional")
    for zone in "ab":
        arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-public-{zone}"
        e.put("ec2:block-public-access-exclusion", f"vpcbpa-exclude-{zone}", {
            "ExclusionId": f"vpcbpa-exclude-{zone}", "ResourceArn": arn, "State": "create-complete",
            "InternetGatewayExclusionMode": "allow-egress"})
    return e


@scenario
def network_acl_with_linux_return_ports():
    e = sound()
    entries = [acl_entry(100, True, "allow", "0.0.0.0/0"), acl_entry(100, False, "allow", "0.0.0.0/0", (32768, 65535))]
    e.acl("acl-private", ["subnet-private-a", "subnet-private-b"], entries, default=False)
    e.acl("acl-default", ["subnet-public-a", "subnet-public-b"])
    return e


@scenario
def network_acl_that_denies_answers():
    e = sound()
    e.acl("acl-private", ["subnet-private-a", "subnet-private-b"], [acl_entry(100, True, "allow", "0.0.0.0/0")], default=False)
    e.acl("acl-default", ["subnet-public-a", "subnet-public-b"])
    return e


@scenario
def network_acl_that_denies_one_network():
    e = sound()
    entries = [acl_entry(50, d, "deny", "203.0.113.0/24") for d in (True, False)]
    entries += [acl_entry(100, d, "allow", "0.0.0.0/0") for d in (True, False)]
    e.acl("acl-default", ["subnet-public-a", "subnet-public-b", "subnet-private-a", "subnet-private-b"], entries)
    return e


@scenario
def security_group_without_egress():
    e = sound()
    e.sg(egress=[])
    return e


@scenario
def security_group_to_prefix_list():
    e = sound()
    e.prefix_list("pl-partner", "partner", ["198.51.100.0/24"])
    e.sg(egress=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [], "Ipv6Ranges": [],
                  "PrefixListIds": [{"PrefixListId": "pl-partner"}], "UserIdGroupPairs": []}])
    return e


@scenario
def dual_stack_with_egress_only_gateway():
    e = sound()
    for n, zone in enumerate("ab"):
        e.subnet(f"subnet-private-{zone}", f"172.30.1{n}.0/24", zone, ipv6=f"2600:1f14:abcd:{n}::/64")
        e.table(f"rtb-private-{zone}", [route("0.0.0.0/0", f"nat-{zone}"), route("::/0", "eigw-main")], [f"subnet-private-{zone}"])
    e.put("ec2:egress-only-internet-gateway", "eigw-main", {
        "EgressOnlyInternetGatewayId": "eigw-main", "Attachments": [{"VpcId": "vpc-main", "State": "attached"}]})
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                   "PrefixListIds": [], "UserIdGroupPairs": []}]
    e.sg(egress=everything)
    e.function("orders", dual_stack=True)
    return e


@scenario
def capacity_provider():
    e = sound()
    e.function("orders", subnets=None, CapacityProviderConfig={"LambdaManagedInstancesCapacityProviderConfig": {
        "CapacityProviderArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:capacity-provider:cp"}})
    return e


@scenario
def gateway_endpoint_beside_nat():
    e = sound()
    e.prefix_list("pl-s3", f"com.amazonaws.{REGION}.s3", ["52.218.128.0/17"], owner="AWS")
    for zone in "ab":
        e.table(f"rtb-private-{zone}", [route("pl-s3", "vpce-s3"), route("0.0.0.0/0", f"nat-{zone}")], [f"subnet-private-{zone}"])
    e.put("ec2:vpc-endpoint", "vpce-s3", {
        "VpcEndpointId": "vpce-s3", "VpcEndpointType": "Gateway", "VpcId": "vpc-main", "State": "available",
        "ServiceName": f"com.amazonaws.{REGION}.s3", "RouteTableIds": ["rtb-private-a", "rtb-private-b"],
        "PrivateDnsEnabled": False})
    return e


@scenario
def no_vpc():
    e = sound()
    e.function("orders", subnets=None)
    return e


@scenario
def one_zone_and_default_group():
    e = sound()
    e.sg("sg-default", name="default")
    e.function("orders", subnets=["subnet-private-a"], groups=["sg-default"])
    return e


@scenario
def one_nat_for_two_zones():
    e = sound()
    e.table("rtb-private-b", [route("0.0.0.0/0", "nat-a")], ["subnet-private-b"])
    return e


@scenario
def unused_address():
    e = sound()
    e.eip("35.160.1.1")
    return e


@scenario
def public_url():
    e = sound()
    e.function("orders", url=[(None, "NONE")], policy=PUBLIC_URL)
    return e


@scenario
def public_url_with_one_grant():
    e = sound()
    e.function("orders", url=[(None, "NONE")], policy=PUBLIC_URL[:1])
    return e


@scenario
def public_url_whose_grant_opens_the_api():
    e = sound()
    e.function("orders", url=[(None, "NONE")], policy=[PUBLIC_URL[0], grant("lambda:InvokeFunction", "*")])
    return e


@scenario
def public_policy_that_outlived_its_url():
    e = sound()
    e.function("orders", policy=PUBLIC_URL)
    return e


@scenario
def public_alias():
    e = sound()
    e.function("orders", aliases=[("live", "7")], versions=["6", "7"], policy={"live": [grant("lambda:InvokeFunction", "*")]})
    return e


@scenario
def optional_source_account():
    e = sound()
    e.function("orders", policy=[grant("lambda:InvokeFunction", "*",
                                       {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}})])
    return e


@scenario
def everyone_allowed_and_outsiders_denied():
    e = sound()
    e.function("orders", policy=[grant("lambda:InvokeFunction", "*"), grant(
        "lambda:InvokeFunction", "*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, "deny", "Deny")])
    return e


@scenario
def service_without_source():
    e = sound()
    e.function("orders", policy=[grant("lambda:InvokeFunction", {"Service": "s3.amazonaws.com"},
                                       {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}})])
    return e


@scenario
def service_with_source():
    e = sound()
    e.function("orders", policy=[grant("lambda:InvokeFunction", {"Service": "s3.amazonaws.com"}, {
        "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}, "StringEquals": {"AWS:SourceAccount": ACCOUNT}})])
    return e


@scenario
def organisation_by_two_negations():
    """Outsiders have no organisation, or another: everyone but them is let in, and only they are left."""
    e = sound()
    e.function("orders", policy=[grant("lambda:InvokeFunction", "*", {
        "StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "Null": {"aws:PrincipalOrgID": "false"}})])
    return e


@scenario
def all_values_of_a_missing_key():
    e = sound()
    e.function("orders", policy=[grant("lambda:InvokeFunction", "*", {
        "ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}})])
    return e


@scenario
def every_address_in_two_halves():
    e = sound()
    e.function("orders", url=[(None, "NONE")], policy=[
        s | {"Condition": s["Condition"] | {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}}
        for s in PUBLIC_URL])
    return e


@scenario
def public_url_for_a_few_addresses():
    e = sound()
    e.function("orders", url=[(None, "NONE")], policy=[
        s | {"Condition": s["Condition"] | {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}} for s in PUBLIC_URL])
    return e


@scenario
def url_grant_for_the_other_authentication():
    e = sound()
    other = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
    e.function("orders", url=[(None, "NONE")], policy=[PUBLIC_URL[0] | {"Condition": other}, PUBLIC_URL[1]])
    return e


@scenario
def named_callers():
    """A foreign account and a role, and a role of the own account that was deleted."""
    e = sound()
    e.function("orders", policy=[
        grant("lambda:InvokeFunction", {"AWS": "arn:aws:iam::111122223333:root"}, sid="partner"),
        grant("lambda:InvokeFunction", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/batch"}, sid="batch"),
        grant("lambda:InvokeFunction", {"AWS": "AROAEXAMPLEEXAMPLE123"}, sid="gone")])
    return e


@scenario
def everyone_but_one_account():
    e = sound()
    but = grant("lambda:InvokeFunction", None)
    del but["Principal"]
    e.function("orders", policy=[but | {"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}])
    return e


@scenario
def condition_that_nobody_can_judge():
    e = sound()
    e.function("orders", policy=[grant("lambda:InvokeFunction", "*", {
        "DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}})])
    return e


@scenario
def key_pending_deletion():
    e = sound()
    key = e.key("doomed", "PendingDeletion", rotation=False, DeletionDate="2026-12-01T00:00:00Z")
    e.function("orders", key=key)
    return e


@scenario
def key_without_rotation():
    e = sound()
    e.function("orders", key=e.key("still", rotation=False))
    return e


@scenario
def key_that_cannot_rotate():
    e = sound()
    e.function("orders", code_key=e.key("imported", rotation=None, Origin="EXTERNAL"))
    return e


@scenario
def old_runtime_and_secret():
    e = sound()
    e.function("orders", Runtime="nodejs20.x", env={"STAGE": None, "GITHUB_TOKEN": {"looks_like": "github-token"}})
    return e


@scenario
def unknown_words():
    e = sound()
    e.function("orders", Runtime="cobol1.x", url=[(None, "TELEPATHY")], key=e.key("odd", "Dreaming"),
               subnets=["subnet-private-a"])
    routes_a(e, route("0.0.0.0/0", "warp-1"))
    return e


@scenario
def denied_nat_gateways():
    e = sound()
    e.deny("ec2:nat-gateway")
    return e


@scenario
def denied_policy():
    e = sound()
    e.deny("lambda:policy", fn_arn("orders"))
    return e


@scenario
def denied_block_public_access():
    e = sound()
    e.deny("ec2:block-public-access")
    return e


@scenario
def denied_functions():
    e = network()
    for kind in CALLS:
        if kind.startswith("lambda:"):
            e.deny(kind)
    return e


def demo():
    """The sound form and the broken ones side by side, in one account."""
    e = network()
    e.function("top-ten", key=e.key("top-ten"), env={"STAGE": None})
    e.function("checkout", aliases=[("live", "12")], versions=["12"], policy={"live": [grant(
        "lambda:InvokeFunction", {"Service": "events.amazonaws.com"},
        {"ArnLike": {"AWS:SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly"}})]})
    # In the public subnets, where a function has no address of its own.
    e.function("webhook", subnets=["subnet-public-a", "subnet-public-b"], url=[(None, "NONE")], policy=PUBLIC_URL,
               Runtime="nodejs20.x")
    # One subnet whose table nobody gave a route.
    e.subnet("subnet-private-c", "172.30.12.0/24", "c", name="private-c")
    e.table("rtb-private-c", [], ["subnet-private-c"])
    e.function("billing-sync", subnets=["subnet-private-a", "subnet-private-c"], key=e.key("billing", rotation=False))
    # A NAT gateway that was deleted, and the route to it that stayed.
    e.subnet("subnet-legacy", "172.30.13.0/24", "a", name="legacy")
    e.table("rtb-legacy", [route("0.0.0.0/0", "nat-0f2d", State="blackhole")], ["subnet-legacy"])
    e.function("daily-report", subnets=["subnet-legacy"], env={"GITHUB_TOKEN": {"looks_like": "github-token"}})
    # A NAT gateway in the very subnet that it should serve.
    e.subnet("subnet-loop", "172.30.14.0/24", "b", name="loop")
    e.nat("nat-loop", "subnet-loop", ["35.80.4.4"])
    e.table("rtb-loop", [route("0.0.0.0/0", "nat-loop")], ["subnet-loop"])
    e.function("partner-feed", subnets=["subnet-loop"])
    # Return ports as on Linux, not as NAT gateways use them.
    e.subnet("subnet-strict", "172.30.15.0/24", "a", name="strict")
    e.table("rtb-strict", [route("0.0.0.0/0", "nat-a")], ["subnet-strict"])
    entries = [acl_entry(100, True, "allow", "0.0.0.0/0"), acl_entry(100, False, "allow", "0.0.0.0/0", (32768, 65535))]
    e.acl("acl-strict", ["subnet-strict"], entries, default=False)
    e.function("fraud-check", subnets=["subnet-strict"], policy=[grant(
        "lambda:InvokeFunction", {"Service": "s3.amazonaws.com"}, {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}})])
    e.acl("acl-default", ["subnet-public-a", "subnet-public-b", "subnet-private-a", "subnet-private-b", "subnet-private-c",
                          "subnet-legacy", "subnet-loop", "subnet-central"])
    # A transit gateway, whose other side was not read.
    e.subnet("subnet-central", "172.30.16.0/24", "b", name="central")
    e.table("rtb-central", [route("0.0.0.0/0", "tgw-hub")], ["subnet-central"])
    e.function("legacy-fn", subnets=["subnet-central"])
    # Outside of any VPC, and with a key that is about to go.
    doomed = e.key("doomed", "PendingDeletion", rotation=False, DeletionDate="2026-12-01T00:00:00Z")
    e.function("hello", subnets=None, key=doomed)
    # Open to every AWS account, by the grant that should have been for the URL alone.
    e.function("thumbnails", subnets=["subnet-private-b"], url=[(None, "NONE")],
               policy=[PUBLIC_URL[0], grant("lambda:InvokeFunction", "*", sid="allow-all")])
    e.eip("35.160.1.1", Tags=[{"Key": "Name", "Value": "left-over"}])
    e.deny("lambda:policy", fn_arn("hello"))
    return e


if __name__ == "__main__":
    for name, build in SCENARIOS.items():
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        (folder / "snapshot.json").write_text(build().text())
    (ROOT / "src/source/demo/estate.json").write_text(demo().text())
    print(f"{len(SCENARIOS)} scenarios and the demo")
