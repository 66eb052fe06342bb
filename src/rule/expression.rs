//! An expression of a rule: CEL, within limits, checked against the vocabulary, and compiled.

mod check;
mod limits;
mod opening;
mod patterns;
mod rewrite;
mod scope;
mod suggest;

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
};

use cel::{Env, IdedExpr};

pub(super) use limits::roomy;
pub(crate) use opening::Opening;
pub(crate) use patterns::Patterns;
pub(crate) use rewrite::WHOLE;
pub(super) use scope::{Kind, Meaning, Proof, Scope};
pub(super) use suggest::did_you_mean;

/// A compiled expression.
#[derive(Debug, Clone)]
pub struct Expression {
    source: String,
    tree: IdedExpr,
    opening: Option<Opening>,
    reads: BTreeSet<String>,
}

impl Expression {
    /// The expression as its author wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The paths of the vocabulary that it reads.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        self.reads.iter().map(String::as_str)
    }

    /// What it asks before anything else, where that may decide it.
    pub(crate) fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// What the engine runs.
    pub(crate) fn tree(&self) -> &IdedExpr {
        &self.tree
    }
}

/// What is wrong with an expression, and at which character of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Option<usize>,
    pub(super) problem: String,
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self { at: None, problem: problem.into(), hint: None }
    }

    pub(super) fn at(mut self, offset: usize) -> Self {
        self.at = Some(offset);
        self
    }

    pub(super) fn with_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// The same fault in a text that has so many characters before the expression.
    pub(super) fn moved(mut self, by: usize) -> Self {
        self.at = Some(self.at.unwrap_or(0) + by);
        self
    }
}

/// The language of rules: the standard one without optionals, which would swallow an unknown.
pub(crate) static LANGUAGE: LazyLock<std::sync::Arc<Env>> =
    LazyLock::new(|| std::sync::Arc::new(Env::stdlib().with_optional_support(false)));

/// An expression that was checked, and what that showed.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) expression: Expression,
    pub(super) meaning: Meaning,
}

/// Checks and compiles an expression of those names.
pub(super) fn compile(source: &str, scope: &Scope<'_>, patterns: &mut Patterns) -> Result<Checked, Fault> {
    limits::before_parsing(source)?;
    if source.trim().is_empty() {
        return Err(Fault::new("this says nothing"));
    }
    let program = catch_unwind(AssertUnwindSafe(|| LANGUAGE.compile(source)))
        .map_err(|_| Fault::new("this is not an expression that can be read"))?
        .map_err(|errors| unreadable(source, &errors))?;
    let tree = program.expression();
    limits::after_parsing(tree)?;
    let (meaning, reads) = check::check(tree, &program, scope, patterns)?;
    let opening = Opening::of(tree);
    let expression = Expression { source: source.to_owned(), tree: rewrite::rewrite(tree.clone()), opening, reads };
    Ok(Checked { expression, meaning })
}

fn unreadable(source: &str, errors: &cel::ParseErrors) -> Fault {
    let Some(error) = errors.errors.first() else {
        return Fault::new("this is not an expression that can be read");
    };
    let (problem, hint) = in_plain_words(&error.msg);
    let fault = Fault::new(problem).with_hint(hint);
    let (Ok(line), Ok(column)) = (usize::try_from(error.pos.0), usize::try_from(error.pos.1)) else { return fault };
    let before: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(|l| l.chars().count()).sum();
    let last = source.chars().count().saturating_sub(1);
    fault.at((before + column.saturating_sub(1)).min(last))
}

/// What the parser means: its own words name the tokens of a grammar that no author of a rule has seen.
fn in_plain_words(message: &str) -> (String, Option<String>) {
    let message = message.trim().trim_start_matches("Syntax error: ");
    let quoted = message.split_once('\'').map_or("", |(_, rest)| rest);
    let about = |end: &str| quoted.split(end).next().unwrap_or("").trim_end_matches('\'').trim().to_owned();
    if message.starts_with("token recognition error at") {
        let token = about("\n");
        let hint = token.starts_with('=').then(|| "`==` compares".to_owned());
        return (format!("`{token}` cannot be read"), hint);
    }
    if message.starts_with("mismatched input") || message.starts_with("extraneous input") {
        let token = about("' expecting");
        if token == "<EOF>" {
            return ("the expression ends too early".to_owned(), None);
        }
        let hint = [("and", "&&"), ("or", "||"), ("not", "!")].into_iter().find(|(word, _)| *word == token);
        return (
            format!("`{token}` is not expected here"),
            hint.map(|(word, sign)| format!("`{sign}` is the word for {word}")),
        );
    }
    if message.starts_with("no viable alternative") {
        return (format!("`{}` cannot be read here", about("\n")), None);
    }
    if let Some(word) = message.strip_prefix("reserved identifier: ") {
        return (format!("`{word}` cannot be a name: the language keeps it for itself"), None);
    }
    let mut letters = message.trim_end_matches('.').chars();
    (letters.next().map_or(String::new(), |c| c.to_lowercase().chain(letters).collect()), None)
}

#[cfg(test)]
mod tests;
