"""Builds the fourth architecture on a moto server, and prints its ids as JSON.

    topology.py ENDPOINT [--region R] [--extra N] [FORM...]

A function in private subnets of two zones that reaches the internet through a NAT gateway in each, with reserved
addresses.
Each FORM adds a function that has the same name and is broken in one way:

    public-subnet              its subnet's route leads to the internet gateway
    nat-in-private-subnet      the NAT gateway that it is routed to is in that very subnet
    blackhole                  the NAT gateway that it is routed to was deleted
    second-subnet-without-nat  one of its two subnets has no route to the internet
    public-url                 a function URL without authentication, with both grants to everyone
    disabled-key               its environment is encrypted with a disabled key
    secret                     a variable of its environment looks like a credential
    alias                      a version, an alias `live` of it, and a grant to everyone on the alias
    doors                      a REST API, an HTTP API, a load balancer and a queue lead to it, a distribution to its URL;
                               it has a layer, and a user with a managed policy may call it
"""

import argparse
import concurrent.futures
import io
import json
import sys
import zipfile

import boto3
import botocore.config

FORMS = [
    "public-subnet",
    "nat-in-private-subnet",
    "blackhole",
    "second-subnet-without-nat",
    "public-url",
    "disabled-key",
    "secret",
    "alias",
    "doors",
]

parser = argparse.ArgumentParser()
parser.add_argument("endpoint")
parser.add_argument("forms", nargs="*")
parser.add_argument("--region", default="us-west-2")
parser.add_argument("--extra", type=int, default=0)
asked = parser.parse_args()
unknown = set(asked.forms) - set(FORMS)
if unknown:
    sys.exit(f"unknown forms: {', '.join(sorted(unknown))}")

config = botocore.config.Config(retries={"max_attempts": 1}, max_pool_connections=16)
session = boto3.Session("test", "test", region_name=asked.region)


def client(name):
    return session.client(name, endpoint_url=asked.endpoint, config=config)


ec2, functions, kms, iam = (client(name) for name in ("ec2", "lambda", "kms", "iam"))

archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as zipped:
    zipped.writestr("index.js", "exports.handler = async () => 1")
CODE = archive.getvalue()


def subnet(vpc, number, zone):
    cidr = f"172.30.{number}.0/24"
    return ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=asked.region + zone)["Subnet"]["SubnetId"]


def table(vpc, *subnets, **target):
    made = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    if target:
        ec2.create_route(RouteTableId=made, DestinationCidrBlock="0.0.0.0/0", **target)
    for one in subnets:
        ec2.associate_route_table(RouteTableId=made, SubnetId=one)
    return made


def nat(where):
    address = ec2.allocate_address(Domain="vpc")
    made = ec2.create_nat_gateway(SubnetId=where, AllocationId=address["AllocationId"])["NatGateway"]
    return made["NatGatewayId"], address["AllocationId"], address["PublicIp"]


def key(description):
    return kms.create_key(Description=description)["KeyMetadata"]["Arn"]


vpc = ec2.create_vpc(CidrBlock="172.30.0.0/16")["Vpc"]["VpcId"]
public = [subnet(vpc, 0, "a"), subnet(vpc, 1, "b")]
private = [subnet(vpc, 10, "a"), subnet(vpc, 11, "b")]
igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
public_table = table(vpc, *public, GatewayId=igw)
nat_id, allocation, address = nat(public[0])
of_vpc = {"Name": "vpc-id", "Values": [vpc]}
main_table = ec2.describe_route_tables(Filters=[of_vpc, {"Name": "association.main", "Values": ["true"]}])
main_table = main_table["RouteTables"][0]["RouteTableId"]
ec2.create_route(RouteTableId=main_table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat_id)
second_nat, _, second_address = nat(public[1])
table(vpc, private[1], NatGatewayId=second_nat)
default_group = ec2.describe_security_groups(Filters=[of_vpc])["SecurityGroups"][0]["GroupId"]
group = ec2.create_security_group(GroupName="functions", Description="functions", VpcId=vpc)["GroupId"]
trust = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def role(name):
    """A role of its own for each function, as the sound architecture has."""
    try:
        return iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    except iam.exceptions.EntityAlreadyExistsException:
        return iam.get_role(RoleName=name)["Role"]["Arn"]


def function(name, subnets, **more):
    more.setdefault("Code", {"ZipFile": CODE})
    if "Role" not in more:
        more["Role"] = role(name)
    made = functions.create_function(
        FunctionName=name,
        Runtime="nodejs22.x",
        Handler="index.handler",
        VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [group]},
        **more,
    )
    return made["FunctionArn"]


def grant(name, action, **more):
    statement = action.replace(":", "-") + "-everyone"
    functions.add_permission(FunctionName=name, StatementId=statement, Action=action, Principal="*", **more)


