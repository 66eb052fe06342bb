//! An object of many parts.
#![expect(clippy::disallowed_methods, reason = "a test's own files")]

use std::fs;

use crate::server::{Bucket, Store, said, scenario};

#[test]
fn a_large_snapshot_goes_up_in_parts_and_is_one_object() {
    for store in Store::BOTH {
        let bucket = Bucket::new(store, "large");
        let text = fs::read_to_string(scenario("gcp-sound-cross-project")).expect("text");
        let mut snapshot: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let records = snapshot["records"].as_array_mut().expect("records");
        // A record of its own kind, as a later version may write: it is kept as it is.
        let mut more = records.first().cloned().expect("a record");
        more["body"] = serde_json::json!({"name": "x".repeat(1000)});
        let scope = more["scope"].clone();
        for number in 0..34_000 {
            let mut record = more.clone();
            record["id"] = format!("padding/{number:08}").into();
            record["kind"] = "run:padding".into();
            record["scope"] = scope.clone();
            records.push(record);
        }
        fs::write(bucket.folder().join("large.json"), snapshot.to_string()).expect("written");
        for output in ["here.json", &bucket.at("there.json")] {
            let output = bucket.run(&["collect", "large.json", "-o", output, "--allow-incomplete"]);
            assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        }
        let here = fs::read(bucket.folder().join("here.json")).expect("a file");
        assert!(here.len() > 2 * (16 << 20), "{} bytes", here.len());
        let there = bucket.get("there.json").unwrap_or_else(|| panic!("{store:?}: {:?}", bucket.seen()));
        assert_eq!(there.len(), here.len(), "{store:?}: {:?}", bucket.seen());
        assert!(there == here, "another text came out");
        let parts = bucket.seen().iter().filter(|it| it.starts_with("PUT") && it.contains("partNumber=")).count();
        assert_eq!(parts, here.len().div_ceil(16 << 20), "{:?}", bucket.seen());
        // A part that is not taken: nothing is there, and nothing is left of the others.
        bucket.fail("denied", "&of=partNumber=2");
        let output = bucket.run(&["collect", "large.json", "-o", &bucket.at("half.json"), "--allow-incomplete"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("it is denied"), "{}", said(&output));
        assert_eq!(bucket.get("half.json"), None);
        assert!(bucket.seen().iter().any(|it| it.starts_with("DELETE") && it.contains("half.json?uploadId=")), "left");
    }
}
