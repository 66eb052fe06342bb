//! What a user may name as a source.

use std::{fmt, path::PathBuf, str::FromStr};

use super::Place;

/// A source as named on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceSpec {
    /// The embedded estate.
    Demo,
    /// A saved snapshot.
    File(PathBuf),
    /// The same in a bucket, or a run of shards.
    Object(Place),
    /// An AWS account, by the ambient credentials or by a profile.
    Aws {
        /// The profile, where one is named.
        profile: Option<String>,
    },
    /// Every account of the organisation that the ambient credentials see.
    AwsOrganization {
        /// The role that is assumed in each, by its name, with its path where it has one.
        role: String,
    },
    /// A project of Google Cloud, or everything below a folder or an organisation.
    Google(GoogleScope),
}

/// Where to read in Google Cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoogleScope {
    /// A project, by its id or its number.
    Project(String),
    /// A folder, by its number.
    Folder(String),
    /// An organisation, by its number.
    Organization(String),
}

impl FromStr for GoogleScope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        // A domain may stand before the id of an old project: `example.com:name`.
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:".contains(&byte);
        let id = |name: &str| (1..=64).contains(&name.len()) && name.bytes().all(allowed) && !name.contains("..");
        match text.split_once('/') {
            Some(("projects", name)) if id(name) => Ok(Self::Project(name.into())),
            Some(("folders", name)) if number(name) => Ok(Self::Folder(name.into())),
            Some(("organizations", name)) if number(name) => Ok(Self::Organization(name.into())),
            Some(("projects", name)) => Err(format!("`{name}` is not the id or the number of a project")),
            Some(("folders" | "organizations", name)) => {
                Err(format!("`{name}` is not a number: folders and organisations are named by theirs"))
            }
            _ => Err(format!(
                "`gcp:{text}` names nothing that is read: write `gcp:projects/ID`, `gcp:folders/NUMBER` or `gcp:organizations/NUMBER`"
            )),
        }
    }
}

impl fmt::Display for GoogleScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(name) => write!(f, "projects/{name}"),
            Self::Folder(name) => write!(f, "folders/{name}"),
            Self::Organization(name) => write!(f, "organizations/{name}"),
        }
    }
}

impl SourceSpec {
    /// Whether it is read from a cloud.
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Aws { .. } | Self::AwsOrganization { .. } | Self::Google(_))
    }
}

impl FromStr for SourceSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(place) = Place::named(text) {
            return place.map(Self::Object);
        }
        match text.split_once(':') {
            None if text == "demo" => Ok(Self::Demo),
            None if text == "aws" => Ok(Self::Aws { profile: None }),
            Some(("aws", "")) => Err("`aws:` names no profile".into()),
            Some(("aws", rest)) => match rest.strip_prefix("org/") {
                Some(role) if is_role(role) => Ok(Self::AwsOrganization { role: role.into() }),
                Some(role) => Err(format!("`{role}` is not the name of a role: write `aws:org/ROLE`")),
                None => Ok(Self::Aws { profile: Some(rest.into()) }),
            },
            None if text == "gcp" => "".parse().map(Self::Google),
            Some(("gcp", scope)) => scope.parse().map(Self::Google),
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
            Self::Object(place) => place.fmt(f),
            Self::Aws { profile: None } => f.write_str("aws"),
            Self::Aws { profile: Some(profile) } => write!(f, "aws:{profile}"),
            Self::AwsOrganization { role } => write!(f, "aws:org/{role}"),
            Self::Google(scope) => write!(f, "gcp:{scope}"),
        }
    }
}

/// Whether this is a name of a role of IAM, with or without a path before it.
fn is_role(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    name.len() <= 512 && name.split('/').all(|part| !part.is_empty() && part.bytes().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_word_a_cloud_or_a_file() {
        assert_eq!("demo".parse(), Ok(SourceSpec::Demo));
        assert_eq!("aws:prod".parse(), Ok(SourceSpec::Aws { profile: Some("prod".into()) }));
        assert_eq!("estate.json".parse(), Ok(SourceSpec::File("estate.json".into())));
        assert!(matches!("gs://my-bucket/run/".parse(), Ok(SourceSpec::Object(_))));
        assert!("aws:".parse::<SourceSpec>().is_err());
        assert!("s3://".parse::<SourceSpec>().is_err());
    }

    #[test]
    fn an_organisation_of_aws_is_named_by_the_role_that_reads_it() {
        for fine in ["aws:org/Audit", "aws:org/audit/Egress-1", "aws:org/a+b=c,d.e@f_g"] {
            let spec: SourceSpec = fine.parse().expect("a source");
            assert!(matches!(spec, SourceSpec::AwsOrganization { .. }), "{fine}");
            assert_eq!(spec.to_string(), fine);
        }
        for wrong in ["aws:org/", "aws:org//a", "aws:org/a/", "aws:org/arn:aws:iam::1:role/a", "aws:org/a b"] {
            assert!(wrong.parse::<SourceSpec>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn google_cloud_is_named_by_project_folder_or_organisation() {
        for fine in ["gcp:projects/my-project", "gcp:projects/123", "gcp:folders/1", "gcp:organizations/2"] {
            let spec: SourceSpec = fine.parse().expect("a source");
            assert!(matches!(spec, SourceSpec::Google(_)));
            assert_eq!(spec.to_string(), fine);
        }
        for wrong in [
            "gcp",
            "gcp:",
            "gcp:my-project",
            "gcp:projects/",
            "gcp:projects/a/b",
            "gcp:projects/..",
            "gcp:projects/a?b",
            "gcp:folders/name",
            "gcp:organizations/example.com",
        ] {
            assert!(wrong.parse::<SourceSpec>().is_err(), "{wrong}");
        }
    }
}
