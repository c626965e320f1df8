//! Debian's `docker-registry`: another implementation than ours, and one without the referrers API.

#![allow(clippy::print_stderr)] // What was left out is said where it is seen.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A `docker-registry` on the loopback address, with an empty store that goes away.
#[derive(Debug)]
pub struct DebianRegistry {
    child: Child,
    port: u16,
    _room: tempfile::TempDir,
}

impl DebianRegistry {
    /// Starts one; `None` if the program is not installed, which is said on standard error with what `test` is left out then.
    ///
    /// # Panics
    /// If it is installed and does not start within ten seconds.
    pub fn start(test: &str) -> Option<Self> {
        let program = ["/usr/bin/docker-registry", "/usr/local/bin/docker-registry"]
            .into_iter()
            .find(|path| fs::exists(path).unwrap_or(false));
        let Some(program) = program else {
            eprintln!("LEFT OUT: {test}: docker-registry is not installed (Debian: apt-get install docker-registry)");
            return None;
        };
        let room = tempfile::tempdir().expect("a directory");
        // Somebody else may take the port in between; then there is another one.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
            let store = room.path().join("store");
            let config = format!(
                "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\n  delete:\n    enabled: true\nhttp:\n  addr: 127.0.0.1:{port}\n",
                store.display()
            );
            let file = room.path().join("config.yml");
            fs::write(&file, config).expect("a file");
            let mut command = Command::new(program);
            command
                .arg("serve")
                .arg(&file)
                .env_clear()
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let mut child = command.spawn().expect("the program runs");
            for _ in 0..200 {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() && matches!(child.try_wait(), Ok(None)) {
                    return Some(Self { child, port, _room: room });
                }
                if !matches!(child.try_wait(), Ok(None)) {
                    break;
                }
                thread::sleep(Duration::from_millis(50));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("docker-registry does not start");
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Sends a request as a client would, and gives status and head of the answer.
    ///
    /// # Panics
    /// If it does not answer.
    pub fn ask(&self, method: &str, target: &str, content_type: &str, body: &[u8]) -> (u16, String) {
        use std::io::{Read as _, Write as _};

        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.host(),
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, answer.split("\r\n\r\n").next().unwrap_or_default().to_string())
    }

    /// Pushes an image under its tag, the way the specification says.
    ///
    /// # Panics
    /// If the registry refuses.
    pub fn push(&self, repository: &str, image: &super::Image, tag: &str) -> super::Described {
        for blob in &image.blobs {
            let (status, head) = self.ask("POST", &format!("/v2/{repository}/blobs/uploads/"), "text/plain", b"");
            assert_eq!(status, 202, "{head}");
            let location = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("location").then(|| value.to_string())
            });
            let location = location.expect("a location");
            let target = location.split_once(&self.host()).map_or(location.as_str(), |(_, target)| target);
            let target = format!("{target}&digest={}", blob.described().digest);
            let (status, head) = self.ask("PUT", &target, "application/octet-stream", &blob.content);
            assert_eq!(status, 201, "{head}");
        }
        let target = format!("/v2/{repository}/manifests/{tag}");
        let (status, head) = self.ask("PUT", &target, &image.manifest.media_type, &image.manifest.content);
        assert_eq!(status, 201, "{head}");
        image.described()
    }
}

impl Drop for DebianRegistry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
