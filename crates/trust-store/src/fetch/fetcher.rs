//! The fetch itself.

use alloc::string::ToString;
use alloc::sync::Arc;
use std::io::{self, Write as _};

use super::connection;
use super::deadline::{Deadline, Moment, Phase};
use super::document::{self, Published};
use super::error::{FetchError, Interruption, KeysFlaw, Part, TlsFlaw};
use super::fetched::FetchedKeys;
use super::patience;
use super::resolver::{self, Resolver, SystemResolver};
use super::response::{self, Broken, Response};
use super::rules::FetchRules;
use super::tls;
use super::url::FetchUrl;

/// Fetches keys by the rules it was given.
#[derive(Clone)]
pub struct KeyFetcher {
    resolver: Arc<dyn Resolver>,
    rules: FetchRules,
}

impl KeyFetcher {
    /// A fetcher that asks the resolver of the operating system.
    #[must_use]
    pub fn new(rules: FetchRules) -> Self {
        Self { resolver: Arc::new(SystemResolver), rules }
    }

    /// Asks another resolver. What it answers is checked just the same.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Fetches the keys at `url`: a JWK set, PEM, or an OIDC discovery document that says where the set is, which is fetched by the
    /// same rules and within the same total time.
    ///
    /// `issuers` are the OIDC issuers that a discovery document may be of, compared byte for byte; without any, it must be of the one
    /// its own URL begins with.
    ///
    /// # Errors
    /// [`FetchError`]. Nothing is kept then.
    ///
    /// # Left to the caller
    /// Whether any of the keys should count: see [`Ledger::stage`](crate::ledger::Ledger::stage).
    pub fn fetch(&self, url: &str, issuers: &[&str], moment: &Moment<'_>) -> Result<FetchedKeys, FetchError> {
        let deadline = Deadline::begin(moment.stopwatch, self.rules.total);
        let url = self.rules.admit(url)?;
        let jwks_uri = match self.ask(&url, issuers, moment, deadline)? {
            Published::Keys(keys) => return Ok(keys),
            Published::Elsewhere { jwks_uri } => self.rules.admit(&jwks_uri)?,
        };
        match self.ask(&jwks_uri, issuers, moment, deadline)? {
            Published::Keys(keys) => Ok(keys),
            // A discovery document that names another one leads nowhere.
            Published::Elsewhere { .. } => {
                Err(FetchError::KeysMalformed { url: jwks_uri.to_string(), flaw: KeysFlaw::NoKeySet })
            }
        }
    }

    /// Reads a whole answer of HTTP/1.1 that came from `url` by some other way, with the same limits and the same care.
    ///
    /// # Errors
    /// As [`KeyFetcher::fetch`].
    pub fn read_response(&self, url: &str, issuers: &[&str], response: &[u8]) -> Result<Published, FetchError> {
        let url = self.rules.admit(url)?;
        let mut source = response;
        let answer = response::read(&mut source, self.rules.sizes).map_err(|broken| self.broken(&url, broken))?;
        judge(&url, issuers, &answer, None, 1)
    }

    /// One URL, tried again while the server is overloaded and time is left.
    fn ask(
        &self,
        url: &FetchUrl,
        issuers: &[&str],
        moment: &Moment<'_>,
        deadline: Deadline<'_>,
    ) -> Result<Published, FetchError> {
        // Resolved once for all tries: what was checked is what is connected to.
        let addresses = resolver::resolve(url, &self.resolver, self.rules.addresses(), &deadline)?;
        let authorities = tls::authorities(self.rules.authorities())?;
        let mut tries = 1;
        loop {
            let mut connection = connection::connect(url, &addresses, &authorities, moment.at, deadline)?;
            let request = response::request(&url.origin.to_string(), &url.target);
            let sent = connection.write_all(request.as_bytes()).and_then(|()| connection.flush());
            sent.map_err(|error| not_sent(url, &error))?;
            let answer =
                response::read(&mut connection, self.rules.sizes).map_err(|broken| self.broken(url, broken))?;
            drop(connection);
            let asked = answer.retry_after.as_deref().and_then(|text| {
                let passed = i64::try_from(deadline.elapsed() / 1000).unwrap_or(i64::MAX);
                patience::retry_after(text, moment.at.checked_add(passed).unwrap_or(moment.at))
            });
            let outcome = judge(url, issuers, &answer, asked, tries);
            if tries == self.rules.tries || !patience::is_worth_another_try(answer.status) {
                return outcome;
            }
            let pause = patience::pause(tries, self.rules.pause, asked, moment.jitter);
            if deadline.pause(pause).is_err() {
                // It would be too late then. That the server is overloaded says more than that time is over.
                return outcome;
            }
            tries += 1;
        }
    }

    fn broken(&self, url: &FetchUrl, broken: Broken) -> FetchError {
        let url = url.to_string();
        match broken {
            Broken::Compressed(encoding) => FetchError::Compressed { encoding, url },
            Broken::Ended { received, expected } => {
                FetchError::Incomplete { interruption: Interruption::Ended { received, expected }, url }
            }
            Broken::Excess => FetchError::Incomplete { interruption: Interruption::Excess, url },
            Broken::NotHttp(what) => FetchError::KeysMalformed { flaw: KeysFlaw::NotHttp(what), url },
            Broken::TimedOut(phase) => FetchError::Timeout { phase, url },
            Broken::Tls(flaw) => FetchError::Tls { flaw, url },
            Broken::TooLarge(part) => {
                let limit = match part {
                    Part::Body => self.rules.sizes.body,
                    Part::Headers => self.rules.sizes.headers,
                };
                FetchError::TooLarge { limit, part, url }
            }
        }
    }
}

fn not_sent(url: &FetchUrl, error: &io::Error) -> FetchError {
    let url = url.to_string();
    match (error.kind(), tls::flaw_in(error)) {
        (io::ErrorKind::TimedOut, _) => FetchError::Timeout { phase: Phase::Request, url },
        (_, Some(flaw)) => FetchError::Tls { flaw, url },
        // Under TLS 1.3 a server may refuse after the client thinks the handshake is done.
        _ => FetchError::Tls { flaw: TlsFlaw::Interrupted, url },
    }
}

fn judge(
    url: &FetchUrl,
    issuers: &[&str],
    answer: &Response,
    retry_after: Option<u64>,
    tries: u8,
) -> Result<Published, FetchError> {
    match answer.status {
        200 => document::read(&url.to_string(), issuers, &answer.body),
        status @ 300..=399 => {
            Err(FetchError::RedirectRefused { status, to: answer.location.clone(), url: url.to_string() })
        }
        status => Err(FetchError::Status { retry_after, status, tries, url: url.to_string() }),
    }
}
