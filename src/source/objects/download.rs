//! An object while it comes: read like a file, and never held whole.

use std::{
    io::{self, Read},
    pin::Pin,
};

use futures_util::{FutureExt as _, StreamExt as _, stream::BoxStream};
use object_store::GetResult;
use tokio::runtime::Runtime;

use super::super::stop::stopped;

/// Why an object did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The store did not give it.
    #[error(transparent)]
    Store(object_store::Error),
    /// Somebody stopped it.
    #[error("interrupted")]
    Stopped,
}

/// What comes of an object; it waits where nothing has come yet.
pub(super) struct Download<'r> {
    runtime: &'r Runtime,
    chunks: BoxStream<'static, object_store::Result<Vec<u8>>>,
    chunk: io::Cursor<Vec<u8>>,
    /// Heard from the first to the last chunk, so that no signal is missed between two.
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<'r> Download<'r> {
    /// What a store answers, as it comes.
    pub(super) fn new(runtime: &'r Runtime, found: GetResult) -> Self {
        let chunks = found.into_stream().map(|chunk| chunk.map(Vec::from)).boxed();
        Self { runtime, chunks, chunk: io::Cursor::default(), stopped: Box::pin(stopped().fuse()) }
    }

    fn more(&mut self) -> Option<Result<Vec<u8>, Broken>> {
        let (chunks, stopped) = (&mut self.chunks, &mut self.stopped);
        self.runtime.block_on(async {
            tokio::select! {
                chunk = chunks.next() => chunk.map(|chunk| chunk.map_err(Broken::Store)),
                () = stopped => Some(Err(Broken::Stopped)),
            }
        })
    }
}

impl Read for Download<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.chunk.read(into)? {
                0 if !into.is_empty() => match self.more().transpose().map_err(io::Error::other)? {
                    Some(chunk) => self.chunk = io::Cursor::new(chunk),
                    None => return Ok(0),
                },
                read => return Ok(read),
            }
        }
    }
}
