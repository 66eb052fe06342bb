//! Functions that make texts.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::code::{
    Node, Unknown, Value, Why,
    expression::{joined, json_of, unknown_of},
    functions::encode,
};

use super::{Stack, Tree};

/// What a reference to a secret or parameter store starts with.
const DYNAMIC: &str = "{{resolve:";

/// A text whose references to other stores are replaced by what nobody knows.
pub(super) fn resolved(node: Node) -> Node {
    let Some(text) = node.text().filter(|text| text.contains(DYNAMIC)) else {
        let hidden = node.unknown().and_then(|unknown| match &unknown.shape {
            Some(crate::code::Shape::Text(pieces)) => {
                pieces.iter().filter_map(Node::text).find(|text| text.contains(DYNAMIC)).cloned()
            }
            _ => None,
        });
        // One whose name is not known hides the whole text.
        return match (hidden, node.unknown()) {
            (Some(text), Some(unknown)) => {
                let unknown = Unknown { shape: None, ..Unknown::clone(unknown) };
                Node { sensitive: node.sensitive || is_secret(&text), ..unknown.into() }
            }
            _ => node,
        };
    };
    let mut pieces: Vec<Node> = Vec::new();
    let mut rest = &**text;
    while let Some((before, found)) = rest.split_once(DYNAMIC) {
        let (inside, after) = found.split_once("}}").unwrap_or((found, ""));
        if !before.is_empty() {
            pieces.push(Value::text(before).into());
        }
        let unknown = Unknown::new(Why::DataSource, format!("the dynamic reference `{inside}`"));
        pieces.push(Node { sensitive: is_secret(found), ..unknown.into() });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Value::text(rest).into());
    }
    let only = if pieces.len() == 1 { pieces.pop() } else { None };
    let made = only.unwrap_or_else(|| joined(pieces));
    Node { sensitive: made.sensitive || node.sensitive, ..made }
}

fn is_secret(reference: &str) -> bool {
    let reference = reference.split_once(DYNAMIC).map_or(reference, |(_, rest)| rest);
    reference.starts_with("secretsmanager") || reference.starts_with("ssm-secure")
}

impl Stack<'_> {
    /// `Fn::Sub`, of a text or of a text with values of its own.
    pub(super) fn sub(&self, argument: &Tree) -> Node {
        let (text, own) = match argument.items() {
            [] if argument.call().is_some() => return unknown_of([&self.value(argument)]),
            [] => (argument, None),
            [text] => (text, None),
            [text, own] => (text, Some(own)),
            _ => return self.invalid("`Fn::Sub` of anything but a text and a map", &argument.place),
        };
        let Some(text) = text.scalar() else {
            return self.invalid("`Fn::Sub` of something that is no text", &argument.place);
        };
        let mut pieces: Vec<Node> = Vec::new();
        let mut literal = String::new();
        let mut rest = &*text;
        while let Some((before, found)) = rest.split_once("${") {
            literal.push_str(before);
            let Some((inside, after)) = found.split_once('}') else {
                literal.push_str("${");
                rest = found;
                continue;
            };
            rest = after;
            if let Some(escaped) = inside.strip_prefix('!') {
                literal.push_str("${");
                literal.push_str(escaped);
                literal.push('}');
                continue;
            }
            if !literal.is_empty() {
                pieces.push(Value::text(std::mem::take(&mut literal)).into());
            }
            pieces.push(self.substituted(inside.trim(), own, argument));
        }
        literal.push_str(rest);
        if !literal.is_empty() || pieces.is_empty() {
            pieces.push(Value::text(literal).into());
        }
        // A text that is one attribute alone is that attribute.
        let only = if pieces.len() == 1 { pieces.pop() } else { None };
        resolved(only.map_or_else(|| joined(pieces), |only| if only.is.is_some() { only } else { joined(vec![only]) }))
    }

    fn substituted(&self, name: &str, own: Option<&Tree>, argument: &Tree) -> Node {
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return self.value(value);
        }
        match name.split_once('.') {
            Some(_) => self.get_attribute(&Tree::text(name, &argument.place), &argument.place),
            None => self.name(name, &argument.place).unwrap_or_else(|| Value::text("").into()),
        }
    }

    pub(super) fn join(&self, argument: &Tree) -> Node {
        let [delimiter, list] = argument.items() else {
            return self.invalid("`Fn::Join` of anything but a delimiter and a list", &argument.place);
        };
        let (delimiter, list) = (self.value(delimiter), self.value(list));
        let Value::List(items) = &list.value else { return unknown_of([&list, &delimiter]) };
        let mut pieces: Vec<Node> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                pieces.push(delimiter.clone());
            }
            pieces.push(item.clone());
        }
        if pieces.is_empty() { Value::text("").into() } else { resolved(joined(pieces)) }
    }

    pub(super) fn split(&self, argument: &Tree) -> Node {
        let [delimiter, source] = argument.items() else {
            return self.invalid("`Fn::Split` of anything but a delimiter and a text", &argument.place);
        };
        let (delimiter, source) = (self.value(delimiter), self.value(source));
        match (delimiter.text(), source.text()) {
            (Some(delimiter), Some(text)) if !delimiter.is_empty() => {
                let part = |part: &str| Node { sensitive: source.sensitive, ..Value::text(part).into() };
                Value::tuple(text.split(&**delimiter).map(part).collect()).into()
            }
            _ => unknown_of([&source, &delimiter]),
        }
    }

    pub(super) fn base64(&self, argument: &Tree) -> Node {
        let node = self.value(argument);
        match node.text() {
            Some(text) => Node { sensitive: node.sensitive, ..Value::text(STANDARD.encode(text.as_bytes())).into() },
            None => unknown_of([&node]),
        }
    }

    pub(super) fn to_json(&self, argument: &Tree) -> Node {
        let node = self.value(argument);
        if !node.is_known() {
            return json_of(&node);
        }
        match encode(&node) {
            Ok(text) => Node { sensitive: node.is_sensitive(), ..Value::text(text).into() },
            Err(_) => json_of(&node),
        }
    }
}
