//! A registry that follows the distribution specification 1.1, on the loopback address, and may be told to misbehave.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use stella_vocabulary::{base64, hex};

use super::document::{Blob, Described, Image};

/// Whether it has the referrers API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lists {
    /// It has, with so many entries on a page.
    Referrers(usize),
    /// It has none, and answers 404.
    Nothing,
}

/// Whom it lets in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Login {
    /// Everybody.
    Nobody,
    /// `user` with the password `secret`.
    Basic,
    /// Whoever has a token, which `user` with the password `secret` gets at `/token`, and everybody for pulling.
    Token,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET` and so on.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The head as it came.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Asked {
    /// The value of a field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(value.replace("%3A", ":").replace("%2F", "/").replace("%2C", ","))
    }
}

type Misbehave = dyn Fn(&Asked) -> Option<Vec<u8>> + Send + Sync;

#[derive(Default)]
struct Kept {
    blobs: HashMap<String, Vec<u8>>,
    manifests: HashMap<String, (String, Vec<u8>)>,
    asked: Vec<Asked>,
    uploads: usize,
}

/// A running registry. It ends with the process.
#[derive(Clone)]
pub struct Registry {
    /// Where it listens.
    pub address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    lists: Lists,
    login: Login,
    misbehave: Arc<Misbehave>,
}

/// The bytes of an answer with these header fields, which need no line ends, and this body.
pub fn answer(status: u16, fields: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {status} Said\r\nConnection: close\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    for field in fields {
        bytes.extend_from_slice(field.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

impl Registry {
    /// Starts one.
    pub fn start(lists: Lists, login: Login) -> Self {
        Self::misbehaving(lists, login, |_| None)
    }

    /// Starts one that answers with what `misbehave` gives, if it gives something.
    ///
    /// # Panics
    /// If there is no port.
    pub fn misbehaving(
        lists: Lists,
        login: Login,
        misbehave: impl Fn(&Asked) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let registry = Self { address, kept: Arc::default(), lists, login, misbehave: Arc::new(misbehave) };
        let own = registry.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                thread::spawn(move || own.serve(stream));
            }
        });
        registry
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Everything that it was asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.kept().asked.clone()
    }

    /// Keeps a blob, as if somebody had pushed it.
    pub fn keep_blob(&self, blob: &Blob) {
        self.kept().blobs.insert(blob.described().digest, blob.content.clone());
    }

    /// Keeps an image under its digest and this tag.
    pub fn keep(&self, repository: &str, image: &Image, tag: Option<&str>) -> Described {
        for blob in &image.blobs {
            self.keep_blob(blob);
        }
        self.keep_manifest(repository, &image.manifest, tag)
    }

    /// Keeps a manifest under its digest and this tag.
    pub fn keep_manifest(&self, repository: &str, manifest: &Blob, tag: Option<&str>) -> Described {
        let described = manifest.described();
        let mut kept = self.kept();
        for name in [Some(described.digest.as_str()), tag].into_iter().flatten() {
            kept.manifests
                .insert(format!("{repository}/{name}"), (manifest.media_type.clone(), manifest.content.clone()));
        }
        described
    }

    /// A manifest that it keeps.
    pub fn manifest(&self, repository: &str, name: &str) -> Option<Vec<u8>> {
        self.kept().manifests.get(&format!("{repository}/{name}")).map(|(_, content)| content.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut stream: TcpStream) {
        if let Some(asked) = read(&mut stream) {
            let _ = stream.write_all(&self.respond(asked));
        }
        let _ = stream.shutdown(Shutdown::Write);
    }

    /// What it answers to a request.
    pub fn respond(&self, asked: Asked) -> Vec<u8> {
        self.kept().asked.push(asked.clone());
        if let Some(bytes) = (self.misbehave)(&asked) {
            return bytes;
        }
        if asked.path() == "/token" {
            return self.token(&asked);
        }
        if let Some(refusal) = self.refusal(&asked) {
            return refusal;
        }
        let Some(rest) = asked.path().strip_prefix("/v2/") else { return answer(404, &[], b"") };
        for (kind, act) in [
            ("/manifests/", Self::manifests as fn(&Self, &Asked, &str, &str) -> Vec<u8>),
            ("/referrers/", Self::referrers),
            ("/blobs/uploads/", Self::uploads),
            ("/blobs/", Self::blobs),
        ] {
            if let Some((repository, name)) = rest.split_once(kind) {
                return act(self, &asked, repository, name);
            }
        }
        answer(404, &[], b"")
    }

    fn token(&self, asked: &Asked) -> Vec<u8> {
        let scope = asked.parameter("scope").unwrap_or_default();
        let known = asked.header("authorization") == Some(&basic());
        if !known && (scope.contains("push") || asked.header("authorization").is_some()) {
            return answer(401, &[], b"");
        }
        let token = if known { "token-of-user" } else { "token-of-nobody" };
        answer(200, &["Content-Type: application/json"], json!({"token": token}).to_string().as_bytes())
    }

    fn refusal(&self, asked: &Asked) -> Option<Vec<u8>> {
        let given = asked.header("authorization").unwrap_or_default();
        let writes = asked.method != "GET" && asked.method != "HEAD";
        let (welcome, challenge) = match self.login {
            Login::Nobody => return None,
            Login::Basic => (given == basic(), "Basic realm=\"test\"".to_string()),
            Login::Token => (
                given == "Bearer token-of-user" || !writes && given == "Bearer token-of-nobody",
                format!(
                    "Bearer realm=\"http://{}/token\",service=\"test\",scope=\"repository:app:pull{}\"",
                    self.address,
                    if writes { ",push" } else { "" }
                ),
            ),
        };
        let body = json!({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}).to_string();
        (!welcome).then(|| answer(401, &[&format!("WWW-Authenticate: {challenge}")], body.as_bytes()))
    }

    fn manifests(&self, asked: &Asked, repository: &str, name: &str) -> Vec<u8> {
        let mut kept = self.kept();
        if asked.method == "PUT" {
            let media_type = asked.header("content-type").unwrap_or_default().to_string();
            let digest = digest(&asked.body);
            let subject = serde_json::from_slice::<Value>(&asked.body).ok().and_then(|manifest| {
                manifest["subject"]["digest"].as_str().map(|subject| format!("OCI-Subject: {subject}"))
            });
            for name in [name, &digest] {
                kept.manifests.insert(format!("{repository}/{name}"), (media_type.clone(), asked.body.clone()));
            }
            let mut fields = vec![format!("Docker-Content-Digest: {digest}")];
            fields.extend(subject.filter(|_| self.lists != Lists::Nothing));
            return answer(201, &fields.iter().map(String::as_str).collect::<Vec<_>>(), b"");
        }
        match kept.manifests.get(&format!("{repository}/{name}")) {
            Some((media_type, content)) => {
                let fields =
                    [format!("Content-Type: {media_type}"), format!("Docker-Content-Digest: {}", digest(content))];
                answer(200, &fields.each_ref().map(String::as_str), content)
            }
            None => answer(404, &["Content-Type: application/json"], br#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
        }
    }

    fn referrers(&self, asked: &Asked, repository: &str, name: &str) -> Vec<u8> {
        let Lists::Referrers(most) = self.lists else { return answer(404, &[], b"404 page not found") };
        let kept = self.kept();
        let mut found: Vec<Value> = Vec::new();
        let mut names: Vec<&String> = kept.manifests.keys().collect();
        names.sort();
        for key in names {
            let Some(own) = key.strip_prefix(&format!("{repository}/")) else { continue };
            let (media_type, content) = &kept.manifests[key];
            let Ok(manifest) = serde_json::from_slice::<Value>(content) else { continue };
            if own.starts_with("sha256:") && manifest["subject"]["digest"] == name {
                found.push(json!({
                    "mediaType": media_type, "digest": own, "size": content.len(), "artifactType": manifest["artifactType"],
                }));
            }
        }
        let from: usize = asked.parameter("from").and_then(|from| from.parse().ok()).unwrap_or(0);
        let page: Vec<&Value> = found.iter().skip(from).take(most).collect();
        let body = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": page,
        });
        let mut fields = vec!["Content-Type: application/vnd.oci.image.index.v1+json; charset=utf-8".to_string()];
        if from + most < found.len() {
            fields.push(format!("Link: </v2/{repository}/referrers/{name}?from={}>; rel=\"next\"", from + most));
        }
        answer(200, &fields.iter().map(String::as_str).collect::<Vec<_>>(), body.to_string().as_bytes())
    }

    fn uploads(&self, asked: &Asked, repository: &str, name: &str) -> Vec<u8> {
        let mut kept = self.kept();
        if asked.method == "POST" {
            kept.uploads += 1;
            let location = format!("Location: /v2/{repository}/blobs/uploads/{}?state=x", kept.uploads);
            return answer(202, &[&location], b"");
        }
        let digest = digest(&asked.body);
        if name.is_empty() || asked.parameter("digest").as_ref() != Some(&digest) {
            return answer(400, &[], br#"{"errors":[{"code":"DIGEST_INVALID","message":"wrong digest"}]}"#);
        }
        kept.blobs.insert(digest, asked.body.clone());
        answer(201, &[], b"")
    }

    fn blobs(&self, asked: &Asked, _: &str, name: &str) -> Vec<u8> {
        match self.kept().blobs.get(name) {
            Some(_) if asked.method == "HEAD" => answer(200, &[], b""),
            Some(content) => answer(200, &["Content-Type: application/octet-stream"], content),
            None => answer(404, &[], b""),
        }
    }
}

fn basic() -> String {
    format!("Basic {}", base64::encode(b"user:secret"))
}

fn digest(content: &[u8]) -> String {
    format!("sha256:{}", hex::encode(&Sha256::digest(content)))
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 || head.len() > 64 << 10 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let mut words = head.split(' ');
    let (method, target) = (words.next()?.to_string(), words.next()?.to_string());
    let mut asked = Asked { method, target, head: head.clone(), body: Vec::new() };
    let length: usize = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    asked.body = vec![0; length.min(64 << 20)];
    stream.read_exact(&mut asked.body).ok()?;
    Some(asked)
}
