//! What a user may name as a source.

use std::{fmt, path::PathBuf, str::FromStr};

/// A source as named on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceSpec {
    /// The embedded estate.
    Demo,
    /// A saved snapshot.
    File(PathBuf),
    /// An AWS account, by the ambient credentials or by a profile.
    Aws {
        /// The profile, where one is named.
        profile: Option<String>,
    },
}

impl FromStr for SourceSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "demo" => Ok(Self::Demo),
            None if text == "aws" => Ok(Self::Aws { profile: None }),
            Some(("aws", "")) => Err("`aws:` names no profile".into()),
            Some(("aws", rest)) if rest.starts_with("org/") => {
                Err(format!("`{text}`: reading a whole organisation is not part of this version"))
            }
            Some(("aws", profile)) => Ok(Self::Aws { profile: Some(profile.into()) }),
            Some(("gcp", _)) => Err(format!("`{text}`: Google Cloud is not part of this version")),
            _ if text.is_empty() => Err("a source has a name".into()),
            _ => Ok(Self::File(text.into())),
        }
    }
}

impl fmt::Display for SourceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Demo => f.write_str("demo"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Aws { profile: None } => f.write_str("aws"),
            Self::Aws { profile: Some(profile) } => write!(f, "aws:{profile}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_word_a_cloud_or_a_file() {
        assert_eq!("demo".parse(), Ok(SourceSpec::Demo));
        assert_eq!("aws:prod".parse(), Ok(SourceSpec::Aws { profile: Some("prod".into()) }));
        assert_eq!("estate.json".parse(), Ok(SourceSpec::File("estate.json".into())));
        assert!("aws:".parse::<SourceSpec>().is_err());
        assert!("gcp:projects/p".parse::<SourceSpec>().is_err());
    }
}
