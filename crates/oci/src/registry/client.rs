//! One request and its answer, within limits of time and size; redirects, tries and tokens.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use stella_attest_model::{Limits, json};
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector as _, NextTimeout, TcpConnector};
use zeroize::Zeroizing;

use super::access::{Access, AccessError, PlainHttp};
use super::address::Addresses;
use super::challenge::{self, Challenge};
use super::failure::FetchFailure;
use super::tls::TlsConnector;
use super::url::{Origin, Scheme, Url, escaped};

/// Most bytes of a head, as for every fetch (catalogue section 2), and of a token or of what a registry says about an error.
const HEADER_BYTES: usize = 16 << 10;
const TOKEN_BYTES: u64 = 64 << 10;
/// How long everything about one image may take, in milliseconds.
const TOTAL_MILLISECONDS: u64 = 600_000;
/// How often an overloaded registry is asked, the first pause in milliseconds, and the longest that it may ask for in seconds.
const TRIES: u8 = 3;
const PAUSE_MILLISECONDS: u64 = 500;
const LONGEST_PAUSE: u64 = 30;
/// Registries redirect to where blobs are kept, and some from there to another place.
const REDIRECTS: usize = 3;

/// What is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Action {
    Pull,
    Push,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
        }
    }
}

/// A request.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    /// What is understood; nothing for what has no body.
    pub(super) accept: &'a str,
    /// Type and content.
    pub(super) content: Option<(&'a str, &'a [u8])>,
    /// How many bytes of a good answer are read.
    pub(super) most: u64,
    pub(super) action: Action,
}

impl<'a> Ask<'a> {
    pub(super) fn get(url: Url, accept: &'a str, most: u64) -> Self {
        Self { method: Method::GET, url, accept, content: None, most, action: Action::Pull }
    }

    pub(super) fn head(url: Url) -> Self {
        Self { method: Method::HEAD, url, accept: "*/*", content: None, most: 0, action: Action::Push }
    }

    pub(super) fn send(method: Method, url: Url, media_type: &'a str, content: &'a [u8]) -> Self {
        Self {
            method,
            url,
            accept: "*/*",
            content: Some((media_type, content)),
            most: TOKEN_BYTES,
            action: Action::Push,
        }
    }

    /// Whether asking again does no harm.
    fn is_safe(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Where it came from in the end.
    pub(super) url: Url,
}

impl Answer {
    /// The first field of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type without parameters, in small letters.
    pub(super) fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?.split(';').next().unwrap_or_default().trim();
        (!value.is_empty()).then(|| value.to_ascii_lowercase())
    }

    pub(super) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// What is wrong with an answer that is no success.
    pub(super) fn failure(&self) -> FetchFailure {
        FetchFailure::Status { url: self.url.shown(), status: self.status, detail: detail(&self.body), tries: 1 }
    }
}

/// Speaks to one registry about one repository.
pub(super) struct Client<'a> {
    agent: Agent,
    access: Access<'a>,
    began: u64,
    origin: Origin,
    repository: String,
    authorization: Option<Zeroizing<String>>,
}

