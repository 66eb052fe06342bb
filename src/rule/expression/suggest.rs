//! What an author may have meant.

/// A hint that names the nearest known word, or lists them where none is near.
pub(in crate::rule) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known.iter().map(|name| (distance(word, name), *name)).min()?;
    if nearest.0 <= 2.max(word.chars().count() / 3) {
        return Some(format!("did you mean `{}`?", nearest.1));
    }
    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    Some(format!("there is {}", listed.join(", ")))
}

/// How many letters have to be added, dropped or changed to make one word the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for ((y, above), diagonal) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            left = (left + 1).min(above + 1).min(diagonal + usize::from(x != *y));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
