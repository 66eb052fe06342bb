//! Texts of a policy that stand for others: `*` is any text, `?` any character, `${…}` something of the request.

use crate::snapshot::unknown::{could_fit, holds_placeholder};

/// A text of a policy.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Pattern {
    /// As the policy writes it.
    pub(in crate::graph) text: String,
    /// What it stands for; none where it holds a variable, whose value nobody knows.
    tokens: Option<Vec<Token>>,
    variables: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Is(char),
    Any,
    One,
}

impl Pattern {
    pub(in crate::graph) fn new(text: &str) -> Self {
        Self::read(text, true)
    }

    /// Where there are no variables, `$` is a character like others: in policies of the version of 2008.
    pub(in crate::graph) fn read(text: &str, variables: bool) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text;
        let mut known = true;
        while let Some(c) = rest.chars().next() {
            let escape = ["${*}", "${?}", "${$}"].into_iter().find(|it| variables && rest.starts_with(it));
            let (token, length) = match (escape, c) {
                (Some(escape), _) => (Token::Is(escape.chars().nth(2).unwrap_or('$')), escape.len()),
                (None, '*') => (Token::Any, 1),
                (None, '?') => (Token::One, 1),
                (None, '$') if variables && rest.starts_with("${") => {
                    known = false;
                    (Token::Any, 1)
                }
                (None, c) => (Token::Is(c), c.len_utf8()),
            };
            tokens.push(token);
            rest = rest.get(length..).unwrap_or_default();
        }
        Self { text: text.to_owned(), tokens: known.then_some(tokens), variables }
    }

    /// A text of an action, which holds no variable: AWS refuses one that does, and nobody knows what it would mean.
    pub(in crate::graph) fn of_action(text: &str, variables: bool) -> Self {
        let known = Self::read(text, variables);
        if variables && text.contains("${") { Self { tokens: None, ..known } } else { known }
    }

    /// The text that it is where wildcards mean nothing; none where it holds a variable.
    pub(in crate::graph) fn literal(&self) -> Option<String> {
        let plain = |token: &Token| match token {
            Token::Is(c) => *c,
            Token::Any => '*',
            Token::One => '?',
        };
        self.tokens.as_ref().map(|tokens| tokens.iter().map(plain).collect())
    }

    /// Whether it stands for more than one text.
    pub(in crate::graph) fn wild(&self) -> bool {
        self.tokens.as_ref().is_none_or(|tokens| tokens.iter().any(|token| !matches!(token, Token::Is(_))))
    }

    /// A text that fits it; none where it holds a variable.
    pub(in crate::graph) fn example(&self) -> Option<String> {
        let example = |token: &Token| match token {
            Token::Is(c) => c.to_string(),
            Token::Any => "any".into(),
            Token::One => "0".into(),
        };
        self.tokens.as_ref().map(|tokens| tokens.iter().map(example).collect())
    }

    /// Whether a text fits; nothing where a variable stands in it.
    pub(in crate::graph) fn fits(&self, text: &str, ignore_case: bool) -> Option<bool> {
        let fold = |c: char| match c {
            _ if !ignore_case => c,
            _ if c.is_ascii() => c.to_ascii_lowercase(),
            _ => c.to_lowercase().next().unwrap_or(c),
        };
        if glob(self.tokens.as_ref()?, text, |a, b| a == b || fold(a) == fold(b)) {
            return Some(true);
        }
        // Of infrastructure code parts of names may not be known, in the policy or in what it speaks of.
        let hidden = holds_placeholder(&self.text) || text.contains('(');
        let could = || could_fit(&self.text, &text.chars().map(fold).collect::<String>());
        (!hidden || !could()).then_some(false)
    }

    /// Whether an ARN fits, part by part: a wildcard does not reach over a colon but in the last. What has not six parts,
    /// `*` too, may fit everything or nothing: no page of AWS says.
    pub(in crate::graph) fn fits_arn(&self, arn: &str) -> Option<bool> {
        let parts: Vec<&str> = self.text.splitn(6, ':').collect();
        self.tokens.as_ref()?;
        let actual: Vec<&str> = arn.splitn(6, ':').collect();
        if parts.len() != 6 {
            return None;
        }
        let mut fits = actual.len() == 6;
        for (part, actual) in parts.into_iter().zip(actual) {
            fits &= Self::read(part, self.variables).fits(actual, false)?;
        }
        Some(fits)
    }
}

/// Greedy, with one place to come back to: linear for every pattern that people write, never exponential.
fn glob(pattern: &[Token], text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let (mut p, mut rest, mut star) = (0, text.chars(), None);
    loop {
        let mut next = rest.clone();
        let Some(c) = next.next() else { break };
        match pattern.get(p) {
            Some(Token::Any) => {
                star = Some((p, rest.clone()));
                p += 1;
            }
            Some(token) if matches!(token, Token::One) || matches!(token, Token::Is(own) if same(*own, c)) => {
                p += 1;
                rest = next;
            }
            _ => match &mut star {
                Some((at, from)) => {
                    p = *at + 1;
                    from.next();
                    rest = from.clone();
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|token| *token == Token::Any)
}

/// The account that an ARN names: its fifth part, where that is one. That of a bucket names none.
pub(in crate::graph) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| is_account(account))
}

/// Whether a text is the id of an account, or stands for one that nobody knows yet.
pub(in crate::graph) fn is_account(text: &str) -> bool {
    let hidden = text.starts_with('(') && text.ends_with(')') && text.matches('(').count() == 1;
    (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())) || hidden
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_of_actions_and_resources_match_as_iam_does() {
        for (pattern, text) in [
            ("lambda:*", "lambda:InvokeFunction"),
            ("LAMBDA:invoke*", "lambda:InvokeFunctionUrl"),
            ("*", "lambda:InvokeFunction"),
            ("arn:*:f:?", "arn:aws:f:1"),
            ("a*b*c", "axxbyyc"),
            ("a${*}c", "a*c"),
        ] {
            assert_eq!(Pattern::new(pattern).fits(text, true), Some(true), "{pattern} {text}");
        }
        for (pattern, text) in
            [("lambda:Invoke", "lambda:InvokeFunction"), ("arn:f", "arn:f:1"), ("a*b", "axc"), ("a${*}c", "abc")]
        {
            assert_eq!(Pattern::new(pattern).fits(text, true), Some(false), "{pattern} {text}");
        }
    }

    #[test]
    fn a_variable_fits_nobody_knows_what() {
        assert_eq!(Pattern::new("${aws:username}*").fits("x", false), None);
    }

    #[test]
    fn an_arn_fits_part_by_part() {
        let fits = |pattern: &str, arn: &str| Pattern::new(pattern).fits_arn(arn);
        assert_eq!(fits("arn:aws:sns:*:1:t", "arn:aws:sns:us-west-2:1:t"), Some(true));
        assert_eq!(fits("arn:aws:sns:*:t", "arn:aws:sns:us-west-2:1:t"), None);
        assert_eq!(fits("arn:aws:*:1:1:t", "arn:aws:sns:x:1:1:t"), Some(false));
        assert_eq!(fits("*", "arn:aws:sns:us-west-2:1:t"), None);
    }

    #[test]
    fn before_2012_there_are_no_variables() {
        let fits = |pattern: &str, text: &str| Pattern::read(pattern, false).fits(text, false);
        assert_eq!(fits("${aws:username}", "${aws:username}"), Some(true));
        assert_eq!(fits("a${*}c", "a${b}c"), Some(true));
        assert_eq!(fits("a${*}c", "a*c"), Some(false));
    }
}
