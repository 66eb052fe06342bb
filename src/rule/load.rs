//! From a rule as written to a rule that was checked.

use std::collections::BTreeMap;

use serde_saphyr::Spanned;

use super::{
    ForEach, Param, Rule, RuleError, Scalar,
    expression::{Checked, Expression, Fault, Kind, Patterns, Proof, Scope, compile, did_you_mean},
    place::Page,
    raw::{RawParam, RawRule},
    template::Template,
};
use crate::facts::vocabulary::{self, Field, SUBJECTS, Subject, Type};

/// The most bytes of a rule file.
const SIZE: usize = 1 << 20;
/// Names that mean something else in an expression.
const RESERVED: [&str; 34] = [
    "as",
    "bool",
    "break",
    "bytes",
    "const",
    "continue",
    "double",
    "dyn",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "int",
    "let",
    "list",
    "loop",
    "map",
    "namespace",
    "null",
    "null_type",
    "package",
    "return",
    "string",
    "timestamp",
    "true",
    "type",
    "uint",
    "var",
    "void",
    "while",
    "params",
];

/// Reads, checks and compiles one rule. Recurses as deep as the file says: call it where there is room.
pub(super) fn load(file: &str, text: &str) -> Result<Rule, RuleError> {
    let page = Page { file, text };
    let raw: RawRule = read(page)?;
    let id = raw.id.value.as_str();
    if !is_kebab(id) {
        return Err(page.error_at(raw.id.referenced, format!("an id is in kebab-case, and `{id}` is not")));
    }
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = name.strip_suffix(".yaml").unwrap_or(name);
    if stem != id {
        return Err(page.error_at(raw.id.referenced, format!("the id is `{id}`, but the file is called `{stem}`")));
    }
    let family =
        file.rsplit(['/', '\\']).nth(1).filter(|folder| !folder.is_empty() && *folder != ".").map(str::to_owned);
    let subject = subject(page, &raw.subject)?;
    let params = params(page, raw.params)?;
    let base = Scope::new(subject, &params);
    let (for_each, scope) = match raw.for_each {
        Some(each) => {
            let (each, fields) = for_each(page, &each, subject, &base)?;
            let scope = base.with(&each.name, fields, &format!("{}[]", each.vocabulary));
            (Some(each), scope)
        }
        None => (None, base),
    };
    let mut patterns = Patterns::default();
    let (when, proof) = match &raw.when {
        Some(source) => {
            let (expression, proof) = condition(page, source, &scope, &mut patterns)?;
            (Some(expression), proof)
        }
        None => (None, Proof::default()),
    };
    let scope = scope.knowing(&proof.when_true);
    let (require, proof) = condition(page, &raw.require, &scope, &mut patterns)?;
    if require.reads().next().is_none() {
        return Err(page.error_at(raw.require.referenced, "this reads no fact, so that it says the same of everything"));
    }
    let message = Template::compile(raw.message.value.trim_end(), &scope.knowing(&proof.when_false), &mut patterns)
        .map_err(|fault| page.error_in(&raw.message, fault))?;
    for (prose, name) in
        [(&raw.title, "title"), (&raw.message, "message"), (&raw.description, "description"), (&raw.why, "why")]
    {
        if prose.value.trim().is_empty() {
            return Err(page.error_at(prose.referenced, format!("`{name}` says nothing")));
        }
    }
    if let Some(reference) = raw.references.iter().find(|reference| !reference.value.starts_with("https://")) {
        return Err(page.error_at(reference.referenced, "a reference is an https address"));
    }
    Ok(Rule {
        file: file.to_owned(),
        id: raw.id.value,
        family,
        title: raw.title.value,
        severity: raw.severity,
        status: raw.status,
        since: raw.since,
        tags: raw.tags,
        aliases: raw.aliases,
        compliance: raw.compliance,
        subject,
        for_each,
        params,
        when,
        require,
        message,
        description: raw.description.value,
        why: raw.why.value,
        remediation: raw.remediation,
        references: raw.references.into_iter().map(|reference| reference.value).collect(),
        patterns,
    })
}

