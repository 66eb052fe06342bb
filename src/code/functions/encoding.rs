//! Functions that write values as text, and read them back.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::code::{
    Node, Shape, Value, Why,
    expression::{Fault, json_of},
};

use super::{Arguments, Outcome, json};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    Some(match name {
        "jsonencode" => arguments.node(0).and_then(|node| {
            if node.is_known() { json::encode(node).map(|text| Value::text(text).into()) } else { Ok(json_of(node)) }
        }),
        "jsondecode" => arguments.node(0).and_then(|node| {
            if let Some(Some(Shape::Json(tree))) = node.unknown().map(|unknown| &unknown.shape) {
                Ok(Node::clone(tree))
            } else {
                let text = arguments.text(0)?;
                crate::snapshot::check_json(&text).map_err(|_| arguments.fault("requires JSON"))?;
                let tree: serde_json::Value =
                    serde_json::from_str(&text).map_err(|_| arguments.fault("requires JSON"))?;
                Ok(json::decode(&tree))
            }
        }),
        "yamldecode" => arguments.text(0).and_then(|text| {
            let tree: serde_json::Value =
                serde_saphyr::from_str(&text).map_err(|_| arguments.fault("requires YAML"))?;
            Ok(json::decode(&tree))
        }),
        "base64encode" => arguments.text(0).map(|text| Value::text(STANDARD.encode(text.as_bytes())).into()),
        "base64decode" => arguments.text(0).and_then(|text| {
            let bytes = STANDARD.decode(text.as_bytes()).map_err(|_| arguments.fault("requires base64"))?;
            let text = String::from_utf8(bytes).map_err(|_| arguments.fault("requires the base64 of a text"))?;
            Ok(Value::text(text).into())
        }),
        "urlencode" => arguments.text(0).map(|text| Value::text(urlencode(&text)).into()),
        "csvdecode" | "yamlencode" | "base64gzip" | "textencodebase64" | "textdecodebase64" | "rsadecrypt" => {
            Err(Fault::Other(Why::Unsupported, format!("the function `{name}`")))
        }
        _ => return None,
    })
}

fn urlencode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => encoded.push(byte.into()),
            byte => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}
