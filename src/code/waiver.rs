//! What comments in the code allow: `# egress-audit: allow RULE until 2027-01-31 because …`.

use std::sync::Arc;

use jiff::civil::Date;

use super::{
    Place,
    place::Lines,
    syntax::{Body, Expr, ExprKind},
};

/// What such a comment starts with.
pub(super) const MARK: &str = "egress-audit:";

/// A comment that allows something, or means to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineWaiver {
    /// The comment.
    pub place: Place,
    /// The block or attribute that it is about: the one that it stands behind or directly before, else the one that
    /// it stands in. None where it stands beside nothing.
    pub covers: Option<Place>,
    /// What it allows; or, where it is malformed, why nobody can tell.
    pub allowed: Result<Allowed, String>,
}

/// What a comment allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The rules.
    pub rules: Vec<String>,
    /// The last day of it, where there is one.
    pub until: Option<Date>,
    /// Why.
    pub because: String,
}

/// Reads the text of a comment behind the mark.
fn read(text: &str) -> Result<Allowed, String> {
    const FORM: &str = "write `allow RULE until YYYY-MM-DD because REASON`";
    let rest = text.trim().strip_prefix("allow").filter(|rest| rest.starts_with(char::is_whitespace)).ok_or(FORM)?;
    let (head, because) = rest.split_once(" because").ok_or_else(|| format!("it gives no reason: {FORM}"))?;
    let because = because.trim().to_owned();
    if because.is_empty() {
        return Err(format!("it gives no reason: {FORM}"));
    }
    let (rules, until) = match head.split_once(" until ") {
        Some((rules, date)) => {
            let date = date.trim();
            (rules, Some(date.parse().map_err(|_| format!("`{date}` is no date: {FORM}"))?))
        }
        None => (head, None),
    };
    let rules: Vec<String> = rules.split([',', ' ']).filter(|rule| !rule.is_empty()).map(str::to_owned).collect();
    let is_rule = |rule: &String| rule.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    match rules.iter().find(|rule| !is_rule(rule)) {
        Some(rule) => Err(format!("`{rule}` is no rule: {FORM}")),
        None if rules.is_empty() => Err(format!("it names no rule: {FORM}")),
        None => Ok(Allowed { rules, until, because }),
    }
}

/// The waivers of a file of HCL.
pub(super) fn find(file: &Arc<str>, text: &str, body: &Body) -> Vec<InlineWaiver> {
    if !text.contains(MARK) {
        return Vec::new();
    }
    let lines = Lines::new(file.clone(), text);
    let mut places = Vec::new();
    collect(body, &mut places);
    read_all(&lines, &comments(text), &places)
}

/// The waivers among comments, given the places of whatever they may be about, outer before inner.
pub(super) fn read_all(lines: &Lines<'_>, comments: &[std::ops::Range<usize>], places: &[Place]) -> Vec<InlineWaiver> {
    let covered = |line: u32| {
        comments
            .iter()
            .any(|span| (lines.place(span.clone()).line..=lines.place(span.clone()).end_line).contains(&line))
    };
    let mut found = Vec::new();
    for span in comments {
        let written = lines.written(span.clone()).unwrap_or_default();
        let inner = written.trim_start_matches(['#', '/', '*']).trim_end_matches(['/', '*']).trim();
        let Some(rest) = inner.strip_prefix(MARK) else { continue };
        let place = lines.place(span.clone());
        let behind = places.iter().rfind(|item| item.line == place.line && item.column < place.column);
        // Over lines of comments, to what follows them at once.
        let next = (place.end_line + 1..u32::MAX).find(|line| !covered(*line)).unwrap_or(u32::MAX);
        let before = places.iter().find(|item| item.line == next);
        let around = places
            .iter()
            .filter(|item| item.line <= place.line && place.end_line <= item.end_line)
            .max_by_key(|item| item.line);
        let covers = behind.or(before).or(around).cloned();
        found.push(InlineWaiver { place, covers, allowed: read(rest) });
    }
    found
}

/// The places of all blocks and attributes, those of objects too, outer before inner.
fn collect(body: &Body, places: &mut Vec<Place>) {
    for attribute in &body.attributes {
        places.push(attribute.place.clone());
        within(&attribute.value, places);
    }
    for block in &body.blocks {
        places.push(block.place.clone());
        collect(&block.body, places);
    }
}

fn within(expr: &Expr, places: &mut Vec<Place>) {
    match &expr.kind {
        ExprKind::Object(entries) => {
            for (_, value) in entries {
                places.push(value.place.clone());
                within(value, places);
            }
        }
        ExprKind::Tuple(items) => {
            for item in items {
                places.push(item.place.clone());
                within(item, places);
            }
        }
        ExprKind::Call { arguments, .. } => arguments.iter().for_each(|argument| within(argument, places)),
        _ => {}
    }
}

