//! A small healthy account for the stub: one function with a version and an alias, in a VPC with a NAT gateway,
//! and one of every door that leads to it.

pub(crate) mod doors;

use serde_json::{Value, json};

use crate::stub::{Reply, Request};

pub(crate) const ARN: &str = "arn:aws:lambda:us-west-2:123456789012:function:f";
pub(crate) const PROVIDER: &str = "arn:aws:lambda:us-west-2:123456789012:capacity-provider:p";
pub(crate) const SIGNING: &str = "arn:aws:lambda:us-west-2:123456789012:code-signing-config:csc-1";
const WEB: &str = "arn:aws:lambda:us-west-2:123456789012:web-function:shop";
const CONNECTOR: &str = "arn:aws:lambda:us-west-2:123456789012:network-connector:vpc:2";
pub(crate) const KEY: &str = "arn:aws:kms:us-west-2:123456789012:key/k";
/// Values that must never leave the source.
pub(crate) const SECRETS: [&str; 4] =
    ["s3cr3t-value", "AKIAIOSFODNN7EXAMPLE", "X-Amz-Signature", "words-not-for-the-file"];

/// The answer that a healthy account gives.
pub(crate) fn answer(request: &Request) -> Reply {
    let operation = request.operation.as_str();
    if operation == "GetCallerIdentity" {
        let inside = "<UserId>u</UserId><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/test</Arn>";
        let result = format!("<GetCallerIdentityResult>{inside}</GetCallerIdentityResult>");
        return Reply::ok(format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>"));
    }
    if let Some(inside) = doors::xml(operation) {
        return Reply::ok(document(request, &inside));
    }
    if request.is_xml() {
        return Reply::ok(xml(operation, network(operation)));
    }
    let none = |said| Reply::error(request, 404, "ResourceNotFoundException", said);
    match operation {
        "GetResourcePolicy" if !request.names(ARN) => none("The resource you requested does not exist."),
        "GetPolicy" if request.names("Qualifier") => none("The resource you requested does not exist."),
        "GetLayerVersionPolicy" if request.names("2") => none("No policy is associated with the specified resource."),
        _ => Reply::ok(doors::json(operation).unwrap_or_else(|| json_of(operation)).to_string()),
    }
}

/// A document in the form of the service that was asked.
pub(crate) fn document(request: &Request, inside: &str) -> String {
    let operation = &request.operation;
    match request.service.as_str() {
        "ec2" => xml(operation, inside),
        "cloudfront" => format!("<DistributionList>{inside}</DistributionList>"),
        _ => format!("<{operation}Response><{operation}Result>{inside}</{operation}Result></{operation}Response>"),
    }
}

/// A document of EC2.
pub(crate) fn xml(operation: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{operation}Response \
         xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r-1</requestId>{inside}</{operation}Response>"
    )
}

/// A function in a list of them.
pub(crate) fn function(name: &str, version: &str) -> Value {
    let account = "arn:aws:lambda:us-west-2:123456789012:function";
    json!({
        "FunctionName": name, "FunctionArn": format!("{account}:{name}:{version}"), "Version": version,
        "Runtime": "nodejs99.x", "Role": "arn:aws:iam::123456789012:role/r", "KMSKeyArn": KEY,
        "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"},
        "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}},
        "Environment": {"Variables": {"STAGE": SECRETS[0], "TOKEN": SECRETS[1]}},
    })
}

