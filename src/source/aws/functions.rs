//! Lambda: the functions of a region, and what hangs on each of them.

mod door;
mod layers;
mod policy;
mod providers;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, atomic::AtomicBool},
};

use aws_sdk_lambda::{Client, types::FunctionConfiguration};

use super::{
    body::Body,
    calls::{IN_FLIGHT, Pace, each},
    failure::Failure,
    pages::{Listing, Page, pages},
    reader::Reader,
};
use crate::snapshot::kinds::{
    ALIASES, CODE_SIGNING, CODE_SIGNING_CONFIG, FUNCTION, FUNCTION_DETAIL, Kind, POLICY, URL_CONFIGS, VERSION,
};

/// The kinds that are read function by function.
const OF_EACH: [Kind; 6] = [FUNCTION_DETAIL, ALIASES, URL_CONFIGS, POLICY, CODE_SIGNING, CODE_SIGNING_CONFIG];

/// Lambda in one region. Its quotas are per account and region and cannot be raised: 100 `GetFunction`, 15 `GetPolicy` and
/// 15 of all else a second, `GetResourcePolicy` among them as far as is known. Four fifths of them are taken, since others
/// work in the account too.
pub(super) struct Lambda {
    client: Client,
    /// All else.
    reader: Reader,
    get_function: Pace,
    get_policy: Pace,
    /// The endpoint does not know `ListFunctionUrlConfigs`: URLs are asked for one by one.
    lists_no_urls: AtomicBool,
    /// The code signing configurations that functions name, and that somebody reads already.
    signing: Mutex<BTreeSet<String>>,
    /// `GetResourcePolicy` cannot be used here: policies are asked for with `GetPolicy` alone.
    knows_no_resource_policies: AtomicBool,
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
        Some(Self { name, qualifier, unqualified })
    }
}

impl Lambda {
    /// Lambda as this client sees it.
    pub(super) fn new(client: Client, reader: Reader, local: bool) -> Self {
        Self {
            client,
            reader,
            get_function: Pace::new(80, local),
            get_policy: Pace::new(12, local),
            lists_no_urls: AtomicBool::new(false),
            signing: Mutex::default(),
            knows_no_resource_policies: AtomicBool::new(false),
        }
    }

    /// Reads every function, and gives the keys that they name.
    pub(super) async fn read(self: Arc<Self>) -> KeyNames {
        let Listing { items, failure } = pages(|token| self.page(token)).await;
        let mut names = BTreeSet::new();
        let mut functions = BTreeMap::new();
        let mut other = None;
        let named: BTreeSet<String> = items.iter().filter_map(providers::provider).collect();
        for item in &items {
            match self.keep(item, &mut functions) {
                Ok(()) => names.extend(keys(item)),
                Err(failure) => {
                    // Nobody knows then what there is besides, nor what it names.
                    other = other.or(Some(failure));
                }
            }
        }
        // Those of the SDK are large, and said.
        drop(items);
        let failure = failure.or(other);
        self.reader.calls.expect(functions.values().map(|function: &Function| 5 + function.versions.len()).sum());
        let read = |function| {
            let lambda = Arc::clone(&self);
            async move { lambda.read_one(&function).await }
        };
        names.extend(each(functions.into_values().collect(), IN_FLIGHT, read).await.into_iter().flatten());
        Arc::clone(&self).providers(named, failure.as_ref()).await;
        self.reader.end(&[FUNCTION, VERSION], failure.as_ref());
        self.reader.end(&OF_EACH, failure.as_ref());
        KeyNames { names, failure }
    }

    async fn page(&self, token: Option<String>) -> Result<Page<FunctionConfiguration>, Failure> {
        self.reader.calls.expect(1);
        // The service gives 50 at most, whatever is asked for.
        let call = self.client.list_functions().function_version("ALL".into()).max_items(50).set_marker(token).send();
        let output = self.reader.make(FUNCTION, call).await.map_err(Failure::of_list)?;
        Ok(Page { items: output.functions, next: output.next_marker })
    }

    /// Keeps one item of the list: a function as it is now, or a published version of it.
    fn keep(&self, item: &FunctionConfiguration, functions: &mut BTreeMap<String, Function>) -> Result<(), Failure> {
        let arn = item.function_arn().and_then(Arn::parse);
        let arn = arn.ok_or_else(|| Failure::malformed("a function without an ARN"))?;
        self.reader.is_here(&arn.unqualified)?;
        let body = item.json().ok_or_else(|| Failure::malformed("a function without a configuration"))?;
        let function = functions.entry(arn.unqualified.clone()).or_default();
        function.arn.clone_from(&arn.unqualified);
        function.name = arn.name.into();
        match item.version().or(arn.qualifier) {
            None | Some("$LATEST") => self.reader.ledger.record(FUNCTION, &arn.unqualified, body),
            Some(version) => {
                function.versions.insert(version.into());
                self.reader.ledger.record(VERSION, &format!("{}:{version}", arn.unqualified), body);
            }
        }
        Ok(())
    }
}

impl Function {
    /// That an answer about the function is about it.
    fn is_meant(&self, arn: Option<&str>) -> Result<(), Failure> {
        match arn.map(|arn| (arn, Arn::parse(arn))) {
            None => Ok(()),
            Some((_, Some(parsed))) if parsed.unqualified == self.arn => Ok(()),
            Some((arn, _)) => Err(Failure::speaks_of(arn)),
        }
    }
}

/// Whether AWS says that there is no such thing, rather than no such function, alias, version or layer.
fn is_absent(failure: &Failure) -> bool {
    let said = failure.detail.as_deref().unwrap_or_default();
    failure.is("ResourceNotFoundException")
        && !["Function not found", "Cannot find alias", "Cannot find layer", "Layer version arn:"]
            .iter()
            .any(|other| said.starts_with(other))
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
        assert_eq!((arn.name, arn.qualifier), ("f", Some("$LATEST")));
        assert_eq!(arn.unqualified, "arn:aws-cn:lambda:cn-north-1:123456789012:function:f");
        for not in
            ["", "arn:aws:lambda:r:1:layer:x", "arn:aws:lambda:r:1:function", "arn:aws:lambda:r:1:function:f:1:2"]
        {
            assert!(Arn::parse(not).is_none(), "{not}");
        }
    }
}
