//! Parameters of a template and of the deployment: given, by default, or not known.

use std::{collections::BTreeMap, sync::Arc};

use crate::code::{CodeError, Node, Place, Unknown, Value, Why};

use super::{
    Refusal, TemplateOptions, json, scalar,
    tree::{Entry, Form, Tree},
};

/// Reads a file of values: a list of `{"ParameterKey": …, "ParameterValue": …}` as the AWS CLI takes it, a list of
/// `KEY=VALUE`, or an object with `Parameters`, as pipelines do.
///
/// # Errors
/// Where the text is not strict JSON, or of another form.
pub fn parameters_file(name: &str, text: &str) -> Result<BTreeMap<String, String>, CodeError> {
    let tree = json::read(&name.into(), text.strip_prefix('\u{feff}').unwrap_or(text))?;
    let mut found = BTreeMap::new();
    if let Form::List(items) = &tree.form {
        for item in items {
            let pair = match (item.get("ParameterKey"), item.get("ParameterValue")) {
                (Some(key), Some(value)) => key.scalar().zip(value.scalar()),
                // Its value stays what the stack has: nobody knows it here.
                (Some(_), None) if item.get("UsePreviousValue").is_some() => continue,
                _ => {
                    item.as_text().and_then(|text| text.split_once('=')).map(|(key, value)| (key.into(), value.into()))
                }
            };
            let (key, value) = pair.ok_or_else(|| Refusal::new(&item.place, "it is no parameter with its value"))?;
            found.insert(key.to_string(), value.to_string());
        }
        return Ok(found);
    }
    let values = tree.get("Parameters").unwrap_or(&tree);
    for entry in values.entries() {
        let value = entry.value.scalar();
        let value = value.ok_or_else(|| Refusal::new(&entry.value.place, "the value of a parameter is no text"))?;
        found.insert(entry.name.to_string(), value.to_string());
    }
    Ok(found)
}

/// The value of a parameter.
pub(super) fn value(parameter: &Entry, given: Option<Node>) -> Node {
    let about = &parameter.value;
    let kind = about.get("Type").and_then(Tree::as_text).map_or("String", |kind| kind);
    let sensitive = about.get("NoEcho").and_then(Tree::truth).unwrap_or(about.get("NoEcho").is_some());
    let default = about.get("Default").and_then(|default| {
        let node: Node = Value::Text(default.scalar()?).into();
        Some(node)
    });
    let what = || format!("parameter {}", parameter.name);
    let node = match given.or(default) {
        Some(given) => typed(kind, given, what),
        None => Unknown::new(Why::NoValue, what()).into(),
    };
    Node { sensitive: sensitive || node.sensitive, ..node }
}

/// A value as the type of its parameter has it.
fn typed(kind: &str, given: Node, what: impl Fn() -> String) -> Node {
    let Some(text) = given.text().cloned() else {
        return match &given.value {
            Value::Number(number) => Node { value: Value::text(number.to_string()), ..given },
            Value::Bool(yes) => Node { value: Value::text(yes.to_string()), ..given },
            _ => given,
        };
    };
    let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
    if kind.starts_with("AWS::SSM::Parameter::Value<") {
        let what = format!("{}, the SSM parameter `{text}`", what());
        return Node { value: Value::unknown(Why::DataSource, what), is: None, ..given };
    }
    if is_list {
        let item = |item: &str| Value::text(item.trim()).into();
        let items = if text.is_empty() { Vec::new() } else { text.split(',').map(item).collect() };
        return Node { value: Value::tuple(items), ..given };
    }
    if kind == "Number"
        && let Form::Number(number) = scalar::plain(&text)
    {
        return Node { value: Value::Number(number), ..given };
    }
    given
}

/// What the deployment itself says; none where the name is no pseudo parameter.
pub(super) fn pseudo(name: &str, options: &TemplateOptions, stack: Option<&str>) -> Option<Node> {
    let region = options.region.as_deref();
    let partition = options.partition.as_deref().or(region.map(partition_of));
    let known = match name {
        "AWS::Region" => region,
        "AWS::AccountId" => options.account.as_deref(),
        "AWS::Partition" => partition,
        "AWS::URLSuffix" => match partition {
            Some("aws-cn") => Some("amazonaws.com.cn"),
            Some("aws" | "aws-us-gov") => Some("amazonaws.com"),
            _ => None,
        },
        "AWS::StackName" => stack,
        "AWS::StackId" | "AWS::NotificationARNs" => None,
        _ => return None,
    };
    Some(match known {
        Some(text) => Value::text(text).into(),
        None => Unknown::new(Why::NoValue, name).into(),
    })
}

fn partition_of(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("us-iso-") => "aws-iso",
        _ if region.starts_with("us-isob-") => "aws-iso-b",
        _ if region.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// A parameter that another stack gives, as the place where it is used has it.
pub(super) fn used(node: &Node, place: &Place) -> Node {
    node.clone().at(place)
}

/// The literal value of a parameter, where it has one: what transforms see before anything is evaluated.
pub(super) fn literal(node: &Node) -> Option<Arc<str>> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(yes) => Some(yes.to_string().into()),
        _ => None,
    }
}
