//! A place in a bucket, as a user names it: `s3://BUCKET/PATH` or `gs://BUCKET/PATH`.

use std::{fmt, str::FromStr};

/// Whose bucket it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// S3, or what speaks as it does.
    S3,
    /// Cloud Storage of Google.
    Google,
}

/// An object in a bucket, or a folder of them: as everywhere, what ends with `/` is a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whose bucket it is.
    pub store: Store,
    /// The bucket.
    pub bucket: String,
    /// The path in it, without a `/` before it.
    pub path: String,
}

impl Place {
    /// The place that a text names; none where it names something else, such as a file.
    pub fn named(text: &str) -> Option<Result<Self, String>> {
        let (store, rest) = match text.split_once("://") {
            Some(("s3", rest)) => (Store::S3, rest),
            Some(("gs", rest)) => (Store::Google, rest),
            _ => return None,
        };
        let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if !(3..=222).contains(&bucket.len()) || !bucket.bytes().all(allowed) || bucket.contains("..") {
            return Some(Err(format!("`{text}` names no bucket: write `{store}://BUCKET/PATH`")));
        }
        // A path without an end is a folder, and so is the whole bucket.
        let steps = path.strip_suffix('/').unwrap_or(path);
        let sound =
            |step: &str| !["", ".", ".."].contains(&step) && !step.contains(|c: char| c.is_control() || c == '\\');
        if !path.is_empty() && !steps.split('/').all(sound) || path.len() > 1024 {
            return Some(Err(format!("`{text}` names no object: its path has steps that objects are not named by")));
        }
        Some(Ok(Self { store, bucket: bucket.into(), path: path.into() }))
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.path.is_empty() || self.path.ends_with('/')
    }

    /// The same as a folder, and something in it.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        let slash = if self.is_folder() { "" } else { "/" };
        Self { path: format!("{}{slash}{name}", self.path), ..self.clone() }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::named(text).unwrap_or_else(|| Err(format!("`{text}` is not in a bucket")))
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::S3 => "s3",
            Self::Google => "gs",
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/{}", self.store, self.bucket, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_an_object_or_a_folder_of_a_bucket() {
        for (text, folder) in [
            ("s3://my-bucket/run/shard-1-of-8.json", false),
            ("gs://my_bucket.example.com/a b.json", false),
            ("s3://my-bucket/run/", true),
            ("gs://my-bucket/", true),
        ] {
            let place: Place = text.parse().expect("a place");
            assert_eq!((place.to_string().as_str(), place.is_folder()), (text, folder));
        }
        let bare: Place = "s3://my-bucket".parse().expect("a place");
        assert!(bare.is_folder());
        assert_eq!(bare.join("x").to_string(), "s3://my-bucket/x");
        assert_eq!(bare.join("run").join("x").to_string(), "s3://my-bucket/run/x");
        for other in ["s3.json", "s3:/my-bucket/x", "S3://my-bucket/x", "https://my-bucket/x", "aws:s3", ""] {
            assert_eq!(Place::named(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        for wrong in [
            "s3://",
            "s3:///x",
            "s3://ab/x",
            "s3://a..b/x",
            "s3://user@example.com/x",
            "s3://example.com:1/x",
            "s3://my-bucket?/x",
            "s3://my-bucket//x",
            "s3://my-bucket/a//b",
            "s3://my-bucket/../x",
            "s3://my-bucket/./x",
            "s3://my-bucket/a\\b",
            "s3://my-bucket/a\nb",
            "gs://my-bucket//",
        ] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }
}
