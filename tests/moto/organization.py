"""Builds an organisation on a moto server, and prints the ids of its accounts as JSON.

    organization.py ENDPOINT [--accounts N] [--regions R,R]

The caller's account and N-1 others, each with one function in a private subnet of one of the regions, in turn, that reaches
the internet through a NAT gateway with a reserved address; every second function has a label that says that it should. One
more account is suspended. The role `Audit` needs not be made: moto lets everyone assume any.
"""

import argparse
import concurrent.futures
import io
import json
import sys
import threading
import zipfile

import boto3
import botocore.config

parser = argparse.ArgumentParser()
parser.add_argument("endpoint")
parser.add_argument("--accounts", type=int, default=3)
parser.add_argument("--regions", default="us-west-2")
asked = parser.parse_args()
regions = asked.regions.split(",")

config = botocore.config.Config(retries={"max_attempts": 1})
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as zipped:
    zipped.writestr("index.js", "exports.handler = async () => 1")


session, one = boto3.Session("test", "test"), threading.Lock()


def client(name, region=regions[0], **credentials):
    # What a session has loaded is used again, and by one thread at a time.
    with one:
        return session.client(name, region_name=region, endpoint_url=asked.endpoint, config=config, **credentials)


def within(account):
    """How to be in an account."""
    if account == caller:
        return {}
    role = f"arn:aws:iam::{account}:role/Audit"
    made = sts.assume_role(RoleArn=role, RoleSessionName="build")["Credentials"]
    return {
        "aws_access_key_id": made["AccessKeyId"],
        "aws_secret_access_key": made["SecretAccessKey"],
        "aws_session_token": made["SessionToken"],
    }


def fill(number, account):
    region, there = regions[number % len(regions)], within(account)
    ec2, functions, iam = (client(name, region, **there) for name in ("ec2", "lambda", "iam"))
    vpc = ec2.create_vpc(CidrBlock="172.30.0.0/16")["Vpc"]["VpcId"]

    def subnet(number, zone):
        cidr = f"172.30.{number}.0/24"
        return ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=region + zone)["Subnet"]["SubnetId"]

    def table(subnet, **target):
        made = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=made, DestinationCidrBlock="0.0.0.0/0", **target)
        ec2.associate_route_table(RouteTableId=made, SubnetId=subnet)

    igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
    private = []
    for place, zone in enumerate("ab"):
        public = subnet(place, zone)
        table(public, GatewayId=igw)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
        private.append(subnet(10 + place, zone))
        table(private[-1], NatGatewayId=nat)
    group = ec2.create_security_group(GroupName="functions", Description="functions", VpcId=vpc)["GroupId"]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    functions.create_function(
        FunctionName=f"of-{account}",
        Runtime="nodejs22.x",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
        VpcConfig={"SubnetIds": private, "SecurityGroupIds": [group]},
        Tags={"team": "t", **({"egress-audit-egress": "static"} if number % 2 == 0 else {})},
    )


organizations, sts = client("organizations"), client("sts")
caller = sts.get_caller_identity()["Account"]
organizations.create_organization(FeatureSet="ALL")


def create(name):
    made = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
    return made["CreateAccountStatus"]["AccountId"]


accounts = [caller, *(create(f"account-{number}") for number in range(1, asked.accounts))]
closed = create("closed")
organizations.close_account(AccountId=closed)
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    list(pool.map(fill, range(len(accounts)), accounts))
json.dump({"accounts": accounts, "closed": closed}, sys.stdout)
