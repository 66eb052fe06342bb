//! An object is written whole or not at all: in one request, or in parts that only the last request makes an object of.

use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload, Result, path::Path};

use super::super::stop::stopped;

/// What goes up in one request: so much takes no longer than a store waits.
pub(super) const PIECE: usize = 16 << 20;

/// How an upload ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The object is there.
    Written,
    /// Somebody stopped it, and nothing is there.
    Stopped,
}

/// Writes an object over whatever is there.
pub(super) async fn write(store: &dyn ObjectStore, path: &Path, bytes: Vec<u8>, piece: usize) -> Result<Ended> {
    if bytes.len() <= piece {
        return tokio::select! {
            written = store.put(path, PutPayload::from(bytes)) => written.map(|_| Ended::Written),
            () = stopped() => Ok(Ended::Stopped),
        };
    }
    let mut upload = tokio::select! {
        begun = store.put_multipart(path) => begun?,
        () = stopped() => return Ok(Ended::Stopped),
    };
    let written = tokio::select! {
        written = parts(upload.as_mut(), &bytes, piece) => written.map(|()| Ended::Written),
        () = stopped() => Ok(Ended::Stopped),
    };
    if !matches!(written, Ok(Ended::Written))
        && let Err(error) = upload.abort().await
    {
        // No object comes of them, but they take up room until the bucket's own rules remove them.
        tracing::warn!(%error, "parts of the object are left in the bucket");
    }
    written
}

async fn parts(upload: &mut dyn MultipartUpload, bytes: &[u8], piece: usize) -> Result<()> {
    for part in bytes.chunks(piece.max(1)) {
        upload.put_part(PutPayload::from(part.to_vec())).await?;
    }
    upload.complete().await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;

    #[tokio::test]
    async fn parts_are_the_object_again() {
        let (store, path) = (InMemory::new(), Path::from("run/x.json"));
        for size in [0, 1, 9, 10, 11, 20, 95] {
            let bytes: Vec<u8> = (0..size).collect();
            assert_eq!(write(&store, &path, bytes.clone(), 10).await.expect("written"), Ended::Written);
            let read = store.get(&path).await.expect("an object").bytes().await.expect("bytes");
            assert_eq!(read.as_ref(), bytes, "{size} bytes");
        }
    }
}
