//! What a template says of its resources before they are there: attributes, and the deployment itself.

use super::{
    TABLE,
    names::{account, fill, id, own_name, region},
};
use crate::{
    knowledge::partition,
    snapshot::unknown::placeholder,
    source::code::{book::within, item::Item},
};

/// Whether a resource stands in a template.
pub(super) fn is_template(item: Item<'_>) -> bool {
    &*item.resource.provider.name == "cloudformation"
}

/// What the deployment of a template says of itself; none where nobody can tell what form that has.
pub(in crate::source::code) fn deployment(item: Item<'_>, name: &str) -> Option<String> {
    if !is_template(item) {
        return None;
    }
    Some(match name {
        "Region" => region(item),
        "AccountId" => account(item),
        "Partition" => partition(&region(item)).to_owned(),
        "URLSuffix" => "amazonaws.com".into(),
        "StackName" | "StackId" => placeholder(&within(&item.resource.root, &format!("stack.{name}"))),
        _ => return None,
    })
}

/// What an attribute of a resource will be. `Ref` is one of them.
pub(in crate::source::code) fn attribute(item: Item<'_>, path: &str) -> Option<String> {
    let of = TABLE.types.get(&*item.resource.kind);
    if let Some(form) = of.and_then(|of| of.attributes.get(path)) {
        return Some(fill(item, form)).filter(|text| !text.is_empty());
    }
    match (of, path) {
        (Some(_), "Ref") => Some(id(item)),
        (Some(of), "Arn") if of.id.starts_with("arn:") => Some(id(item)),
        (None, "Ref") if REF_IS_ARN.contains(&&*item.resource.kind) => Some(arn(item)),
        (_, path) if path.ends_with("Arn") => Some(arn(item)),
        _ => None,
    }
}

/// Types that no table knows, of which `Ref` is the ARN.
const REF_IS_ARN: [&str; 8] = [
    "AWS::SNS::Topic",
    "AWS::StepFunctions::StateMachine",
    "AWS::SecretsManager::Secret",
    "AWS::Events::Connection",
    "AWS::MSK::Cluster",
    "AWS::ECS::Service",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::CertificateManager::Certificate",
];

/// The service in ARNs, where it is not the word in the type.
const SERVICES: [(&str, &str); 5] = [
    ("stepfunctions", "states"),
    ("cognito", "cognito-idp"),
    ("kinesisfirehose", "firehose"),
    ("apigatewayv2", "apigateway"),
    ("elasticloadbalancingv2", "elasticloadbalancing"),
];

/// The ARN of a resource that no table knows.
fn arn(item: Item<'_>) -> String {
    let service = item.resource.kind.split("::").nth(1).unwrap_or_default().to_lowercase();
    let named = SERVICES.iter().find(|(word, _)| *word == service).map(|(_, service)| *service);
    let (region, account) = (region(item), account(item));
    let partition = partition(&region);
    match named.unwrap_or(&service) {
        "s3" => format!("arn:{partition}:s3:::{}", own_name(item, "BucketName")),
        "iam" => format!("arn:{partition}:iam::{account}:{}", item.own_word()),
        service => format!("arn:{partition}:{service}:{region}:{account}:{}", item.own_word()),
    }
}
