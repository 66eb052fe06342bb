//! One service in one scope: how its lists, and its answers about single resources, get into the books.

use std::{future::Future, sync::Arc};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;

use super::{
    body::Body,
    calls::{Answer, Calls, Pace},
    failure::Failure,
    ledger::Ledger,
    pages::{Listing, Page, pages},
};
use crate::{evidence::GapReason, snapshot::kinds::Kind};

/// A name, unless the SDK made it up: it fills one that was missing with an empty text.
pub(super) fn said(name: String) -> Option<String> {
    if name.is_empty() { None } else { Some(name) }
}

/// The name of an item of a list, which has to have one.
pub(super) fn named(name: Option<String>) -> Result<String, Failure> {
    name.and_then(said).ok_or_else(|| Failure::malformed("an item of the list has no id"))
}

/// The calls to a service, and the books that their answers go into.
pub(super) struct Reader {
    /// How calls go out.
    pub(super) calls: Calls,
    /// Where answers go.
    pub(super) ledger: Arc<Ledger>,
    pace: Arc<Pace>,
}

impl Reader {
    /// Calls at this pace, into these books.
    pub(super) fn new(calls: Calls, ledger: Arc<Ledger>, pace: Arc<Pace>) -> Self {
        Self { calls, ledger, pace }
    }

    /// Makes a call that gives a kind of record.
    pub(super) fn make<'a, T, E>(
        &'a self,
        kind: Kind,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
    ) -> Answer<'a, T>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.calls.make(kind.call, &self.pace, call)
    }

    /// Reads the list of everything of a kind, keeps what it holds, and gives it.
    pub(super) async fn list<T, O, E, F>(
        &self,
        kind: Kind,
        send: impl Fn(Option<String>) -> F,
        page: impl Fn(O) -> Page<T>,
        id: impl Fn(&T) -> Option<String>,
    ) -> Listing<T>
    where
        T: Body,
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
    {
        self.list_of_ours(kind, send, page, |item| named(id(item))).await
    }

    /// The same of a list whose items say whose they are. Where one is not ours, or has no name, it is left out, and nobody
    /// knows what there is besides.
    pub(super) async fn list_of_ours<T, O, E, F>(
        &self,
        kind: Kind,
        send: impl Fn(Option<String>) -> F,
        page: impl Fn(O) -> Page<T>,
        name: impl Fn(&T) -> Result<String, Failure>,
    ) -> Listing<T>
    where
        T: Body,
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
    {
        let Listing { items, failure } = pages(|token| async {
            self.calls.expect(1);
            let output = self.make(kind, send(token)).await.map_err(Failure::of_list)?;
            Ok(page(output))
        })
        .await;
        let (mut ours, mut other) = (Vec::with_capacity(items.len()), None);
        for item in items {
            match name(&item) {
                Ok(id) => {
                    self.keep(kind, &id, &item);
                    ours.push(item);
                }
                Err(failure) => other = other.or(Some(failure)),
            }
        }
        let failure = failure.or(other);
        self.end(&[kind], failure.as_ref());
        Listing { items: ours, failure }
    }

    /// Reads all pages of one resource's list.
    pub(super) async fn all<T, O, E, F>(
        &self,
        kind: Kind,
        send: impl Fn(Option<String>) -> F,
        page: impl Fn(O) -> Page<T>,
    ) -> Result<Vec<T>, Failure>
    where
        T: PartialEq,
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
    {
        let listing = pages(|token| async { Ok(page(self.make(kind, send(token)).await?)) });
        listing.await.whole()
    }

    /// Keeps an item of a list.
    pub(super) fn keep(&self, kind: Kind, id: &str, item: &impl Body) {
        match item.json() {
            Some(body) => self.ledger.record(kind, id, body),
            None => self.ledger.gap(kind, Some(id), &Failure::malformed("an item of the list says nothing")),
        }
    }

    /// Keeps the answer about one resource, or notes that there is none.
    pub(super) fn enter(&self, kind: Kind, id: &str, result: Result<Value, Failure>) {
        match result {
            Ok(body) => self.ledger.record(kind, id, body),
            Err(failure) => self.ledger.gap(kind, Some(id), &failure),
        }
    }

    /// Notes that all of these kinds was asked for, or why there may be more.
    pub(super) fn end(&self, kinds: &[Kind], failure: Option<&Failure>) {
        for kind in kinds {
            if let Some(failure) = failure {
                self.ledger.gap(*kind, None, failure);
            }
            self.ledger.ended(*kind);
        }
    }

    /// That an ARN in an answer is of the account and the region that are read.
    pub(super) fn is_here(&self, arn: &str) -> Result<(), Failure> {
        let (scope, mut parts) = (&self.ledger.scope, arn.split(':').skip(3));
        if parts.next() == Some(&scope.region) && parts.next() == Some(&scope.account) {
            return Ok(());
        }
        Err(Failure::new(GapReason::WrongIdentity, format!("`{arn}` is of another account or region")))
    }

    /// The same of an ARN that an answer must hold.
    pub(super) fn here(&self, arn: Option<&str>) -> Result<String, Failure> {
        let arn = named(arn.map(Into::into))?;
        self.is_here(&arn)?;
        Ok(arn)
    }

    /// That a policy is about something here, as far as it says: one of others would say that nobody has been let in.
    pub(super) fn is_policy_of_here(&self, policy: &str) -> Result<(), Failure> {
        // What cannot be read is not taken for a policy by whoever looks into it.
        let Ok(document) = serde_json::from_str::<Value>(policy) else { return Ok(()) };
        let list = |value: &Value| match value {
            Value::Array(list) => list.clone(),
            one => vec![one.clone()],
        };
        let statements = document.get("Statement").map(list).unwrap_or_default();
        let resources = statements.iter().filter_map(|it| it.get("Resource")).flat_map(list);
        for resource in resources.filter_map(|it| it.as_str().map(str::to_owned)) {
            let parts: Vec<&str> = resource.splitn(6, ':').collect();
            if let ["arn", _, _, region, account, _] = parts.as_slice()
                && ![region, account].iter().any(|part| part.contains(['*', '?', '$']))
            {
                self.is_here(&resource)?;
            }
        }
        Ok(())
    }

    /// That an ARN in an answer is of the account that is read.
    pub(super) fn is_ours(&self, arn: &str) -> Result<(), Failure> {
        match arn.split(':').nth(4) {
            Some(account) if account == self.ledger.scope.account => Ok(()),
            _ => Err(Failure::new(GapReason::WrongIdentity, format!("`{arn}` is of another account"))),
        }
    }
}
