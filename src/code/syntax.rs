//! The language, as far as it is evaluated: what HCL and its JSON form are both read into.

mod json;
mod native;
mod template;

use std::sync::Arc;

use crate::evidence::GapReason;

use super::{CodeGap, Place, Value};

pub(super) use json::{Form, Json, scan};

/// How large a file of code may be.
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;

/// How many parts a file of code may have: each takes a hundred times its length once it is read.
const MOST_PARTS: usize = 400_000;

/// Attributes and blocks, in their order.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) attributes: Vec<Attribute>,
    pub(super) blocks: Vec<Block>,
}

impl Body {
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    pub(super) fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| &*block.kind == kind)
    }
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: Arc<str>,
    pub(super) value: Expr,
    /// The whole of it, its name included.
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: Arc<str>,
    pub(super) labels: Vec<Arc<str>>,
    pub(super) body: Body,
    pub(super) place: Place,
}

impl Block {
    pub(super) fn label(&self, index: usize) -> Option<&Arc<str>> {
        self.labels.get(index)
    }
}

#[derive(Debug)]
pub(super) struct Expr {
    pub(super) kind: ExprKind,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) enum ExprKind {
    Literal(Value),
    Template(Vec<Piece>),
    Tuple(Vec<Expr>),
    Object(Vec<(Key, Expr)>),
    Name(Arc<str>),
    Steps(Box<Expr>, Vec<Step>),
    Call { name: Arc<str>, arguments: Vec<Expr>, spread: bool },
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Binary(Operator, Box<(Expr, Expr)>),
    Conditional(Box<(Expr, Expr, Expr)>),
    For(Box<For>),
}

/// The name of an entry of an object.
#[derive(Debug)]
pub(super) enum Key {
    Name(Arc<str>),
    Computed(Expr),
}

#[derive(Debug)]
pub(super) enum Step {
    Attribute(Arc<str>),
    Index(Expr),
    /// `[*]`; or `.*`, whose indexes behind it are of the whole.
    Splat {
        full: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Plus,
    Minus,
    Times,
    Over,
    Modulo,
    And,
    Or,
}

#[derive(Debug)]
pub(super) struct For {
    pub(super) index: Option<Arc<str>>,
    pub(super) item: Arc<str>,
    pub(super) over: Expr,
    pub(super) key: Option<Expr>,
    pub(super) value: Expr,
    pub(super) grouped: bool,
    pub(super) when: Option<Expr>,
}

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Piece {
    Text(Arc<str>),
    Value(Expr),
    If { when: Expr, then: Vec<Piece>, otherwise: Vec<Piece> },
    For { index: Option<Arc<str>>, item: Arc<str>, over: Expr, each: Vec<Piece> },
}

/// Reads a file of code, by its name as HCL or as JSON.
pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<Body, CodeGap> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        return Err(CodeGap::new(
            &**file,
            GapReason::Limit,
            format!("the file is larger than {} MiB", MAX_BYTES / 1024 / 1024),
        )
        .at(&Place::start_of(file)));
    }
    if file.ends_with(".json") { json::parse(file, text) } else { native::parse(file, text) }
}

/// Whether a text of HCL has no more parts than are read, by the signs that every part but the first comes with. Those in
/// texts and comments count too: prose has few.
fn within_measure(file: &Arc<str>, text: &str) -> Result<(), CodeGap> {
    let parts = text.bytes().filter(|byte| matches!(byte, b'.' | b',' | b'=' | b'[' | b'(' | b'{')).count();
    if parts > MOST_PARTS {
        let why = format!("the file has more than {MOST_PARTS} parts");
        return Err(CodeGap::new(&**file, GapReason::Limit, why).at(&Place::start_of(file)));
    }
    Ok(())
}

/// Reads a template that stands in a file of its own.
pub(super) fn parse_template(file: &Arc<str>, text: &str) -> Result<Vec<Piece>, CodeGap> {
    native::parse_template(file, text)
}

/// Reads one expression.
pub(super) fn parse_expression(file: &Arc<str>, text: &str) -> Result<Expr, CodeGap> {
    native::parse_expression(file, text)
}

/// Moves every expression of a template to one place: that of the text that the template was found in.
fn set_place(pieces: &mut [Piece], place: &Place) {
    for piece in pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Value(value) => value.place = place.clone(),
            Piece::If { when, then, otherwise } => {
                when.place = place.clone();
                set_place(then, place);
                set_place(otherwise, place);
            }
            Piece::For { over, each, .. } => {
                over.place = place.clone();
                set_place(each, place);
            }
        }
    }
}
