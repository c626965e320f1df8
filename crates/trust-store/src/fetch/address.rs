//! Which addresses may be connected to.

use alloc::string::ToString;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use stella_vocabulary::text::Bounded;

use super::error::FetchError;

/// Why an address may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressFlaw {
    /// For measuring devices. RFC 2544.
    Benchmarking,
    /// All hosts of a network.
    Broadcast,
    /// For examples in documents. RFC 5737, RFC 3849, RFC 9637.
    Documentation,
    /// Of one link. RFC 3927, RFC 4291 §2.5.6. Cloud metadata services live there.
    LinkLocal,
    /// This machine.
    Loopback,
    /// The metadata service of a cloud, at an address that looks public.
    Metadata,
    /// Many hosts.
    Multicast,
    /// A spelling that is read differently by different programs: decimal, octal, hexadecimal or shortened.
    OddSpelling,
    /// Of a private network. RFC 1918.
    Private,
    /// Not assigned for public use.
    Reserved,
    /// Shared by the customers of a provider. RFC 6598.
    Shared,
    /// An IPv4 address inside of an IPv6 address: mapped, compatible, translated (RFC 6052), 6to4 or Teredo.
    Translated,
    /// Of a private network. RFC 4193.
    UniqueLocal,
    /// No address yet.
    Unspecified,
}

impl AddressFlaw {
    /// What keeps `address` from being public; `None` if it is.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Self> {
        flaw(address)
    }
}

impl fmt::Display for AddressFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Benchmarking => "for benchmarks",
            Self::Broadcast => "broadcast",
            Self::Documentation => "for documentation",
            Self::LinkLocal => "link-local",
            Self::Loopback => "loopback",
            Self::Metadata => "a cloud metadata service",
            Self::Multicast => "multicast",
            Self::OddSpelling => "an address in an unusual spelling",
            Self::Private => "private",
            Self::Reserved => "reserved",
            Self::Shared => "shared by customers of a provider",
            Self::Translated => "IPv4 inside of IPv6",
            Self::UniqueLocal => "unique local",
            Self::Unspecified => "unspecified",
        })
    }
}

/// Addresses with a common beginning, `10.0.0.0/8` or `fd00::/8`; a single address without a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    first: IpAddr,
    length: u8,
}

impl AddressRange {
    /// Reads `ADDRESS/LENGTH` or `ADDRESS`.
    ///
    /// # Errors
    /// [`FetchError::RangeInvalid`] if it is neither, or has bits beyond its length.
    pub fn parse(text: &str) -> Result<Self, FetchError> {
        let invalid = || FetchError::RangeInvalid { found: Bounded(text, 100).to_string() };
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| invalid())?;
        let whole: u8 = if first.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => whole,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|length| *length <= whole).ok_or_else(invalid)?
            }
            Some(_) => return Err(invalid()),
        };
        let range = Self { first, length };
        // A slip of the pen such as 10.1.2.3/8 would allow far more than what it seems to say.
        if bits(first) & !range.mask() == 0 { Ok(range) } else { Err(invalid()) }
    }

    /// Whether `address` is one of them. An IPv4 range holds no IPv6 address.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.first.is_ipv4() == address.is_ipv4() && bits(address) & self.mask() == bits(self.first)
    }

    fn mask(self) -> u128 {
        let skipped = if self.first.is_ipv4() { 96 } else { 0 };
        let network = u128::MAX.checked_shl(128_u32.saturating_sub(skipped + u32::from(self.length))).unwrap_or(0);
        if self.first.is_ipv4() { network & u128::from(u32::MAX) } else { network }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.length)
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// What keeps an address from being public; `None` if it is.
pub(super) fn flaw(address: IpAddr) -> Option<AddressFlaw> {
    match address {
        IpAddr::V4(address) => flaw_v4(address),
        IpAddr::V6(address) => flaw_v6(address),
    }
}

/// The special-purpose registry of IANA (RFC 6890), all that is not globally reachable.
fn flaw_v4(address: Ipv4Addr) -> Option<AddressFlaw> {
    Some(match address.octets() {
        [0, 0, 0, 0] => AddressFlaw::Unspecified,
        [127, ..] => AddressFlaw::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressFlaw::Private,
        [100, 64..=127, ..] => AddressFlaw::Shared,
        [169, 254, ..] => AddressFlaw::LinkLocal,
        // The platform services of Azure answer every virtual machine there, and nobody else has them.
        [168, 63, 129, 16] => AddressFlaw::Metadata,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressFlaw::Documentation,
        [198, 18..=19, ..] => AddressFlaw::Benchmarking,
        [224..=239, ..] => AddressFlaw::Multicast,
        [255, 255, 255, 255] => AddressFlaw::Broadcast,
        [192, 88, 99, _] => AddressFlaw::Translated,
        [0 | 240..=255, ..] | [192, 0, 0, _] => AddressFlaw::Reserved,
        _ => return None,
    })
}

