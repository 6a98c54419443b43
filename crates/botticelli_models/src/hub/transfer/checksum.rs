//! Checksums of contents.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes that are read at once.
const BUFFER: usize = 1 << 18;

/// The checksum that the name of a content states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hub) enum Checksum {
    /// SHA-256 of the content: large files.
    Sha256,
    /// SHA-1 of the content with the header of git: small files.
    Git,
}

impl Checksum {
    /// Returns the kind of checksum that `etag` is; `None` if it is another text.
    pub(in crate::hub) fn of(etag: &str) -> Option<Self> {
        let is_hex = etag.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match etag.len() {
            64 if is_hex => Some(Self::Sha256),
            40 if is_hex => Some(Self::Git),
            _ => None,
        }
    }

    /// Computes the checksum of a file. Blocks.
    pub(in crate::hub) fn compute(self, path: &Path) -> io::Result<String> {
        let mut file = File::open(path)?;
        match self {
            Self::Sha256 => {
                let mut hash = Sha256::new();
                each_block(&mut file, |block| hash.update(block))?;
                Ok(hash.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")))
            }
            Self::Git => {
                let mut hash = sha1_smol::Sha1::new();
                hash.update(format!("blob {}\0", file.metadata()?.len()).as_bytes());
                each_block(&mut file, |block| hash.update(block))?;
                Ok(hash.digest().to_string())
            }
        }
    }
}

fn each_block(file: &mut File, mut update: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        update(buffer.get(..read).unwrap_or_default());
    }
}
