//! Issuers of a store, as a verification sees them.

use alloc::string::String;
use alloc::vec::Vec;

use stella_vocabulary::Window;

use crate::identity_fits;
use crate::ledger::{CertificateIdentity, Id, Scope, Tier};

/// Whether the store trusts an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IssuerStanding {
    /// Not any more.
    Distrusted,
    /// Not yet.
    Pending,
    /// It does.
    Trusted,
}

impl IssuerStanding {
    /// Its name: `distrusted`, `pending`, `trusted`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Distrusted => "distrusted",
            Self::Pending => "pending",
            Self::Trusted => "trusted",
        }
    }
}

/// Somebody who issues attestations: whom their certificates name, and what they are trusted for.
#[derive(Clone, Debug)]
pub struct IssuerEntry {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) tier: Tier,
    pub(crate) weight: u8,
    pub(crate) identities: Vec<CertificateIdentity>,
    pub(crate) scope: Scope,
    pub(crate) window: Window,
    pub(crate) standing: IssuerStanding,
}

/// How an identity and its provider stand to an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityFit {
    /// Both fit one pair of the issuer.
    Both,
    /// No pattern of the issuer fits the identity.
    Neither,
    /// The identity fits, and the provider that vouched for it is another one.
    OtherProvider,
    /// The identity fits a pattern of which the store does not say who has to vouch for it.
    ProviderNotSaid,
}

impl IssuerEntry {
    /// A trusted issuer with an id and the certificate identities that are its own.
    #[must_use]
    pub fn new(id: Id, identities: Vec<CertificateIdentity>) -> Self {
        Self {
            name: String::from(id.as_str()),
            id,
            tier: Tier::Untrusted,
            weight: 0,
            identities,
            scope: Scope::default(),
            window: Window::always(),
            standing: IssuerStanding::Trusted,
        }
    }

    /// Sets what it is trusted for.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets when it may have signed: `[from, until)`.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Sets whether it is trusted.
    #[must_use]
    pub fn with_standing(mut self, standing: IssuerStanding) -> Self {
        self.standing = standing;
        self
    }

    /// What the store calls it.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind of issuer it is. For people and for policies of their own: no verdict here depends on it.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// How much its word weighs, 0 to 100; likewise.
    #[must_use]
    pub fn weight(&self) -> u8 {
        self.weight
    }

    /// Whom its certificates name, and who vouches for that.
    #[must_use]
    pub fn identities(&self) -> &[CertificateIdentity] {
        &self.identities
    }

    /// What it is trusted for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// When it may have signed.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// Whether the store trusts it.
    #[must_use]
    pub fn standing(&self) -> IssuerStanding {
        self.standing
    }

    /// Whether a certificate with these names, vouched for by this identity provider, is one of the issuer's under a public authority: every name
    /// has to be, since a signer may go by each of them. Patterns are those of [`identity_fits`](crate::identity_fits); a pair
    /// without a provider never fits whole, since under a public authority anybody may hold any name of some provider.
    #[must_use]
    pub fn fit(&self, names: &[String], provider: Option<&str>) -> IdentityFit {
        let mut fits = names.iter().map(|name| self.fit_of(name, provider));
        let Some(first) = fits.next() else { return IdentityFit::Neither };
        fits.fold(first, |worst, fit| match (worst, fit) {
            (IdentityFit::Both, other) | (other, IdentityFit::Both) => other,
            (IdentityFit::Neither, _) | (_, IdentityFit::Neither) => IdentityFit::Neither,
            (IdentityFit::ProviderNotSaid, _) | (_, IdentityFit::ProviderNotSaid) => IdentityFit::ProviderNotSaid,
            (IdentityFit::OtherProvider, IdentityFit::OtherProvider) => IdentityFit::OtherProvider,
        })
    }

    fn fit_of(&self, name: &str, provider: Option<&str>) -> IdentityFit {
        let mut best = IdentityFit::Neither;
        let named = |pair: &&CertificateIdentity| identity_fits(&pair.identity, name);
        for pair in self.identities.iter().filter(named) {
            match (&pair.oidc_issuer, provider) {
                (Some(wanted), Some(found)) if identity_fits(wanted, found) => return IdentityFit::Both,
                (Some(_), _) => best = IdentityFit::OtherProvider,
                (None, _) if best == IdentityFit::Neither => best = IdentityFit::ProviderNotSaid,
                (None, _) => {}
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn every_name_of_a_certificate_has_to_be_the_issuers() {
        let pair = |identity: &str, provider: Option<&str>| CertificateIdentity {
            identity: identity.to_string(),
            oidc_issuer: provider.map(ToString::to_string),
        };
        let id = Id::new("acme").unwrap();
        let issuer = IssuerEntry::new(
            id,
            alloc::vec![pair("https://ci.example/*", Some("https://idp.example")), pair("ci@acme.example", None)],
        );
        let fit = |names: &[&str], provider| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            let mut reversed = names.clone();
            reversed.reverse();
            let fit = issuer.fit(&names, provider);
            assert_eq!(issuer.fit(&reversed, provider), fit);
            fit
        };
        let (idp, other) = (Some("https://idp.example"), Some("https://other.example"));
        assert_eq!(fit(&[], idp), IdentityFit::Neither);
        assert_eq!(fit(&["https://ci.example/a"], idp), IdentityFit::Both);
        assert_eq!(fit(&["https://ci.example/a", "https://ci.example/b"], idp), IdentityFit::Both);
        assert_eq!(fit(&["https://ci.example/a", "https://evil.example/b"], idp), IdentityFit::Neither);
        assert_eq!(fit(&["https://ci.example/a", "https://ci.example/b"], other), IdentityFit::OtherProvider);
        assert_eq!(fit(&["https://ci.example/a", "ci@acme.example"], idp), IdentityFit::ProviderNotSaid);
        assert_eq!(fit(&["https://ci.example/a", "ci@acme.example"], other), IdentityFit::ProviderNotSaid);
    }
}
