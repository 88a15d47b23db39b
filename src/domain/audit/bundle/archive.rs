//! Archives that `tar` reads, written in exactly one way: plain files, no times, no owners.

/// Archives come in blocks of so many bytes.
pub(super) const BLOCK: usize = 512;

/// What an archive ends with.
pub(super) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// A file is larger than an archive can say: 8 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a file of {0} bytes is too large for the archive")]
pub struct TooLarge(u64);

/// What stands before a file.
pub(super) fn header(name: &str, size: u64) -> Result<[u8; BLOCK], TooLarge> {
    if size >= 1 << 33 || name.len() > 99 {
        return Err(TooLarge(size));
    }
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

/// The size that a header tells, if it is the header of a file with this name.
pub(super) fn size_of(block: &[u8], name: &str) -> Option<u64> {
    let digits = std::str::from_utf8(block.get(124..135)?).ok()?;
    let size = u64::from_str_radix(digits, 8).ok()?;
    (header(name, size).ok()?.as_slice() == block).then_some(size)
}

/// What fills a file's last block.
pub(super) fn padding(size: u64) -> Vec<u8> {
    vec![0; padding_of(size)]
}

/// How much fills a file's last block.
pub(super) fn padding_of(size: u64) -> usize {
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_name_and_size_and_nothing_else() {
        let block = header("entries.jsonl", 1_234_567).expect("fits");
        assert_eq!(size_of(&block, "entries.jsonl"), Some(1_234_567));
        assert_eq!(size_of(&block, "other"), None);
        for at in 0..BLOCK {
            let mut changed = block;
            changed[at] ^= 1;
            assert_eq!(size_of(&changed, "entries.jsonl"), None, "{at}");
        }
        assert_eq!(header("x", 1 << 33), Err(TooLarge(1 << 33)));
        assert_eq!([0, 1, 511, 512].map(padding_of), [0, 511, 1, 0]);
    }
}
