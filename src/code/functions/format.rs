//! `format` and `formatlist`.

use crate::code::{
    ListKind, Node, Value, Why,
    expression::{Fault, as_bool, as_number, as_text, joined},
};

use super::{Arguments, Outcome, json};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    Some(match name {
        "format" => arguments.text(0).and_then(|pattern| formatted(arguments, &pattern, arguments.from(1))),
        "formatlist" => arguments.text(0).and_then(|pattern| list(arguments, &pattern)),
        _ => return None,
    })
}

fn list(arguments: &Arguments<'_>, pattern: &str) -> Outcome {
    let rest = arguments.from(1);
    let lengths: Vec<usize> = rest
        .iter()
        .filter_map(|node| if let Value::List(list) = &node.value { Some(list.len()) } else { None })
        .collect();
    // What is not known at all may be a list as well as a text.
    if let Some(hidden) = rest.iter().find(|node| node.unknown().is_some()) {
        return Err(crate::code::expression::missing(hidden));
    }
    let length = lengths.first().copied().unwrap_or(1);
    if lengths.iter().any(|other| *other != length) {
        return Err(arguments.fault("requires lists of one length"));
    }
    let row = |index: usize| -> Vec<Node> {
        rest.iter()
            .map(|node| match &node.value {
                Value::List(list) => list.get(index).cloned().unwrap_or_else(Node::null),
                _ => node.clone(),
            })
            .collect()
    };
    let rows = (0..length).map(|index| formatted(arguments, pattern, &row(index))).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::list(rows, ListKind::List).into())
}

/// A verb of a pattern, `%-10s`.
#[derive(Default)]
struct Verb {
    /// Those of `-0+ ` that stand before it.
    flags: String,
    width: usize,
    places: Option<usize>,
    argument: Option<usize>,
    letter: char,
}

fn formatted(arguments: &Arguments<'_>, pattern: &str, values: &[Node]) -> Outcome {
    let mut pieces: Vec<Node> = Vec::new();
    let (mut rest, mut next, mut counted) = (pattern, 0_usize, true);
    while let Some((text, behind)) = rest.split_once('%') {
        pieces.push(Value::text(text).into());
        let (verb, behind) = verb(behind).ok_or_else(|| arguments.fault("requires verbs it knows"))?;
        rest = behind;
        if verb.letter == '%' {
            pieces.push(Value::text("%").into());
            continue;
        }
        if let Some(argument) = verb.argument {
            next = argument.checked_sub(1).ok_or_else(|| arguments.fault("counts its arguments from one"))?;
            counted = false;
        }
        let node = values.get(next).ok_or_else(|| arguments.fault("has too few arguments"))?;
        next += 1;
        let plain = matches!(verb.letter, 's' | 'v') && verb.width == 0 && verb.places.is_none();
        match &node.value {
            Value::Unknown(_) if plain => pieces.push(node.clone()),
            _ => {
                pieces
                    .push(Node { sensitive: node.is_sensitive(), ..Value::text(one(arguments, &verb, node)?).into() });
            }
        }
    }
    if counted && next < values.len() {
        return Err(arguments.fault("has too many arguments"));
    }
    pieces.push(Value::text(rest).into());
    Ok(joined(pieces))
}

fn verb(text: &str) -> Option<(Verb, &str)> {
    let mut verb = Verb::default();
    let mut rest = text;
    loop {
        let c = rest.chars().next()?;
        let behind = rest.get(c.len_utf8()..)?;
        if !"-0+ ".contains(c) {
            break;
        }
        verb.flags.push(c);
        rest = behind;
    }
    let number = |rest: &mut &str| -> Option<usize> {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (digits, behind) = rest.split_at_checked(digits)?;
        *rest = behind;
        if digits.is_empty() { Some(0) } else { digits.parse().ok().filter(|number| *number <= 1000) }
    };
    verb.width = number(&mut rest)?;
    if let Some(behind) = rest.strip_prefix('.') {
        rest = behind;
        verb.places = Some(number(&mut rest)?);
    }
    if let Some(behind) = rest.strip_prefix('[') {
        rest = behind;
        verb.argument = Some(number(&mut rest)?);
        rest = rest.strip_prefix(']')?;
    }
    verb.letter = rest.chars().next()?;
    let behind = rest.get(verb.letter.len_utf8()..)?;
    Some((verb, behind))
}

fn one(arguments: &Arguments<'_>, verb: &Verb, node: &Node) -> Result<String, Fault> {
    let whole = || as_number(node)?.whole().ok_or_else(|| arguments.fault("requires a whole number"));
    if node.value == Value::Null {
        return Err(arguments.fault("has no text for null"));
    }
    let (sign, text) = match verb.letter {
        's' | 'v' | 'q' => {
            let text = match &node.value {
                Value::Unknown(unknown) => return Err(Fault::Unknown(unknown.clone())),
                Value::List(_) | Value::Map(_) if verb.letter == 'v' => json::encode(node)?,
                _ => as_text(node)?.to_string(),
            };
            let text = match verb.places {
                Some(places) => text.chars().take(places).collect(),
                None => text,
            };
            (String::new(), if verb.letter == 'q' { json::encode(&Value::text(text).into())? } else { text })
        }
        't' => (String::new(), as_bool(node)?.to_string()),
        'd' | 'b' | 'o' | 'x' | 'X' => {
            let whole = whole()?;
            let digits = whole.unsigned_abs();
            let text = match verb.letter {
                'b' => format!("{digits:b}"),
                'o' => format!("{digits:o}"),
                'x' => format!("{digits:x}"),
                'X' => format!("{digits:X}"),
                _ => digits.to_string(),
            };
            (sign(verb, whole < 0), text)
        }
        'f' => {
            let number = as_number(node)?;
            let float: f64 = number.to_string().parse().map_err(|_| arguments.fault("requires a number"))?;
            (sign(verb, float < 0.0), format!("{:.*}", verb.places.unwrap_or(6), float.abs()))
        }
        other => return Err(Fault::Other(Why::Unsupported, format!("the verb `%{other}`"))),
    };
    let missing = verb.width.saturating_sub(sign.chars().count() + text.chars().count());
    Ok(match (verb.flags.contains('-'), verb.flags.contains('0')) {
        (true, _) => format!("{sign}{text}{}", " ".repeat(missing)),
        (false, true) => format!("{sign}{}{text}", "0".repeat(missing)),
        (false, false) => format!("{}{sign}{text}", " ".repeat(missing)),
    })
}

fn sign(verb: &Verb, negative: bool) -> String {
    let sign = match (negative, verb.flags.contains('+'), verb.flags.contains(' ')) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    sign.into()
}
