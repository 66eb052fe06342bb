//! The files of a folder, wherever they are kept.

use std::{collections::BTreeMap, sync::Arc};

use crate::evidence::GapReason;

/// A folder of files, as text. Names are relative, with `/` between their parts.
pub trait Library {
    /// The names of all files, sorted.
    fn files(&self) -> Vec<Arc<str>>;

    /// The text of a file.
    ///
    /// # Errors
    /// Where there is no such file, or it cannot be read as text.
    fn text(&self, file: &str) -> Result<Arc<str>, Unread>;

    /// What of the folder was left out: files beyond a limit, folders that could not be listed.
    fn left_out(&self) -> Vec<Unread> {
        Vec::new()
    }
}

/// A file that was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub file: String,
    /// Why not.
    pub why: GapReason,
    /// In words.
    pub detail: String,
}

/// Files in memory.
impl Library for BTreeMap<String, String> {
    fn files(&self) -> Vec<Arc<str>> {
        self.keys().map(|name| name.as_str().into()).collect()
    }

    fn text(&self, file: &str) -> Result<Arc<str>, Unread> {
        let missing = || Unread { file: file.into(), why: GapReason::NotRead, detail: "there is no such file".into() };
        self.get(file).map(|text| text.as_str().into()).ok_or_else(missing)
    }
}

/// A path below a folder with its `.` and `..` gone; none where it leads out of what is scanned.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~', '\\']) || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder that a file is in; empty for the one that is scanned.
pub(super) fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The way from one folder to another.
pub(super) fn relative(from: &str, to: &str) -> String {
    let parts =
        |folder: &'_ str| folder.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let way: Vec<String> = up.chain(to.into_iter().skip(shared)).collect();
    if way.is_empty() { ".".into() } else { way.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        assert_eq!(join("a/b", "../c/./d"), Some("a/c/d".into()));
        assert_eq!(join("a", "../.."), None);
        assert_eq!(join("", "/etc/passwd"), None);
        assert_eq!(join("", "~/x"), None);
        assert_eq!(relative("live/prod", "modules/net"), "../../modules/net");
        assert_eq!(relative("", "modules/net"), "modules/net");
        assert_eq!(relative("a", "a"), ".");
    }
}
