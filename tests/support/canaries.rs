//! Secrets that a test plants in what is read, and looks for in everything that is written.
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::{fs, path::Path};

use serde_json::{Value, json};

/// What stands in every canary, whatever its form.
pub(crate) const MARK: &str = "c4n4ry";

/// Secrets of twelve forms.
pub(crate) const CANARIES: [&str; 12] = [
    "c4n4ry-of-no-form",
    "ya29.c4n4ryc4n4ryc4n4ryc4n4ry",
    "AKIAC4N4RYC4N4RYABCD",
    "ghp_c4n4ryc4n4ryc4n4ryc4n4ryc4n4ryabcdef",
    "-----BEGIN PRIVATE KEY-----\nc4n4ry\n-----END PRIVATE KEY-----",
    "postgres://app:c4n4ry@db.example/orders",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjNG40cnkifQ.c4n4ryc4n4ry",
    "xoxb-123456789012-c4n4ryc4n4ry",
    "{\"type\": \"service_account\", \"private_key\": \"c4n4ry\"}",
    "c4n4ry \"<script>&'\\ %0A::set-output",
    "https://storage.googleapis.com/b/o?X-Goog-Signature=c4n4ry",
    "AIzac4n4ryc4n4ryc4n4ryc4n4ryc4n4ryabcde",
];

/// Those that are known by their form, wherever they stand: of what a service says, or in a policy, nothing else can be told
/// from plain words.
pub(crate) fn formed() -> impl Iterator<Item = &'static str> {
    CANARIES.into_iter().filter(|it| !it.contains("<script>") && !it.contains("no-form"))
}

pub(crate) const FORMATS: [&str; 11] =
    ["table", "json", "sarif", "markdown", "junit", "csv", "github", "gitlab", "ocsf", "ndjson", "html"];

/// Puts something into its place, and makes the way there.
pub(crate) fn plant(at: &mut Value, way: &str, what: &Value) {
    let (step, rest) = way.split_once('/').map_or((way, None), |(step, rest)| (step, Some(rest)));
    let next = if let Ok(index) = step.parse::<usize>() {
        if !at.is_array() {
            *at = json!([]);
        }
        let list = at.as_array_mut().expect("a list");
        while list.len() <= index {
            list.push(json!({}));
        }
        &mut list[index]
    } else if step == "+" {
        if !at.is_array() {
            *at = json!([]);
        }
        let list = at.as_array_mut().expect("a list");
        list.push(Value::Null);
        list.last_mut().expect("it is there")
    } else {
        if !at.is_object() {
            *at = json!({});
        }
        &mut at[step.replace("~1", "/").as_str()]
    };
    match rest {
        Some(rest) => plant(next, rest, what),
        None => *next = what.clone(),
    }
}

/// Where a canary is, in any of the texts.
pub(crate) fn leaks(texts: &[(String, String)]) -> Vec<String> {
    let at = |(what, text): &(String, String)| {
        let text = text.to_lowercase();
        let at = text.find(MARK)?;
        let near: String = text.get(at.saturating_sub(60)..).unwrap_or(&text).chars().take(110).collect();
        Some(format!("{what}: {near}"))
    };
    texts.iter().filter_map(at).collect()
}

pub(crate) fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let read = |path: std::path::PathBuf| {
        let bytes = fs::read(&path).expect("a file");
        (path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())
    };
    entries.filter(|path| path.is_file()).map(read).collect()
}
