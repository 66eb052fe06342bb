#!/usr/bin/env python3
"""Writes the scenario snapshots of tests/corpus and the estate of `egress-audit demo`.

    python3 tests/corpus/generate.py

A scenario is the sound architecture (a Lambda function in private subnets, a NAT gateway with an Elastic IP in a public
subnet of each zone, an internet gateway) and one change to it. The snapshots are committed: no test runs this script.
Bodies have the field names that `aws ... --output json` prints.
"""

import inspection  # noqa: F401, adds its scenarios
import networks
import running  # noqa: F401, adds its scenarios
from doors import by_api, http, method, rest
from estate import *

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
def code_that_is_signed_and_not():
    """By a configuration that refuses what is not signed, by one that warns, by none, and by one that is denied."""
    e = sound()
    for name, policy in [("signed", "Enforce"), ("warned", "Warn"), ("hidden", None)]:
        e.function(name)
        config = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-{name}"
        e.put("lambda:code-signing", fn_arn(name), {"FunctionName": name, "CodeSigningConfigArn": config})
        e.put("lambda:code-signing-config", config, {"CodeSigningConfig": {
            "CodeSigningConfigArn": config, "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": policy}}})
        if not policy:
            e.deny("lambda:code-signing-config", config)
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
    e.function("top-ten", key=e.key("top-ten"), env={"STAGE": None}, policy=[by_api("clash", "prod/GET/top-ten")])
    rest(e, {"/top-ten": {"get": method("top-ten", security=["sigv4"])}}, id="clash", name="clash-api")
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
        "lambda:InvokeFunction", {"Service": "s3.amazonaws.com"}, {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}}),
        by_api("checks")])
    # An API whose first route never got its authoriser.
    http(e, [("POST /check", "NONE")], id="checks", name="fraud-api", function="fraud-check")
    e.acl("acl-default", ["subnet-public-a", "subnet-public-b", "subnet-private-a", "subnet-private-b", "subnet-private-c",
                          "subnet-legacy", "subnet-loop", "subnet-central"])
    # A transit gateway, whose other side was not read.
    e.subnet("subnet-central", "172.30.16.0/24", "b", name="central")
    e.table("rtb-central", [route("0.0.0.0/0", "tgw-hub")], ["subnet-central"])
    e.function("legacy-fn", subnets=["subnet-central"])
    networks.transit_gateway(e, networks.HUB)
    networks.attach(e, "tgw-attach-spoke", "vpc-main", ACCOUNT, ["subnet-central"], owner=networks.HUB)
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
