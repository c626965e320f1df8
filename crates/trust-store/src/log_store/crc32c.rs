//! CRC-32C (Castagnoli), which finds what a disk does to bytes. It is no protection against a person.

/// The polynomial 0x1EDC6F41 with its bits reversed. RFC 3720 §12.1.
const POLYNOMIAL: u32 = 0x82F6_3B78;

/// Eight tables, so that eight bytes are taken per step.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ POLYNOMIAL } else { value >> 1 };
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

/// A checksum over bytes that come in pieces.
#[derive(Clone, Copy)]
pub(super) struct Crc32c(u32);

impl Crc32c {
    pub(super) const fn new() -> Self {
        Self(u32::MAX)
    }

    pub(super) fn with(self, bytes: &[u8]) -> Self {
        let at = |table: usize, byte: u8| TABLES[table][usize::from(byte)];
        let (chunks, rest) = bytes.as_chunks::<8>();
        let mut state = self.0;
        for [a, b, c, d, e, f, g, h] in chunks {
            let [w, x, y, z] = (state ^ u32::from_le_bytes([*a, *b, *c, *d])).to_le_bytes();
            state = at(7, w) ^ at(6, x) ^ at(5, y) ^ at(4, z) ^ at(3, *e) ^ at(2, *f) ^ at(1, *g) ^ at(0, *h);
        }
        for byte in rest {
            let [low, ..] = state.to_le_bytes();
            state = (state >> 8) ^ at(0, low ^ byte);
        }
        Self(state)
    }

    pub(super) const fn value(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Crc32c;

    fn crc(bytes: &[u8]) -> u32 {
        Crc32c::new().with(bytes).value()
    }

    #[test]
    fn the_published_values_come_out() {
        // The check value of the algorithm, and RFC 3720 appendix B.4.
        assert_eq!(crc(b"123456789"), 0xE306_9283);
        assert_eq!(crc(&[0; 32]), 0x8A91_36AA);
        assert_eq!(crc(&[0xFF; 32]), 0x62A8_AB43);
        assert_eq!(crc(&core::array::from_fn::<u8, 32, _>(|n| n as u8)), 0x46DD_794E);
        assert_eq!(crc(b""), 0);
    }

    #[test]
    fn pieces_give_the_checksum_of_the_whole() {
        let bytes: [u8; 100] = core::array::from_fn(|n| (n * 7) as u8);
        for cut in 0..bytes.len() {
            let (left, right) = bytes.split_at(cut);
            assert_eq!(Crc32c::new().with(left).with(right).value(), crc(&bytes));
        }
    }
}
