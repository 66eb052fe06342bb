//! The fake is read by those who know Google best: Google's own Python client, and gcloud where there is one. What they
//! see of an estate is what the estate says.
#![expect(clippy::disallowed_methods, reason = "gcloud is found by the PATH")]

use std::{
    collections::BTreeSet,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::fake::{Fake, estate_of, printed};

const PROJECT: &str = "projects/shop-prod";
const PLACE: &str = "projects/shop-prod/locations/us-central1";

/// The last parts of the names of an estate's resources in one collection.
fn names_in(estate: &Value, api: &str, collection: &str) -> BTreeSet<String> {
    let resources = estate["resources"].as_object().expect("an object");
    let of = |key: &str| {
        let mut parts = key.rsplit('/');
        let (name, at) = (parts.next().expect("a name"), parts.next()?);
        (key.starts_with(&format!("{api}/")) && at == collection).then(|| name.to_owned())
    };
    resources.keys().filter_map(|key| of(key)).collect()
}

fn names_of(seen: &Value) -> BTreeSet<String> {
    let keys = seen.as_object().expect("an object").keys();
    keys.map(|name| name.rsplit('/').next().expect("a name").to_owned()).collect()
}

/// What Google's own Python client reads of the estate `variety`, page by page.
fn read_by_python(fake: &Fake) -> Value {
    printed("client.py", &[&fake.port().to_string(), "shop-prod", "us-central1", "serverless"])
}

#[test]
fn googles_python_client_sees_what_the_estate_says() {
    let estate = estate_of("variety");
    // Two on a page: every list has to be turned.
    let fake = Fake::paged(&estate, 2);
    let seen = read_by_python(&fake);

    for (field, api, collection) in [
        ("functions", "cloudfunctions", "functions"),
        ("services", "run", "services"),
        ("jobs", "run", "jobs"),
        ("connectors", "vpcaccess", "connectors"),
        ("routers", "compute", "routers"),
        ("addresses", "compute", "addresses"),
        ("subnetworks", "compute", "subnetworks"),
        ("routes", "compute", "routes"),
        ("keys", "cloudkms", "cryptoKeys"),
        ("accounts", "iam", "serviceAccounts"),
    ] {
        assert_eq!(names_of(&seen[field]), names_in(&estate, api, collection), "{field}");
    }
    // To the letter where the form is the estate's own.
    for (field, api, name) in [
        ("functions", "cloudfunctions", format!("{PLACE}/functions/orders")),
        ("functions", "cloudfunctions", format!("{PLACE}/functions/legacy")),
        ("services", "run", format!("{PLACE}/services/shop")),
        ("jobs", "run", format!("{PLACE}/jobs/nightly")),
        ("connectors", "vpcaccess", format!("{PLACE}/connectors/serverless")),
        ("keys", "cloudkms", format!("{PLACE}/keyRings/serverless/cryptoKeys/dead")),
    ] {
        assert_eq!(seen[field][&name], estate["resources"][format!("{api}/{name}")], "{name}");
    }
    for name in [format!("{PLACE}/services/shop"), format!("{PLACE}/services/orders")] {
        assert_eq!(seen["policies"][&name], estate["policies"][format!("run/{name}")], "the policy of {name}");
    }
    assert_eq!(seen["policies"][PROJECT], estate["policies"]["cloudresourcemanager/projects/shop-prod"]);
    let dead = format!("{PLACE}/keyRings/serverless/cryptoKeys/dead");
    assert_eq!(seen["versions"][&dead], json!(["DESTROYED", "DISABLED"]));
    assert_eq!(seen["nat_addresses"]["egress"][0]["natIpInfoMappings"][0]["natIp"], "34.72.171.164");
    let keys = &seen["account_keys"]["robot@shop-prod.iam.gserviceaccount.com"];
    assert_eq!(keys.as_array().expect("a list").len(), 2, "the user's keys, without Google's own");
}

#[test]
fn the_older_forms_say_the_same_as_the_newer_ones() {
    let fake = Fake::of("variety");
    let seen = read_by_python(&fake);

    let legacy = format!("{PLACE}/functions/legacy");
    let (v1, v2) = (&seen["functions_v1"][&legacy], &seen["functions"][&legacy]["serviceConfig"]);
    assert_eq!(names_of(&seen["functions_v1"]), BTreeSet::from(["legacy".to_owned()]), "the first generation alone");
    for field in ["vpcConnector", "vpcConnectorEgressSettings", "ingressSettings", "serviceAccountEmail"] {
        assert_eq!(v1[field], v2[field], "{field}");
    }
    assert_eq!(v1["httpsTrigger"]["securityLevel"], "SECURE_ALWAYS");

    let (old, new) = (&seen["knative"]["orders"], &seen["services"][format!("{PLACE}/services/orders")]);
    let annotation =
        |name: &str| &old["spec"]["template"]["metadata"]["annotations"][format!("run.googleapis.com/{name}")];
    assert_eq!(old["metadata"]["annotations"]["run.googleapis.com/ingress"], "internal-and-cloud-load-balancing");
    assert_eq!(annotation("vpc-access-connector"), &new["template"]["vpcAccess"]["connector"]);
    assert_eq!(annotation("vpc-access-egress"), "all-traffic");
    assert_eq!(annotation("encryption-key"), &new["template"]["encryptionKey"]);
    assert_eq!(old["spec"]["template"]["spec"]["serviceAccountName"], new["template"]["serviceAccount"]);
    // Who asks for revisions gets the latest ones too, which no estate writes down.
    let shop: BTreeSet<String> = names_of(&seen["revisions"]).into_iter().filter(|it| it.starts_with("shop")).collect();
    assert_eq!(shop, BTreeSet::from(["shop-00001-abc".to_owned(), "shop-00002-kiw".to_owned()]));
    assert_eq!(seen["knative"]["shop"]["status"]["traffic"].as_array().expect("a list").len(), 2);
}

#[test]
fn the_asset_inventory_says_the_same_as_the_apis() {
    let estate = estate_of("variety");
    let fake = Fake::start(&estate);
    let seen = read_by_python(&fake);

    let orders = "//cloudfunctions.googleapis.com/projects/shop-prod/locations/us-central1/functions/orders";
    let asset = &seen["assets_resource"][orders];
    assert_eq!(asset["resource"]["data"], seen["functions"][format!("{PLACE}/functions/orders")]);
    assert_eq!(
        asset["ancestors"],
        json!(["projects/618033988749", "folders/200300400500", "organizations/100200300400"])
    );
    let shop = "//run.googleapis.com/projects/shop-prod/locations/us-central1/services/shop";
    assert_eq!(seen["assets_iam_policy"][shop]["iamPolicy"], seen["policies"][format!("{PLACE}/services/shop")]);
    // What has no policy is in no list of policies.
    assert_eq!(seen["assets_iam_policy"][orders], Value::Null);
    let kinds = seen["assets_resource"].as_object().expect("an object").values().map(|it| it["assetType"].clone());
    let kinds: BTreeSet<String> = kinds.filter_map(|it| it.as_str().map(str::to_owned)).collect();
    for kind in ["compute.googleapis.com/Router", "iam.googleapis.com/ServiceAccountKey", "run.googleapis.com/Revision"]
    {
        assert!(kinds.contains(kind), "{kind} in {kinds:#?}");
    }
}

/// What gcloud prints as JSON; none where there is no gcloud.
fn gcloud(fake: &Fake, arguments: &[&str]) -> Option<Value> {
    let output: Output = match Command::new("gcloud")
        .args(arguments)
        .args(["--project", "shop-prod", "--format=json"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("a PATH"))
        .envs(fake.environment())
        .output()
    {
        Ok(output) => output,
        Err(error) => {
            eprintln!("gcloud is missing ({error}): {arguments:?} was not compared");
            return None;
        }
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "gcloud {arguments:?}: {said}");
    Some(serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("gcloud {arguments:?}: {error}: {said}")))
}

/// The last part of each element's name.
fn names_in_list(list: &Value, name: &str) -> BTreeSet<String> {
    let names = list.as_array().expect("a list").iter().map(|it| it.pointer(name).and_then(Value::as_str));
    names.map(|it| it.expect("a name").rsplit('/').next().expect("a part").to_owned()).collect()
}

#[test]
fn gcloud_sees_what_the_estate_says() {
    let estate = estate_of("variety");
    let fake = Fake::start(&estate);
    let lists: [(&[&str], &str, &str, &str); 5] = [
        (&["functions", "list"], "/name", "cloudfunctions", "functions"),
        // Without --region, which gcloud would put before the host's name.
        (&["run", "services", "list"], "/metadata/name", "run", "services"),
        (&["compute", "routers", "list"], "/name", "compute", "routers"),
        (
            &["compute", "networks", "vpc-access", "connectors", "list", "--region", "us-central1"],
            "/name",
            "vpcaccess",
            "connectors",
        ),
        (
            &["kms", "keys", "list", "--location", "us-central1", "--keyring", "serverless"],
            "/name",
            "cloudkms",
            "cryptoKeys",
        ),
    ];
    for (arguments, name, api, collection) in lists {
        let Some(seen) = gcloud(&fake, arguments) else { return };
        assert_eq!(names_in_list(&seen, name), names_in(&estate, api, collection), "{arguments:?}");
    }

    let routers = gcloud(&fake, &["compute", "routers", "list"]).expect("gcloud is there");
    let router = &estate["resources"]["compute/projects/shop-prod/regions/us-central1/routers/egress"];
    assert_eq!(routers[0]["nats"], router["nats"]);
    let keys = gcloud(&fake, &["kms", "keys", "list", "--location", "us-central1", "--keyring", "serverless"]);
    let states = names_in_list(&keys.expect("gcloud is there"), "/primary/state");
    assert_eq!(states, BTreeSet::from(["DISABLED".to_owned(), "ENABLED".to_owned()]));

    let policy = gcloud(&fake, &["functions", "get-iam-policy", "legacy", "--region", "us-central1"]);
    assert_eq!(
        policy.expect("gcloud is there"),
        estate["policies"][format!("cloudfunctions/{PLACE}/functions/legacy")]
    );
    let assets = gcloud(&fake, &["asset", "list", "--content-type", "resource"]).expect("gcloud is there");
    let inventory = read_by_python(&fake);
    assert_eq!(
        names_in_list(&assets, "/name"),
        names_of(&inventory["assets_resource"]),
        "gcloud and the Python client see the same assets"
    );
}
