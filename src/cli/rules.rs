//! `egress-audit rules`: what the rules are, a start for new ones, and whether they do what their cases say.

mod new;

use std::path::{Path, PathBuf};

use super::{
    Streams,
    exit::{Exit, Failure},
    inputs::{rule_set, yaml_files},
};
use crate::{
    engine::run_cases,
    render::{escape::line, rule_list, rule_page},
    rule::RuleCases,
};

/// List the rules, show the page of one, start a new one, or test a folder of them.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The rule to show, by its id or by the id that another tool gives it.
    id: Option<String>,
    /// Add the rules of a folder; may be repeated.
    #[arg(long = "rules", value_name = "DIR")]
    rules: Vec<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    New(new::Args),
    /// Run the test files of a folder of rules.
    Test {
        /// The folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    match &args.command {
        Some(Command::New(args)) => return new::run(args, streams),
        Some(Command::Test { folder }) => return test(folder, streams),
        None => {}
    }
    let rules = rule_set(&args.rules)?;
    let Some(id) = &args.id else {
        streams.out.write_all(rule_list(&rules).as_bytes())?;
        return Ok(Exit::Clean);
    };
    let found = rules.find(id);
    if found.is_empty() {
        return Err(Failure::usage(format!("no rule goes by `{id}`"), "`egress-audit rules` lists them"));
    }
    for (index, rule) in found.into_iter().enumerate() {
        if index > 0 {
            writeln!(streams.out)?;
        }
        streams.out.write_all(rule_page(rule).as_bytes())?;
    }
    Ok(Exit::Clean)
}

fn test(folder: &Path, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let files = yaml_files(folder, false)?;
    let rules = crate::rule::RuleSet::parse(&files)?;
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for (file, text) in yaml_files(folder, true)? {
        let cases = RuleCases::parse(&file, &text, &rules)?;
        let Some(rule) = rules.get(&cases.rule) else {
            return Err(Failure::usage(
                format!("`{file}` tests `{}`, which is not in the folder", cases.rule),
                "put both files side by side",
            ));
        };
        for outcome in run_cases(rule, &cases) {
            match &outcome.problem {
                None => passed += 1,
                Some(problem) => {
                    failed += 1;
                    writeln!(
                        streams.out,
                        "FAILED {}: {}\n  {}",
                        line(&cases.rule),
                        line(&outcome.name),
                        line(problem)
                    )?;
                }
            }
        }
    }
    writeln!(streams.out, "{passed} passed, {failed} failed")?;
    if passed + failed == 0 {
        return Ok(Exit::NothingInScope);
    }
    Ok(if failed == 0 { Exit::Clean } else { Exit::Violations })
}
