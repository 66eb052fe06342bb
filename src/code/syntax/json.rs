//! The JSON form of the language: objects that stand for blocks, and texts that are templates.
//!
//! Without the schema of a provider nobody can tell a nested block from an attribute here, so what stands in the body
//! of a block is read as attributes; `Node::blocks` reads both.

use std::sync::Arc;

use crate::{
    code::{CodeGap, Place, Value, place::Lines},
    evidence::GapReason,
    snapshot::check_values,
};

use super::{Attribute, Block, Body, Expr, ExprKind, Key, MOST_PARTS, native};

/// A value of JSON and where it stands.
pub(in crate::code) struct Json {
    pub(in crate::code) value: Form,
    pub(in crate::code) span: std::ops::Range<usize>,
}

/// What a value of JSON is.
pub(in crate::code) enum Form {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    /// Names, where each stands, and their values.
    Object(Vec<(String, std::ops::Range<usize>, Json)>),
}

/// Reads JSON that is known to be well formed, with the places.
pub(in crate::code) fn scan(text: &str) -> Json {
    Scanner { text, at: 0 }.value()
}

pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<Body, CodeGap> {
    check_values(text, MOST_PARTS).map_err(|error| {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (line, column) = (count(error.line), count(error.column));
        let place = Place { file: file.clone(), line, column, end_line: line, end_column: column };
        CodeGap::new(&**file, GapReason::Malformed, error.message).at(&place)
    })?;
    let root = scan(text);
    let reader = Reader { file, lines: Lines::new(file.clone(), text) };
    match root.value {
        Form::Object(_) | Form::List(_) => Ok(reader.root(root)),
        _ => {
            Err(CodeGap::new(&**file, GapReason::Malformed, "the file holds no JSON object").at(&Place::start_of(file)))
        }
    }
}

struct Reader<'a> {
    file: &'a Arc<str>,
    lines: Lines<'a>,
}

/// How many labels a block of the root has.
fn labels(kind: &str) -> usize {
    match kind {
        "resource" | "data" => 2,
        "variable" | "module" | "output" | "provider" | "check" => 1,
        _ => 0,
    }
}

impl Reader<'_> {
    fn root(&self, root: Json) -> Body {
        let mut body = Body::default();
        for (name, value) in entries(root) {
            let is_block =
                labels(&name) > 0 || matches!(&*name, "locals" | "terraform" | "moved" | "import" | "removed");
            if is_block {
                self.blocks(&name, &mut Vec::new(), labels(&name), value, &mut body);
            } else {
                body.attributes.push(self.attribute(name, value));
            }
        }
        body
    }

    fn blocks(&self, kind: &str, names: &mut Vec<Arc<str>>, labels: usize, value: Json, body: &mut Body) {
        if let Form::List(items) = value.value {
            for item in items {
                self.blocks(kind, names, labels, item, body);
            }
        } else if labels > 0 {
            for (name, value) in entries(value) {
                names.push(name.into());
                self.blocks(kind, names, labels - 1, value, body);
                names.pop();
            }
        } else {
            let place = self.lines.place(value.span.clone());
            let labels = names.clone();
            body.blocks.push(Block { kind: kind.into(), labels, body: self.body(value), place });
        }
    }

    fn body(&self, value: Json) -> Body {
        let mut body = Body::default();
        for (name, value) in entries(value) {
            match &*name {
                "//" => {}
                "dynamic" => self.dynamic(value, &mut body),
                _ => body.attributes.push(self.attribute(name, value)),
            }
        }
        body
    }

    /// `dynamic` blocks: their content is a body again.
    fn dynamic(&self, value: Json, body: &mut Body) {
        let mut found = Body::default();
        self.blocks("dynamic", &mut Vec::new(), 1, value, &mut found);
        for mut block in found.blocks {
            let content = block.body.attributes.iter().position(|attribute| &*attribute.name == "content");
            if let Some(content) = content.map(|at| block.body.attributes.remove(at)) {
                let place = content.place.clone();
                let inner = match content.value.kind {
                    ExprKind::Object(entries) => entries
                        .into_iter()
                        .filter_map(|(key, value)| match key {
                            Key::Name(name) => Some(Attribute { name, place: value.place.clone(), value }),
                            Key::Computed(_) => None,
                        })
                        .collect(),
                    _ => Vec::new(),
                };
                let inner = Body { attributes: inner, blocks: Vec::new() };
                block.body.blocks.push(Block { kind: "content".into(), labels: Vec::new(), body: inner, place });
            }
            body.blocks.push(block);
        }
    }

    fn attribute(&self, name: String, value: Json) -> Attribute {
        let place = self.lines.place(value.span.clone());
        Attribute { name: name.into(), value: self.expr(value), place }
    }

    fn expr(&self, json: Json) -> Expr {
        let place = self.lines.place(json.span.clone());
        let kind = match json.value {
            Form::Null => ExprKind::Literal(Value::Null),
            Form::Bool(yes) => ExprKind::Literal(Value::Bool(yes)),
            Form::Number(number) => ExprKind::Literal(
                number.parse().map_or_else(|_| Value::unknown(crate::code::Why::Limit, number), Value::Number),
            ),
            Form::Text(text) if text.contains("${") || text.contains("%{") => {
                match native::parse_template(self.file, &text) {
                    Ok(mut pieces) => {
                        super::set_place(&mut pieces, &place);
                        ExprKind::Template(pieces)
                    }
                    Err(_) => {
                        ExprKind::Literal(Value::unknown(crate::code::Why::Invalid, "a text that is no template"))
                    }
                }
            }
            Form::Text(text) => ExprKind::Literal(Value::text(text)),
            Form::List(items) => ExprKind::Tuple(items.into_iter().map(|item| self.expr(item)).collect()),
            Form::Object(entries) => ExprKind::Object(
                entries.into_iter().map(|(name, _, value)| (Key::Name(name.into()), self.expr(value))).collect(),
            ),
        };
        Expr { kind, place }
    }
}

