//! The subtrees an authority may or may not issue into, as they stand in its certificate. RFC 5280 §4.2.1.10.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Known;
use crate::general_name::{self, GeneralName};
use crate::tlv::{Element, Elements, Fault, FaultKind, constructed};

/// The bases of the subtrees, sorted by their forms; at least one list is not empty.
#[derive(Clone, Debug)]
pub(crate) struct NameConstraints {
    pub(crate) permitted: Vec<GeneralName>,
    pub(crate) excluded: Vec<GeneralName>,
    /// What comparing a name with them costs.
    forms: Forms,
}

impl NameConstraints {
    pub(crate) fn new(mut permitted: Vec<GeneralName>, mut excluded: Vec<GeneralName>) -> Self {
        // Stable: of one form the first stays the first.
        permitted.sort_by_key(|base| Form::of(base) as usize);
        excluded.sort_by_key(|base| Form::of(base) as usize);
        let mut forms = Forms::default();
        for base in permitted.iter().chain(&excluded) {
            if let Some(bases) = forms.0.get_mut(Form::of(base) as usize) {
                bases.count += 1;
                bases.long += base.length() / COMPARED_AT_ONCE;
            }
        }
        Self { permitted, excluded, forms }
    }

    /// How many there are of `form`.
    pub(crate) fn bases(&self, form: Form) -> Bases {
        self.forms.0.get(form as usize).copied().unwrap_or_default()
    }
}

/// Those of `form` in a list that is sorted by form: a name is never held against others, of which there may be ten thousand.
pub(crate) fn of_form(bases: &[GeneralName], form: Form) -> &[GeneralName] {
    let first = bases.partition_point(|base| (Form::of(base) as usize) < form as usize);
    let rest = bases.get(first..).unwrap_or(&[]);
    let count = rest.partition_point(|base| Form::of(base) == form);
    rest.get(..count).unwrap_or(&[])
}

/// How many bases there are of each form.
#[derive(Clone, Debug, Default)]
struct Forms([Bases; 7]);

/// The bases of one form.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bases {
    pub(crate) count: usize,
    /// What comparing a name with all of them costs beyond their number, because some are long.
    pub(crate) long: usize,
}

/// The forms of names, as far as they are compared with each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Directory,
    Dns,
    Email,
    Ip,
    Other,
    /// Those that nobody compares: finding out costs the same.
    Unsupported,
    Uri,
}

impl Form {
    pub(crate) fn of(name: &GeneralName) -> Self {
        match name {
            GeneralName::DirectoryName(_) => Self::Directory,
            GeneralName::DnsName(_) => Self::Dns,
            GeneralName::IpAddress(_) => Self::Ip,
            GeneralName::OtherName { .. } => Self::Other,
            GeneralName::RegisteredId(_) | GeneralName::Unsupported { .. } => Self::Unsupported,
            GeneralName::Rfc822Name(_) => Self::Email,
            GeneralName::Uri(_) => Self::Uri,
        }
    }

    /// The list of this one form.
    pub(crate) fn alone(self) -> &'static [Self] {
        match self {
            Self::Directory => &[Self::Directory],
            Self::Dns => &[Self::Dns],
            Self::Email => &[Self::Email],
            Self::Ip => &[Self::Ip],
            Self::Other => &[Self::Other],
            Self::Unsupported => &[Self::Unsupported],
            Self::Uri => &[Self::Uri],
        }
    }
}

/// A comparison of up to so many bytes counts as one, a longer one as several: names may be as long as the certificate. Those in use
/// stay below.
pub(crate) const COMPARED_AT_ONCE: usize = 128;

const FIELD: &str = "nameConstraints";

pub(super) fn read(value: &mut Elements<'_>, buffer: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    let mut constraints = value.sequence(FIELD)?;
    // "Conforming CAs MUST NOT issue certificates where name constraints is an empty sequence."
    if constraints.is_finished() {
        return Err(constraints.fault(FaultKind::Malformed));
    }
    let permitted = subtrees(constraints.optional(constructed(0), FIELD)?, buffer)?;
    let excluded = subtrees(constraints.optional(constructed(1), FIELD)?, buffer)?;
    constraints.finish()?;
    known.name_constraints = Some(NameConstraints::new(permitted, excluded));
    Ok(())
}

fn subtrees(list: Option<Element<'_>>, buffer: &Arc<[u8]>) -> Result<Vec<GeneralName>, Fault> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let mut subtrees = list.open(FIELD)?;
    if subtrees.is_finished() {
        return Err(subtrees.fault(FaultKind::Malformed));
    }
    let mut bases = Vec::with_capacity(1);
    while !subtrees.is_finished() {
        let mut subtree = subtrees.sequence(FIELD)?;
        bases.push(general_name::read(&subtree.any(FIELD)?, buffer, FIELD)?);
        // "Within this profile, the minimum and maximum fields are not used with any name forms, thus, the minimum MUST be
        // zero, and maximum MUST be absent." Whoever uses them means something that is not implemented.
        subtree.finish().map_err(|fault| Fault { kind: FaultKind::Malformed, ..fault })?;
    }
    Ok(bases)
}
