//! To which organisations accounts and projects belong, as far as that was read.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    evidence::{Gap, GapReason, Known},
    model::Inventory,
};

/// The organisations that were seen.
#[derive(Debug, Default)]
pub struct Organizations {
    /// The organisation of an account or a project; none where it is in none.
    of: BTreeMap<String, Option<String>>,
    /// Those whose accounts were all listed.
    whole: BTreeSet<String>,
}

impl Organizations {
    pub(super) fn of(inventory: &Inventory) -> Self {
        let mut found = Self::default();
        for (_, (account, organization)) in inventory.aws.accounts.iter() {
            found.of.insert(account.clone(), Some(organization.clone()));
        }
        if inventory.aws.accounts.gap().is_none() {
            found.whole.extend(found.of.values().flatten().cloned());
        }
        for (scope, ancestors) in inventory.google.ancestries.iter() {
            let Some(ancestors) = ancestors else { continue };
            let top = ancestors.iter().find_map(|it| it.strip_prefix("organizations/"));
            found.of.insert(scope.account.clone(), top.map(str::to_owned));
        }
        found
    }

    /// Whether an account or a project is in one of these.
    pub(super) fn is_in(&self, account: &str, any: &[String]) -> Known<bool> {
        match self.of.get(account) {
            _ if any.is_empty() => Known::Known(false),
            Some(own) => Known::Known(own.as_ref().is_some_and(|own| any.contains(own))),
            None if any.iter().all(|it| self.whole.contains(it)) => Known::Known(false),
            None => Known::Unknown(Gap::new(format!("the organisation of {account}"), GapReason::NotRead)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_organisation_whose_accounts_were_all_listed_lacks_an_account() {
        let own = |name: &str| Some(name.to_owned());
        let seen = Organizations {
            of: BTreeMap::from([("1".into(), own("o-a")), ("2".into(), own("o-b")), ("3".into(), None)]),
            whole: BTreeSet::from(["o-a".into()]),
        };
        let is_in = |account: &str, any: &[&str]| {
            let any: Vec<String> = any.iter().map(|it| (*it).to_owned()).collect();
            seen.is_in(account, &any).into_result().ok()
        };
        assert_eq!(is_in("1", &["o-a"]), Some(true));
        assert_eq!(is_in("2", &["o-a"]), Some(false));
        assert_eq!(is_in("3", &["o-a"]), Some(false));
        assert_eq!(is_in("4", &["o-a"]), Some(false));
        assert_eq!(is_in("4", &["o-a", "o-b"]), None);
        assert_eq!(is_in("4", &[]), Some(false));
    }
}
