//! How the shape of a predicate is written down.

/// An object: its members, and what they have to do with each other.
pub(super) struct Record {
    pub(super) members: &'static [Member],
    pub(super) rules: &'static [Rule],
    /// Where it is specified.
    pub(super) clause: &'static str,
}

/// A member of an object.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) need: Need,
    pub(super) shape: Shape,
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Need {
    Optional,
    Required,
}

/// What a value has to be.
pub(super) enum Shape {
    /// Anything but `null`.
    Any,
    Bool,
    /// One of two records: the first if this member is there, else the second.
    ByMember(&'static str, &'static Record, &'static Record),
    /// A digest set. in-toto DigestSet v1.
    Digests,
    /// A list with at least so many elements.
    List(&'static Shape, usize),
    /// An object with members of any name.
    Map(&'static Shape),
    /// An object with any members.
    Object,
    /// Exactly one of these texts.
    OneOf(&'static [&'static str]),
    Record(&'static Record),
    /// A text that is not empty.
    Text,
    /// A text or an object like this.
    TextOr(&'static Record),
    /// A time with its zone. RFC 3339.
    Time,
    /// A URI with a scheme. RFC 3986.
    Uri,
    /// An integer that is not less.
    Whole(u64),
}

/// What members have to do with each other.
pub(super) enum Rule {
    /// At least one of these is there.
    AnyOf(&'static [&'static str]),
    /// If the first member has this text, at least one of these is there.
    When(&'static str, &'static str, &'static [&'static str]),
}

pub(super) const fn required(name: &'static str, shape: Shape) -> Member {
    Member { name, need: Need::Required, shape }
}

pub(super) const fn optional(name: &'static str, shape: Shape) -> Member {
    Member { name, need: Need::Optional, shape }
}
