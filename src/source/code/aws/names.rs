//! Names of AWS's resources in code: ids, ARNs, accounts, regions, and what attributes will be.

use serde_json::Value as Json;

use super::{TABLE, cloudformation};
use crate::{
    code::{Mode, Node, Value},
    knowledge::partition,
    snapshot::{ScopeId, unknown::placeholder},
    source::code::{
        book::within,
        item::{Field, Item, field},
    },
};

/// The id of a resource, with placeholders where parts of it are not known.
pub(super) fn id(item: Item<'_>) -> String {
    let Some(of) = TABLE.types.get(&*item.resource.kind) else { return item.own_word() };
    let attribute = if of.id.starts_with("arn:") { "arn" } else { "id" };
    let given = if of.id.starts_with("http") || of.id.starts_with("{^") { None } else { known(item, attribute) };
    // Functions are found by the names in their ARNs.
    let named = |id: &String| !of.id.contains(":function:") || id.contains(":function:");
    given.filter(named).unwrap_or_else(|| fill(item, &of.id))
}

/// An attribute whose value is a known text.
fn known(item: Item<'_>, attribute: &str) -> Option<String> {
    match item.computed(attribute) {
        Field::Given(node) => node.text().map(ToString::to_string).filter(|text| !text.is_empty()),
        Field::Absent | Field::Hidden(_) => None,
    }
}