/// The entries of an object, or of all objects of a list.
fn entries(json: Json) -> Vec<(String, Json)> {
    match json.value {
        Form::Object(entries) => {
            entries.into_iter().filter(|(name, ..)| name != "//").map(|(name, _, value)| (name, value)).collect()
        }
        Form::List(items) => items.into_iter().flat_map(entries).collect(),
        _ => Vec::new(),
    }
}

/// Reads JSON that is known to be well formed, and keeps the places.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes over white space, and answers the byte that follows.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.text.as_bytes().get(self.at).copied()
    }

    fn value(&mut self) -> Json {
        let first = self.peek();
        let start = self.at;
        let value = match first {
            Some(b'{') => Form::Object(self.sequence(b'}', |scanner| {
                scanner.peek();
                let start = scanner.at;
                let name = scanner.string();
                let span = start..scanner.at;
                scanner.peek();
                scanner.at += 1;
                (name, span, scanner.value())
            })),
            Some(b'[') => Form::List(self.sequence(b']', Self::value)),
            Some(b'"') => Form::Text(self.string()),
            _ => {
                let rest = self.rest();
                let word = rest.split([',', ']', '}', ' ', '\t', '\r', '\n']).next().unwrap_or_default().to_owned();
                self.at += word.len().max(1);
                match &*word {
                    "true" => Form::Bool(true),
                    "false" => Form::Bool(false),
                    "null" => Form::Null,
                    _ => Form::Number(word),
                }
            }
        };
        Json { value, span: start..self.at }
    }

    fn sequence<T>(&mut self, end: u8, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        self.at += 1;
        while let Some(next) = self.peek() {
            if next == end {
                self.at += 1;
                break;
            }
            if next == b',' {
                self.at += 1;
            } else {
                items.push(one(self));
            }
        }
        items
    }

    fn string(&mut self) -> String {
        self.peek();
        let mut escaped = false;
        let end = self.rest().bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let length = end.map_or(self.rest().len(), |end| end + 2);
        let quoted = self.rest().get(..length).unwrap_or_default();
        let text = serde_json::from_str(quoted).unwrap_or_default();
        self.at += length.max(1);
        text
    }
}
