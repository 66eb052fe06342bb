//! Where a command writes, and what becomes of a run whose words nobody hears.

use std::io::{self, ErrorKind, Write};

/// Where a command writes.
pub struct Streams<'a> {
    /// Data, and nothing else.
    pub out: &'a mut dyn Write,
    /// Everything for people who watch.
    pub err: &'a mut dyn Write,
}

impl std::fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Streams")
    }
}

/// Data for somebody who may go before its end, as `head` does. The run then ends as it would have: what was found is not
/// undone by who did not read it. Any other fault is one.
pub(super) struct Until<'a> {
    out: &'a mut dyn Write,
    gone: bool,
}

impl<'a> Until<'a> {
    pub(super) fn gone(out: &'a mut dyn Write) -> Self {
        Self { out, gone: false }
    }

    fn heard<T>(&mut self, written: io::Result<T>, all: T) -> io::Result<T> {
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(all)
            }
            written => written,
        }
    }
}

impl Write for Until<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gone {
            return Ok(bytes.len());
        }
        let written = self.out.write(bytes);
        self.heard(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.heard(flushed, ())
    }
}

/// Words for people, which decide nothing: where they cannot be written, the run goes on without them.
pub(super) struct Aside<'a>(pub(super) &'a mut dyn Write);

impl Write for Aside<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // An interrupted one is tried again, which is the caller's to do.
        match self.0.write(bytes) {
            Err(error) if error.kind() != ErrorKind::Interrupted => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}