/// A form with what is meant by the words in it.
pub(super) fn fill(item: Item<'_>, form: &str) -> String {
    let mut text = String::new();
    let mut rest = form;
    while let Some((before, from)) = rest.split_once('{') {
        text.push_str(before);
        let (name, after) = from.split_once('}').unwrap_or((from, ""));
        match name {
            "word" => text.push_str(&item.own_word()),
            "partition" => text.push_str(partition(&region(item))),
            "region" => text.push_str(&region(item)),
            "account" => text.push_str(&account(item)),
            "path" => {
                let path = known(item, "path").or_else(|| known(item, "Path"));
                text.push_str(&path.unwrap_or_else(|| "/".into()));
            }
            "id" => text.push_str(&id(item)),
            "last" => text.push_str(id(item).rsplit('/').next().unwrap_or_default()),
            "name" => text.push_str(&self::name(item)),
            "acl" => text.push_str(&default_acl(item)),
            "group" => text.push_str(&default_group(item)),
            name => match name.strip_prefix('^') {
                Some(attribute) => text.push_str(&parent(item, attribute)),
                None => text.push_str(&own_name(item, name)),
            },
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The name of a resource: as the code gives it, else its address.
pub(super) fn own_name(item: Item<'_>, attribute: &str) -> String {
    match item.computed(attribute) {
        Field::Given(node) => item.text_of(node).unwrap_or_else(|_| item.own_word()),
        Field::Absent | Field::Hidden(_) => item.own_word(),
    }
}

/// The name that a resource is called by.
pub(super) fn name(item: Item<'_>) -> String {
    let of = TABLE.types.get(&*item.resource.kind);
    own_name(item, of.and_then(|of| of.name.as_deref()).unwrap_or("name"))
}

/// Puts the id and the name of a resource where its table says `{id}` and `{name}`.
pub(super) fn put_in(item: Item<'_>, id: &str, value: &mut Json) {
    if let Json::String(text) = value
        && text.contains(['{'])
    {
        *text = text.replace("{id}", id).replace("{name}", &name(item));
    }
}

/// The id of what an attribute leads to.
fn parent(item: Item<'_>, attribute: &str) -> String {
    let unknown = || placeholder(&within(&item.resource.root, &format!("{}.{attribute}", item.resource.address)));
    let is_group = &*item.resource.kind == "aws_default_security_group";
    match item.computed(attribute) {
        Field::Given(node) => match (item.target(node, &["aws_vpc"]), attribute) {
            (Some(vpc), "default_route_table_id") => main_table(vpc),
            (Some(vpc), "default_network_acl_id") => default_acl(vpc),
            (Some(vpc), "vpc_id") if is_group => default_group(vpc),
            _ if is_group => format!("sg-{}", item.own_word()),
            _ => match item.target(node, &TABLE.types.keys().map(String::as_str).collect::<Vec<_>>()) {
                Some(target) => id(target),
                None => item.text_of(node).unwrap_or_else(|_| unknown()),
            },
        },
        Field::Absent | Field::Hidden(_) if is_group => format!("sg-{}", item.own_word()),
        Field::Absent | Field::Hidden(_) => unknown(),
    }
}

/// The main route table of a VPC: that which it has from the beginning, where the code manages it.
pub(super) fn main_table(vpc: Item<'_>) -> String {
    let first = known(vpc, "default_route_table_id");
    let managed = first.as_ref().is_some_and(|id| {
        let own = |item: &Item<'_>| {
            &*item.resource.kind == "aws_default_route_table" && item.resource.root == vpc.resource.root
        };
        vpc.book.items().filter(own).any(|item| known(item, "default_route_table_id").as_ref() == Some(id))
    });
    let own = if managed { first } else { known(vpc, "main_route_table_id").or(first) };
    own.unwrap_or_else(|| format!("rtb-{}", placeholder(&format!("main of {}", bare(&id(vpc))))))
}

/// The network ACL that a VPC has from the beginning.
pub(super) fn default_acl(vpc: Item<'_>) -> String {
    known(vpc, "default_network_acl_id")
        .unwrap_or_else(|| format!("acl-{}", placeholder(&format!("default of {}", bare(&id(vpc))))))
}

/// The security group that a VPC has from the beginning.
pub(super) fn default_group(vpc: Item<'_>) -> String {
    known(vpc, "default_security_group_id")
        .unwrap_or_else(|| format!("sg-{}", placeholder(&format!("default of {}", bare(&id(vpc))))))
}

/// The route table that a transit gateway has from the beginning.
pub(super) fn transit_table(gateway: Item<'_>) -> String {
    known(gateway, "association_default_route_table_id")
        .unwrap_or_else(|| format!("tgw-rtb-{}", placeholder(&format!("default of {}", bare(&id(gateway))))))
}

/// An id without the brackets of its placeholder.
fn bare(id: &str) -> String {
    id.trim_start_matches("vpc-").trim_start_matches("tgw-").replace(['(', ')'], "")
}

/// The account of a resource: by what the code knows of its root.
pub(super) fn account(item: Item<'_>) -> String {
    let digits = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let in_arn = |arn: &str| arn.split(':').nth(4).filter(|account| digits(account)).map(str::to_owned);
    if let Some(account) = known(item, "arn").as_deref().and_then(in_arn) {
        return account;
    }
    let settings = item.resource.provider.settings.as_ref();
    let setting = |path: &str| settings.map(|settings| field(settings, path));
    if let Some(Field::Given(node)) = setting("assume_role.role_arn")
        && let Some(account) = node.text().and_then(|arn| in_arn(arn))
    {
        return account;
    }
    if let Some(Field::Given(Node { value: Value::List(list), .. })) = setting("allowed_account_ids")
        && let [only] = &***list
        && let Some(account) = only.text().filter(|text| digits(text))
    {
        return account.to_string();
    }
    let told = item.book.account(&item.resource.root, &item.resource.provider.alias);
    told.map_or_else(
        || {
            if cloudformation::is_template(item) {
                return placeholder(&within(&item.resource.root, "stack.account"));
            }
            let provider = format!("account of {}{}", item.resource.provider.name, alias(item));
            placeholder(&within(&item.resource.root, &provider))
        },
        |(account, _)| account,
    )
}

fn alias(item: Item<'_>) -> String {
    let alias = &item.resource.provider.alias;
    if alias.is_empty() { String::new() } else { format!(".{alias}") }
}

/// The region of a resource: its own attribute, its ARN's, else its provider's.
pub(super) fn region(item: Item<'_>) -> String {
    if let Field::Given(node) = item.computed("region") {
        return item.pattern_of(node);
    }
    let arn = known(item, "arn");
    let of_arn = arn.as_deref().and_then(|arn| arn.split(':').nth(3)).filter(|region| !region.is_empty());
    if let Some(region) = of_arn {
        return region.to_owned();
    }
    let settings = item.resource.provider.settings.as_ref();
    let setting = settings.and_then(|settings| settings.get("region")).filter(|node| node.value != Value::Null);
    if let Some(node) = setting {
        // What hides the setting of one provider is the same for all of its resources.
        let hidden = |gap: crate::evidence::Gap| placeholder(&within(&item.resource.root, &gap.what));
        return item.text_of(node).unwrap_or_else(hidden);
    }
    let told = item.book.account(&item.resource.root, &item.resource.provider.alias);
    told.and_then(|(_, region)| region).unwrap_or_else(|| {
        if cloudformation::is_template(item) {
            return placeholder(&within(&item.resource.root, "stack.region"));
        }
        let setting = format!("provider.{}{}.region", item.resource.provider.name, alias(item));
        placeholder(&within(&item.resource.root, &setting))
    })
}

/// Where a resource is.
pub(super) fn scope_of(item: Item<'_>) -> ScopeId {
    ScopeId::aws(account(item), region(item))
}

/// The service in the ARN of a type that no table knows, by the first word of the type.
const SERVICES: [(&str, &str); 10] = [
    ("cloudwatch_event", "events"),
    ("cloudwatch_log", "logs"),
    ("sfn", "states"),
    ("cognito_user", "cognito-idp"),
    ("dynamodb", "dynamodb"),
    ("kinesis_firehose", "firehose"),
    ("lb", "elasticloadbalancing"),
    ("apigatewayv2", "apigateway"),
    ("api_gateway", "apigateway"),
    ("secretsmanager", "secretsmanager"),
];

/// The ARN that a resource will have.
fn arn(item: Item<'_>) -> String {
    let own = id(item);
    if own.starts_with("arn:") {
        return own;
    }
    if let Some(known) = known(item, "arn") {
        return known;
    }
    let kind = item.resource.kind.trim_start_matches("aws_");
    let service = SERVICES.iter().find(|(word, _)| kind.starts_with(word)).map(|(_, service)| *service);
    let service = service.unwrap_or_else(|| kind.split('_').next().unwrap_or(kind));
    let (region, account) = (region(item), account(item));
    let partition = partition(&region);
    match service {
        "s3" => format!("arn:{partition}:s3:::{}", own_name(item, "bucket")),
        "iam" => format!("arn:{partition}:iam::{account}:{}", item.own_word()),
        service => format!("arn:{partition}:{service}:{region}:{account}:{}", item.own_word()),
    }
}

/// What comes with a resource and is named by an attribute of it: the first tables, groups and ACLs of networks.
pub(in crate::source::code) fn comes_with(item: Item<'_>, path: &str) -> Option<String> {
    if item.resource.mode == Mode::Data {
        return None;
    }
    match (&*item.resource.kind, path) {
        ("aws_vpc", "default_route_table_id" | "main_route_table_id") => Some(main_table(item)),
        ("aws_vpc", "default_network_acl_id") => Some(default_acl(item)),
        ("aws_vpc", "default_security_group_id") => Some(default_group(item)),
        ("aws_ec2_transit_gateway", "association_default_route_table_id" | "propagation_default_route_table_id") => {
            Some(transit_table(item))
        }
        _ => None,
    }
}

/// What an attribute of a resource will be.
pub(in crate::source::code) fn attribute(item: Item<'_>, path: &str) -> Option<String> {
    let kind = &*item.resource.kind;
    if item.resource.mode == Mode::Data {
        return match (kind, path) {
            ("aws_caller_identity", "account_id" | "id") => Some(account(item)),
            ("aws_region", "name" | "id" | "region") => Some(region(item)),
            ("aws_partition", "partition" | "id") => Some(partition(&region(item)).to_owned()),
            ("aws_partition", "dns_suffix") => Some("amazonaws.com".into()),
            ("aws_iam_policy_document", "json" | "minified_json") => super::policy::document(item),
            _ => None,
        };
    }
    if let Some(own) = comes_with(item, path) {
        return Some(own);
    }
    let execution =
        || format!("arn:{}:execute-api:{}:{}:{}", partition(&region(item)), region(item), account(item), id(item));
    let invoke = |arn: &str| {
        let region = region(item);
        format!("arn:{}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations", partition(&region))
    };
    match (kind, path) {
        ("aws_lambda_function", "id" | "function_name")
        | ("aws_iam_role" | "aws_iam_policy", "name")
        | ("aws_iam_role", "id") => Some(name(item)),
        // The version that the same code makes is what the function is then.
        ("aws_lambda_function" | "aws_lambda_alias", "invoke_arn" | "qualified_invoke_arn") => Some(invoke(&id(item))),
        ("aws_lambda_function", "qualified_arn") => Some(id(item)),
        ("aws_api_gateway_rest_api" | "aws_apigatewayv2_api", "execution_arn") => Some(execution()),
        ("aws_kms_key" | "aws_kms_external_key" | "aws_kms_replica_key", "id" | "key_id") => {
            id(item).rsplit('/').next().map(str::to_owned)
        }
        (_, "arn") => Some(arn(item)),
        (_, "id") => TABLE.types.contains_key(kind).then(|| id(item)),
        (_, "name" | "domain_name") => TABLE.types.contains_key(kind).then(|| own_name(item, path)),
        _ => None,
    }
}
