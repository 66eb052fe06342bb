//! What several subcommands take: sources, and rules.
#![expect(clippy::disallowed_methods, reason = "files that the user names are read at the edge, which is here")]

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{exit::Failure, organization, progress::Bar};
use crate::{
    decode::decode,
    graph::{Graph, Lock, Workload},
    model::Inventory,
    policy::{FILE, Policy},
    report::Baseline,
    rule::RuleSet,
    snapshot::{Part, Snapshot},
    source::{Journal, Options, SourceSpec, collect},
};

/// The largest rule file, in bytes.
const MAX_RULE_BYTES: u64 = 1024 * 1024;

/// The largest policy file, in bytes.
const MAX_POLICY_BYTES: u64 = 1024 * 1024;

/// The largest lock file, in bytes.
const MAX_LOCK_BYTES: u64 = 64 * 1024 * 1024;

/// Where a scan reads.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Scan {
    /// A region to read; repeat it for several. Without it, the one that is configured for AWS, and all of Google Cloud.
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Read every region that is enabled for the AWS account.
    #[arg(long, conflicts_with = "regions")]
    all_regions: bool,
    /// Allow an endpoint override to name this host, besides loopback and the cloud's own.
    #[arg(long = "allow-endpoint", value_name = "HOST")]
    allow_endpoints: Vec<String>,
    /// Read a project of Google Cloud by the asset inventory, as folders and organisations are: fewer calls, older facts.
    #[arg(long)]
    assets: bool,
    /// Read again, live, what the asset inventory of Google Cloud tells hours late: workloads and their policies.
    #[arg(long)]
    fresh: bool,
    /// Values for variables of Terraform, as for `-var-file`; may be repeated.
    #[arg(long = "var-file", value_name = "FILE")]
    var_files: Vec<PathBuf>,
    /// Values for parameters of CloudFormation's templates, in JSON; may be repeated.
    #[arg(long = "parameters", value_name = "FILE")]
    parameters: Vec<PathBuf>,
    #[command(flatten)]
    organization: organization::Members,
}

impl Scan {
    /// What a collection needs to know besides its source.
    pub(super) fn options(&self) -> Options {
        Options {
            regions: self.regions.clone(),
            all_regions: self.all_regions,
            allow_endpoints: self.allow_endpoints.clone(),
            assets: self.assets,
            fresh: self.fresh,
            organization: self.organization.options(),
            part: None,
            journal: None,
            var_files: self.var_files.clone(),
            parameters: self.parameters.clone(),
            now: Timestamp::now(),
        }
    }

    /// Reads every source into one snapshot.
    pub(super) fn snapshot(&self, sources: &[String]) -> Result<Snapshot, Failure> {
        self.part(sources, None, None)
    }

    /// The sources and the options that decide what of them is read, as they are asked for.
    pub(super) fn asked(&self, sources: &[String], part: Option<&Part>) -> Vec<String> {
        let members = self.organization.options();
        let mut asked = sources.to_vec();
        let lists = [("--region", &self.regions), ("--accounts", &members.accounts), ("--exclude", &members.exclude)];
        asked.extend(lists.into_iter().flat_map(|(flag, list)| list.iter().map(move |it| format!("{flag} {it}"))));
        let flags = [("--all-regions", self.all_regions), ("--assets", self.assets), ("--fresh", self.fresh)];
        asked.extend(flags.into_iter().filter(|(_, on)| *on).map(|(flag, _)| flag.to_owned()));
        asked.extend(part.map(|part| format!("--shard {part:?}")));
        asked
    }

    /// Reads every source into one snapshot, or the part of it that is asked for.
    pub(super) fn part(
        &self,
        sources: &[String],
        part: Option<Part>,
        journal: Option<Arc<Journal>>,
    ) -> Result<Snapshot, Failure> {
        let options = self.options();
        let now = journal.as_ref().map_or(options.now, |journal| journal.started());
        let options = Options { part, journal, now, ..options };
        let specs: Result<Vec<SourceSpec>, _> = sources.iter().map(|source| source.parse()).collect();
        let specs = specs.map_err(|message: String| {
            Failure::usage(message, "sources are `demo`, `aws`, `aws:PROFILE`, `aws:org/ROLE`, `gcp:projects/ID`, `gcp:folders/NUMBER`, `gcp:organizations/NUMBER`, folders of code, plans and states of Terraform, templates of CloudFormation, snapshot files and exports of the asset inventory, on disk or in buckets (`s3://…`, `gs://…`)")
        })?;
        self.organization.check(&specs)?;
        let (mut all, mut shards) = (Vec::new(), Vec::new());
        for spec in specs {
            let read = collect(&spec, &options, &Bar::new())?;
            if let Some(part) = &options.part {
                if sources.len() > 1 || read.shard.as_ref().is_some_and(|it| it.part != *part) {
                    let why = "a shard is of one source, and of all of it";
                    return Err(Failure::usage(why, "collect each source for itself"));
                }
                // What was read whole is divided now; a live organisation was before it was read.
                return Ok(if read.shard.is_some() { read } else { read.part(part) });
            }
            if read.shard.is_some() {
                shards.push((spec.to_string(), read));
                continue;
            }
            all.push(read);
        }
        if !shards.is_empty() {
            all.insert(0, Snapshot::of_parts(shards, &BTreeMap::new())?);
        }
        Snapshot::joined(all).ok_or_else(|| {
            Failure::usage("no source is named", "`egress-audit report demo` needs nothing; `egress-audit report aws` reads the account of your credentials")
        })
    }

