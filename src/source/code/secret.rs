//! What code calls a secret goes no further than here: a value that is marked sensitive becomes one that is not known.
//!
//! Names of things that clouds give or that stand in every log, such as an ARN or a range of addresses, are none, however
//! they are marked: what hangs on them is judged. The environment keeps its names, and loses its values as every record does.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use ipnet::IpNet;
use regex::Regex;

use crate::code::{Evaluated, MapKind, Node, Resource, Unknown, Value, Why};

/// Where variables of functions stand, whose values no record keeps.
const ENVIRONMENTS: [&str; 6] = [
    "environment",
    "environment_variables",
    "build_environment_variables",
    "env",
    "Environment",
    "EnvironmentVariables",
];

/// An ARN, an id of AWS, an account, a region, the full name of something in Google Cloud.
#[expect(clippy::expect_used, reason = "the pattern is written here, and a test reads it")]
static IDENTIFIER: LazyLock<Regex> = LazyLock::new(|| {
    let forms = [
        r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[\w+=,.@:/*$-]+",
        r"[a-z]{1,8}(-[a-z]{1,8})*-[0-9a-f]{8,17}",
        r"\d{12}",
        r"(africa|ap|asia|australia|ca|cn|eu|europe|eusc|il|me|mx|northamerica|sa|southamerica|us)(-[a-z]{2,12}){1,2}-?\d{1,2}",
        r"(https://www\.googleapis\.com/compute/v1/)?projects/[a-z0-9:.-]+/[A-Za-z0-9_./-]+",
    ];
    Regex::new(&format!("^(?:{})$", forms.join("|"))).expect("a pattern")
});

fn is_identifier(text: &str) -> bool {
    IDENTIFIER.is_match(text) || text.parse::<IpNet>().is_ok() || text.parse::<std::net::IpAddr>().is_ok()
}

/// The code without its secrets.
pub(super) fn hide(code: Cow<'_, Evaluated>) -> Cow<'_, Evaluated> {
    let hidden = |(index, resource): (usize, &Resource)| Some((index, without(&resource.body)?));
    let all: Vec<(usize, Node)> = code.resources.iter().enumerate().filter_map(hidden).collect();
    if all.is_empty() {
        return code;
    }
    let mut code = code.into_owned();
    for (index, body) in all {
        if let Some(resource) = code.resources.get_mut(index) {
            resource.body = body;
        }
    }
    Cow::Owned(code)
}

/// A value without what is secret in it; none where there is nothing.
fn without(node: &Node) -> Option<Node> {
    if !node.is_sensitive() {
        return None;
    }
    match &node.value {
        Value::Text(text) if node.sensitive && !text.is_empty() && !is_identifier(text) => {
            Some(Node { value: Value::unknown(Why::Secret, "a secret value"), ..node.clone() })
        }
        // Of a value that is not known, the form may show parts that are.
        Value::Unknown(unknown) if node.sensitive && unknown.shape.is_some() => {
            let value = Value::Unknown(Arc::new(Unknown { shape: None, ..Unknown::clone(unknown) }));
            Some(Node { value, ..node.clone() })
        }
        Value::Map(map) => {
            let inner = |(name, inner): (&Arc<str>, &Node)| {
                let kept = ENVIRONMENTS.contains(&&**name);
                let inner = if kept { None } else { without(&passed_on(node, inner)) };
                Some((name.clone(), inner?))
            };
            let changed: BTreeMap<Arc<str>, Node> = map.iter().filter_map(inner).collect();
            (!changed.is_empty()).then(|| {
                let mut entries: BTreeMap<Arc<str>, Node> = (***map).clone();
                entries.extend(changed);
                let kind: MapKind = map.kind().clone();
                Node { value: Value::map(entries, kind), ..node.clone() }
            })
        }
        Value::List(list) => {
            let changed: Vec<Option<Node>> = list.iter().map(|item| without(&passed_on(node, item))).collect();
            changed.iter().any(Option::is_some).then(|| {
                let items = list.iter().zip(changed).map(|(old, new)| new.unwrap_or_else(|| old.clone())).collect();
                Node { value: Value::list(items, list.kind()), ..node.clone() }
            })
        }
        _ => None,
    }
}

/// What stands in a secret is one.
fn passed_on(outer: &Node, inner: &Node) -> Node {
    Node { sensitive: outer.sensitive || inner.sensitive, ..inner.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_no_secret_and_anything_else_is() {
        for fine in [
            "arn:aws:iam::123456789012:role/service/orders",
            "subnet-0a1b2c3d4e5f60718",
            "123456789012",
            "us-west-2",
            "europe-west1",
            "10.0.0.0/16",
            "203.0.113.7",
            "projects/shop/regions/europe-west1/subnetworks/a",
        ] {
            assert!(is_identifier(fine), "{fine}");
        }
        for secret in
            ["hunter2", "AKIAIOSFODNN7EXAMPLE", "arn:aws:iam::1:role/a b", "1234567890123", "", "a-b", "blue-horse-42"]
        {
            assert!(!is_identifier(secret), "{secret}");
        }
    }
}