impl<'a> Client<'a> {
    pub(super) fn new(origin: Origin, repository: &str, access: Access<'a>) -> Result<Self, AccessError> {
        let only_loopback = origin.scheme == Scheme::Http && access.plain_http == PlainHttp::ThisMachine;
        let addresses = Addresses::new(origin.clone(), only_loopback, access.addresses.clone());
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(HEADER_BYTES)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(access.seconds)))
            .user_agent(concat!("stella/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .build();
        let tls = TlsConnector::new(&access.authorities, access.at)?;
        let resolver = Guarded { addresses: Arc::new(addresses), resolver: DefaultResolver::default() };
        let connector = ().chain(TcpConnector::default()).chain(tls);
        let agent = Agent::with_parts(config, connector, resolver);
        let began = access.clock.milliseconds();
        Ok(Self { agent, access, began, origin, repository: repository.to_string(), authorization: None })
    }

    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Asks, with a token if one is wanted. Every status but 401 and 403 is the caller's to judge.
    pub(super) fn ask(&mut self, ask: &Ask<'_>) -> Result<Answer, FetchFailure> {
        let answer = self.follow(ask)?;
        // What somebody else asks for, whom a redirect led to, is none of the registry's business.
        let answer = if answer.status == 401 && answer.url.origin == self.origin {
            self.authorization = None;
            self.authorize(&answer, ask)?;
            self.follow(ask)?
        } else {
            answer
        };
        match answer.status {
            401 | 403 => Err(self.unauthorized(&answer, ask.action)),
            _ => Ok(answer),
        }
    }

    fn unauthorized(&self, answer: &Answer, action: Action) -> FetchFailure {
        FetchFailure::Unauthorized {
            url: answer.url.shown(),
            status: answer.status,
            had_credentials: self.access.credentials.is_some(),
            action: action.name(),
        }
    }

    /// Follows redirects of reading: to the registry itself or over HTTPS, and without its token to anybody else.
    fn follow(&self, ask: &Ask<'_>) -> Result<Answer, FetchFailure> {
        let mut url = ask.url.clone();
        let mut left = REDIRECTS;
        loop {
            let answer = self.with_patience(ask, &url)?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let to = answer.header("location").unwrap_or_default().to_string();
            let refused = |why| FetchFailure::Redirect {
                url: url.shown(),
                to: to.split('?').next().unwrap_or_default().rsplit('@').next().unwrap_or_default().to_string(),
                why,
            };
            if !ask.is_safe() {
                return Err(refused("what is written is written where it was said"));
            }
            let next = url.join(&to).map_err(refused)?;
            if next.origin != self.origin && next.origin.scheme != Scheme::Https {
                return Err(refused("it is not HTTPS"));
            }
            left = left.checked_sub(1).ok_or_else(|| refused("it is one too many"))?;
            url = next;
        }
    }

    /// Asks an overloaded server again, if that does no harm and there is time.
    fn with_patience(&self, ask: &Ask<'_>, url: &Url) -> Result<Answer, FetchFailure> {
        let mut tries = 1;
        loop {
            let left = TOTAL_MILLISECONDS.saturating_sub(self.access.clock.milliseconds().saturating_sub(self.began));
            if left == 0 {
                return Err(FetchFailure::Timeout { url: url.shown(), limit: TOTAL_MILLISECONDS / 1000 });
            }
            let authorization = self.authorization.as_ref().filter(|_| url.origin == self.origin);
            let answer = self.exchange(ask, url, authorization)?;
            if !matches!(answer.status, 429 | 500 | 502 | 503 | 504) {
                return Ok(answer);
            }
            let asked = answer.header("retry-after").and_then(|seconds| seconds.trim().parse::<u64>().ok());
            let pause = match asked {
                Some(seconds) => seconds.saturating_mul(1000),
                None => PAUSE_MILLISECONDS.saturating_mul(1 << (tries - 1)),
            };
            if tries == TRIES || !ask.is_safe() || pause > LONGEST_PAUSE * 1000 || pause >= left {
                return Err(FetchFailure::Status {
                    url: url.shown(),
                    status: answer.status,
                    detail: detail(&answer.body),
                    tries,
                });
            }
            self.access.clock.pause(pause);
            tries += 1;
        }
    }

    fn exchange(
        &self,
        ask: &Ask<'_>,
        url: &Url,
        authorization: Option<&Zeroizing<String>>,
    ) -> Result<Answer, FetchFailure> {
        let uri: Uri = url
            .to_string()
            .parse()
            .map_err(|_| FetchFailure::UrlRefused { url: url.shown(), why: "it is none to the HTTP client" })?;
        let mut request = Request::builder().method(ask.method.clone()).uri(uri).header("accept", ask.accept);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization.as_str());
        }
        let malformed =
            |error: ureq::http::Error| FetchFailure::Incomplete { url: url.shown(), found: error.to_string() };
        let sent = match ask.content {
            Some((media_type, content)) => {
                let request = request.header("content-type", media_type).body(content).map_err(malformed)?;
                self.agent.run(request)
            }
            None => self.agent.run(request.body(()).map_err(malformed)?),
        };
        let mut answer = sent.map_err(|error| self.failed(error, url, ask.most))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let encoding = headers.get("content-encoding").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
            let found = format!("the encoding {encoding}, of which nobody knows how large it is");
            return Err(FetchFailure::TooLarge { url: url.shown(), found, limit: ask.most });
        }
        let mut body = Vec::new();
        if ask.method != Method::HEAD {
            let good = (200..300).contains(&status);
            let most = if good { ask.most } else { TOKEN_BYTES };
            let read = std::io::Read::read_to_end(&mut answer.body_mut().with_config().limit(most).reader(), &mut body);
            match read {
                Ok(_) => {}
                // Of an error, as much as there is will do.
                Err(_) if !good => body.clear(),
                Err(error) => return Err(self.failed(ureq::Error::from(error), url, most)),
            }
        }
        Ok(Answer { status, headers, body, url: url.clone() })
    }

    fn failed(&self, error: ureq::Error, url: &Url, most: u64) -> FetchFailure {
        let url = url.shown();
        let too_large = |found: String, limit| FetchFailure::TooLarge { url: url.clone(), found, limit };
        match error {
            ureq::Error::Other(other) => match other.downcast::<FetchFailure>() {
                Ok(failure) => *failure,
                Err(other) => FetchFailure::Incomplete { url, found: other.to_string() },
            },
            ureq::Error::BodyExceedsLimit(_) => too_large(format!("more than {most} bytes"), most),
            ureq::Error::LargeResponseHeader(found, _) => {
                too_large(format!("a head of {found} bytes"), HEADER_BYTES as u64)
            }
            ureq::Error::Timeout(_) => FetchFailure::Timeout { url, limit: self.access.seconds },
            ureq::Error::Tls(detail) => FetchFailure::Tls { url, detail: detail.to_string() },
            ureq::Error::HostNotFound => FetchFailure::NotResolved { url },
            ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                Some(tls) => FetchFailure::Tls { url, detail: tls.to_string() },
                None if error.kind() == std::io::ErrorKind::TimedOut => {
                    FetchFailure::Timeout { url, limit: self.access.seconds }
                }
                None => FetchFailure::Incomplete { url, found: error.to_string() },
            },
            other => FetchFailure::Incomplete { url, found: other.to_string() },
        }
    }

    /// Does what the registry asks for before it answers. OCI distribution spec v1.1 leaves that to registries; this is what all of them
    /// do: a password, or a token of a service that is asked with the password.
    fn authorize(&mut self, answer: &Answer, ask: &Ask<'_>) -> Result<(), FetchFailure> {
        let values = answer.headers.get_all("www-authenticate");
        let challenges: Vec<Challenge> =
            values.iter().filter_map(|value| value.to_str().ok()).flat_map(challenge::parse).collect();
        let of = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme == scheme);
        self.authorization = Some(match (of("bearer"), of("basic")) {
            (Some(challenge), _) => self.token(challenge, ask)?,
            (None, Some(_)) => self.password(&self.origin)?.ok_or_else(|| self.unauthorized(answer, ask.action))?,
            (None, None) => return Err(self.unauthorized(answer, ask.action)),
        });
        Ok(())
    }

    /// Name and password for a server, if there are any.
    fn password(&self, origin: &Origin) -> Result<Option<Zeroizing<String>>, FetchFailure> {
        let Some(credentials) = &self.access.credentials else { return Ok(None) };
        if origin.scheme == Scheme::Http && !origin.is_loopback() {
            let why = "a password is not sent over plain HTTP to another machine";
            return Err(FetchFailure::UrlRefused { url: Url::at(origin, "/").shown(), why });
        }
        Ok(Some(credentials.basic()))
    }

    fn token(&self, challenge: &Challenge, ask: &Ask<'_>) -> Result<Zeroizing<String>, FetchFailure> {
        let realm = challenge.realm.as_deref().unwrap_or_default();
        let refused = |why| FetchFailure::UrlRefused {
            url: realm.split('?').next().unwrap_or_default().rsplit('@').next().unwrap_or_default().to_string(),
            why,
        };
        let realm = Url::parse(realm).map_err(refused)?;
        let same_host = realm.origin.host == self.origin.host && self.origin.scheme == Scheme::Http;
        if realm.origin.scheme != Scheme::Https && !same_host {
            return Err(refused("the registry names a token service that is not HTTPS"));
        }
        let scope = match &challenge.scope {
            Some(scope) => scope.clone(),
            None => {
                let actions = if ask.action == Action::Push { "pull,push" } else { "pull" };
                format!("repository:{}:{actions}", self.repository)
            }
        };
        let mut url = realm;
        if let Some(service) = &challenge.service {
            url = url.with_parameter("service", &escaped(service));
        }
        // Several scopes are several parameters.
        for scope in scope.split(' ').filter(|scope| !scope.is_empty()) {
            url = url.with_parameter("scope", &escaped(scope));
        }
        let password = self.password(&url.origin)?;
        let request = Ask::get(url, "application/json", TOKEN_BYTES);
        let answer = self.exchange(&request, &request.url, password.as_ref())?;
        match answer.status {
            200 => {}
            401 | 403 => return Err(self.unauthorized(&answer, ask.action)),
            301..=308 => {
                let to =
                    answer.header("location").unwrap_or_default().split('?').next().unwrap_or_default().to_string();
                let why = "a token service may not redirect, since it is given a password";
                return Err(FetchFailure::Redirect { url: answer.url.shown(), to, why });
            }
            _ => return Err(answer.failure()),
        }
        let token = token_of(&answer.body).ok_or_else(|| FetchFailure::Incomplete {
            url: answer.url.shown(),
            found: "an answer of the token service without a token".to_string(),
        })?;
        Ok(Zeroizing::new(format!("Bearer {}", *token)))
    }
}

