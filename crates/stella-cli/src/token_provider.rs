//! The provider `pkcs11`: the token behind the module of the settings, and whether it can be relied on.

use std::sync::Arc;

use stella_crypto_providers::kit::{self, Examination};
use stella_crypto_providers::pkcs11::TokenProvider;
use stella_crypto_providers::{Provider as _, Scheme};
use stella_vocabulary::Code;

use crate::complaint::Complaint;
use crate::context::Context;
use crate::token;

/// How the provider stands.
pub(crate) enum Standing {
    /// No setting names a module.
    NotConfigured,
    /// It gave the published answers.
    Ready(Arc<TokenProvider>),
    /// There is no module, no token, or it gave a wrong answer; it is not used.
    Unavailable(Complaint),
}

impl Standing {
    /// Looks for the token, and examines it.
    ///
    /// # Errors
    /// Those of the settings.
    pub(crate) fn find(context: &Context) -> Result<Self, Complaint> {
        Ok(match examined(context)? {
            None => Self::NotConfigured,
            Some(Err(complaint)) => Self::Unavailable(complaint),
            Some(Ok((provider, examination))) if examination.passed() => Self::Ready(provider),
            Some(Ok((_, examination))) => Self::Unavailable(failed(&examination)),
        })
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::NotConfigured => "not configured",
            Self::Ready(_) => "ready",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// The version, as far as it is known.
    pub(crate) fn version(&self) -> &str {
        match self {
            Self::Ready(provider) => provider.version(),
            Self::NotConfigured | Self::Unavailable(_) => "",
        }
    }

    /// What keys in the token sign by.
    pub(crate) fn signs(&self) -> &[Scheme] {
        match self {
            Self::Ready(provider) => provider.signing_schemes(),
            Self::NotConfigured | Self::Unavailable(_) => &[],
        }
    }

    /// What the token could verify.
    pub(crate) fn verifies(&self) -> &[Scheme] {
        match self {
            Self::Ready(provider) => provider.schemes(),
            Self::NotConfigured | Self::Unavailable(_) => &[],
        }
    }

    /// Why it is not used, as the line of an error without its end.
    pub(crate) fn reason(&self) -> Option<String> {
        match self {
            Self::Unavailable(complaint) => Some(complaint.line().trim_end().to_string()),
            Self::NotConfigured => Some("stella config set pkcs11.module PATH, or STELLA_PKCS11_MODULE".to_string()),
            Self::Ready(_) => None,
        }
    }
}

type Examined = Result<(Arc<TokenProvider>, Examination), Complaint>;

/// What the token behind the module of the settings answered to the published questions; `None` if no module is set.
///
/// # Errors
/// Those of the settings.
pub(crate) fn examined(context: &Context) -> Result<Option<Examined>, Complaint> {
    let Some(setting) = &context.settings()?.pkcs11_module else { return Ok(None) };
    let module = match token::load(&setting.value) {
        Ok(module) => module,
        Err(complaint) => return Ok(Some(Err(complaint))),
    };
    Ok(Some(match module.any_token() {
        Ok(token) => {
            let provider = Arc::new(TokenProvider::new(token));
            let examination = kit::examine(Arc::<TokenProvider>::clone(&provider));
            Ok((provider, examination))
        }
        Err(error) => Err(token::complaint(&error)),
    }))
}

fn failed(examination: &Examination) -> Complaint {
    let complaint = Complaint::new(Code::CryptoProviderFailed, "the token does not give the published answers")
        .expected("the verdicts of every other provider")
        .remedy("stella self-test");
    match examination.findings().next() {
        Some(finding) => complaint.found(finding.to_string()),
        None => complaint.found("nothing that it verifies"),
    }
}
