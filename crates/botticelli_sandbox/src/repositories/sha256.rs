//! SHA-256, written from its definition (FIPS 180-4), so that a client is not compared with its own library.

/// Returns the digest in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let constants = fractions(64, 3);
    let mut state = fractions(8, 2);
    for block in padded(bytes).chunks(64) {
        compress(&mut state, block, &constants);
    }
    hex(&state)
}

/// Returns the words in hexadecimal digits.
pub(super) fn hex(words: &[u32]) -> String {
    words.iter().fold(String::new(), |text, word| format!("{text}{word:08x}"))
}

/// Returns the message with the mark, zeros and its length in bits.
pub(super) fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut message = bytes.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    let bits = u64::try_from(bytes.len()).unwrap_or_default().wrapping_mul(8);
    message.extend(bits.to_be_bytes());
    message
}

/// Returns the big-endian words of a block.
pub(super) fn words(block: &[u8]) -> Vec<u32> {
    block.chunks(4).map(|word| word.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))).collect()
}

/// Returns the first 32 bits of the fractional part of the roots (2: square, 3: cube) of the first primes.
fn fractions(count: usize, degree: u32) -> Vec<u32> {
    let is_prime = |n: &u128| (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    (2_u128..).filter(is_prime).take(count).map(|prime| root_fraction(prime, degree)).collect()
}

/// Returns the last 32 bits of the root of `prime * 2^(32 * degree)`, which is the fraction of the root of `prime`.
fn root_fraction(prime: u128, degree: u32) -> u32 {
    let scaled = prime << (32 * degree);
    let (mut low, mut high) = (0_u128, 1_u128 << 40);
    while low + 1 < high {
        let middle = low.midpoint(high);
        if middle.checked_pow(degree).is_some_and(|power| power <= scaled) {
            low = middle;
        } else {
            high = middle;
        }
    }
    u32::try_from(low & 0xffff_ffff).unwrap_or_default()
}

#[expect(clippy::many_single_char_names, reason = "the names of the standard")]
fn compress(state: &mut [u32], block: &[u8], constants: &[u32]) {
    let mut schedule = words(block);
    let at = |schedule: &[u32], index: usize| schedule.get(index).copied().unwrap_or_default();
    for index in 16..64 {
        let (w15, w2) = (at(&schedule, index - 15), at(&schedule, index - 2));
        let s0 = w15.rotate_right(7) ^ w15.rotate_right(18) ^ (w15 >> 3);
        let s1 = w2.rotate_right(17) ^ w2.rotate_right(19) ^ (w2 >> 10);
        let sum = at(&schedule, index - 16)
            .wrapping_add(s0)
            .wrapping_add(at(&schedule, index - 7))
            .wrapping_add(s1);
        schedule.push(sum);
    }
    let mut v = state.to_vec();
    for (word, constant) in schedule.iter().zip(constants) {
        let [a, b, c, d, e, f, g, h] = v.as_slice() else { return };
        let (a, b, c, d, e, f, g, h) = (*a, *b, *c, *d, *e, *f, *g, *h);
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(*constant).wrapping_add(*word);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let second = s0.wrapping_add(majority);
        v = vec![first.wrapping_add(second), a, b, c, d.wrapping_add(first), e, f, g];
    }
    for (word, value) in state.iter_mut().zip(v) {
        *word = word.wrapping_add(value);
    }
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn digests_of_the_standard() {
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let long = [b'a'; 1_000];
        assert_eq!(sha256(&long), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
    }
}