/// The token in an answer of a token service, if it can stand in a head.
fn token_of(body: &[u8]) -> Option<Zeroizing<String>> {
    let document = json::Document::parse_within(body, body.len(), &Limits::default()).ok()?;
    let text = |name: &str| document.root().member(name).and_then(|value| value.as_str().ok());
    let token = text("token").filter(|token| !token.is_empty()).or_else(|| text("access_token"))?;
    let fits = !token.is_empty() && token.len() <= HEADER_BYTES && token.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| Zeroizing::new(token.to_string()))
}

/// What a registry says about an error: code and message of the first. OCI distribution spec v1.1, "Error Codes".
fn detail(body: &[u8]) -> Option<String> {
    let document = json::Document::parse_within(body, body.len(), &Limits::default()).ok()?;
    let error = document.root().member("errors")?.as_array().ok()?.iter().next()?;
    let text = |name: &str| error.member(name).and_then(|value| value.as_str().ok()).map(str::to_string);
    match (text("code"), text("message")) {
        (Some(code), Some(message)) if !message.is_empty() => Some(format!("{code}: {message}")),
        (Some(code), _) => Some(code),
        (None, message) => message,
    }
}

/// The resolver of the system, whose answers are held against the rules. What was checked is what is connected to.
#[derive(Debug)]
struct Guarded {
    addresses: Arc<Addresses>,
    resolver: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let other = |failure: FetchFailure| ureq::Error::Other(Box::new(failure));
        let url = Url::parse(&uri.to_string())
            .map_err(|why| other(FetchFailure::UrlRefused { url: uri.host().unwrap_or_default().to_string(), why }))?;
        let found = match self.resolver.resolve(uri, config, timeout) {
            Ok(found) => found,
            Err(error @ ureq::Error::Timeout(_)) => return Err(error),
            Err(_) => return Err(other(FetchFailure::NotResolved { url: url.shown() })),
        };
        let addresses: Vec<IpAddr> = found.iter().map(std::net::SocketAddr::ip).collect();
        self.addresses.admit(&url.origin, &addresses).map_err(other)?;
        Ok(found)
    }
}
