//! Function URLs, and distributions of `CloudFront`, which lead to them by their host.

use super::{Calls, Door, DoorKind, DoorRoute, Target};
use crate::{
    evidence::Known,
    model::{Authorization, Aws, Distribution, Origin},
    snapshot::ScopeId,
};

/// What the host of a function URL has in it.
const URL_HOST: &str = ".lambda-url.";

/// Every distribution that leads to a function URL.
pub(super) fn doors(aws: &Aws) -> Vec<Door> {
    let doors = aws.distributions.iter().filter_map(|(scope, distribution)| door(scope, distribution));
    doors.chain(urls(aws)).collect()
}

/// Every function URL: the function's own policy says who gets in, so that no route stands here.
fn urls(aws: &Aws) -> impl Iterator<Item = Door> {
    aws.functions.iter().flat_map(|(scope, function)| {
        let urls = match &function.urls {
            Known::Known(urls) => urls.as_slice(),
            Known::Unknown(_) => &[],
        };
        urls.iter().map(|url| Door {
            id: url.url.clone(),
            name: url
                .qualifier
                .as_ref()
                .map_or_else(|| function.name.clone(), |qualifier| format!("{}:{qualifier}", function.name)),
            kind: DoorKind::FunctionUrl,
            scope: scope.clone(),
            addresses: vec![url.url.clone()],
            reachable: Known::Known(true),
            private: Known::Known(false),
            any_endpoint: Known::Known(false),
            default_beside: Known::Known(String::new()),
            open_cors: url.open_cors.clone(),
            routes: Vec::new(),
            routes_gap: None,
        })
    })
}

fn door(scope: &ScopeId, distribution: &Distribution) -> Option<Door> {
    let origins = distribution.origins.iter().filter(|origin| origin.host.contains(URL_HOST));
    let routes: Vec<DoorRoute> = origins.map(|origin| route(distribution, origin)).collect();
    (!routes.is_empty()).then(|| Door {
        id: distribution.arn.clone(),
        name: distribution.domain.clone(),
        kind: DoorKind::Distribution,
        scope: scope.clone(),
        addresses: vec![format!("https://{}", distribution.domain)],
        reachable: Known::Known(distribution.enabled),
        private: Known::Known(false),
        any_endpoint: Known::Known(false),
        default_beside: Known::Known(String::new()),
        open_cors: Known::Known(false),
        routes,
        routes_gap: None,
    })
}

fn route(distribution: &Distribution, origin: &Origin) -> DoorRoute {
    let asks = origin.viewers_signed;
    DoorRoute {
        key: origin.host.clone(),
        target: Target::Host(origin.host.clone()),
        authorization: if asks { Authorization::Authoriser("signed-url") } else { Authorization::None },
        api_key: false,
        admits_everyone: Known::Known(!asks),
        admits_any_account: Known::Known(false),
        calls: if origin.signed { Calls::SignedUrl(distribution.arn.clone()) } else { Calls::PlainUrl },
    }
}
