//! What is in a bucket, in a build that leaves buckets out: said, and never taken for a file.

use crate::program::{egress_audit, folder, said};

#[test]
fn a_build_without_buckets_says_so_and_reads_and_writes_nothing() {
    let folder = folder();
    for arguments in [
        &["report", "s3://my-bucket/x.json"][..],
        &["ips", "gs://my-bucket/run/"],
        &["diff", "demo", "s3://my-bucket/x.json"],
        &["report", "demo", "--baseline", "gs://my-bucket/x.json"],
        &["collect", "demo", "-o", "s3://my-bucket/x.json"],
        &["collect", "demo", "--shard", "1/8", "-o", "gs://my-bucket/run/"],
    ] {
        let output = egress_audit(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = said(&output);
        assert!(said.contains("leaves the feature `objects` out") && said.contains("hint: "), "{arguments:?}: {said}");
    }
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "something was written");
}
