//! `CloudFront`: the distributions of the account, whatever the region.

use aws_sdk_cloudfront::{Client, types::DistributionSummary};

use super::{
    answers::Elements,
    failure::Failure,
    pages::{Page, pages},
    reader::Reader,
};
use crate::snapshot::kinds::doors::DISTRIBUTION;

/// What the SDK would make up where it is missing: an end of the list, no distributions, one that is switched off.
const REQUIRED: Elements = Elements(&[
    ("DistributionList", &["IsTruncated", "Quantity"]),
    ("DistributionSummary", &["Id", "ARN", "DomainName", "Origins", "DefaultCacheBehavior", "Enabled"]),
    ("Origins", &["Items"]),
]);

/// `CloudFront` in one account.
pub(super) struct Distributions {
    client: Client,
    reader: Reader,
}

impl Distributions {
    /// `CloudFront` as this client sees it.
    pub(super) fn new(client: Client, reader: Reader) -> Self {
        Self { client, reader }
    }

    /// Reads all of it. Whether a partition has `CloudFront` is not known here: where the call fails, it is a gap.
    pub(super) async fn read(&self) {
        let listing = pages(|token| self.page(token)).await;
        for distribution in &listing.items {
            match self.reader.is_ours(distribution.arn()) {
                Ok(()) => self.reader.keep(DISTRIBUTION, distribution.arn(), distribution),
                Err(failure) => self.reader.ledger.gap(DISTRIBUTION, None, &failure),
            }
        }
        self.reader.end(&[DISTRIBUTION], listing.failure.as_ref());
    }

    async fn page(&self, token: Option<String>) -> Result<Page<DistributionSummary>, Failure> {
        self.reader.calls.expect(1);
        let call = self.client.list_distributions().max_items(100).set_marker(token);
        let output = self.reader.make(DISTRIBUTION, call.customize().interceptor(REQUIRED).send()).await;
        let list = output.map_err(Failure::of_list)?.distribution_list;
        let list = list.ok_or_else(|| Failure::malformed("the answer lacks the list that the API promises"))?;
        let next = list.next_marker.filter(|next| !next.is_empty());
        let items = list.items.unwrap_or_default();
        if list.is_truncated != next.is_some() || usize::try_from(list.quantity) != Ok(items.len()) {
            return Err(Failure::malformed("the answer contradicts itself on how much there is"));
        }
        Ok(Page { items: Some(items), next })
    }
}