    /// Reads every source and decodes what was read.
    pub(super) fn inventory(&self, sources: &[String]) -> Result<Inventory, Failure> {
        Ok(decode(&self.snapshot(sources)?))
    }
}

/// The text of a file that a user names; why not, where it is none, or larger than this. A pipe would be waited for, and a
/// device never ends.
fn text(path: &Path, most: u64) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a regular file".into());
    }
    let too_large = || Err(format!("it is larger than {} MiB", most >> 20));
    if metadata.len() > most {
        return too_large();
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|error| error.to_string())?;
    // It may have grown since.
    if bytes.len() as u64 > most {
        return too_large();
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".into())
}

/// The lock file at a path.
pub(super) fn lock(path: &Path) -> Result<Lock, Failure> {
    let wrong = |why: String| {
        let hint = "`egress-audit ips SOURCE --lock FILE` writes one";
        Failure::usage(format!("cannot use `{}` as a lock file: {why}", path.display()), hint)
    };
    Lock::parse(&text(path, MAX_LOCK_BYTES).map_err(wrong)?).map_err(wrong)
}

/// The largest report that is read again, in bytes.
const MAX_REPORT_BYTES: u64 = 1 << 30;

/// The report in JSON at a path; none where something else is there, or nothing.
pub(super) fn read_report(path: &Path) -> Result<Option<Baseline>, Failure> {
    if !path.is_file() {
        return Ok(None);
    }
    let shown = path.display();
    let wrong = |why: String| {
        Failure::usage(
            format!("cannot use `{shown}` as a baseline: {why}"),
            "`egress-audit report SOURCE --write json=FILE` writes one",
        )
    };
    let text = text(path, MAX_REPORT_BYTES).map_err(wrong)?;
    if !Baseline::is_report(&text) {
        return Ok(None);
    }
    Baseline::parse(&text).map(Some).map_err(|error| wrong(error.to_string()))
}

/// The policy file at a path, or the nearest one from the working folder upwards, as far as the repository goes.
pub(super) fn policy(path: Option<&Path>, rules: &RuleSet) -> Result<Option<Policy>, Failure> {
    let found = match path {
        Some(path) => Some(path.to_path_buf()),
        None => nearest(Path::new(".")),
    };
    let Some(path) = found else { return Ok(None) };
    let text = text(&path, MAX_POLICY_BYTES)
        .map_err(|why| Failure::usage(format!("cannot read the policy `{}`: {why}", path.display()), "name another"))?;
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let name = path.to_string_lossy().replace('\\', "/");
    Ok(Some(Policy::parse(name.trim_start_matches("./"), &text, rules, today)?))
}

fn nearest(from: &Path) -> Option<PathBuf> {
    let mut folder = from.to_path_buf();
    for _ in 0..64 {
        let file = folder.join(FILE);
        if file.is_file() {
            return Some(file);
        }
        // The folder of a repository ends the search, and so does the root, whose parent is itself.
        if folder.join(".git").exists() || folder.canonicalize().is_ok_and(|whole| whole.parent().is_none()) {
            return None;
        }
        folder = if folder == Path::new(".") { PathBuf::from("..") } else { folder.join("..") };
    }
    None
}

/// The rules that come with the tool, and those of the folders.
pub(super) fn rule_set(folders: &[PathBuf]) -> Result<RuleSet, Failure> {
    let mut rules = RuleSet::embedded()?;
    for folder in folders {
        rules.extend(&yaml_files(folder, false)?)?;
    }
    Ok(rules)
}

/// The YAML files of a folder and of the folders in it: test files, or all others.
pub(super) fn yaml_files(folder: &Path, tests: bool) -> Result<Vec<(String, String)>, Failure> {
    let failed = |path: &Path, error: &io::Error| {
        let message = format!("cannot read `{}`: {error}", path.display());
        Failure::Usage { message, hint: None }
    };
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| failed(&folder, &error))? {
            let path = entry.map_err(|error| failed(&folder, &error))?.path();
            let metadata = fs::metadata(&path).map_err(|error| failed(&path, &error))?;
            let name = path.to_string_lossy().into_owned();
            if metadata.is_dir() && depth < 4 {
                folders.push((path, depth + 1));
            } else if metadata.is_file()
                && path.extension().is_some_and(|extension| extension == "yaml")
                && name.ends_with(".test.yaml") == tests
            {
                if metadata.len() > MAX_RULE_BYTES {
                    let message = format!("`{name}` is larger than 1 MiB");
                    return Err(Failure::Usage { message, hint: None });
                }
                let text = fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
                found.push((name, text));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The workload that a user means: by its name, its full name, or an ending of that which only one has.
pub(super) fn workload<'a>(graph: &'a Graph, wanted: &str) -> Result<&'a Workload, Failure> {
    let exact: Vec<_> = graph.workloads.iter().filter(|it| it.name == wanted || it.id == wanted).collect();
    let ending = graph.workloads.iter().filter(|it| it.id.ends_with(wanted)).collect();
    let found = if exact.is_empty() { ending } else { exact };
    let names = |of: &[&Workload]| of.iter().take(8).map(|it| it.id.as_str()).collect::<Vec<_>>().join("\n  ");
    match found.as_slice() {
        [only] => Ok(only),
        [] => {
            let all: Vec<_> = graph.workloads.iter().take(12).map(|it| it.name.as_str()).collect();
            let hint =
                if all.is_empty() { "there are no workloads".into() } else { format!("there are {}", all.join(", ")) };
            Err(Failure::usage(format!("no workload ends with `{wanted}`"), hint))
        }
        several => Err(Failure::usage(
            format!("several workloads end with `{wanted}`"),
            format!("name one of\n  {}", names(several)),
        )),
    }
}
