//! `egress-audit permissions`: the least that a scan needs to read.

use std::path::PathBuf;

use super::{
    Streams,
    exit::{Exit, Failure},
    inputs::{Scan, rule_set},
};
use crate::{
    knowledge::{Calls, all_calls, calls_for},
    render::{Lacking, lacking_text, permissions_commands, permissions_json, permissions_terraform},
    report::{Node, Permissions, Place},
    rule::RuleSet,
    source::{GoogleScope, Held, SourceSpec, held},
};

/// Show the permissions that reading a source takes, ready to be pasted.
///
/// With `--rule`, those that the verdicts of these rules hang on; a scan then says of the rest that it was not read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is to be read: `aws`, `aws:org/ROLE`, `gcp:projects/ID`, `gcp:folders/NUMBER` or `gcp:organizations/NUMBER`.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// A rule that matters, by its id or another tool's; repeat it for several. Without it, everything is read.
    #[arg(long = "rule", value_name = "ID")]
    wanted: Vec<String>,
    /// Add the rules of a folder; may be repeated.
    #[arg(long = "rules", value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
    /// Ask the cloud which of them the present credentials lack, and say which rules could not be evaluated. Ends with 3
    /// where some are lacking, or the cloud does not say.
    #[arg(long, conflicts_with = "format")]
    check: bool,
    #[command(flatten)]
    scan: Scan,
}

/// The forms of permissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A policy of AWS, or a role of Google Cloud.
    #[default]
    Json,
    /// Resources of Terraform.
    Terraform,
    /// Commands of `aws` or `gcloud`.
    Commands,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let hint =
        "name a cloud: `aws`, `aws:org/ROLE`, `gcp:projects/ID`, `gcp:folders/NUMBER`, `gcp:organizations/NUMBER`";
    let source: SourceSpec = args.source.parse().map_err(|problem: String| Failure::usage(problem, hint))?;
    let rules = rule_set(&args.rules)?;
    let calls = if args.wanted.is_empty() { all_calls().clone() } else { calls(&rules, &args.wanted)? };
    let place = match source.clone() {
        SourceSpec::Aws { .. } => Place::Account,
        SourceSpec::AwsOrganization { role } => Place::Organization(role),
        SourceSpec::Google(GoogleScope::Project(name)) => Place::Node(Node::Project(name)),
        SourceSpec::Google(GoogleScope::Folder(number)) => Place::Node(Node::Folder(number)),
        SourceSpec::Google(GoogleScope::Organization(number)) => Place::Node(Node::Organization(number)),
        SourceSpec::Object(_) => {
            let why = format!("`{source}` is no cloud: reading it takes `s3:GetObject` or `storage.objects.get` on it");
            return Err(Failure::usage(why, hint));
        }
        SourceSpec::Demo | SourceSpec::File(_) => {
            return Err(Failure::usage(format!("`{source}` is no cloud: it takes no permission to be read"), hint));
        }
    };
    let options = args.scan.options();
    let found = Permissions::of(place, &calls, options.all_regions, options.assets);
    if args.check {
        let asked = found.asked();
        let Held { principal, missing, unknown } = held(&source, &options, &asked)?;
        let lacking =
            Lacking { principal: principal.as_deref(), asked: asked.len(), missing: &missing, unknown: &unknown };
        streams.out.write_all(lacking_text(lacking, &rules).as_bytes())?;
        let complete = missing.is_empty() && unknown.is_empty();
        return Ok(if complete { Exit::Clean } else { Exit::Incomplete });
    }
    let text = match args.format {
        Form::Json => permissions_json(&found)?,
        Form::Terraform => permissions_terraform(&found)?,
        Form::Commands => permissions_commands(&found)?,
    };
    streams.out.write_all(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// The calls that the verdicts of these rules hang on.
fn calls(rules: &RuleSet, wanted: &[String]) -> Result<Calls, Failure> {
    let mut all = Calls::new();
    for name in wanted {
        let found = rules.find(name);
        if found.is_empty() {
            let hint = rules.nearest(name).unwrap_or_else(|| "`egress-audit rules` lists them".into());
            return Err(Failure::usage(format!("there is no rule `{name}`"), hint));
        }
        for (cloud, own) in found.into_iter().flat_map(|rule| calls_for(rule.reads())) {
            all.entry(cloud).or_default().extend(own);
        }
    }
    Ok(all)
}
