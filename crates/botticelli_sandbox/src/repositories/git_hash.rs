//! The hash that git gives a file: SHA-1 (FIPS 180-4) of a header and the content.

use super::sha256::{hex, padded, words};

/// Returns the hash in hexadecimal digits.
pub(super) fn git_hash(content: &[u8]) -> String {
    let mut message = format!("blob {}\0", content.len()).into_bytes();
    message.extend_from_slice(content);
    sha1(&message)
}

#[expect(clippy::many_single_char_names, reason = "the names of the standard")]
fn sha1(bytes: &[u8]) -> String {
    let mut state = vec![0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in padded(bytes).chunks(64) {
        let mut schedule = words(block);
        let at = |schedule: &[u32], index: usize| schedule.get(index).copied().unwrap_or_default();
        for index in 16..80 {
            let mixed = at(&schedule, index - 3) ^ at(&schedule, index - 8) ^ at(&schedule, index - 14);
            schedule.push((mixed ^ at(&schedule, index - 16)).rotate_left(1));
        }
        let mut v = state.clone();
        for (index, word) in schedule.iter().enumerate() {
            let [a, b, c, d, e] = v.as_slice() else { break };
            let (a, b, c, d, e) = (*a, *b, *c, *d, *e);
            let (function, constant) = match index {
                0..20 => ((b & c) | (!b & d), 0x5a82_7999),
                20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6),
            };
            let sum = a.rotate_left(5).wrapping_add(function).wrapping_add(e).wrapping_add(constant);
            v = vec![sum.wrapping_add(*word), a, b.rotate_left(30), c, d];
        }
        for (word, value) in state.iter_mut().zip(v) {
            *word = word.wrapping_add(value);
        }
    }
    hex(&state)
}

#[cfg(test)]
mod tests {
    use super::git_hash;

    #[test]
    fn hashes_of_git() {
        assert_eq!(git_hash(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(git_hash(b"hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
    }
}