/// Only `2000::/3` is given out (RFC 4291 §2.4); what is special in there is taken out again.
fn flaw_v6(address: Ipv6Addr) -> Option<AddressFlaw> {
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressFlaw::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressFlaw::Loopback,
        // ::ffff:0:0/96 mapped, ::/96 compatible, 64:ff9b::/96 and 64:ff9b:1::/48 translated, ::ffff:0:0:0/96 SIIT.
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, ..] => AddressFlaw::Translated,
        // 6to4, and Teredo.
        [0x2002, ..] | [0x2001, 0, ..] => AddressFlaw::Translated,
        [0x2001, 2, 0, ..] => AddressFlaw::Benchmarking,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => AddressFlaw::Documentation,
        [0x2001, 0..=0x1ff, ..] => AddressFlaw::Reserved,
        [0xfc00..=0xfdff, ..] => AddressFlaw::UniqueLocal,
        [0xfe80..=0xfebf, ..] => AddressFlaw::LinkLocal,
        [0xff00..=0xffff, ..] => AddressFlaw::Multicast,
        [0x2000..=0x3fff, ..] => return None,
        _ => AddressFlaw::Reserved,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_anybody_can_reach_are_public_b225() {
        use AddressFlaw::*;
        let table = [
            ("127.0.0.1", Loopback),
            ("127.255.255.254", Loopback),
            ("10.0.0.1", Private),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("192.168.1.1", Private),
            ("100.64.0.1", Shared),
            ("100.127.255.255", Shared),
            ("169.254.169.254", LinkLocal),
            ("100.100.100.200", Shared),
            ("168.63.129.16", Metadata),
            ("192.0.0.192", Reserved),
            ("192.0.2.1", Documentation),
            ("198.51.100.1", Documentation),
            ("203.0.113.1", Documentation),
            ("198.18.0.1", Benchmarking),
            ("198.19.255.255", Benchmarking),
            ("192.88.99.1", Translated),
            ("224.0.0.1", Multicast),
            ("239.255.255.255", Multicast),
            ("240.0.0.1", Reserved),
            ("255.255.255.255", Broadcast),
            ("0.0.0.0", Unspecified),
            ("0.1.2.3", Reserved),
            ("::", Unspecified),
            ("::1", Loopback),
            ("::ffff:8.8.8.8", Translated),
            ("::8.8.8.8", Translated),
            ("::ffff:0:127.0.0.1", Translated),
            ("64:ff9b::7f00:1", Translated),
            ("64:ff9b:1::1", Translated),
            ("2002:7f00:1::", Translated),
            ("2001::1", Translated),
            ("2001:2::1", Benchmarking),
            ("2001:10::1", Reserved),
            ("2001:db8::1", Documentation),
            ("3fff::1", Documentation),
            ("fc00::1", UniqueLocal),
            ("fd00:ec2::254", UniqueLocal),
            ("fe80::1", LinkLocal),
            ("fec0::1", Reserved),
            ("ff02::1", Multicast),
            ("100::1", Reserved),
            ("4000::1", Reserved),
        ];
        for (address, expected) in table {
            assert_eq!(flaw(address.parse().unwrap()), Some(expected), "{address}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "3ffe::1",
        ] {
            assert_eq!(flaw(public.parse().unwrap()), None, "{public}");
        }
    }

    #[test]
    fn a_range_holds_what_begins_like_it() {
        let contains =
            |range: &str, address: &str| AddressRange::parse(range).unwrap().contains(address.parse().unwrap());
        assert!(contains("10.0.0.0/8", "10.255.255.255") && !contains("10.0.0.0/8", "11.0.0.0"));
        assert!(contains("127.0.0.1", "127.0.0.1") && !contains("127.0.0.1", "127.0.0.2"));
        assert!(contains("0.0.0.0/0", "255.1.2.3") && !contains("0.0.0.0/0", "::1"));
        assert!(contains("fd00::/8", "fdff::1") && !contains("fd00::/8", "fe00::1"));
        assert!(contains("::/0", "ff02::1") && !contains("::/0", "1.2.3.4"));
        // An address inside of another one is another address.
        assert!(!contains("127.0.0.0/8", "::ffff:127.0.0.1"));
        assert_eq!(AddressRange::parse("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
    }

    #[test]
    fn a_range_says_exactly_what_it_means() {
        for bad in
            ["", "10.0.0.1/8", "10.0.0.0/33", "::/129", "10/8", "0x7f.1", "10.0.0.0/", "10.0.0.0/+8", "fd00::1/8", "a"]
        {
            assert!(matches!(AddressRange::parse(bad), Err(FetchError::RangeInvalid { .. })), "{bad}");
        }
    }
}
