//! What the answer to each call names, and by what it says whose that is.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::calls::CHAINS;

/// How far an answer says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// By ARNs with a region and an account, or a field of each.
    Region,
    /// By ARNs with an account.
    Account,
    /// It does not; or, in EC2, it shows what others share with the account, and says so.
    Nobody,
}

use Whose::{Account, Nobody, Region};

/// A call; the fields that name what it gives, where an answer needs one of them; and whose it is.
const ANSWERS: [(&str, &[&str], Whose); 61] = [
    ("ListFunctions", &["FunctionArn"], Region),
    ("GetFunction", &["FunctionArn"], Region),
    ("ListAliases", &["Name"], Region),
    ("ListFunctionUrlConfigs", &["FunctionUrl"], Region),
    ("GetPolicy", &[], Region),
    ("GetFunctionCodeSigningConfig", &["FunctionName"], Region),
    ("GetCodeSigningConfig", &["CodeSigningConfigArn"], Region),
    ("GetCapacityProvider", &["CapacityProviderArn"], Region),
    ("ListWebFunctions", &["functionArn"], Region),
    ("ListWebFunctionEndpoints", &["endpointArn"], Region),
    ("GetWebFunctionRevision", &["revisionId"], Region),
    ("ListMicrovms", &["microvmId"], Nobody),
    ("GetMicrovm", &["microvmId"], Nobody),
    ("GetNetworkConnector", &["Arn"], Region),
    ("DescribeKey", &["Arn"], Region),
    ("GetKeyRotationStatus", &[], Region),
    ("GetKeyPolicy", &[], Nobody),
    ("GetResourcePolicy", &[], Region),
    ("DescribeVpcs", &["vpcId"], Nobody),
    ("DescribeSubnets", &["subnetId"], Nobody),
    ("DescribeRouteTables", &["routeTableId"], Nobody),
    ("DescribeNatGateways", &["natGatewayId"], Nobody),
    ("DescribeAddresses", &["allocationId", "publicIp"], Nobody),
    ("DescribeInternetGateways", &["internetGatewayId"], Nobody),
    ("DescribeEgressOnlyInternetGateways", &["egressOnlyInternetGatewayId"], Nobody),
    ("DescribeSecurityGroups", &["groupId"], Nobody),
    ("DescribeNetworkAcls", &["networkAclId"], Nobody),
    ("DescribeNetworkInterfaces", &["networkInterfaceId"], Nobody),
    ("DescribeVpcEndpoints", &["vpcEndpointId"], Nobody),
    ("DescribeManagedPrefixLists", &["prefixListId"], Nobody),
    ("GetManagedPrefixListEntries", &[], Nobody),
    ("DescribeVpcBlockPublicAccessOptions", &[], Region),
    ("DescribeVpcBlockPublicAccessExclusions", &["exclusionId"], Region),
    ("DescribeTransitGateways", &["transitGatewayId"], Nobody),
    ("DescribeTransitGatewayAttachments", &["transitGatewayAttachmentId"], Nobody),
    ("DescribeTransitGatewayVpcAttachments", &["transitGatewayAttachmentId"], Nobody),
    ("DescribeTransitGatewayRouteTables", &["transitGatewayRouteTableId"], Nobody),
    ("SearchTransitGatewayRoutes", &[], Nobody),
    ("ListLayers", &["LayerArn"], Region),
    ("ListLayerVersions", &["LayerVersionArn"], Region),
    ("GetLayerVersionPolicy", &[], Region),
    ("ListEventSourceMappings", &["UUID"], Region),
    ("GetRestApis", &["id"], Nobody),
    ("GetStages", &["stageName"], Nobody),
    ("GetExport", &["paths"], Nobody),
    ("GetDomainNames", &["domainName"], Nobody),
    ("GetBasePathMappings", &[], Nobody),
    ("GetApis", &["apiId"], Nobody),
    ("GetStagesV2", &["stageName"], Nobody),
    ("GetRoutes", &[], Nobody),
    ("GetIntegrations", &[], Nobody),
    ("ExportApi", &["paths"], Nobody),
    ("GetDomainNamesV2", &["domainName"], Nobody),
    ("GetApiMappings", &[], Nobody),
    ("DescribeLoadBalancers", &["LoadBalancerArn"], Region),
    ("DescribeTargetGroups", &["TargetGroupArn"], Region),
    ("DescribeTargetHealth", &[], Region),
    ("DescribeListeners", &["ListenerArn"], Region),
    ("DescribeRules", &[], Region),
    ("ListDistributions", &["ARN"], Account),
    ("GetAccountAuthorizationDetails", &["Arn"], Account),
];

fn of(call: &str) -> (&'static [&'static str], Whose) {
    let found = ANSWERS.iter().find(|(name, ..)| *name == call);
    let (_, names, whose) = found.unwrap_or_else(|| panic!("nobody says what `{call}` names"));
    (names, *whose)
}

/// The fields that name what a call gives.
pub(crate) fn names(call: &str) -> &'static [&'static str] {
    of(call).0
}

/// How far the answer to a call says whose it is.
pub(crate) fn whose(call: &str) -> Whose {
    of(call).1
}

/// An answer without what names things in it.
pub(crate) fn nameless(call: &str, body: &str) -> String {
    if let Ok(mut document) = serde_json::from_str::<Value>(body) {
        strip(&mut document, names(call));
        return document.to_string();
    }
    names(call).iter().fold(body.to_owned(), |mut body, name| {
        let end = format!("</{name}>");
        while let Some((before, (_, after))) =
            body.split_once(&format!("<{name}>")).and_then(|(before, rest)| Some((before, rest.split_once(&end)?)))
        {
            body = format!("{before}{after}");
        }
        body
    })
}

fn strip(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(object) => {
            object.retain(|key, _| !names.contains(&key.as_str()));
            object.values_mut().for_each(|value| strip(value, names));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| strip(value, names)),
        _ => {}
    }
}

#[test]
fn every_call_has_its_answer_here_and_no_other_has() {
    let calls: BTreeSet<&str> = CHAINS.into_iter().flatten().map(|(call, ..)| *call).collect();
    let answers: BTreeSet<&str> = ANSWERS.iter().map(|(call, ..)| *call).collect();
    assert_eq!((calls, answers.len()), (answers, ANSWERS.len()));
}
