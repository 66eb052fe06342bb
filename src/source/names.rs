//! Names of Google Cloud's resources, and what they say of where a resource stands.

/// The part of a full name, an address or a relative name that starts with `projects/`.
#[cfg(any(feature = "gcp", test))]
pub(super) fn relative(name: &str) -> Option<&str> {
    let from = if name.starts_with("projects/") { 0 } else { name.find("/projects/")? + 1 };
    name.get(from..).filter(|rest| rest.len() > "projects/".len())
}

/// The part of a name after a word, as `part(name, "locations")`.
pub(super) fn part<'a>(name: &'a str, word: &str) -> Option<&'a str> {
    let mut parts = name.split('/');
    parts.find(|part| *part == word)?;
    parts.next().filter(|part| !part.is_empty())
}

/// The project of a name: an id, or a number, as it is written there.
pub(super) fn project(name: &str) -> Option<&str> {
    part(name, "projects")
}

/// The last part of a name.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The region of a name, in whatever API's words; `global` where it has none.
pub(super) fn region(name: &str) -> &str {
    if let Some(region) = part(name, "locations").or_else(|| part(name, "regions")) {
        return region;
    }
    match part(name, "zones") {
        Some(zone) => zone.rsplit_once('-').map_or(zone, |(region, _)| region),
        None => "global",
    }
}

/// Whether a project is written as its number.
pub(super) fn is_number(project: &str) -> bool {
    !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name with another project in the first place where it names one.
pub(super) fn with_project(name: &str, project: &str) -> String {
    match name.split_once("projects/") {
        Some((before, rest)) => match rest.split_once('/') {
            Some((_, rest)) => format!("{before}projects/{project}/{rest}"),
            None => format!("{before}projects/{project}"),
        },
        None => name.to_owned(),
    }
}

/// The project of a service account's address, where it tells: an id, or a number.
#[cfg(any(feature = "gcp", test))]
pub(super) fn project_of_account(email: &str) -> Option<String> {
    let (user, domain) = email.split_once('@')?;
    if domain == "appspot.gserviceaccount.com" {
        return Some(in_domain(user));
    }
    if domain == "developer.gserviceaccount.com" {
        return user.strip_suffix("-compute").map(str::to_owned);
    }
    domain.strip_suffix(".iam.gserviceaccount.com").filter(|project| !project.is_empty()).map(in_domain)
}

/// The id of a project, which bears its domain in front where it is of the old kind: `example.com:name`.
#[cfg(any(feature = "gcp", test))]
fn in_domain(project: &str) -> String {
    match project.split_once('.') {
        Some((name, domain)) => format!("{domain}:{name}"),
        None => project.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_project_and_its_region() {
        let url = "https://www.googleapis.com/compute/v1/projects/p/regions/r/routers/x";
        assert_eq!(relative(url), Some("projects/p/regions/r/routers/x"));
        assert_eq!(relative("//run.googleapis.com/projects/p"), Some("projects/p"));
        assert_eq!((project(url), region(url), last(url)), (Some("p"), "r", "x"));
        assert_eq!(region("projects/p/zones/europe-west1-b/x/y"), "europe-west1");
        assert_eq!(region("projects/p/global/networks/n"), "global");
        assert_eq!(with_project("//x/projects/12/locations/r", "p"), "//x/projects/p/locations/r");
        assert_eq!(with_project("projects/12", "p"), "projects/p");
        assert_eq!(relative("default"), None);
    }

    #[test]
    fn an_address_tells_the_project_of_a_service_account() {
        for (email, project) in [
            ("a@p.iam.gserviceaccount.com", Some("p")),
            ("a@p.example.com.iam.gserviceaccount.com", Some("example.com:p")),
            ("p@appspot.gserviceaccount.com", Some("p")),
            ("12-compute@developer.gserviceaccount.com", Some("12")),
            ("someone@example.com", None),
        ] {
            assert_eq!(project_of_account(email).as_deref(), project);
        }
    }
}