def doors(arn):
    rest = client("apigateway")
    api = rest.create_rest_api(name="rest", endpointConfiguration={"types": ["REGIONAL"]})["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    uri = f"arn:aws:apigateway:{asked.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    where = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    rest.put_method(authorizationType="NONE", **where)
    rest.put_integration(type="AWS_PROXY", integrationHttpMethod="POST", uri=uri, **where)
    rest.create_deployment(restApiId=api, stageName="prod", variables={"key": "AKIAIOSFODNN7EXAMPLE", "to": "doors"})
    rest.create_domain_name(domainName="rest.example.com", endpointConfiguration={"types": ["REGIONAL"]})
    rest.create_base_path_mapping(domainName="rest.example.com", restApiId=api, stage="prod")

    http = client("apigatewayv2")
    second = http.create_api(Name="http", ProtocolType="HTTP")["ApiId"]
    made = http.create_integration(
        ApiId=second, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
    )
    target = f"integrations/{made['IntegrationId']}"
    http.create_route(ApiId=second, RouteKey="$default", AuthorizationType="NONE", Target=target)
    http.create_stage(ApiId=second, StageName="$default", AutoDeploy=True)
    http.create_domain_name(
        DomainName="http.example.com", DomainNameConfigurations=[{"EndpointType": "REGIONAL"}]
    )
    http.create_api_mapping(ApiId=second, DomainName="http.example.com", Stage="$default")

    balancing = client("elbv2")
    balancer = balancing.create_load_balancer(Name="doors", Subnets=public, SecurityGroups=[group])
    balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    targets = balancing.create_target_group(Name="doors", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    balancing.register_targets(TargetGroupArn=targets, Targets=[{"Id": arn}])
    forward = [{"Type": "forward", "TargetGroupArn": targets}]
    listener = balancing.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    listener = listener["Listeners"][0]["ListenerArn"]
    path = [{"Field": "path-pattern", "Values": ["/x"]}]
    balancing.create_rule(ListenerArn=listener, Priority=1, Conditions=path, Actions=forward)

    layer = functions.publish_layer_version(LayerName="layer", Content={"ZipFile": CODE})
    functions.add_layer_version_permission(
        LayerName="layer", VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion", Principal="*"
    )
    functions.publish_layer_version(LayerName="layer", Content={"ZipFile": CODE})
    queue = client("sqs").create_queue(QueueName="queue")["QueueUrl"]
    queue = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    mapping = functions.create_event_source_mapping(EventSourceArn=queue, FunctionName="doors")["UUID"]

    behaviour = {
        "TargetOriginId": "url",
        "ViewerProtocolPolicy": "https-only",
        "MinTTL": 0,
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
    }
    url = functions.create_function_url_config(FunctionName="doors", AuthType="AWS_IAM")["FunctionUrl"]
    header = {"HeaderName": "X-Origin", "HeaderValue": "s3cr3t-value"}
    origin = {
        "Id": "url",
        "DomainName": url.split("/")[2],
        "CustomHeaders": {"Quantity": 1, "Items": [header]},
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }
    distribution = client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "doors",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": behaviour,
        }
    )["Distribution"]["ARN"]

    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    policy = iam.create_policy(PolicyName="call", PolicyDocument=document)["Policy"]["Arn"]
    iam.create_policy(PolicyName="idle", PolicyDocument=document)
    iam.create_user(UserName="caller")
    iam.attach_user_policy(UserName="caller", PolicyArn=policy)
    return {
        "rest_api": api,
        "http_api": second,
        "balancer": balancer,
        "targets": targets,
        "listener": listener,
        "layer": layer["LayerArn"],
        "mapping": mapping,
        "distribution": distribution,
        "policy": policy,
    }


live_key = key("environment")
kms.enable_key_rotation(KeyId=live_key.split("/")[-1])
ids = {
    "region": asked.region,
    "vpc": vpc,
    "public_subnets": public,
    "private_subnets": private,
    "internet_gateway": igw,
    "public_table": public_table,
    "main_table": main_table,
    "nat": nat_id,
    "allocation": allocation,
    "address": address,
    "second_nat": second_nat,
    "second_address": second_address,
    "default_group": default_group,
    "group": group,
    "role": role("sound"),
    "key": live_key,
    "functions": {
        "sound": function(
            "sound",
            private,
            KMSKeyArn=live_key,
            Code={"ZipFile": CODE, "SourceKMSKeyArn": live_key},
            Environment={"Variables": {"STAGE": "test"}},
        )
    },
}

for form in asked.forms:
    where, more = private, {}
    if form == "public-subnet":
        where = [public[0]]
    elif form == "nat-in-private-subnet":
        far = subnet(vpc, 20, "a")
        ids["private_nat"] = nat(far)[0]
        table(vpc, far, NatGatewayId=ids["private_nat"])
        where = [far]
    elif form == "blackhole":
        far, ids["deleted_nat"] = subnet(vpc, 21, "a"), nat(public[0])[0]
        table(vpc, far, NatGatewayId=ids["deleted_nat"])
        ec2.delete_nat_gateway(NatGatewayId=ids["deleted_nat"])
        where = [far]
    elif form == "second-subnet-without-nat":
        far = subnet(vpc, 22, "b")
        table(vpc, far)
        where = [private[0], far]
    elif form == "disabled-key":
        ids["disabled_key"] = key("disabled")
        kms.disable_key(KeyId=ids["disabled_key"].split("/")[-1])  # moto knows no ARN here
        more = {"KMSKeyArn": ids["disabled_key"]}
    elif form == "secret":
        more = {"Environment": {"Variables": {"STAGE": "test", "API_TOKEN": "AKIAIOSFODNN7EXAMPLE"}}}
    ids["functions"][form] = function(form, where, **more)
    if form == "public-url":
        ids["url"] = functions.create_function_url_config(FunctionName=form, AuthType="NONE")["FunctionUrl"]
        grant(form, "lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
        grant(form, "lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    elif form == "alias":
        functions.publish_version(FunctionName=form)
        functions.create_alias(FunctionName=form, Name="live", FunctionVersion="1")
        grant(form, "lambda:InvokeFunction", Qualifier="live")
    elif form == "doors":
        ids["doors"] = doors(ids["functions"][form])

# Every seventh is granted to everyone, so that a large estate has both answers. They share a role, made before: moto walks
# over all roles for each function, and breaks where one is added meanwhile.
shared = role("extra") if asked.extra else None


def more(number):
    name = f"extra-{number:05}"
    function(name, private, Role=shared)
    if number % 7 == 0:
        grant(name, "lambda:InvokeFunction")


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    list(pool.map(more, range(asked.extra)))

json.dump(ids, sys.stdout)
