//! Several values in one: numbers of 8 bytes, big-endian, and byte strings behind their length.

use sha2::{Digest as _, Sha256};

/// How much of a SHA-256 stands beside a row. It finds what a disk did, and is no defence against who can write to the table.
pub(crate) const SUM: usize = 16;

/// Puts values together.
#[derive(Default)]
pub(crate) struct Packer(Vec<u8>);

impl Packer {
    pub(crate) fn number(mut self, number: u64) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    pub(crate) fn signed(mut self, number: i64) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        let mut packed = self.number(bytes.len() as u64);
        packed.0.extend(bytes);
        packed
    }

    /// Whether it is there, and what it is.
    pub(crate) fn option<T>(self, value: Option<T>, put: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => put(self.number(1), value),
            None => self.number(0),
        }
    }

    pub(crate) fn each<T>(self, values: &[T], put: impl Fn(Self, &T) -> Self) -> Self {
        values.iter().fold(self.number(values.len() as u64), put)
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }

    /// The checksum of what was put together. `kind` keeps rows of different tables apart.
    pub(crate) fn sum(&self, kind: &str) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(kind.as_bytes());
        hash.update(b"\n");
        hash.update(&self.0);
        hash.finalize().get(..SUM).unwrap_or_default().to_vec()
    }
}

/// Takes values apart. `None` wherever they are not what was put together.
pub(crate) struct Unpacker<'a>(pub(crate) &'a [u8]);

impl<'a> Unpacker<'a> {
    pub(crate) fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_be_bytes(*number))
    }

    pub(crate) fn signed(&mut self) -> Option<i64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i64::from_be_bytes(*number))
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    pub(crate) fn option<T>(&mut self, take: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.number()? {
            0 => Some(None),
            1 => take(self).map(Some),
            _ => None,
        }
    }

    pub(crate) fn each<T>(&mut self, take: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        // Each value has at least one byte, so a count from nowhere ends with the bytes.
        (0..count).map(|_| if self.0.is_empty() { None } else { take(self) }).collect()
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_together_comes_apart_and_nothing_else_does() {
        let packed = Packer::default()
            .number(7)
            .signed(-3)
            .option(Some("text"), |packer, text| packer.bytes(text.as_bytes()))
            .option(None::<u64>, Packer::number)
            .each(&[1, 2], |packer, number| packer.number(*number));
        let bytes = packed.done();
        let read = |bytes: &[u8]| {
            let mut from = Unpacker(bytes);
            let values = (
                from.number()?,
                from.signed()?,
                from.option(Unpacker::text)?,
                from.option(Unpacker::number)?,
                from.each(Unpacker::number)?,
            );
            from.end()?;
            Some(values)
        };
        assert_eq!(read(&bytes), Some((7, -3, Some("text".to_owned()), None, vec![1, 2])));
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut]), None, "{cut}");
        }
        let mut long = bytes.clone();
        long.push(0);
        assert_eq!(read(&long), None);
        let huge = [u64::MAX.to_be_bytes(), [0; 8]].concat();
        assert_eq!(Unpacker(&huge).each(Unpacker::number), None);
        assert_eq!(Unpacker(&huge).bytes(), None);
    }
}
