//! JSON, as the language writes it and as it comes in plans and states.

use std::fmt::Write as _;

use crate::code::{MapKind, Node, Unknown, Value, expression::Fault};

/// A tree of JSON as a value.
pub(in crate::code) fn decode(json: &serde_json::Value) -> Node {
    match json {
        serde_json::Value::Null => Node::null(),
        serde_json::Value::Bool(yes) => Value::Bool(*yes).into(),
        serde_json::Value::Number(number) => match number.to_string().parse() {
            Ok(number) => Value::Number(number).into(),
            Err(_) => Value::unknown(crate::code::Why::Limit, "a number that is not held exactly").into(),
        },
        serde_json::Value::String(text) => Value::text(text.as_str()).into(),
        serde_json::Value::Array(items) => Value::tuple(items.iter().map(decode).collect()).into(),
        serde_json::Value::Object(entries) => {
            let entries = entries.iter().map(|(name, value)| (name.as_str().into(), decode(value)));
            Value::map(entries.collect(), MapKind::Object).into()
        }
    }
}

/// A value as JSON text, as the language writes it.
pub(in crate::code) fn encode(node: &Node) -> Result<String, Fault> {
    let mut out = String::new();
    write(node, &mut out)?;
    Ok(out)
}

fn write(node: &Node, out: &mut String) -> Result<(), Fault> {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) if number.is_exact() => {
            let _ = write!(out, "{number}");
        }
        Value::Number(_) => {
            return Err(Fault::Other(crate::code::Why::Limit, "a number that is not held exactly".into()));
        }
        Value::Text(text) => quote(text, out),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (name, value)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quote(name, out);
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
        Value::Unknown(unknown) => return Err(Fault::Unknown(Unknown::clone(unknown).into())),
    }
    Ok(())
}

/// A text in quotes; what could end a script or an entity is written by its number, as Go does.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
