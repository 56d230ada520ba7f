//! Deflated text (RFC 1951). What works on it is made once for the process and reset: made anew each
//! time, it clears more memory than a record has.

use crate::item::corrupt;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::RefCell;
use watchfire_ports::PortError;

thread_local! {
    static DEFLATER: RefCell<Compress> = RefCell::new(Compress::new(Compression::default(), false));
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// `bytes`, deflated.
pub(crate) fn deflated(bytes: &[u8]) -> Result<Vec<u8>, PortError> {
    // What cannot be made smaller grows by five bytes for each 16 KB (RFC 1951, 3.2.4).
    let mut out =
        Vec::with_capacity(bytes.len().saturating_add(bytes.len() / 1024).saturating_add(64));
    let ended = DEFLATER.with_borrow_mut(|deflater| {
        deflater.reset();
        deflater.compress_vec(bytes, &mut out, FlushCompress::Finish)
    });
    match ended {
        Ok(Status::StreamEnd) => Ok(out),
        Ok(Status::Ok | Status::BufError) => Err(corrupt("it could not be deflated")),
        Err(error) => Err(corrupt(&error.to_string())),
    }
}

/// What [`deflated`] made of text; none if that has `most` bytes or more.
pub(crate) fn inflated(deflated: &[u8], most: usize) -> Result<Option<Vec<u8>>, PortError> {
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(false);
        // Records become a third of what they were.
        let mut out = Vec::with_capacity(deflated.len().saturating_mul(4).max(64));
        loop {
            let read = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
            let rest = deflated.get(read..).unwrap_or_default();
            let ended = inflater.decompress_vec(rest, &mut out, FlushDecompress::Finish);
            match ended.map_err(|error| corrupt(&error.to_string()))? {
                _ if out.len() >= most => return Ok(None),
                Status::StreamEnd => return Ok(Some(out)),
                Status::Ok | Status::BufError if out.len() == out.capacity() => {
                    out.reserve(out.capacity());
                }
                Status::Ok | Status::BufError => return Err(corrupt("it ends too soon")),
            }
        }
    })
}
