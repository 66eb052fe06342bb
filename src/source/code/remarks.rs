//! What goes with the records of a folder: where its files are from where the user stands, the comments that accept
//! findings, and by which hash GitHub tells lines apart.

use std::{
    collections::BTreeMap,
    path::{Component, Path},
    sync::Arc,
};

use rayon::prelude::*;

use super::lines;
use crate::{
    code::InlineWaiver,
    evidence::Origin,
    snapshot::{CodeWaiver, Remarks, Snapshot},
};

/// Puts the places of records, and the remarks, into terms of the working folder: `under` is what leads to their files.
pub(super) fn add(
    snapshot: &mut Snapshot,
    waivers: &[InlineWaiver],
    under: &str,
    text: &(dyn Fn(&str) -> Option<Arc<str>> + Sync),
) {
    let mut named: BTreeMap<String, BTreeMap<u32, String>> = BTreeMap::new();
    let places = snapshot
        .records
        .iter_mut()
        .flat_map(|record| record.origin.as_deref_mut().into_iter().chain(record.origins.values_mut()));
    for place in places {
        named.entry(place.file.clone()).or_default().insert(place.line, String::new());
        place.file.insert_str(0, under);
    }
    named.par_iter_mut().for_each(|(file, wanted)| {
        let mut hashes = text(file).map(|text| lines::hashes(&text)).unwrap_or_default();
        wanted.retain(|line, hash| hashes.remove(line).map(|found| *hash = found).is_some());
    });
    snapshot.remarks = Remarks {
        waivers: waivers.iter().map(|own| waiver(own, under)).collect(),
        lines: named.into_iter().map(|(file, lines)| (format!("{under}{file}"), lines)).collect(),
    };
    snapshot.sort();
}

fn waiver(own: &InlineWaiver, under: &str) -> CodeWaiver {
    let Origin { file, line, column } = own.place.origin();
    let (allowed, malformed) = match &own.allowed {
        Ok(allowed) => (Some(allowed), None),
        Err(why) => (None, Some(why.clone())),
    };
    CodeWaiver {
        at: Origin { file: format!("{under}{file}"), line, column },
        covers: own.covers.as_ref().map(|place| (place.line, place.end_line)),
        rules: allowed.map_or_else(Vec::new, |allowed| allowed.rules.clone()),
        until: allowed.and_then(|allowed| allowed.until),
        because: allowed.map_or_else(String::new, |allowed| allowed.because.clone()),
        malformed,
    }
}

/// What leads from the working folder to a folder below it, with a slash behind; nothing where it is not below.
pub(super) fn under(folder: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.as_deref().and_then(|here| folder.strip_prefix(here).ok());
    let folder = below.unwrap_or(folder);
    let mut text = String::new();
    for part in folder.components() {
        match part {
            Component::Normal(name) => {
                let Some(name) = name.to_str() else { return String::new() };
                text.push_str(name);
                text.push('/');
            }
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return String::new(),
        }
    }
    text
}

/// A file from where the user stands.
pub(super) fn from_here(name: &str) -> String {
    let path = Path::new(name);
    let file = path.file_name().and_then(|name| name.to_str());
    let folder = path.parent().map_or_else(String::new, under);
    match file {
        Some(file) if !folder.is_empty() => format!("{folder}{file}"),
        _ => name.strip_prefix("./").unwrap_or(name).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_where_the_user_stands() {
        for (folder, wanted) in
            [(".", ""), ("infra", "infra/"), ("./infra/prod/", "infra/prod/"), ("../other", ""), ("/etc", "")]
        {
            assert_eq!(under(Path::new(folder)), wanted, "{folder}");
        }
        let here = std::env::current_dir().expect("a working folder");
        assert_eq!(under(&here.join("infra")), "infra/");
    }
}
