//! Makes text from outside safe to show: names of resources are written by whoever may create them.

use std::{borrow::Cow, fmt::Write as _};

use crate::snapshot::unknown::shown;

/// The longest text that is shown of one name or message, in characters.
const LONGEST: usize = 2_000;

/// How many combining marks may stand on one character.
const MARKS: usize = 4;

/// Text for a terminal or a line of a log: control characters, and characters that reorder or hide others, become
/// visible escapes; so the text is one line, moves nothing, and a workflow command in it never starts a line. What stands
/// for unknown parts of names is as the author of the code wrote it.
pub fn line(text: &str) -> Cow<'_, str> {
    match shown(text) {
        Cow::Borrowed(text) => harmless(text),
        Cow::Owned(text) => Cow::Owned(harmless(&text).into_owned()),
    }
}

fn harmless(text: &str) -> Cow<'_, str> {
    let mut marks = 0;
    let harmless = text.chars().count() <= LONGEST && text.chars().all(|c| plain(c, &mut marks));
    // A line that GitHub's runner would take for a command; only its own first characters make it one.
    let command = text.trim_start().starts_with("::") || text.trim_start().starts_with("##[");
    if harmless && !command {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    if command {
        out.push('\\');
    }
    let mut marks = 0;
    for c in text.chars().take(LONGEST) {
        if plain(c, &mut marks) {
            out.push(c);
        } else {
            out.extend(c.escape_unicode());
        }
    }
    if text.chars().count() > LONGEST {
        out.push('…');
    }
    Cow::Owned(out)
}

fn plain(c: char, marks: &mut usize) -> bool {
    if combining(c) {
        *marks += 1;
        return *marks <= MARKS;
    }
    *marks = 0;
    !c.is_control() && !hides(c)
}

/// Characters that change the direction or the place of others, or that cannot be seen.
fn hides(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn combining(c: char) -> bool {
    unicode_width::UnicodeWidthChar::width(c) == Some(0) && !c.is_control() && !hides(c)
}

/// A JSON document in which the characters that could move a terminal are written as escapes: the same document, and
/// harmless where somebody prints it. Such characters stand in texts alone, apart from the line feeds between them.
pub fn json(document: String) -> String {
    let moves = |c: char| c != '\n' && (c.is_control() || hides(c));
    // Most documents have none, and are large.
    if document.bytes().all(|byte| byte == b'\n' || matches!(byte, b' '..=b'~')) || !document.contains(moves) {
        return document;
    }
    let mut out = String::with_capacity(document.len());
    let mut units = [0; 2];
    for c in document.chars() {
        if moves(c) {
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Text between tags of HTML, or in a quoted attribute.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text in Markdown in which nothing is markup, and which stays on its line; nobody is mentioned by it, and no issue.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let shown = line(text);
    let mut rest = shown.chars().peekable();
    while let Some(c) = rest.next() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '|' | '!' | '~' | '&' | '$') {
            out.push('\\');
        }
        out.push(c);
        // A space without width stands where GitHub would see a name or a number behind the sign.
        let starts = !before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        if matches!(c, '@' | '#') && starts {
            out.push_str("&#8203;");
        }
        before = c;
    }
    out
}

/// A part of a relative URI: everything but unreserved characters is percent-encoded.
pub fn uri_part(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~')
            || (byte == b'.' && text != "." && text != "..")
        {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    if out.is_empty() { "-".into() } else { out }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_names_become_visible_and_harmless_ones_stay() {
        assert_eq!(line("orders"), "orders");
        assert_eq!(line("commandes-été-注文"), "commandes-été-注文");
        assert_eq!(line("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(line("a\r\nb"), "a\\u{d}\\u{a}b");
        assert_eq!(line("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(line("::error::x"), "\\::error::x");
        assert_eq!(line("a::b"), "a::b");
        assert_eq!(line("\u{9b}31m"), "\\u{9b}31m");
    }

    #[test]
    fn in_markdown_and_html_a_name_is_text() {
        assert_eq!(markdown("a|b`c`<img>"), "a\\|b\\`c\\`\\<img\\>");
        assert_eq!(markdown("x@y.example, @octocat and #12"), "x@y.example, @&#8203;octocat and \\#&#8203;12");
        assert_eq!(html("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    }

    #[test]
    fn a_uri_part_has_no_slash_no_space_and_does_not_climb() {
        assert_eq!(uri_part("a b/c"), "a%20b%2Fc");
        assert_eq!(uri_part(".."), "%2E%2E");
        assert_eq!(uri_part("$LATEST"), "%24LATEST");
        assert_eq!(uri_part(""), "-");
    }

    #[test]
    fn an_escaped_document_says_the_same() {
        let value = serde_json::json!({ "name": "a\u{9b}b\u{202e}c\u{e0001}d\n" });
        let shown = json(serde_json::to_string_pretty(&value).expect("JSON"));
        assert!(shown.chars().all(|c| c == '\n' || !(c.is_control() || hides(c))), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), value);
    }

    proptest! {
        #[test]
        fn no_text_can_move_a_terminal(text in any::<String>()) {
            let shown = line(&text);
            prop_assert!(!shown.chars().any(|c| c.is_control() || hides(c)));
            prop_assert!(!shown.starts_with("::") && !shown.starts_with("##["));
        }
    }
}
