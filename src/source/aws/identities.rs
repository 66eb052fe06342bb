//! IAM: who may act in the account, whatever the region.

use std::collections::BTreeSet;

use aws_sdk_iam::{
    Client,
    types::{
        AttachedPermissionsBoundary, AttachedPolicy, EntityType, GroupDetail, ManagedPolicyDetail, PolicyDetail,
        RoleDetail, UserDetail,
    },
};
use percent_encoding::percent_decode_str;

use super::{
    answers::Elements,
    body::Body,
    failure::Failure,
    pages::{Page, pages},
    reader::{Reader, named, said},
};
use crate::{
    evidence::GapReason,
    snapshot::kinds::{
        Kind,
        doors::{GROUP, MANAGED_POLICY, ROLE, USER},
    },
};

/// Where the SDK would make up an end of the list.
const REQUIRED: Elements = Elements(&[("GetAccountAuthorizationDetailsResult", &["IsTruncated"])]);

/// What one list gives.
const KINDS: [Kind; 4] = [USER, ROLE, GROUP, MANAGED_POLICY];

/// IAM in one account.
pub(super) struct Identities {
    client: Client,
    reader: Reader,
}

/// One item of the list.
enum Item {
    User(UserDetail),
    Role(RoleDetail),
    Group(GroupDetail),
    Policy(ManagedPolicyDetail),
}

impl Identities {
    /// IAM as this client sees it.
    pub(super) fn new(client: Client, reader: Reader) -> Self {
        Self { client, reader }
    }

    /// Reads all of it.
    pub(super) async fn read(&self) {
        let listing = pages(|token| self.page(token)).await;
        let (mut held, mut policies) = (BTreeSet::new(), Vec::new());
        for item in listing.items {
            match item {
                Item::User(user) => {
                    names(&mut held, user.attached_managed_policies(), user.permissions_boundary());
                    self.enter(USER, user.arn.clone(), self.user(user));
                }
                Item::Role(role) => {
                    names(&mut held, role.attached_managed_policies(), role.permissions_boundary());
                    self.enter(ROLE, role.arn.clone(), self.role(role));
                }
                Item::Group(group) => {
                    names(&mut held, group.attached_managed_policies(), None);
                    self.enter(GROUP, group.arn.clone(), self.group(group));
                }
                Item::Policy(policy) => policies.push(policy),
            }
        }
        for policy in policies.into_iter().filter(|policy| is_used(policy, &held)) {
            self.enter(MANAGED_POLICY, policy.arn.clone(), self.managed(policy));
        }
        self.reader.end(&KINDS, listing.failure.as_ref());
    }

    async fn page(&self, token: Option<String>) -> Result<Page<Item>, Failure> {
        self.reader.calls.expect(1);
        let call = self.client.get_account_authorization_details().max_items(1000).set_marker(token);
        let call = call
            .filter(EntityType::User)
            .filter(EntityType::Role)
            .filter(EntityType::Group)
            .filter(EntityType::LocalManagedPolicy)
            .filter(EntityType::AwsManagedPolicy);
        let output =
            self.reader.make(USER, call.customize().interceptor(REQUIRED).send()).await.map_err(Failure::of_list)?;
        let next = output.marker.filter(|next| !next.is_empty());
        if output.is_truncated != next.is_some() {
            return Err(Failure::malformed("the answer contradicts itself on how much there is"));
        }
        let (Some(users), Some(roles), Some(groups), Some(policies)) =
            (output.user_detail_list, output.role_detail_list, output.group_detail_list, output.policies)
        else {
            return Ok(Page { items: None, next });
        };
        let items = users.into_iter().map(Item::User).chain(roles.into_iter().map(Item::Role));
        let items = items.chain(groups.into_iter().map(Item::Group)).chain(policies.into_iter().map(Item::Policy));
        Ok(Page { items: Some(items.collect()), next })
    }

    fn enter<T: Body>(&self, kind: Kind, arn: Option<String>, item: Result<T, Failure>) {
        match (arn.and_then(said), item) {
            (Some(arn), Ok(item)) => self.reader.keep(kind, &arn, &item),
            // Nobody knows then whom the list leaves out.
            (_, Err(failure)) if failure.why == GapReason::WrongIdentity => {
                self.reader.ledger.gap(kind, None, &failure);
            }
            (arn, Err(failure)) => self.reader.ledger.gap(kind, arn.as_deref(), &failure),
            (None, Ok(_)) => self.reader.ledger.gap(kind, None, &Failure::malformed("an item of the list has no id")),
        }
    }

