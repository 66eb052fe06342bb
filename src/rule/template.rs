//! A message with expressions in it: `{workload.name} leaves from …`. `{{` and `}}` stand for the braces themselves.

use super::expression::{Expression, Fault, Kind, Patterns, Scope, compile};
use crate::facts::vocabulary::Type;

/// A compiled message.
#[derive(Debug, Clone)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// A piece of a message.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// Words.
    Words(String),
    /// The value of an expression.
    Value(Box<Expression>),
}

impl Template {
    /// The expressions of the message, in their order.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Value(expression) => Some(expression.as_ref()),
        })
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    pub(super) fn compile(text: &str, scope: &Scope<'_>, patterns: &mut Patterns) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut rest = text.chars().enumerate().peekable();
        while let Some((at, c)) = rest.next() {
            match c {
                '{' | '}' if rest.next_if(|&(_, next)| next == c).is_some() => words.push(c),
                '{' => {
                    let mut source = String::new();
                    loop {
                        match rest.next() {
                            Some((_, '}')) => break,
                            Some((_, c)) => source.push(c),
                            None => return Err(Fault::new("this `{` is never closed").at(at)),
                        }
                    }
                    if !words.is_empty() {
                        pieces.push(Piece::Words(std::mem::take(&mut words)));
                    }
                    let checked = compile(&source, scope, patterns).map_err(|fault| fault.moved(at + 1))?;
                    match checked.meaning.kind {
                        Kind::Object(_) | Kind::Params | Kind::List(Type::Object(_) | Type::List(_)) | Kind::Null => {
                            let problem = format!("`{source}` cannot be shown: name one of its facts");
                            return Err(Fault::new(problem).at(at + 1));
                        }
                        _ => pieces.push(Piece::Value(Box::new(checked.expression))),
                    }
                }
                '}' => {
                    return Err(Fault::new("this `}` closes nothing")
                        .at(at)
                        .with_hint(Some("write `}}` for a brace".to_owned())));
                }
                _ => words.push(c),
            }
        }
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Ok(Self { pieces })
    }
}
