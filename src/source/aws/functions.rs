//! Lambda: the functions of a region, and what hangs on each of them.

mod door;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::AtomicBool},
};

use aws_sdk_lambda::{Client, types::FunctionConfiguration};

use super::{
    body::Body,
    calls::{Calls, IN_FLIGHT, Pace, each},
    failure::Failure,
    ledger::Ledger,
    pages::{Page, pages},
};
use crate::{
    evidence::GapReason,
    snapshot::kinds::{ALIASES, CODE_SIGNING, FUNCTION, FUNCTION_DETAIL, Kind, POLICY, URL_CONFIGS, VERSION},
};

/// The kinds that are read function by function.
const OF_EACH: [Kind; 5] = [FUNCTION_DETAIL, ALIASES, URL_CONFIGS, POLICY, CODE_SIGNING];

/// Lambda in one region. Its quotas are per account and region and cannot be raised: 100 `GetFunction`, 15 `GetPolicy` and
/// 15 of all else a second. Four fifths of them are taken, since others work in the account too.
pub(super) struct Lambda {
    client: Client,
    calls: Calls,
    ledger: Arc<Ledger>,
    get_function: Pace,
    get_policy: Pace,
    rest: Pace,
    /// The endpoint does not know `ListFunctionUrlConfigs`: URLs are asked for one by one.
    lists_no_urls: AtomicBool,
}

/// The keys that functions name.
pub(super) struct KeyNames {
    /// As the functions name them.
    pub(super) names: BTreeSet<String>,
    /// Why there may be more.
    pub(super) failure: Option<Failure>,
}

/// A function, and the parts of its ARN that calls need.
#[derive(Debug, Clone, Default)]
struct Function {
    arn: String,
    name: String,
    versions: BTreeSet<String>,
}

/// The parts of `arn:P:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`.
struct Arn<'a> {
    region: &'a str,
    account: &'a str,
    name: &'a str,
    qualifier: Option<&'a str>,
    unqualified: String,
}

impl<'a> Arn<'a> {
    fn parse(arn: &'a str) -> Option<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        let (["arn", partition, "lambda", region, account, "function", name], rest) = parts.split_at_checked(7)? else {
            return None;
        };
        let qualifier = match rest {
            [] => None,
            [qualifier] => Some(*qualifier),
            _ => return None,
        };
        let unqualified = format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
        Some(Self { region, account, name, qualifier, unqualified })
    }
}

impl Lambda {
    /// Lambda as this client sees it.
    pub(super) fn new(client: Client, calls: Calls, ledger: Arc<Ledger>, local: bool) -> Self {
        Self {
            client,
            calls,
            ledger,
            get_function: Pace::new(80, local),
            get_policy: Pace::new(12, local),
            rest: Pace::new(12, local),
            lists_no_urls: AtomicBool::new(false),
        }
    }

    /// Reads every function, and gives the keys that they name.
    pub(super) async fn read(self: Arc<Self>) -> KeyNames {
        let listing = pages(|token| self.page(token)).await;
        let mut names = BTreeSet::new();
        let mut functions = BTreeMap::new();
        for item in &listing.items {
            match self.keep(item, &mut functions) {
                Ok(()) => names.extend(keys(item)),
                Err(failure) => {
                    for kind in [FUNCTION, VERSION] {
                        self.ledger.gap(kind, None, &failure);
                    }
                }
            }
        }
        if let Some(failure) = &listing.failure {
            for kind in [FUNCTION, VERSION].into_iter().chain(OF_EACH) {
                self.ledger.gap(kind, None, failure);
            }
        }
        self.calls.expect(functions.values().map(|function: &Function| 5 + function.versions.len()).sum());
        let read = |function| {
            let lambda = Arc::clone(&self);
            async move { lambda.read_one(&function).await }
        };
        names.extend(each(functions.into_values().collect(), IN_FLIGHT, read).await.into_iter().flatten());
        for kind in [FUNCTION, VERSION].into_iter().chain(OF_EACH) {
            self.ledger.ended(kind);
        }
        KeyNames { names, failure: listing.failure }
    }

    async fn page(&self, token: Option<String>) -> Result<Page<FunctionConfiguration>, Failure> {
        self.calls.expect(1);
        // The service gives 50 at most, whatever is asked for.
        let call = self.client.list_functions().function_version("ALL".into()).max_items(50).set_marker(token).send();
        let output = self.calls.make(FUNCTION.call, &self.rest, call).await.map_err(Failure::of_list)?;
        Ok(Page { items: output.functions, next: output.next_marker })
    }

    /// Keeps one item of the list: a function as it is now, or a published version of it.
    fn keep(&self, item: &FunctionConfiguration, functions: &mut BTreeMap<String, Function>) -> Result<(), Failure> {
        let arn = item.function_arn().and_then(Arn::parse);
        let arn = arn.ok_or_else(|| Failure::malformed("a function without an ARN"))?;
        self.is_ours(&arn)?;
        let body = item.json().ok_or_else(|| Failure::malformed("a function without a configuration"))?;
        let function = functions.entry(arn.unqualified.clone()).or_default();
        function.arn.clone_from(&arn.unqualified);
        function.name = arn.name.into();
        match item.version().or(arn.qualifier) {
            None | Some("$LATEST") => self.ledger.record(FUNCTION, &arn.unqualified, body),
            Some(version) => {
                function.versions.insert(version.into());
                self.ledger.record(VERSION, &format!("{}:{version}", arn.unqualified), body);
            }
        }
        Ok(())
    }

    fn is_ours(&self, arn: &Arn<'_>) -> Result<(), Failure> {
        let scope = &self.ledger.scope;
        if arn.account == scope.account && arn.region == scope.region {
            return Ok(());
        }
        let detail = format!("`{}` is of another account or region", arn.unqualified);
        Err(Failure::new(GapReason::WrongIdentity, detail))
    }
}

impl Function {
    /// That an answer about the function is about it.
    fn is_meant(&self, arn: Option<&str>) -> Result<(), Failure> {
        match arn.map(|arn| (arn, Arn::parse(arn))) {
            None => Ok(()),
            Some((_, Some(parsed))) if parsed.unqualified == self.arn => Ok(()),
            Some((arn, _)) => Err(Failure::new(GapReason::WrongIdentity, format!("the answer speaks of `{arn}`"))),
        }
    }
}

/// The keys that a function's configuration names.
fn keys(function: &FunctionConfiguration) -> impl Iterator<Item = String> {
    let durable = function.durable_config().and_then(|durable| durable.kms_key_arn());
    function.kms_key_arn().into_iter().chain(durable).filter(|key| !key.is_empty()).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_its_parts() {
        let arn = Arn::parse("arn:aws-cn:lambda:cn-north-1:123456789012:function:f:$LATEST").expect("an ARN");
        assert_eq!(
            (arn.region, arn.account, arn.name, arn.qualifier),
            ("cn-north-1", "123456789012", "f", Some("$LATEST"))
        );
        assert_eq!(arn.unqualified, "arn:aws-cn:lambda:cn-north-1:123456789012:function:f");
        for not in
            ["", "arn:aws:lambda:r:1:layer:x", "arn:aws:lambda:r:1:function", "arn:aws:lambda:r:1:function:f:1:2"]
        {
            assert!(Arn::parse(not).is_none(), "{not}");
        }
    }
}
