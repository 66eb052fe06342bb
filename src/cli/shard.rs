//! Which part of a collection this run is: as a flag says, or the system that runs many of it.

use super::exit::Failure;
use crate::snapshot::Part;

/// Where a system that runs one command many times says which time this is, counted from 0, and of how many.
const SYSTEMS: [System; 3] = [
    System { index: "CLOUD_RUN_TASK_INDEX", of: Some("CLOUD_RUN_TASK_COUNT"), run: Some("CLOUD_RUN_EXECUTION") },
    System { index: "AWS_BATCH_JOB_ARRAY_INDEX", of: Some("AWS_BATCH_JOB_ARRAY_SIZE"), run: Some("AWS_BATCH_JOB_ID") },
    // Kubernetes tells a pod neither how many there are nor the name of the job: `auto/N` and `--run` do.
    System { index: "JOB_COMPLETION_INDEX", of: None, run: None },
];

struct System {
    index: &'static str,
    of: Option<&'static str>,
    run: Option<&'static str>,
}

/// Which part of a collection is read.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Sharding {
    /// Read a part of the accounts and projects: `3/8` for the third of eight; `auto` as a job of Cloud Run or an array job of
    /// AWS Batch says, `auto/8` for eight in an Indexed Job of Kubernetes.
    #[arg(long, value_name = "I/N|auto")]
    shard: Option<String>,
    /// The name of the run that the shards are of, so that those of two runs are never put together.
    #[arg(long = "run", value_name = "NAME", requires = "shard")]
    run: Option<String>,
}

impl Sharding {
    /// The part, where one is asked for. Only where it is: a system's variables alone never make a reading smaller.
    pub(super) fn part(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Part>, Failure> {
        let Some(said) = self.shard.as_deref() else { return Ok(None) };
        let wrong = |why: String| Failure::usage(why, "`--shard 3/8` says it in so many words");
        let mut part = match said.split_once('/') {
            None if said == "auto" => found(None, variable).map_err(wrong)?,
            Some(("auto", of)) => {
                let of = of.parse().map_err(|_| wrong(format!("`{of}` is not a number of shards")))?;
                found(Some(of), variable).map_err(wrong)?
            }
            _ => said.parse().map_err(wrong)?,
        };
        if let Some(run) = &self.run {
            part.run = Some(run.clone());
        }
        Ok(Some(part))
    }
}

/// The part that the environment names.
fn found(of: Option<u32>, variable: impl Fn(&str) -> Option<String>) -> Result<Part, String> {
    let system = SYSTEMS.iter().find_map(|system| Some((system, variable(system.index)?)));
    let Some((system, index)) = system else {
        let names = SYSTEMS.map(|system| system.index).join("`, `");
        return Err(format!("nothing says which shard this is: none of `{names}` is set"));
    };
    let number =
        |name: &str, text: &str| text.parse::<u32>().map_err(|_| format!("`{name}` is `{text}`, and not a number"));
    let told = match system.of.and_then(|name| Some((name, variable(name)?))) {
        Some((name, text)) => Some(number(name, &text)?),
        None => None,
    };
    let of = match (of, told) {
        (Some(of), Some(told)) if of != told => return Err(format!("`auto/{of}` is not what the system says: {told}")),
        (of, told) => of.or(told).ok_or("nothing says how many shards there are: write `auto/8` for eight")?,
    };
    let index = number(system.index, &index)?.checked_add(1).ok_or("the number of the shard is too large")?;
    let mut part = Part::new(index, of)?;
    // The id of a child of an array job is that of the array, a colon and its number.
    let run = system.run.and_then(variable).map(|run| run.split(':').next().unwrap_or_default().to_owned());
    part.run = run.filter(|run| !run.is_empty());
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(said: Option<&str>, run: Option<&str>, set: &[(&str, &str)]) -> Result<Option<Part>, String> {
        let sharding = Sharding { shard: said.map(str::to_owned), run: run.map(str::to_owned) };
        let variable = |name: &str| set.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        sharding.part(variable).map_err(|failure| failure.to_string())
    }

    fn found(index: u32, of: u32, run: Option<&str>) -> Result<Option<Part>, String> {
        Ok(Some(Part { index, of, run: run.map(str::to_owned) }))
    }

    #[test]
    fn a_shard_is_what_the_flag_says_and_counted_from_one() {
        assert_eq!(part(Some("3/8"), Some("monday"), &[]), found(3, 8, Some("monday")));
        assert!(part(Some("0/8"), None, &[]).is_err());
        assert!(part(Some("auto/x"), None, &[]).is_err());
    }

    #[test]
    fn what_a_system_says_counts_only_where_it_is_asked_for() {
        let cloud_run = [("CLOUD_RUN_TASK_INDEX", "0"), ("CLOUD_RUN_TASK_COUNT", "4")];
        assert_eq!(part(None, None, &cloud_run), Ok(None));
        assert_eq!(part(Some("2/3"), None, &cloud_run), found(2, 3, None));
    }

    #[test]
    fn every_system_counts_from_nothing_and_says_of_how_many() {
        let cloud_run =
            [("CLOUD_RUN_TASK_INDEX", "3"), ("CLOUD_RUN_TASK_COUNT", "4"), ("CLOUD_RUN_EXECUTION", "audit-x7")];
        assert_eq!(part(Some("auto"), None, &cloud_run), found(4, 4, Some("audit-x7")));
        assert!(part(Some("auto/5"), None, &cloud_run).is_err_and(|why| why.contains("not what the system says")));
        let batch = [
            ("AWS_BATCH_JOB_ARRAY_INDEX", "0"),
            ("AWS_BATCH_JOB_ARRAY_SIZE", "2"),
            ("AWS_BATCH_JOB_ID", "6c7f0000-0000-4000-8000-000000000000:0"),
        ];
        assert_eq!(part(Some("auto"), None, &batch), found(1, 2, Some("6c7f0000-0000-4000-8000-000000000000")));
        let kubernetes = [("JOB_COMPLETION_INDEX", "7")];
        assert_eq!(part(Some("auto/8"), Some("daily"), &kubernetes), found(8, 8, Some("daily")));
        assert!(part(Some("auto"), None, &kubernetes).is_err_and(|why| why.contains("how many")));
        assert!(part(Some("auto/7"), None, &kubernetes).is_err());
        assert!(part(Some("auto"), None, &[]).is_err_and(|why| why.contains("nothing says which shard")));
        assert!(part(Some("auto/8"), None, &[("JOB_COMPLETION_INDEX", "x")]).is_err());
    }
}
