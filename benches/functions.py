"""Makes N Lambda functions in a VPC of moto's, each with a policy and a key: functions.py N, with AWS_ENDPOINT_URL set."""

import io
import json
import sys
import zipfile

import boto3


def main() -> None:
    count = int(sys.argv[1])
    ec2, iam, kms, lambdas = (boto3.client(name) for name in ("ec2", "iam", "kms", "lambda"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="functions", Description="of functions", VpcId=vpc)["GroupId"]
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="run", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    key = kms.create_key()["KeyMetadata"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.js", "exports.handler = async () => 1")
    for number in range(count):
        name = f"function-{number:04}"
        lambdas.create_function(FunctionName=name, Runtime="nodejs24.x", Role=role, Handler="index.handler", Code={"ZipFile": code.getvalue()},
                                KMSKeyArn=key, VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]})
        who = {"Principal": "*"} if number % 100 == 0 else {"Principal": "events.amazonaws.com", "SourceAccount": "123456789012"}
        lambdas.add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", **who)


if __name__ == "__main__":
    main()
