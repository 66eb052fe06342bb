//! Load balancers that lead to functions.

use std::{collections::BTreeSet, sync::Arc};

use aws_sdk_elasticloadbalancingv2::{
    Client,
    types::{LoadBalancer, Rule, TargetDescription, TargetGroup, TargetTypeEnum},
};
use serde_json::json;

use super::{
    body::Body,
    calls::{IN_FLIGHT, each},
    failure::Failure,
    pages::{Page, pages},
    reader::Reader,
};
use crate::snapshot::kinds::doors::{LISTENER_RULES, LISTENERS, LOAD_BALANCER, TARGET_GROUP, TARGET_HEALTH};

/// The most that a page holds.
const PAGE: i32 = 400;

/// Load balancers in one region.
pub(super) struct Balancers {
    client: Client,
    reader: Reader,
}

impl Balancers {
    /// Load balancers as this client sees them.
    pub(super) fn new(client: Client, reader: Reader) -> Self {
        Self { client, reader }
    }

    /// Reads all of it. Where no target group leads to a function, the two lists are all that is asked for.
    pub(super) async fn read(self: Arc<Self>) {
        let balancers = self.reader.list_of_ours(
            LOAD_BALANCER,
            |token| self.client.describe_load_balancers().page_size(PAGE).set_marker(token).send(),
            |output| Page { items: output.load_balancers, next: output.next_marker },
            |balancer: &LoadBalancer| self.reader.here(balancer.load_balancer_arn()),
        );
        tokio::join!(balancers, Arc::clone(&self).groups());
    }

    async fn groups(self: Arc<Self>) {
        let listing = pages(|token| async {
            self.reader.calls.expect(1);
            let call = self.client.describe_target_groups().page_size(PAGE).set_marker(token).send();
            let output = self.reader.make(TARGET_GROUP, call).await.map_err(Failure::of_list)?;
            Ok(Page { items: output.target_groups, next: output.next_marker })
        })
        .await;
        let (mut groups, mut balancers) = (BTreeSet::new(), BTreeSet::new());
        for group in listing.items.iter().filter(|group| leads_to_a_function(group)) {
            let arn = match self.reader.here(group.target_group_arn()) {
                Ok(arn) => arn,
                Err(failure) => {
                    // What stands before it is not looked at.
                    self.reader.end(&[TARGET_GROUP, TARGET_HEALTH, LISTENERS, LISTENER_RULES], Some(&failure));
                    continue;
                }
            };
            self.reader.keep(TARGET_GROUP, &arn, group);
            groups.insert(arn);
            balancers.extend(group.load_balancer_arns().iter().cloned());
        }
        self.reader.calls.expect(groups.len() + balancers.len());
        let health = |group: String| {
            let balancers = Arc::clone(&self);
            async move { balancers.health(&group).await }
        };
        let listeners = |balancer: String| {
            let balancers = Arc::clone(&self);
            async move { balancers.listeners(&balancer).await }
        };
        tokio::join!(
            each(groups.into_iter().collect(), IN_FLIGHT, health),
            each(balancers.into_iter().collect(), IN_FLIGHT, listeners),
        );
        self.reader.end(&[TARGET_GROUP, TARGET_HEALTH, LISTENERS, LISTENER_RULES], listing.failure.as_ref());
    }

    async fn health(&self, group: &str) {
        let call = self.client.describe_target_health().target_group_arn(group).send();
        let answer = self.reader.make(TARGET_HEALTH, call).await.and_then(|output| {
            let targets = output.target_health_descriptions;
            let targets = targets.ok_or_else(|| Failure::malformed("the answer lacks the targets"))?;
            let ids = targets.iter().filter_map(|it| it.target().and_then(TargetDescription::id));
            ids.filter(|id| id.starts_with("arn:")).try_for_each(|arn| self.reader.is_here(arn))?;
            Ok(json!({ "TargetHealthDescriptions": targets.json() }))
        });
        self.reader.enter(TARGET_HEALTH, group, answer);
    }

    async fn listeners(&self, balancer: &str) {
        let listeners = self.reader.all(
            LISTENERS,
            |token| {
                let call = self.client.describe_listeners().load_balancer_arn(balancer);
                call.page_size(PAGE).set_marker(token).send()
            },
            |output| Page { items: output.listeners, next: output.next_marker },
        );
        let named = listeners.await.and_then(|listeners| {
            let arns = listeners.iter().map(|listener| self.reader.here(listener.listener_arn()));
            let arns: Vec<String> = arns.collect::<Result<_, _>>()?;
            Ok((listeners, arns))
        });
        let arns = match named {
            Ok((listeners, arns)) => {
                self.reader.ledger.record(LISTENERS, balancer, json!({ "Listeners": listeners.json() }));
                arns
            }
            Err(failure) => {
                for kind in [LISTENERS, LISTENER_RULES] {
                    self.reader.ledger.gap(kind, Some(balancer), &failure);
                }
                return;
            }
        };
        self.reader.calls.expect(arns.len());
        for listener in arns {
            let rules = self.reader.all(
                LISTENER_RULES,
                |token| {
                    let call = self.client.describe_rules().listener_arn(&listener);
                    call.page_size(PAGE).set_marker(token).send()
                },
                |output| Page { items: output.rules, next: output.next_marker },
            );
            let body = rules.await.and_then(|rules| {
                rules.iter().filter_map(Rule::rule_arn).try_for_each(|arn| self.reader.is_here(arn))?;
                Ok(json!({ "Rules": rules.json() }))
            });
            self.reader.enter(LISTENER_RULES, &listener, body);
        }
    }
}

/// Whether the targets of a group are functions. A group that does not say of what type it is counts as one.
fn leads_to_a_function(group: &TargetGroup) -> bool {
    group.target_type().is_none_or(|kind| *kind == TargetTypeEnum::Lambda)
}