    fn user(&self, mut user: UserDetail) -> Result<UserDetail, Failure> {
        self.is_ours(user.arn())?;
        inline(&mut user.user_policy_list)?;
        Ok(user)
    }

    fn role(&self, mut role: RoleDetail) -> Result<RoleDetail, Failure> {
        self.is_ours(role.arn())?;
        decode(&mut role.assume_role_policy_document)?;
        inline(&mut role.role_policy_list)?;
        Ok(role)
    }

    fn group(&self, mut group: GroupDetail) -> Result<GroupDetail, Failure> {
        self.is_ours(group.arn())?;
        inline(&mut group.group_policy_list)?;
        Ok(group)
    }

    fn managed(&self, policy: ManagedPolicyDetail) -> Result<ManagedPolicyDetail, Failure> {
        // AWS's own are everybody's.
        if policy.arn().and_then(|arn| arn.split(':').nth(4)) != Some("aws") {
            self.is_ours(policy.arn())?;
        }
        managed(policy)
    }

    fn is_ours(&self, arn: Option<&str>) -> Result<(), Failure> {
        self.reader.is_ours(&named(arn.map(Into::into))?)
    }
}

/// The managed policies that somebody has.
fn names(named: &mut BTreeSet<String>, attached: &[AttachedPolicy], boundary: Option<&AttachedPermissionsBoundary>) {
    let attached = attached.iter().filter_map(|policy| policy.policy_arn.clone());
    named.extend(attached.chain(boundary.and_then(|boundary| boundary.permissions_boundary_arn.clone())));
}

/// Whether somebody has a policy, as far as it or anybody says. One that does not say counts as used.
fn is_used(policy: &ManagedPolicyDetail, named: &BTreeSet<String>) -> bool {
    let counts = policy.attachment_count != Some(0) || policy.permissions_boundary_usage_count.unwrap_or(0) > 0;
    counts || policy.arn().is_some_and(|arn| named.contains(arn))
}

/// A managed policy with the one version that counts.
fn managed(mut policy: ManagedPolicyDetail) -> Result<ManagedPolicyDetail, Failure> {
    let lacks = || Failure::malformed("a managed policy without its default version");
    let default = policy.default_version_id.clone().ok_or_else(lacks)?;
    let versions = policy.policy_version_list.take().unwrap_or_default();
    let mut version = versions.into_iter().find(|it| it.version_id() == Some(&default)).ok_or_else(lacks)?;
    if version.document.is_none() {
        return Err(lacks());
    }
    decode(&mut version.document)?;
    policy.policy_version_list = Some(vec![version]);
    Ok(policy)
}

fn inline(policies: &mut Option<Vec<PolicyDetail>>) -> Result<(), Failure> {
    policies.iter_mut().flatten().try_for_each(|policy| decode(&mut policy.policy_document))
}

/// IAM encodes policies as parts of an address.
fn decode(document: &mut Option<String>) -> Result<(), Failure> {
    if let Some(text) = document {
        let decoded = percent_decode_str(text).decode_utf8();
        *text = decoded.map_err(|_| Failure::malformed("a policy is not text"))?.into_owned();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_decoded_and_a_plus_stays_a_plus() {
        let mut document = Some("%7B%22a%22%3A%20%22%C3%A9+b%22%7D".to_owned());
        assert_eq!(decode(&mut document), Ok(()));
        assert_eq!(document.as_deref(), Some("{\"a\": \"\u{e9}+b\"}"));
        assert!(decode(&mut Some("%ff".to_owned())).is_err());
    }

    #[test]
    fn a_policy_that_somebody_has_is_used_whatever_it_counts() {
        let policy = |count| ManagedPolicyDetail::builder().arn("arn:p").set_attachment_count(count).build();
        let nobody = BTreeSet::new();
        assert!(is_used(&policy(Some(1)), &nobody));
        assert!(is_used(&policy(None), &nobody));
        assert!(!is_used(&policy(Some(0)), &nobody));
        assert!(is_used(&policy(Some(0)), &BTreeSet::from(["arn:p".to_owned()])));
    }
}
