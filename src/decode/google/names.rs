//! Resource names in one form, whoever wrote them.
//!
//! The same subnet is `https://www.googleapis.com/compute/v1/projects/p/…`, `//compute.googleapis.com/projects/p/…` and
//! `projects/123456789012/…`: by link, by asset and by number.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::index::Index;
use crate::snapshot::{kinds::google as kinds, unknown};

/// What project numbers stand for.
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: BTreeMap<String, String>,
}

impl Names {
    /// The projects that a snapshot knows by number and by id.
    pub(super) fn of(index: &Index<'_>) -> Self {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            name: String,
            project_id: String,
        }
        let wires = index.of_kind(kinds::PROJECT).filter_map(|record| unknown::body::<Wire>(record.body.get()).ok());
        let number = |wire: Wire| Some((wire.name.strip_prefix("projects/")?.to_owned(), wire.project_id));
        Self { ids: wires.filter_map(number).collect() }
    }

    /// The path of a name, with the project's id.
    pub(super) fn canonical(&self, name: &str) -> String {
        let path = path(name);
        let Some((project, rest)) =
            path.strip_prefix("projects/").map(|path| path.split_once('/').unwrap_or((path, "")))
        else {
            return path.to_owned();
        };
        match (self.ids.get(project), rest) {
            (None, _) => path.to_owned(),
            (Some(id), "") => format!("projects/{id}"),
            (Some(id), rest) => format!("projects/{id}/{rest}"),
        }
    }

    /// A project's id, by its id or number.
    pub(super) fn project(&self, project: &str) -> String {
        self.ids.get(project).cloned().unwrap_or_else(|| project.to_owned())
    }
}

/// A name without its host and API version.
fn path(name: &str) -> &str {
    let hosted = name.starts_with("//") || name.starts_with("https://") || name.starts_with("http://");
    if !hosted {
        return name.trim_start_matches('/');
    }
    let roots = ["/projects/", "/folders/", "/organizations/", "/locations/"];
    let root = roots.iter().filter_map(|root| name.find(root)).min();
    root.and_then(|at| name.get(at + 1..)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_by_link_by_asset_and_by_number_is_one() {
        let names = Names { ids: BTreeMap::from([("12".into(), "p".into())]) };
        for name in [
            "https://www.googleapis.com/compute/v1/projects/p/global/networks/n",
            "https://www.googleapis.com/compute/beta/projects/12/global/networks/n",
            "//compute.googleapis.com/projects/12/global/networks/n",
            "projects/p/global/networks/n",
        ] {
            assert_eq!(names.canonical(name), "projects/p/global/networks/n");
        }
        assert_eq!(names.canonical("//cloudresourcemanager.googleapis.com/projects/12"), "projects/p");
        assert_eq!(names.canonical("//cloudresourcemanager.googleapis.com/folders/7"), "folders/7");
        assert_eq!(names.canonical("someone@example.com"), "someone@example.com");
        assert_eq!(names.canonical("roles/run.invoker"), "roles/run.invoker");
    }
}
