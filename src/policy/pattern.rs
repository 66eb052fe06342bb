//! Which workloads an entry is for.

/// A name with `*` for any characters and `?` for one: it fits the name of a thing, or its full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern as it is written.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it fits a thing of this name and this full name.
    pub fn fits(&self, name: &str, id: &str) -> bool {
        [name, id].into_iter().any(|text| like(self.0.as_bytes(), text.as_bytes()))
    }
}

/// Whether a pattern fits a text, in time that grows with the product of their lengths at most.
fn like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(b'?') => (at, from) = (at + 1, from + 1),
            Some(own) if text.get(from) == Some(own) => (at, from) = (at + 1, from + 1),
            _ => {
                let Some((back, tried)) = star else { return false };
                star = Some((back, tried + 1));
                (at, from) = (back + 1, tried + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_a_name_or_a_full_name() {
        let fits =
            |pattern: &str| Pattern::new(pattern).fits("orders-api", "arn:aws:lambda:us-west-2:1:function:orders-api");
        for pattern in
            ["orders-api", "orders-*", "*-api", "*", "orders?api", "arn:aws:lambda:*:function:orders-*", "o*s*i"]
        {
            assert!(fits(pattern), "{pattern}");
        }
        for pattern in ["orders", "api", "", "orders-api?", "arn:*:payments"] {
            assert!(!fits(pattern), "{pattern}");
        }
        assert!(Pattern::new("*").fits("", ""));
    }
}
