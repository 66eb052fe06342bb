//! Which calls facts hang on. The table is `needs.json`: measured over the scenarios of the tests, by taking each call away.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::Deserialize;

use crate::snapshot::Cloud;

/// Calls, in the words of coverage, by cloud.
pub type Calls = BTreeMap<Cloud, BTreeSet<String>>;

#[derive(Deserialize)]
struct Table {
    all: Calls,
    needs: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    facts: Vec<String>,
    calls: Calls,
}

#[expect(clippy::expect_used, reason = "the table is embedded, and a test reads it")]
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("needs.json")).expect("the embedded table is sound"));

/// Every call that a scan makes.
pub fn all_calls() -> &'static Calls {
    &TABLE.all
}

/// The calls that facts hang on, named by their paths in the vocabulary.
pub fn calls_for<'a>(facts: impl IntoIterator<Item = &'a str>) -> Calls {
    let mut calls = Calls::new();
    for path in facts {
        // Where a whole list or object hangs on a call, so does all that it holds.
        let holds = |own: &String| {
            let rest = path.strip_prefix(own.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        for group in TABLE.needs.iter().filter(|group| group.facts.iter().any(holds)) {
            for (cloud, own) in &group.calls {
                calls.entry(*cloud).or_default().extend(own.iter().cloned());
            }
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::kinds::{self, google};

    #[test]
    fn the_addresses_of_a_function_hang_on_gateways_and_its_runtime_on_lists_of_what_runs() {
        let addresses = calls_for(["workload.egress.paths[].exit.addresses"]);
        assert!(addresses[&Cloud::Aws].contains("ec2:DescribeNatGateways"));
        assert!(addresses[&Cloud::Gcp].contains("compute.routers.list"));
        let runtime = calls_for(["workload.runtime.id"]);
        assert!(runtime[&Cloud::Aws].contains("lambda:ListFunctions"));
        assert!(runtime[&Cloud::Aws].iter().all(|call| call.starts_with("lambda:")), "{runtime:?}");
        assert!(calls_for(["workload.nowhere"]).is_empty());
    }

    #[test]
    fn every_kind_of_record_has_its_call_among_all() {
        let aws = kinds::AWS.iter().chain(&kinds::AWS_GLOBAL);
        let google = google::WORKLOADS.iter().chain(&google::NETWORKS).chain(&google::DETAILS);
        let missing: Vec<_> = aws.chain(google).filter(|kind| !all_calls()[&kind.cloud].contains(kind.call)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn no_fact_hangs_on_a_call_that_is_not_made() {
        for (cloud, calls) in TABLE.needs.iter().flat_map(|group| &group.calls) {
            assert!(calls.is_subset(&all_calls()[cloud]), "{calls:?}");
        }
    }
}