fn json_of(operation: &str) -> Value {
    match operation {
        "ListFunctions" => json!({"Functions": [function("f", "$LATEST"), function("f", "1")]}),
        "GetFunction" => {
            let mut configuration = function("f", "$LATEST");
            configuration["FunctionArn"] = ARN.into();
            configuration["State"] = "Active".into();
            let location = format!("https://code.example/x?{}=1", SECRETS[2]);
            json!({"Configuration": configuration, "Code": {"RepositoryType": "S3", "Location": location}})
        }
        "ListAliases" => json!({"Aliases": [
            {"AliasArn": format!("{ARN}:live"), "Name": "live", "FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.25}}}
        ]}),
        "GetPolicy" | "GetResourcePolicy" => json!({"Policy": "{\"Statement\":[]}", "RevisionId": "r"}),
        "ListFunctionUrlConfigs" => json!({"FunctionUrlConfigs": [
            {"FunctionUrl": "https://u/", "FunctionArn": format!("{ARN}:live"), "AuthType": "NONE", "CreationTime": "t", "LastModifiedTime": "t"}
        ]}),
        "GetFunctionCodeSigningConfig" => json!({"FunctionName": "f", "CodeSigningConfigArn": SIGNING}),
        "GetCodeSigningConfig" => json!({"CodeSigningConfig": {
            "CodeSigningConfigId": "csc-1", "CodeSigningConfigArn": SIGNING, "LastModified": "t",
            "AllowedPublishers": {"SigningProfileVersionArns": ["p"]}, "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
        }}),
        "GetCapacityProvider" => json!({"CapacityProvider": {
            "CapacityProviderArn": PROVIDER, "State": "Active", "PermissionsConfig": {"CapacityProviderOperatorRoleArn": "r"},
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        }}),
        "ListWebFunctions" => json!({"functions": [{"functionName": "shop", "functionArn": WEB, "state": "Active"}]}),
        "ListWebFunctionEndpoints" => json!({"endpoints": [{
            "endpointArn": format!("{WEB}:endpoint/live"), "endpointName": "live", "endpointType": "HomeRegion",
            "domainName": "shop.example", "authType": "IamAuth", "autoDeploymentMode": "LatestRevision", "state": "Active",
            "revisionWeights": [{"revisionId": "r1", "weight": 100}], "regions": ["us-west-2"], "stateReason": "s",
        }]}),
        "GetWebFunctionRevision" => json!({
            "functionArn": WEB, "revisionArn": format!("{WEB}:r1"), "revisionId": "r1", "kmsKeyArn": KEY, "state": "Active",
            "buildConfig": {"codeConfig": {"s3Object": {"bucket": "b", "key": "k"}}, "runtimeConfig": {"runtime": "nodejs24.x"}},
            "serviceConfig": {"executionRoleArn": "r", "egressNetworkConnectorArn": CONNECTOR, "environmentVariables": {"STAGE": SECRETS[0]}},
        }),
        "ListMicrovms" => json!({"items": [
            {"microvmId": "vm-1", "state": "RUNNING", "imageArn": "i", "imageVersion": "1", "startedAt": 0},
            {"microvmId": "vm-2", "state": "TERMINATED", "imageArn": "i", "imageVersion": "1", "startedAt": 0},
        ]}),
        "GetMicrovm" => json!({
            "microvmId": "vm-1", "state": "RUNNING", "imageArn": "i", "imageVersion": "1", "startedAt": 0,
            "egressNetworkConnectors": [CONNECTOR],
        }),
        "GetNetworkConnector" => json!({
            "Arn": CONNECTOR.trim_end_matches(":2"), "Name": "vpc", "Id": "c-1", "VersionArn": CONNECTOR, "Version": 2, "State": "ACTIVE",
            "Configuration": {"VpcEgressConfiguration": {
                "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "NetworkProtocol": "IPv4", "AssociatedComputeResourceTypes": ["WebFunction"],
            }},
        }),
        "DescribeKey" => json!({"KeyMetadata": {"KeyId": "k", "Arn": KEY, "KeyState": "Enabled", "CreationDate": 0}}),
        "GetKeyRotationStatus" => json!({"KeyId": KEY, "KeyRotationEnabled": true, "RotationPeriodInDays": 365}),
        "GetKeyPolicy" => json!({"Policy": "{\"Statement\":[]}", "PolicyName": "default"}),
        other => panic!("the estate has no `{other}`"),
    }
}

fn network(operation: &str) -> &'static str {
    match operation {
        "DescribeVpcs" => {
            "<vpcSet><item><vpcId>vpc-1</vpcId><ownerId>123456789012</ownerId><cidrBlock>172.30.0.0/16</cidrBlock></item></vpcSet>"
        }
        "DescribeSubnets" => {
            "<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><availabilityZoneId>usw2-az1</availabilityZoneId></item>\
             <item><subnetId>subnet-2</subnetId><vpcId>vpc-1</vpcId></item></subnetSet>"
        }
        "DescribeRouteTables" => {
            "<routeTableSet><item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><routeSet>\
             <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-1</natGatewayId><state>active</state></item>\
             <item><destinationPrefixListId>pl-1</destinationPrefixListId><gatewayId>vpce-1</gatewayId><state>active</state></item>\
             </routeSet><associationSet><item><main>true</main></item></associationSet></item></routeTableSet>"
        }
        "DescribeNatGateways" => {
            "<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><subnetId>subnet-2</subnetId><state>available</state>\
             <availabilityMode>zonal</availabilityMode><natGatewayAddressSet><item><allocationId>eipalloc-1</allocationId>\
             <publicIp>203.0.113.7</publicIp><isPrimary>true</isPrimary><status>succeeded</status></item></natGatewayAddressSet></item></natGatewaySet>"
        }
        "DescribeAddresses" => {
            "<addressesSet><item><publicIp>203.0.113.7</publicIp><allocationId>eipalloc-1</allocationId></item>\
             <item><publicIp>203.0.113.8</publicIp><domain>standard</domain></item></addressesSet>"
        }
        "DescribeInternetGateways" => {
            "<internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId><attachmentSet><item><vpcId>vpc-1</vpcId>\
             <state>available</state></item></attachmentSet></item></internetGatewaySet>"
        }
        "DescribeEgressOnlyInternetGateways" => {
            "<egressOnlyInternetGatewaySet><item><egressOnlyInternetGatewayId>eigw-1</egressOnlyInternetGatewayId></item></egressOnlyInternetGatewaySet>"
        }
        "DescribeSecurityGroups" => {
            "<securityGroupInfo><item><groupId>sg-1</groupId><ipPermissionsEgress><item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort>\
             <toPort>443</toPort><prefixListIds><item><prefixListId>pl-2</prefixListId></item></prefixListIds></item></ipPermissionsEgress></item></securityGroupInfo>"
        }
        "DescribeNetworkAcls" => {
            "<networkAclSet><item><networkAclId>acl-1</networkAclId><entrySet><item><ruleNumber>100</ruleNumber><ruleAction>allow</ruleAction>\
             <egress>true</egress><protocol>-1</protocol></item></entrySet></item></networkAclSet>"
        }
        "DescribeNetworkInterfaces" => {
            "<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><interfaceType>lambda</interfaceType></item></networkInterfaceSet>"
        }
        "DescribeVpcEndpoints" => {
            "<vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>Gateway</vpcEndpointType></item></vpcEndpointSet>"
        }
        "DescribeManagedPrefixLists" => {
            "<prefixListSet><item><prefixListId>pl-1</prefixListId></item><item><prefixListId>pl-2</prefixListId></item>\
             <item><prefixListId>pl-3</prefixListId></item></prefixListSet>"
        }
        "GetManagedPrefixListEntries" => "<entrySet><item><cidr>52.92.0.0/17</cidr></item></entrySet>",
        "DescribeVpcBlockPublicAccessOptions" => {
            "<vpcBlockPublicAccessOptions><awsAccountId>123456789012</awsAccountId><awsRegion>us-west-2</awsRegion>\
             <internetGatewayBlockMode>block-ingress</internetGatewayBlockMode></vpcBlockPublicAccessOptions>"
        }
        "DescribeVpcBlockPublicAccessExclusions" => {
            "<vpcBlockPublicAccessExclusionSet><item><exclusionId>vpcbpa-exclude-1</exclusionId>\
             <resourceArn>arn:aws:ec2:us-west-2:123456789012:vpc/vpc-9</resourceArn></item></vpcBlockPublicAccessExclusionSet>"
        }
        "DescribeTransitGateways" => {
            "<transitGatewaySet><item><transitGatewayId>tgw-1</transitGatewayId><ownerId>123456789012</ownerId>\
             <state>available</state></item></transitGatewaySet>"
        }
        "DescribeTransitGatewayAttachments" => {
            "<transitGatewayAttachments><item><transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId>\
             <transitGatewayId>tgw-1</transitGatewayId><resourceType>vpc</resourceType><association>\
             <transitGatewayRouteTableId>tgw-rtb-1</transitGatewayRouteTableId><state>associated</state></association>\
             </item></transitGatewayAttachments>"
        }
        "DescribeTransitGatewayVpcAttachments" => {
            "<transitGatewayVpcAttachments><item><transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId>\
             <vpcId>vpc-1</vpcId><subnetIds><item>subnet-1</item></subnetIds><options><applianceModeSupport>enable\
             </applianceModeSupport></options></item></transitGatewayVpcAttachments>"
        }
        "DescribeTransitGatewayRouteTables" => {
            "<transitGatewayRouteTables><item><transitGatewayRouteTableId>tgw-rtb-1</transitGatewayRouteTableId></item>\
             </transitGatewayRouteTables>"
        }
        "SearchTransitGatewayRoutes" => {
            "<routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><type>static</type><state>active</state>\
             <transitGatewayAttachments><item><transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId>\
             <resourceType>vpc</resourceType></item></transitGatewayAttachments></item></routeSet>\
             <additionalRoutesAvailable>false</additionalRoutesAvailable>"
        }
        "DescribeRegions" => {
            "<regionInfo><item><regionName>us-west-2</regionName><optInStatus>opt-in-not-required</optInStatus></item>\
             <item><regionName>eu-west-1</regionName><optInStatus>opted-in</optInStatus></item>\
             <item><regionName>af-south-1</regionName><optInStatus>not-opted-in</optInStatus></item></regionInfo>"
        }
        other => panic!("the estate has no `{other}`"),
    }
}
