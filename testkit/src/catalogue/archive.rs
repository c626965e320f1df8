//! Compressed files, written from the standards, for inputs that must not be decompressed.

/// RFC 1952: one stored block.
pub(super) fn gzip(contents: &[u8]) -> Vec<u8> {
    let mut deflated = Vec::new();
    let chunks = contents.chunks(usize::from(u16::MAX));
    let last = chunks.len().saturating_sub(1);
    for (index, chunk) in chunks.enumerate() {
        let length = u16::try_from(chunk.len()).expect("a chunk is at most 65535 bytes");
        deflated.push(u8::from(index == last));
        deflated.extend(length.to_le_bytes());
        deflated.extend((!length).to_le_bytes());
        deflated.extend_from_slice(chunk);
    }
    gzip_member(&deflated, crc32(contents), u32::try_from(contents.len()).expect("the fixtures are small"))
}

/// RFC 1951 §3.2.6: `repetitions` times the 258 zero bytes before, 13 bits each. 8 MiB of it are 1.3 GB of zeros.
pub(super) fn gzip_bomb(repetitions: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.write(0b1, 1); // the last block
    bits.write(0b01, 2); // fixed codes
    bits.code(0b0011_0000, 8); // literal 0
    for _ in 0..repetitions {
        bits.code(0b1100_0101, 8); // length 258
        bits.code(0b0_0000, 5); // distance 1
    }
    bits.code(0, 7); // the end
    // Neither sum nor length is right: nobody should come so far as to look at them.
    gzip_member(&bits.bytes, 0, 0)
}

fn gzip_member(deflated: &[u8], sum: u32, length: u32) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    out.extend_from_slice(deflated);
    out.extend(sum.to_le_bytes());
    out.extend(length.to_le_bytes());
    out
}

/// RFC 8878: one raw block, content size in four bytes, no checksum.
pub(super) fn zstandard(contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).expect("the fixtures are small");
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000];
    out.extend(length.to_le_bytes());
    out.extend(&(length << 3 | 1).to_le_bytes()[..3]);
    out.extend_from_slice(contents);
    out
}

/// APPNOTE 4.3: one stored entry.
pub(super) fn zip(name: &str, contents: &[u8]) -> Vec<u8> {
    let size = u32::try_from(contents.len()).expect("the fixtures are small").to_le_bytes();
    let name_length = u16::try_from(name.len()).expect("the fixtures are small").to_le_bytes();
    let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    common.extend(crc32(contents).to_le_bytes());
    common.extend(size);
    common.extend(size);
    common.extend(name_length);
    common.extend([0, 0]);
    let mut out = b"PK\x03\x04".to_vec();
    out.extend_from_slice(&common);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(contents);
    let directory_at = out.len();
    out.extend_from_slice(b"PK\x01\x02\x14\0");
    out.extend_from_slice(&common);
    out.extend([0; 14]);
    out.extend_from_slice(name.as_bytes());
    let directory = out.len() - directory_at;
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    for number in [directory, directory_at] {
        out.extend(u32::try_from(number).expect("the fixtures are small").to_le_bytes());
    }
    out.extend([0, 0]);
    out
}

/// CRC-32 of ISO 3309, as gzip and zip have it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// Bits, least significant first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn write(&mut self, value: u32, count: u32) {
        for bit in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(value >> bit & 1 == 1) << (self.used % 8);
            }
            self.used += 1;
        }
    }

    /// A Huffman code: most significant bit first.
    fn code(&mut self, code: u32, count: u32) {
        for bit in (0..count).rev() {
            self.write(code >> bit & 1, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
