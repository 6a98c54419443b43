//! gzip format without compression.

/// Encodes bytes as stored blocks (RFC 1951, section 3.2.4, in RFC 1952).
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    // Deflate, no name, no time, no hint, unknown system.
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    for block in bytes.chunks(usize::from(u16::MAX)) {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        file.push(0);
        file.extend_from_slice(&length.to_le_bytes());
        file.extend_from_slice(&(!length).to_le_bytes());
        file.extend_from_slice(block);
    }
    // An empty final block, so that the loop does not have to detect the last block.
    file.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    file.extend_from_slice(&crc32(bytes).to_le_bytes());
    // The length is modulo 2^32: its low four bytes.
    file.extend(bytes.len().to_le_bytes().into_iter().chain([0; 4]).take(4));
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| {
                if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{crc32, gzip};

    #[test]
    fn crc32_matches_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn long_texts_are_split_into_several_blocks() {
        let file = gzip(&vec![b'x'; 70_000]);
        assert_eq!(file.len(), 10 + 5 + 65_535 + 5 + 4_465 + 5 + 8);
        assert_eq!(file[file.len() - 4..], 70_000_u32.to_le_bytes());
    }
}
