//! Functions of files and of their paths. Files are read from the folder that was scanned, and from nowhere else.

use std::sync::Arc;

use crate::code::{
    Frame, ListKind, Node, Value, Why,
    expression::{Fault, Scope, text_of},
    syntax::parse_template,
};

use super::{Arguments, Outcome};

pub(super) fn call(name: &str, arguments: &Arguments<'_>, scope: Scope<'_>) -> Option<Outcome> {
    let digest = |hash: &str| {
        let text = scope.names.file(&arguments.text(0)?)?;
        Ok(super::call(hash, &[Value::Text(text).into()], scope))
    };
    Some(match name {
        "file" => arguments.text(0).and_then(|path| Ok(Value::Text(scope.names.file(&path)?).into())),
        "fileexists" => arguments.text(0).and_then(|path| Ok(Value::Bool(scope.names.has_file(&path)?).into())),
        "filebase64" => digest("base64encode"),
        "filemd5" => digest("md5"),
        "filesha1" => digest("sha1"),
        "filesha256" => digest("sha256"),
        "filesha512" => digest("sha512"),
        "filebase64sha256" => digest("base64sha256"),
        "filebase64sha512" => digest("base64sha512"),
        "templatefile" => arguments.text(0).and_then(|path| {
            let text = scope.names.file(&path)?;
            template(arguments, &path, &text, scope)
        }),
        "templatestring" => arguments.text(0).and_then(|text| template(arguments, "template", &text, scope)),
        "basename" => arguments.text(0).map(|path| {
            let trimmed = path.trim_end_matches('/');
            let last = trimmed.rsplit('/').next().filter(|last| !last.is_empty());
            Value::text(last.unwrap_or(if path.is_empty() { "." } else { "/" })).into()
        }),
        "dirname" => arguments.text(0).map(|path| Value::text(dirname(&path)).into()),
        "fileset" => arguments.text(0).and_then(|folder| {
            let pattern = arguments.text(1)?;
            let matches = glob(&pattern).ok_or_else(|| arguments.fault("requires a pattern"))?;
            let found = scope.names.files(&folder)?.into_iter().filter(|file| matches.is_match(file));
            Ok(Value::list(found.map(|file| Value::text(file).into()).collect(), ListKind::Set).into())
        }),
        // Where the folder lies is no part of it.
        "abspath" | "pathexpand" => {
            arguments.text(0).and_then(|_| Err(Fault::Other(Why::File, format!("the function `{name}`"))))
        }
        _ => return None,
    })
}

fn dirname(path: &str) -> String {
    match path.rsplit_once('/') {
        None => ".".into(),
        Some(("", _)) => "/".into(),
        Some((folder, _)) => folder.trim_end_matches('/').into(),
    }
}

fn template(arguments: &Arguments<'_>, name: &str, text: &str, scope: Scope<'_>) -> Outcome {
    let file: Arc<str> = name.into();
    if text.len() > crate::code::syntax::MAX_BYTES {
        return Err(Fault::Other(Why::Limit, format!("the template `{name}`")));
    }
    let pieces = parse_template(&file, text).map_err(|_| arguments.fault("requires a template"))?;
    let variables = arguments.map(1)?;
    let node = bind(&mut variables.iter(), None, scope, &pieces);
    Ok(node)
}

/// Binds one name after the other, and then reads the template: in it, no name of the module stands for anything.
fn bind(
    left: &mut std::collections::btree_map::Iter<'_, Arc<str>, Node>,
    up: Option<&Frame<'_>>,
    scope: Scope<'_>,
    pieces: &[crate::code::syntax::Piece],
) -> Node {
    match left.next() {
        Some((name, value)) => {
            let frame = Frame { name, value: value.clone(), up };
            scope.meter.deeper(|| bind(left, Some(&frame), scope, pieces))
        }
        None => text_of(pieces, Scope { frame: up, ..scope }),
    }
}

/// A pattern of file names as a regular expression.
fn glob(pattern: &str) -> Option<regex::Regex> {
    let mut text = String::from("^");
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '*' if rest.starts_with("*/") => {
                rest = rest.get(2..).unwrap_or_default();
                text.push_str("(?:.*/)?");
            }
            '*' if rest.starts_with('*') => {
                rest = rest.get(1..).unwrap_or_default();
                text.push_str(".*");
            }
            '*' => text.push_str("[^/]*"),
            '?' => text.push_str("[^/]"),
            '{' => text.push_str("(?:"),
            '}' => text.push(')'),
            ',' => text.push('|'),
            other => text.push_str(&regex::escape(&other.to_string())),
        }
    }
    text.push('$');
    regex::Regex::new(&text).ok()
}
