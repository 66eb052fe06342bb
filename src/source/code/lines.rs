//! The hash by which GitHub's code scanning tells apart the lines of a file: of a line with what follows it, so that it
//! stays the same when lines are added elsewhere.
//!
//! It rolls over 100 UTF-16 units at a time, without blanks and tabs, and with every end of a line as one line feed.
//! Lines of the same hash are counted. (`fingerprints.ts` of `github/codeql-action` is where it is laid down.)

use std::collections::BTreeMap;

/// How many units a hash is over.
const WINDOW: usize = 100;
const FACTOR: u64 = 37;
/// What the oldest unit of the window weighs when it goes.
const WEIGHT: u64 = {
    let (mut weight, mut at) = (1_u64, 0);
    while at < WINDOW {
        weight = weight.wrapping_mul(FACTOR);
        at += 1;
    }
    weight
};
/// What the end of a file is read as.
const END: u16 = u16::MAX;

/// The hash of each line of a text, by its number, counted from 1.
pub(super) fn hashes(text: &str) -> BTreeMap<u32, String> {
    let mut rolling = Rolling::default();
    let (blank, tab, feed, back) = (u16::from(b' '), u16::from(b'\t'), u16::from(b'\n'), u16::from(b'\r'));
    let mut after_return = false;
    for unit in text.encode_utf16() {
        if unit == blank || unit == tab || (after_return && unit == feed) {
            after_return = false;
            continue;
        }
        after_return = unit == back;
        rolling.take(if after_return { feed } else { unit });
    }
    rolling.take(END);
    rolling.finish()
}

struct Rolling {
    /// The units that the hash is over, with the line that starts at each.
    window: [(u16, Option<u32>); WINDOW],
    at: usize,
    hash: u64,
    line: u32,
    starts: bool,
    found: BTreeMap<u32, String>,
    counts: BTreeMap<u64, usize>,
}

impl Default for Rolling {
    fn default() -> Self {
        let (found, counts) = (BTreeMap::new(), BTreeMap::new());
        Self { window: [(0, None); WINDOW], at: 0, hash: 0, line: 0, starts: true, found, counts }
    }
}

impl Rolling {
    fn take(&mut self, unit: u16) {
        let line = self.starts.then(|| {
            self.line += 1;
            self.line
        });
        self.starts = unit == u16::from(b'\n');
        self.push(unit, line);
    }

    fn push(&mut self, unit: u16, line: Option<u32>) {
        let Some(slot) = self.window.get_mut(self.at) else { return };
        let (gone, started) = std::mem::replace(slot, (unit, line));
        if let Some(line) = started {
            let count = self.counts.entry(self.hash).or_default();
            *count += 1;
            self.found.insert(line, format!("{:x}:{count}", self.hash));
        }
        self.hash = self.hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit));
        self.hash = self.hash.wrapping_sub(WEIGHT.wrapping_mul(u64::from(gone)));
        self.at = (self.at + 1) % WINDOW;
    }

    fn finish(mut self) -> BTreeMap<u32, String> {
        for _ in 0..WINDOW {
            self.push(0, None);
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of the action's own tests.
    #[test]
    fn lines_have_the_hashes_that_github_gives_them() {
        let ends = [
            "e9496ae3ebfced30:1",
            "fb7c023a8b9ccb3f:1",
            "ce8ba1a563dcdaca:1",
            "e20e36e16fcb0cc8:1",
            "b3edc88f2938467e:1",
            "c8e28b0b4002a3a0:1",
            "c129715d7a2bc9a3:1",
        ];
        for (text, wanted) in [
            ("", &["c129715d7a2bc9a3:1"][..]),
            (
                " a\nb\n  \t\tc\n d",
                &["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
            ),
            (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", &ends),
            (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", &ends),
            (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", &ends),
            (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", &ends),
        ] {
            assert_eq!(hashes(text).into_values().collect::<Vec<_>>(), wanted, "{text:?}");
        }
    }

    #[test]
    fn lines_that_are_alike_are_counted() {
        let text = "alpha\n".repeat(200);
        let found = hashes(&text);
        assert_eq!(found.len(), 201);
        let counts: Vec<&str> =
            found.values().take(3).filter_map(|hash| hash.rsplit_once(':')).map(|it| it.1).collect();
        assert_eq!(counts, ["1", "2", "3"]);
    }
}
