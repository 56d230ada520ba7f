//! The part of `crc-fast` that `aws-smithy-checksums` uses, over the crate `crc`.
//!
//! The original finds its tables at run time by the algorithm's name, so a linker keeps all of them:
//! half a megabyte that no compression makes smaller, in an artefact of five (docs/decisions/0003).

use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Crc, Table};

static ISO_HDLC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);
static ISCSI: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISCSI);
static NVME: Crc<u64, Table<1>> = Crc::<u64, Table<1>>::new(&CRC_64_NVME);

/// The algorithms that S3 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrcAlgorithm {
    /// CRC-32, as in zip.
    Crc32IsoHdlc,
    /// CRC-32C (RFC 3720).
    Crc32Iscsi,
    /// CRC-64/NVME.
    Crc64Nvme,
}

/// A checksum under way.
#[derive(Clone)]
pub struct Digest(Kind);

#[derive(Clone)]
enum Kind {
    Narrow(crc::Digest<'static, u32, Table<1>>),
    Wide(crc::Digest<'static, u64, Table<1>>),
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Digest").finish_non_exhaustive()
    }
}

impl Digest {
    /// Begins.
    pub fn new(algorithm: CrcAlgorithm) -> Self {
        Self(match algorithm {
            CrcAlgorithm::Crc32IsoHdlc => Kind::Narrow(ISO_HDLC.digest()),
            CrcAlgorithm::Crc32Iscsi => Kind::Narrow(ISCSI.digest()),
            CrcAlgorithm::Crc64Nvme => Kind::Wide(NVME.digest()),
        })
    }

    /// Goes on with `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Kind::Narrow(digest) => digest.update(bytes),
            Kind::Wide(digest) => digest.update(bytes),
        }
    }

    /// The checksum; of a narrow one the lower half.
    pub fn finalize(&self) -> u64 {
        match self.0.clone() {
            Kind::Narrow(digest) => digest.finalize().into(),
            Kind::Wide(digest) => digest.finalize(),
        }
    }
}

/// The checksum of `bytes`.
pub fn checksum(algorithm: CrcAlgorithm, bytes: &[u8]) -> u64 {
    let mut digest = Digest::new(algorithm);
    digest.update(bytes);
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the catalogue of CRCs (reveng.sourceforge.io).
    #[test]
    fn the_digits_have_the_catalogues_check_values() {
        for (algorithm, value) in [
            (CrcAlgorithm::Crc32IsoHdlc, 0xcbf4_3926),
            (CrcAlgorithm::Crc32Iscsi, 0xe306_9283),
            (CrcAlgorithm::Crc64Nvme, 0xae8b_1486_0a79_9888),
        ] {
            assert_eq!(checksum(algorithm, b"123456789"), value, "{algorithm:?}");
            let mut parts = Digest::new(algorithm);
            parts.update(b"1234");
            parts.update(b"");
            parts.update(b"56789");
            assert_eq!(parts.finalize(), value, "{algorithm:?}");
        }
    }
}
