//! Parts of names that are not known.

use std::{borrow::Cow, fmt::Write as _};

use crate::evidence::{Gap, GapReason, Known};

/// What would divide a name, or end a placeholder.
const WRITTEN: [char; 10] = ['(', ')', '/', '#', ':', '@', '%', '*', '?', '^'];

/// The placeholder of what hides a part of a name: `(var.project_id)`. What would divide a name, or end the placeholder,
/// is written in another way; and so are capitals, since some names are the same in either case of letters.
pub fn placeholder(what: &str) -> String {
    let mut text = String::from("(");
    for c in what.chars() {
        match c {
            'A'..='Z' => text.extend(['^', c.to_ascii_lowercase()]),
            c if WRITTEN.contains(&c) => {
                let _ = write!(text, "%{:02x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push(')');
    text
}

/// A text for people: what its placeholders stand for, as its author wrote it.
pub fn shown(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('(') {
        let (before, inside) = rest.split_at(start);
        let end = inside.find(')').unwrap_or(inside.len());
        let (inside, after) = inside.split_at(end);
        out.push_str(before);
        out.push_str(&decoded(inside).unwrap_or_else(|| inside.to_owned()));
        rest = after;
    }
    out.push_str(rest);
    if out == text { text.into() } else { out.into() }
}

/// What was written in another way by [`placeholder`]; none where somebody else wrote this.
fn decoded(inside: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '^' => chars.next().filter(char::is_ascii_lowercase)?.to_ascii_uppercase(),
            '%' => {
                let (high, low) = (chars.next()?.to_digit(16)?, chars.next()?.to_digit(16)?);
                char::from_u32(high * 16 + low).filter(|c| WRITTEN.contains(c))?
            }
            // It never stands in one.
            '*' | '?' | ':' | '/' | '#' | '@' => return None,
            c => c,
        });
    }
    Some(out)
}

/// Whether a part of a name is not known.
pub fn holds_placeholder(name: &str) -> bool {
    name.contains('(') && name.contains(')')
}

/// The gap of a name that is not whole; none where it is.
pub fn gap_of_name(name: &str) -> Option<Gap> {
    holds_placeholder(name).then(|| Gap::new(name, GapReason::UnknownValue))
}

/// Whether two names are of one thing: nobody can tell where a placeholder of one could stand for what the other has.
pub fn same(left: &str, right: &str) -> Known<bool> {
    if left == right {
        return Known::Known(true);
    }
    if !holds_placeholder(left) && !holds_placeholder(right) {
        return Known::Known(false);
    }
    if ends_fit(left, right) && could_be_equal(&pieces(left), &pieces(right)) {
        let what = format!("whether {left} is {right}");
        Known::Unknown(Gap::new(what, GapReason::UnknownValue))
    } else {
        Known::Known(false)
    }
}

/// Whether two names may be one by what is known of how they begin and end: quick to tell, and most names differ there.
fn ends_fit(left: &str, right: &str) -> bool {
    let begin = |name: &'_ str| name.find('(').unwrap_or(name.len());
    let (own, other) = (left.get(..begin(left)), right.get(..begin(right)));
    let starts = own.zip(other).is_none_or(|(own, other)| own.starts_with(other) || other.starts_with(own));
    let end = |name: &'_ str| name.rfind(['(', ')']).map_or(0, |at| at + 1);
    let (own, other) = (left.get(end(left)..), right.get(end(right)..));
    // What begins and is not ended may hold the rest.
    let closed = |name: &str| !name.get(..end(name)).is_some_and(|before| before.ends_with('('));
    let ends = own.zip(other).is_none_or(|(own, other)| own.ends_with(other) || other.ends_with(own));
    starts && (ends || !closed(left) || !closed(right))
}

/// Whether a pattern, in which `*` and `?` stand for any text, could fit a text where placeholders in either of them
/// stand for something.
pub fn could_fit(pattern: &str, text: &str) -> bool {
    let wild = |piece| match piece {
        Piece::Is('*' | '?') => Piece::Any,
        other => other,
    };
    let pattern: Vec<Piece> = pieces(pattern).into_iter().map(wild).collect();
    could_be_equal(&pattern, &pieces(text))
}

/// A piece of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// A character that is known.
    Is(char),
    /// Any text: a variable may hold a whole path.
    Any,
}

/// A name in pieces.
fn pieces(name: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut inside = false;
    for c in name.chars() {
        match (c, inside) {
            ('(', false) => {
                inside = true;
                pieces.push(Piece::Any);
            }
            (')', true) => inside = false,
            (_, true) => {}
            (c, false) => pieces.push(Piece::Is(c)),
        }
    }
    pieces
}

/// Whether some text fits both: the usual table of two patterns, each of which may hold what stands for anything.
fn could_be_equal(left: &[Piece], right: &[Piece]) -> bool {
    // `row[j]` tells whether the pieces of the left that are left over fit those of the right from the j-th on.
    let ends = |rest: &[Piece]| rest.iter().all(|piece| *piece == Piece::Any);
    let mut below: Vec<bool> = (0..=right.len()).map(|j| right.get(j..).is_some_and(ends)).collect();
    for piece in left.iter().rev() {
        let mut row = vec![false; right.len() + 1];
        let at = |list: &[bool], j: usize| list.get(j).copied().unwrap_or(false);
        for j in (0..=right.len()).rev() {
            let fits = match (piece, right.get(j)) {
                (Piece::Any, None) => at(&below, j),
                (Piece::Is(_), None) => false,
                (Piece::Any, Some(_)) | (Piece::Is(_), Some(Piece::Any)) => at(&below, j) || at(&row, j + 1),
                (Piece::Is(own), Some(Piece::Is(other))) => own == other && at(&below, j + 1),
            };
            if let Some(slot) = row.get_mut(j) {
                *slot = fits;
            }
        }
        below = row;
    }
    below.first().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_divides_no_name() {
        assert_eq!(placeholder("module.a[\"x/y\"].B"), "(module.a[\"x%2fy\"].^b)");
        assert!(holds_placeholder("projects/(var.p)") && !holds_placeholder("projects/p"));
    }

    #[test]
    fn names_with_unknown_parts_are_the_same_or_different_or_nobody_knows() {
        let known = |left: &str, right: &str| match same(left, right) {
            Known::Known(yes) => Some(yes),
            Known::Unknown(_) => None,
        };
        for (left, right, is) in [
            ("p", "p", Some(true)),
            ("p", "q", Some(false)),
            ("(var.p)", "(var.p)", Some(true)),
            ("(var.p)", "p", None),
            ("(var.p)", "(var.q)", None),
            ("projects/(var.p)/global/networks/n", "projects/p/global/networks/n", None),
            ("projects/(var.p)/global/networks/n", "projects/p/global/networks/m", Some(false)),
            ("projects/(var.p)/n", "projects/a/b/n", None),
            ("projects/(var.p)/n", "projects/a/b/m", Some(false)),
            ("(var.env)-dev", "x-prod", Some(false)),
            ("(var.env)-dev", "x-dev", None),
            ("a-(var.x)", "(var.y)-b", None),
            ("a(x)", "b(x)", Some(false)),
        ] {
            assert_eq!(known(left, right), is, "{left} {right}");
            assert_eq!(known(right, left), is, "{right} {left}");
        }
    }

    #[test]
    fn what_is_known_of_the_ends_of_two_names_decides_nothing_that_the_whole_does_not() {
        let mut names = vec![String::new()];
        for length in 0..4 {
            let longest: Vec<String> = names.iter().filter(|name| name.len() == length).cloned().collect();
            names.extend(longest.iter().flat_map(|name| ["a", "b", "(", ")"].map(|c| format!("{name}{c}"))));
        }
        for left in &names {
            for right in &names {
                let whole = could_be_equal(&pieces(left), &pieces(right));
                assert!(ends_fit(left, right) || !whole, "{left} {right}");
            }
        }
        assert!(!ends_fit("a(x)", "b(x)") && !ends_fit("(x)a", "(x)b"));
    }

    #[test]
    fn people_see_what_an_author_wrote() {
        for what in ["Fn", "var.Project in infra/prod", "module.a[\"B(c)\"].x", "50%", "a^b"] {
            let text = format!("{} may call {}", placeholder(what), placeholder("x"));
            assert_eq!(shown(&text), format!("({what}) may call (x)"));
        }
        for other in ["(^)", "(^1)", "(%zz)", "(%41)", "(a/^b)", "^a", "(^a", "()", "(a)", "a ( b"] {
            let wanted = if other == "(^a" { "(A" } else { other };
            assert_eq!(shown(other), wanted);
        }
    }
}