/// Reads YAML of a known form, within limits.
pub(super) fn read<'de, T: serde::Deserialize<'de>>(page: Page<'de>) -> Result<T, RuleError> {
    if page.text.len() > SIZE {
        return Err(page.error("this file is longer than 1 MiB"));
    }
    serde_saphyr::from_str(page.text).map_err(|error| page.yaml(&error))
}

/// Whether it is small letters and digits, in words joined by single hyphens.
fn is_kebab(id: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    id.split('-').all(word)
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain) && !RESERVED.contains(&name)
}

fn subject(page: Page<'_>, name: &Spanned<String>) -> Result<&'static Subject, RuleError> {
    vocabulary::subject(&name.value).ok_or_else(|| {
        let problem = format!("no rule can be about a `{}`", name.value);
        let hint = did_you_mean(&name.value, SUBJECTS.iter().map(|subject| subject.name));
        page.error_in(name, Fault::new(problem).with_hint(hint))
    })
}

fn params(page: Page<'_>, raw: BTreeMap<String, Spanned<RawParam>>) -> Result<BTreeMap<String, Param>, RuleError> {
    let mut params = BTreeMap::new();
    for (name, param) in raw {
        if !is_name(&name) {
            return Err(page.error_at(param.referenced, format!("`{name}` cannot be the name of a parameter")));
        }
        let RawParam { default, meaning } = param.value;
        params.insert(name, Param { value: default, meaning });
    }
    Ok(params)
}

fn for_each(
    page: Page<'_>,
    raw: &Spanned<BTreeMap<String, Spanned<String>>>,
    subject: &'static Subject,
    scope: &Scope<'_>,
) -> Result<(ForEach, &'static [Field]), RuleError> {
    let mut pairs = raw.value.iter();
    let (Some((name, source)), None) = (pairs.next(), pairs.next()) else {
        return Err(
            page.error_at(raw.referenced, "`for_each` takes one name and one list: `{path: workload.egress.paths}`")
        );
    };
    if !is_name(name) || scope.has(name) {
        return Err(page.error_at(source.referenced, format!("the name `{name}` cannot be used for an element")));
    }
    let checked =
        compile(&source.value, scope, &mut Patterns::default()).map_err(|fault| page.error_in(source, fault))?;
    let element = match checked.meaning.kind {
        Kind::List(element) if !checked.meaning.may_be_null() => *element,
        Kind::List(_) => {
            return Err(page.error_in(source, Fault::new("this list may be null, and `for_each` cannot tell")));
        }
        _ => return Err(page.error_in(source, Fault::new("`for_each` takes a list"))),
    };
    let Type::Object(fields) = element else {
        return Err(page.error_in(source, Fault::new("`for_each` takes a list of named facts, not of plain values")));
    };
    let vocabulary = checked.expression.reads().next().unwrap_or_default().to_owned();
    let fields_to = path(subject, &vocabulary);
    Ok((ForEach { name: name.clone(), fields: fields_to, vocabulary }, fields))
}

/// The names of the fields that lead from the subject to a fact.
fn path(subject: &'static Subject, path: &str) -> Vec<&'static str> {
    let mut fields = subject.fields;
    let mut names = Vec::new();
    for name in path.split('.').skip(1) {
        let Some(field) = vocabulary::field(fields, name) else { break };
        names.push(field.name);
        match field.kind {
            Type::Object(inner) => fields = inner,
            _ => break,
        }
    }
    names
}

fn condition(
    page: Page<'_>,
    source: &Spanned<String>,
    scope: &Scope<'_>,
    patterns: &mut Patterns,
) -> Result<(Expression, Proof), RuleError> {
    let Checked { expression, meaning } =
        compile(&source.value, scope, patterns).map_err(|fault| page.error_in(source, fault))?;
    if meaning.kind != Kind::Bool || meaning.may_be_null() {
        let fault = Fault::new("this is not a condition: it must be yes or no");
        return Err(page.error_in(source, fault));
    }
    Ok((expression, meaning.proof))
}

impl Scalar {
    /// The value as a fact.
    pub fn to_node(&self) -> crate::facts::Node {
        match self {
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => (*value).into(),
            Self::Text(value) => value.as_str().into(),
        }
    }
}