/// Where the comments are: those in texts are texts.
fn comments(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    // How deep braces nest in each text that the place is in an expression of; none while in code.
    let mut templates: Vec<usize> = Vec::new();
    let mut quoted = false;
    let mut at = 0;
    let starts = |at: usize, what: &str| bytes.get(at..).is_some_and(|rest| rest.starts_with(what.as_bytes()));
    let end_of_line = |at: usize| {
        bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')).map_or(bytes.len(), |end| at + end)
    };
    while let Some(byte) = bytes.get(at).copied() {
        if quoted {
            match byte {
                b'\\' => at += 1,
                b'"' | b'\n' => quoted = false,
                b'$' | b'%' if starts(at + 1, "{") && !(at > 0 && bytes.get(at - 1) == Some(&byte)) => {
                    templates.push(0);
                    quoted = false;
                    at += 1;
                }
                _ => {}
            }
            at += 1;
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' => templates.iter_mut().next_back().into_iter().for_each(|depth| *depth += 1),
            b'}' => match templates.pop() {
                Some(0) => quoted = true,
                Some(depth) => templates.push(depth - 1),
                None => {}
            },
            b'#' => {
                let end = end_of_line(at);
                found.push(at..end);
                at = end;
            }
            b'/' if starts(at, "//") => {
                let end = end_of_line(at);
                found.push(at..end);
                at = end;
            }
            b'/' if starts(at, "/*") => {
                let end = text.get(at..).and_then(|rest| rest.find("*/")).map_or(bytes.len(), |end| at + end + 2);
                found.push(at..end);
                at = end;
                continue;
            }
            b'<' if starts(at, "<<") => {
                at = heredoc(text, at, end_of_line(at));
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The end of a heredoc that starts here.
fn heredoc(text: &str, at: usize, end_of_line: usize) -> usize {
    let name = text.get(at..end_of_line).unwrap_or_default().trim_start_matches(['<', '-']).trim();
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        return at + 2;
    }
    let mut end = end_of_line;
    for line in text.get(end_of_line..).unwrap_or_default().split_inclusive('\n') {
        end += line.len();
        if line.trim() == name {
            return end;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waivers(text: &str) -> Vec<InlineWaiver> {
        let file: Arc<str> = "main.tf".into();
        let body = super::super::syntax::parse(&file, text).expect("code");
        find(&file, text, &body)
    }

    #[test]
    fn a_comment_is_about_what_it_stands_behind_before_or_in() {
        let found = waivers(concat!(
            "# egress-audit: allow public-door until 2027-01-31 because partners call it\n",
            "resource \"a\" \"b\" {\n",
            "  x = 1 // egress-audit: allow rule-a, rule-b because of a ticket\n",
            "  /* egress-audit: allow rule-c because so */\n",
            "\n",
            "  y = \"# egress-audit: allow rule-d because no comment\"\n",
            "  z = <<EOT\n# egress-audit: allow rule-e because no comment\nEOT\n",
            "}\n",
        ));
        let [before, behind, inside] = &found[..] else { panic!("{found:?}") };
        let allowed = before.allowed.clone().expect("well formed");
        assert_eq!((allowed.rules, allowed.because), (vec!["public-door".to_owned()], "partners call it".to_owned()));
        assert_eq!(allowed.until, Some(jiff::civil::date(2027, 1, 31)));
        assert_eq!(before.covers.as_ref().map(|place| (place.line, place.end_line)), Some((2, 10)));
        assert_eq!(behind.covers.as_ref().map(|place| place.line), Some(3));
        assert_eq!(behind.allowed.as_ref().map(|allowed| allowed.rules.len()), Ok(2));
        assert_eq!(inside.covers.as_ref().map(|place| place.line), Some(2));
    }

    #[test]
    fn a_comment_that_nobody_understands_is_an_error_and_not_silence() {
        for wrong in [
            "alow rule because x",
            "allow",
            "allow rule",
            "allow because x",
            "allow rule because ",
            "allow rule until soon because x",
            "allow rule until 2027-02-30 because x",
            "allow ru!e because x",
        ] {
            let found = waivers(&format!("# egress-audit: {wrong}\nlocals {{}}\n"));
            assert!(found.iter().any(|waiver| waiver.allowed.is_err()), "{wrong}");
        }
        assert!(waivers("# egress-audit rules are in CI\nlocals {}\n").is_empty());
    }
}
