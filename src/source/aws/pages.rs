//! Reads a list page by page, to its end.
//!
//! The SDK's own paginator ends as if complete when a token comes twice, never ends on a cycle of tokens, and takes an
//! answer without the list for an empty one.

use std::{collections::HashSet, future::Future};

use super::failure::Failure;
use crate::evidence::GapReason;

/// No list of an account has that many pages.
const MAX_PAGES: usize = 10_000;

/// One page.
pub(super) struct Page<T> {
    /// The items; none where the answer had no list at all.
    pub(super) items: Option<Vec<T>>,
    /// The token of the next page.
    pub(super) next: Option<String>,
}

/// A list as far as it was read.
pub(super) struct Listing<T> {
    /// The items that were read.
    pub(super) items: Vec<T>,
    /// Why there may be more.
    pub(super) failure: Option<Failure>,
}

impl<T: PartialEq> Listing<T> {
    /// The items, if they are all, each once: a list that changes while it is read can show an item on two pages.
    ///
    /// # Errors
    /// Why they are not.
    pub(super) fn whole(self) -> Result<Vec<T>, Failure> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let mut items = Vec::with_capacity(self.items.len());
        for item in self.items {
            if !items.contains(&item) {
                items.push(item);
            }
        }
        Ok(items)
    }
}

/// Reads page after page. A caller that reads everything there is says with [`Failure::of_list`] what "not found" means.
pub(super) async fn pages<T, F>(mut call: impl FnMut(Option<String>) -> F) -> Listing<T>
where
    F: Future<Output = Result<Page<T>, Failure>>,
{
    let mut items = Vec::new();
    let mut seen = HashSet::new();
    let mut token = None;
    for _ in 0..MAX_PAGES {
        let page = match call(token).await {
            Ok(page) => page,
            Err(failure) => return Listing { items, failure: Some(failure) },
        };
        let Some(list) = page.items else {
            let failure = Failure::malformed("the answer lacks the list that the API promises");
            return Listing { items, failure: Some(failure) };
        };
        items.extend(list);
        // An empty page with a token goes on; a token that says nothing is none.
        let Some(next) = page.next.filter(|next| !next.is_empty()) else {
            return Listing { items, failure: None };
        };
        if !seen.insert(next.clone()) {
            let failure = Failure::new(GapReason::TokenLoop, "a page token came twice");
            return Listing { items, failure: Some(failure) };
        }
        token = Some(next);
    }
    let failure = Failure::new(GapReason::PageCap, format!("more than {MAX_PAGES} pages"));
    Listing { items, failure: Some(failure) }
}

#[cfg(test)]
mod tests {
    use std::{future::ready, pin::pin, task};

    use super::*;

    fn read(mut page: impl FnMut(Option<String>) -> Page<u32>) -> (usize, Option<GapReason>) {
        let mut context = task::Context::from_waker(task::Waker::noop());
        match pin!(pages(|token| ready(Ok(page(token))))).poll(&mut context) {
            task::Poll::Ready(listing) => (listing.items.len(), listing.failure.map(|failure| failure.why)),
            task::Poll::Pending => panic!("nothing to wait for"),
        }
    }

    fn page(items: usize, next: Option<&str>) -> Page<u32> {
        Page { items: Some(vec![0; items]), next: next.map(Into::into) }
    }

    #[test]
    fn an_empty_page_with_a_token_goes_on() {
        let answer = |token: Option<String>| match token.as_deref() {
            None => page(2, Some("a")),
            Some("a") => page(0, Some("b")),
            _ => page(1, Some("")),
        };
        assert_eq!(read(answer), (3, None));
    }

    #[test]
    fn what_never_ends_is_cut_and_said() {
        assert_eq!(read(|_| page(1, Some("a"))), (2, Some(GapReason::TokenLoop)));
        let cycle = |token: Option<String>| page(1, Some(if token.as_deref() == Some("a") { "b" } else { "a" }));
        assert_eq!(read(cycle), (3, Some(GapReason::TokenLoop)));
        let mut count = 0;
        let fresh = |_| {
            count += 1;
            page(0, Some(&count.to_string()))
        };
        assert_eq!(read(fresh), (0, Some(GapReason::PageCap)));
    }

    #[test]
    fn an_answer_without_the_list_is_not_an_empty_list() {
        assert_eq!(read(|_| Page { items: None, next: None }), (0, Some(GapReason::Malformed)));
    }
}
