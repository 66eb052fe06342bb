//! Folders on disk: the edge of this floor.
#![expect(clippy::disallowed_methods, reason = "this file is where infrastructure code meets the disk")]

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::evidence::GapReason;

use super::{Library, Unread};

/// How many files of a folder are looked at.
const MOST_FILES: usize = 20_000;
/// How large a file may be to be read.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// How deep folders may nest.
const DEEPEST: usize = 32;

/// A folder on disk. What is read lies in it: a link is followed to a file of the folder, and nowhere else.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    files: Vec<Arc<str>>,
    left_out: Vec<Unread>,
}

impl Disk {
    /// Lists a folder.
    ///
    /// # Errors
    /// Where the folder itself cannot be listed.
    pub fn list(root: &Path) -> std::io::Result<Self> {
        fs::read_dir(root)?;
        let mut disk = Self { root: root.into(), files: Vec::new(), left_out: Vec::new() };
        disk.walk("", 0);
        disk.files.sort();
        Ok(disk)
    }

    fn walk(&mut self, folder: &str, depth: usize) {
        if depth > DEEPEST {
            return self.leave_out(folder, GapReason::Limit, format!("folders nest deeper than {DEEPEST}"));
        }
        let entries = match fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries,
            Err(error) => return self.leave_out(folder, GapReason::Denied, error.to_string()),
        };
        let mut names: Vec<(String, fs::FileType)> = Vec::new();
        for entry in entries.filter_map(Result::ok) {
            match (entry.file_name().into_string(), entry.file_type()) {
                (Ok(name), Ok(kind)) => names.push((name, kind)),
                (Ok(name), Err(error)) => self.leave_out(&name, GapReason::Denied, error.to_string()),
                (Err(name), _) => {
                    self.leave_out(&name.to_string_lossy(), GapReason::Unsupported, "its name is not UTF-8".into());
                }
            }
        }
        names.sort_by(|left, right| left.0.cmp(&right.0));
        for (name, kind) in names {
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if kind.is_dir() && is_entered(&path, &name) {
                self.walk(&path, depth + 1);
            } else if kind.is_symlink() && self.leads_out(&path) {
                // A link to a folder is missed by the module call that goes through it, which says so.
                if [".tf", ".tf.json", ".tofu", ".tfvars"].iter().any(|end| name.ends_with(end)) {
                    self.leave_out(&path, GapReason::NotRead, "a link that leads to no file within the folder".into());
                }
            } else if kind.is_file() || kind.is_symlink() {
                if self.files.len() >= MOST_FILES {
                    return self.leave_out(&path, GapReason::Limit, format!("more than {MOST_FILES} files"));
                }
                self.files.push(path.into());
            }
        }
    }

    /// Whether a link leads to anything but a file of the folder: code that roots share is often linked.
    fn leads_out(&self, path: &str) -> bool {
        let (Ok(root), Ok(target)) = (self.root.canonicalize(), self.root.join(path).canonicalize()) else {
            return true;
        };
        !target.starts_with(root) || !target.is_file()
    }

    fn leave_out(&mut self, file: &str, why: GapReason, detail: String) {
        self.left_out.push(Unread { file: file.into(), why, detail });
    }
}

/// Whether a folder may hold code. What `terraform init` has fetched holds the modules that code calls.
fn is_entered(path: &str, name: &str) -> bool {
    let inside = path.split('/').collect::<Vec<_>>();
    match inside.iter().position(|part| *part == ".terraform") {
        Some(at) => inside.get(at + 1).is_none_or(|next| *next == "modules") && name != ".git",
        None => !matches!(name, ".git" | "node_modules" | ".venv"),
    }
}

impl Library for Disk {
    fn files(&self) -> Vec<Arc<str>> {
        self.files.clone()
    }

    fn text(&self, file: &str) -> Result<Arc<str>, Unread> {
        let unread = |why, detail: String| Unread { file: file.into(), why, detail };
        if self.files.binary_search_by(|name| (**name).cmp(file)).is_err() {
            return Err(unread(GapReason::NotRead, "there is no such file".into()));
        }
        let path = self.root.join(file);
        let failed = |error: std::io::Error| unread(GapReason::Denied, error.to_string());
        // Asked again: what was a file when it was listed may be a link or a pipe by now.
        let kind = fs::symlink_metadata(&path).map_err(failed)?;
        if !kind.is_file() && (!kind.is_symlink() || self.leads_out(file)) {
            return Err(unread(GapReason::NotRead, "not a regular file".into()));
        }
        let mut bytes = Vec::new();
        fs::File::open(&path).map_err(failed)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(unread(GapReason::Limit, format!("larger than {} MiB", MAX_BYTES / 1024 / 1024)));
        }
        let text = String::from_utf8(bytes).map_err(|_| unread(GapReason::Malformed, "not UTF-8 text".into()))?;
        Ok(text.into())
    }

    fn left_out(&self) -> Vec<Unread> {
        self.left_out.clone()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_within_the_folder_and_noted_where_it_leads_out() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("code/live")).expect("a folder");
        fs::write(at("code/shared.tf"), "locals {}").expect("written");
        fs::write(at("secret.tf"), "locals {}").expect("written");
        std::os::unix::fs::symlink("../shared.tf", at("code/live/shared.tf")).expect("a link");
        std::os::unix::fs::symlink("../../secret.tf", at("code/live/secret.tf")).expect("a link");
        std::os::unix::fs::symlink(".", at("code/round")).expect("a link");
        let disk = Disk::list(&at("code")).expect("listed");
        let names: Vec<String> = disk.files().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["live/shared.tf", "shared.tf"]);
        assert_eq!(disk.text("live/shared.tf").as_deref(), Ok("locals {}"));
        assert!(disk.text("live/secret.tf").is_err());
        assert_eq!(disk.left_out().len(), 1);
    }
}
