//! An account of as many functions as a test wants, each a little different from the one before, in four VPCs.

use serde_json::{Value, json};

use crate::{
    estate,
    fault::with_token,
    stub::{Reply, Request},
};

/// How many functions a page of the list holds.
const PAGE: usize = 250;
const VPCS: usize = 4;
const ROLES: usize = 20;
/// The functions that the doors of the small estate lead to.
const BEHIND_DOORS: &str = "function:f-8";

/// So many functions, behind them the doors of the small estate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Large(pub(crate) usize);

/// The number of the function that a path, an ARN or a body is of: none for what many share.
pub(crate) fn number(text: &str) -> Option<usize> {
    let (_, name) = text.split_once("function:f-").or_else(|| text.split_once("/functions/f-"))?;
    name.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

impl Large {
    /// What the services say.
    pub(crate) fn answer(self, request: &Request) -> Reply {
        let none =
            || Reply::error(request, 404, "ResourceNotFoundException", "The resource you requested does not exist.");
        let operation = request.operation.as_str();
        if operation == "ListFunctions" {
            return self.page(request);
        }
        if let Some(inside) = network(operation) {
            return Reply::ok(estate::xml(operation, &inside));
        }
        let body = match (operation, number(&request.path)) {
            ("GetResourcePolicy" | "GetPolicy", Some(nth)) => {
                let own = request.path.ends_with(&format!(":f-{nth}")) || operation == "GetPolicy";
                let policy = policy(nth).filter(|_| own && !request.names("Qualifier"));
                return policy.map_or_else(none, |it| {
                    Reply::ok(json!({"Policy": it.to_string(), "RevisionId": "r"}).to_string())
                });
            }
            ("GetFunction", Some(nth)) => {
                let mut configuration = function(nth, "$LATEST");
                configuration["FunctionArn"] = arn(nth).into();
                configuration["State"] = "Active".into();
                json!({"Configuration": configuration, "Code": {"RepositoryType": "S3"}})
            }
            ("ListAliases", Some(nth)) => {
                let alias = json!({"AliasArn": format!("{}:live", arn(nth)), "Name": "live", "FunctionVersion": "1"});
                json!({"Aliases": if has_version(nth) { json!([alias]) } else { json!([]) }})
            }
            ("ListFunctionUrlConfigs", Some(nth)) => json!({ "FunctionUrlConfigs": urls(nth) }),
            ("GetFunctionCodeSigningConfig", Some(nth)) => {
                let signing = if nth.is_multiple_of(10) { estate::SIGNING } else { "" };
                json!({"FunctionName": format!("f-{nth}"), "CodeSigningConfigArn": signing})
            }
            ("DescribeKey", _) => {
                let key = (0..4).find(|nth| request.names(&key(*nth)));
                let state = if key == Some(3) { "Disabled" } else { "Enabled" };
                let id = key.map_or_else(|| estate::KEY.to_owned(), self::key);
                json!({"KeyMetadata": {"KeyId": id, "Arn": id, "KeyState": state, "CreationDate": 0, "KeySpec": "SYMMETRIC_DEFAULT",
                    "KeyManager": "CUSTOMER", "Origin": "AWS_KMS"}})
            }
            ("GetKeyRotationStatus", _) => json!({"KeyRotationEnabled": true, "RotationPeriodInDays": 365}),
            ("GetAccountAuthorizationDetails", _) => return Reply::ok(estate::document(request, &identities())),
            _ => return behind_doors(estate::answer(request)),
        };
        Reply::ok(body.to_string())
    }

    fn page(self, request: &Request) -> Reply {
        let from: usize = request.token().and_then(|token| token.parse().ok()).unwrap_or(0);
        let to = self.0.min(from + PAGE);
        let versions =
            |nth| ["$LATEST", "1"].into_iter().take(1 + usize::from(has_version(nth))).map(move |it| (nth, it));
        let items: Vec<Value> = (from..to).flat_map(versions).map(|(nth, version)| function(nth, version)).collect();
        let page = json!({ "Functions": items }).to_string();
        Reply::ok(if to < self.0 { with_token(request, &page, &to.to_string()) } else { page })
    }
}

/// What the small estate says, with one of these functions in the place of its own.
fn behind_doors(reply: Reply) -> Reply {
    match reply {
        Reply::Text { status, headers, body } => {
            let body = body.replace("function:f", BEHIND_DOORS).replace("\"function\":\"f\"", "\"function\":\"f-7\"");
            let body = body.replace("subnet-1", "subnet-0-a");
            Reply::Text { status, headers, body }
        }
        other => other,
    }
}

fn arn(nth: usize) -> String {
    format!("arn:aws:lambda:us-west-2:123456789012:function:f-{nth}")
}

fn key(nth: usize) -> String {
    format!("arn:aws:kms:us-west-2:123456789012:key/key-{nth}")
}

fn has_version(nth: usize) -> bool {
    nth.is_multiple_of(4)
}

fn function(nth: usize, version: &str) -> Value {
    let mut function = estate::function(&format!("f-{nth}"), version);
    function["Runtime"] = ["nodejs18.x", "python3.13", "nodejs24.x"][nth % 3].into();
    function["Role"] = format!("arn:aws:iam::123456789012:role/r-{}", nth % ROLES).into();
    function["Environment"] = json!({"Variables": {"STAGE": "prod"}});
    if nth.is_multiple_of(50) {
        function["Environment"] = json!({"Variables": {"TOKEN": "AKIAIOSFODNN7EXAMPLE"}});
    }
    let fields = function.as_object_mut().expect("an object");
    if nth != 3 {
        fields.remove("CapacityProviderConfig");
    }
    if nth.is_multiple_of(3) {
        fields.remove("KMSKeyArn");
    } else {
        fields.insert("KMSKeyArn".into(), key(nth % 4).into());
    }
    // In no network, in two zones, in one, or where there is no way out.
    let subnets = match nth % 5 {
        0 => return fields.remove("VpcConfig").map_or(Value::Null, |_| function),
        1 | 2 => json!([subnet(nth, "a"), subnet(nth, "b")]),
        3 => json!([subnet(nth, "a")]),
        _ => json!([subnet(nth, "public")]),
    };
    let groups = json!([format!("sg-{}", nth % VPCS)]);
    fields.insert(
        "VpcConfig".into(),
        json!({"SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": format!("vpc-{}", nth % VPCS)}),
    );
    function
}

fn subnet(nth: usize, zone: &str) -> String {
    format!("subnet-{}-{zone}", nth % VPCS)
}

fn urls(nth: usize) -> Value {
    let auth = match nth % 20 {
        0 => "NONE",
        5 => "AWS_IAM",
        _ => return json!([]),
    };
    let host = if nth == 0 { "u".to_owned() } else { format!("u{nth}") };
    json!([{"FunctionUrl": format!("https://{host}.lambda-url.us-west-2.on.aws/"), "FunctionArn": arn(nth), "AuthType": auth,
        "CreationTime": "t", "LastModifiedTime": "t"}])
}

fn policy(nth: usize) -> Option<Value> {
    let (action, principal, condition) = match nth % 5 {
        0 => ("lambda:InvokeFunctionUrl", json!("*"), Some(json!({"lambda:FunctionUrlAuthType": "NONE"}))),
        1 => ("lambda:InvokeFunction", json!("*"), None),
        2 => ("lambda:InvokeFunction", json!({"AWS": "arn:aws:iam::999999999999:root"}), None),
        3 => {
            let account = Some(json!({"aws:SourceAccount": "123456789012"}));
            ("lambda:InvokeFunction", json!({"Service": "s3.amazonaws.com"}), account)
        }
        _ => return None,
    };
    let mut statement =
        json!({"Sid": "s", "Effect": "Allow", "Principal": principal, "Action": action, "Resource": arn(nth)});
    if let Some(condition) = condition {
        statement["Condition"] = json!({ "StringEquals": condition });
    }
    Some(json!({"Version": "2012-10-17", "Statement": [statement]}))
}

fn identities() -> String {
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B\
                 %22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
    let inline = |action: &str| {
        let document = format!(
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22{action}\
             %22%2C%22Resource%22%3A%22*%22%7D%5D%7D"
        );
        format!("<member><PolicyName>p</PolicyName><PolicyDocument>{document}</PolicyDocument></member>")
    };
    let role = |nth: usize| {
        let action = ["logs%3A*", "*", "lambda%3AInvokeFunction", "s3%3AGetObject"][nth % 4];
        format!(
            "<member><Arn>arn:aws:iam::123456789012:role/r-{nth}</Arn><RoleName>r-{nth}</RoleName><AssumeRolePolicyDocument>{trust}\
             </AssumeRolePolicyDocument><RolePolicyList>{}</RolePolicyList></member>",
            inline(action)
        )
    };
    let roles: String = (0..ROLES).map(role).collect();
    let user = "<member><Arn>arn:aws:iam::123456789012:user/u</Arn><UserName>u</UserName></member>";
    format!(
        "<IsTruncated>false</IsTruncated><UserDetailList>{user}</UserDetailList><RoleDetailList>{roles}</RoleDetailList>\
         <GroupDetailList></GroupDetailList><Policies></Policies>"
    )
}

/// Of each VPC: two private subnets by a NAT gateway, and a public one. The last has no NAT gateway, the third one that is gone.
fn network(operation: &str) -> Option<String> {
    let (set, item): (&str, fn(usize) -> String) = match operation {
        "DescribeVpcs" => ("vpcSet", |vpc| {
            format!(
                "<item><vpcId>vpc-{vpc}</vpcId><ownerId>123456789012</ownerId><cidrBlock>10.{vpc}.0.0/16</cidrBlock></item>"
            )
        }),
        "DescribeSubnets" => ("subnetSet", |vpc| {
            ["a", "b", "public"].map(|zone| {
            let id = if zone == "b" { 2 } else { 1 };
            format!("<item><subnetId>subnet-{vpc}-{zone}</subnetId><vpcId>vpc-{vpc}</vpcId><availabilityZoneId>usw2-az{id}</availabilityZoneId>\
                 <availabilityZone>us-west-2{id}</availabilityZone></item>")
        }).concat()
        }),
        "DescribeRouteTables" => ("routeTableSet", tables),
        "DescribeNatGateways" => ("natGatewaySet", |vpc| match vpc {
            3 => String::new(),
            _ => format!(
                "<item><natGatewayId>nat-{vpc}</natGatewayId><vpcId>vpc-{vpc}</vpcId><subnetId>subnet-{vpc}-public</subnetId><state>{}</state>\
                 <availabilityMode>zonal</availabilityMode><connectivityType>public</connectivityType><natGatewayAddressSet><item>\
                 <allocationId>eipalloc-{vpc}</allocationId><publicIp>203.0.113.{vpc}</publicIp><isPrimary>true</isPrimary>\
                 <status>succeeded</status></item></natGatewayAddressSet></item>",
                if vpc == 2 { "deleted" } else { "available" }
            ),
        }),
        "DescribeAddresses" => ("addressesSet", |vpc| {
            format!("<item><publicIp>203.0.113.{vpc}</publicIp><allocationId>eipalloc-{vpc}</allocationId></item>")
        }),
        "DescribeInternetGateways" => ("internetGatewaySet", |vpc| {
            format!(
                "<item><internetGatewayId>igw-{vpc}</internetGatewayId><attachmentSet><item>\
                 <vpcId>vpc-{vpc}</vpcId><state>available</state></item></attachmentSet></item>"
            )
        }),
        "DescribeSecurityGroups" => ("securityGroupInfo", |vpc| {
            format!(
                "<item><groupId>sg-{vpc}</groupId><groupName>g-{vpc}</groupName><ownerId>123456789012</ownerId><vpcId>vpc-{vpc}</vpcId><ipPermissionsEgress><item>\
                 <ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item></ipPermissionsEgress></item>"
            )
        }),
        "DescribeNetworkAcls" => ("networkAclSet", acl),
        _ => return None,
    };
    Some(format!("<{set}>{}</{set}>", (0..VPCS).map(item).collect::<String>()))
}

fn tables(vpc: usize) -> String {
    let table = |name: &str, target: String, subnets: &[&str]| {
        let of = |subnet: &&str| {
            format!(
                "<item><routeTableId>rtb-{vpc}-{name}</routeTableId><subnetId>subnet-{vpc}-{subnet}</subnetId><main>false</main></item>"
            )
        };
        format!(
            "<item><routeTableId>rtb-{vpc}-{name}</routeTableId><vpcId>vpc-{vpc}</vpcId><routeSet>\
             <item><destinationCidrBlock>10.{vpc}.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state></item>\
             {target}</routeSet><associationSet>{}</associationSet></item>",
            subnets.iter().map(of).collect::<String>()
        )
    };
    let route = |way: &str, state: &str| {
        format!("<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock>{way}<state>{state}</state></item>")
    };
    let nat = format!("<natGatewayId>nat-{vpc}</natGatewayId>");
    let private = match vpc {
        2 => route(&nat, "blackhole"),
        3 => String::new(),
        _ => route(&nat, "active"),
    };
    let public = route(&format!("<gatewayId>igw-{vpc}</gatewayId>"), "active");
    table("private", private, &["a", "b"]) + &table("public", public, &["public"])
}

fn acl(vpc: usize) -> String {
    let entry = |egress: bool| {
        format!(
            "<item><ruleNumber>100</ruleNumber><ruleAction>allow</ruleAction><egress>{egress}</egress><protocol>-1</protocol>\
             <cidrBlock>0.0.0.0/0</cidrBlock></item>"
        )
    };
    let of =
        |zone| format!("<item><networkAclId>acl-{vpc}</networkAclId><subnetId>subnet-{vpc}-{zone}</subnetId></item>");
    format!(
        "<item><networkAclId>acl-{vpc}</networkAclId><vpcId>vpc-{vpc}</vpcId><associationSet>{}</associationSet><entrySet>{}{}\
         </entrySet></item>",
        ["a", "b", "public"].map(of).concat(),
        entry(true),
        entry(false)
    )
}
