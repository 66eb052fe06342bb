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
        let listing = pages(|token| async {
            self.calls.expect(1);
            let output = self.make(kind, send(token)).await.map_err(Failure::of_list)?;
            Ok(page(output))
        })
        .await;
        for item in &listing.items {
            match id(item).and_then(said) {
                Some(id) => self.keep(kind, &id, item),
                None => self.ledger.gap(kind, None, &Failure::malformed("an item of the list has no id")),
            }
        }
        self.end(&[kind], listing.failure.as_ref());
        listing
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

    /// That an ARN in an answer is of the account that is read.
    pub(super) fn is_ours(&self, arn: &str) -> Result<(), Failure> {
        match arn.split(':').nth(4) {
            Some(account) if account == self.ledger.scope.account => Ok(()),
            _ => Err(Failure::new(GapReason::WrongIdentity, format!("`{arn}` is of another account"))),
        }
    }
}
