//! A server in a temporary directory, which goes when the test goes, however that ends.
#![allow(clippy::disallowed_methods)] // Tests have a clock.

use std::fs;
use std::io::{self, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use stella_vocabulary::{UnixTime, pem};

use crate::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL, Authority};
use crate::certificate::{CertificateBuilder, Extension, SubjectAltName, name, to_pem};
use crate::key::TestKey;
use crate::oid;

/// The superuser of every test server.
pub const USER: &str = "stella";
/// His password, which is asked for over TCP.
pub const PASSWORD: &str = "never:trust/this@password";

/// Runs the server until its standard input ends, which it does with the test, killed or not, and then removes the directory. After a line
/// it only ends the server.
const KEEPER: &str = r#"dir=$1; shift
"$@" </dev/null &
child=$!
if read -r line; then kill -QUIT "$child" 2>/dev/null; wait "$child"; exit 0; fi
kill -QUIT "$child" 2>/dev/null
wait "$child"
cd / && rm -rf "$dir""#;

/// A PostgreSQL server, reachable through a Unix socket without a password and on 127.0.0.1 with one, with or without TLS (for `localhost`).
pub struct Server {
    binaries: PathBuf,
    directory: PathBuf,
    port: u16,
    user: Option<(u32, u32)>,
    options: Vec<String>,
    keeper: Mutex<Option<Child>>,
}

impl Server {
    /// Starts a server; `None`, with a line about it on standard error, where PostgreSQL is not installed.
    ///
    /// # Panics
    /// When it is installed and does not start.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with these settings, each `name=value`.
    pub fn start_with(settings: &[&str]) -> Option<Self> {
        let server = Self::made(settings)?;
        let password = server.file("password", PASSWORD);
        let done = server
            .command("initdb")
            .args(["--auth-local=trust", "--auth-host=scram-sha-256", "--data-checksums", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C", "--username", USER])
            .arg(format!("--pwfile={}", password.display()))
            .arg("-D")
            .arg(server.data())
            .output()
            .expect("initdb runs");
        assert!(done.status.success(), "initdb: {}", String::from_utf8_lossy(&done.stderr));
        server.run();
        Some(server)
    }

    /// A second server that follows this one, and can only be read.
    pub fn standby(&self) -> Self {
        let standby = Self::made(&["hot_standby=on"]).expect("there is one server already");
        let done = standby
            .command("pg_basebackup")
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--username", USER, "--host"])
            .arg(&self.directory)
            .arg(format!("--port={}", self.port))
            .arg("-D")
            .arg(standby.data())
            .output()
            .expect("pg_basebackup runs");
        assert!(done.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&done.stderr));
        standby.run();
        standby
    }

    /// One server for all tests of a program.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// The directory of everything, which is also that of the Unix socket.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The directory of the cluster.
    pub fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// The TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address through the Unix socket.
    pub fn socket_url(&self, schema: &str) -> String {
        format!("postgres://{USER}@:{}/postgres?host={}&schema={schema}", self.port, self.directory.display())
    }

    /// Its address on this machine without TLS.
    pub fn loopback_url(&self, schema: &str) -> String {
        loopback_url(self.port, schema)
    }

    /// Its address with TLS, as it should be used.
    pub fn tls_url(&self, schema: &str) -> String {
        let roots = self.directory.join("root.pem");
        let login = login();
        format!("postgres://{login}@localhost:{}/postgres?schema={schema}&sslrootcert={}", self.port, roots.display())
    }

    /// What `psql` says to these statements.
    ///
    /// # Panics
    /// When they fail.
    pub fn sql(&self, statements: &str) -> String {
        self.try_sql(statements).expect("the statements are carried out")
    }

    /// What `psql` says to these statements.
    ///
    /// # Errors
    /// What it complains about.
    pub fn try_sql(&self, statements: &str) -> Result<String, String> {
        let done = self
            .command("psql")
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-U", USER, "-d", "postgres", "-c", statements, "-h"])
            .arg(&self.directory)
            .arg(format!("-p{}", self.port))
            .output()
            .map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if done.status.success() { Ok(text(&done.stdout)) } else { Err(text(&done.stderr)) }
    }

    /// Ends the server and all its processes from one moment to the next, as if the power went.
    pub fn kill(&self) {
        let Some(mut keeper) = self.keeper().take() else { return };
        let postmaster = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        if let Some(postmaster) = postmaster.lines().next().and_then(|line| line.trim().parse::<u32>().ok()) {
            let mut all = vec![postmaster];
            all.extend(children(postmaster));
            let all: Vec<String> = all.iter().map(u32::to_string).collect();
            let _ = Command::new("kill").arg("-KILL").args(&all).stderr(Stdio::null()).status();
        }
        stop(&mut keeper);
        let _ = fs::remove_file(self.data().join("postmaster.pid"));
    }

    /// Ends one process of the server, upon which the server ends all others and recovers.
    pub fn kill_backends(&self, application_name: &str) {
        let pids = self.sql(&format!("SELECT pid FROM pg_stat_activity WHERE application_name = '{application_name}'"));
        for pid in pids.lines() {
            let _ = Command::new("kill").args(["-KILL", pid]).stderr(Stdio::null()).status();
        }
    }

    /// Stops the server without asking its connections, leaving its files.
    pub fn stop(&self) {
        if let Some(mut keeper) = self.keeper().take() {
            stop(&mut keeper);
        }
    }

    /// Starts it after [`Server::kill`] or [`Server::stop`].
    pub fn start_again(&self) {
        self.run();
    }

    fn made(settings: &[&str]) -> Option<Self> {
        let Some(binaries) = binaries() else {
            // Not through `eprintln!`, which the test harness keeps to itself where a test passes.
            let _ =
                writeln!(io::stderr(), "LEFT OUT: this test needs PostgreSQL (initdb and postgres), and there is none");
            return None;
        };
        let directory =
            tempfile::Builder::new().prefix("stella-pg-").tempdir().expect("a directory can be made").keep();
        let user = (fs::metadata("/proc/self").map_or(0, |own| own.uid()) == 0).then(other_user);
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let port =
            TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a port is free").port();
        let options = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let server = Self { binaries, directory, port, user, options, keeper: Mutex::new(None) };
        server.owned(&server.directory);
        let key = TestKey::p256("stella PostgreSQL TEST KEY");
        server.file("root.pem", &authority().pem());
        server.file("server.pem", &to_pem(&leaf(&key, "localhost", AUTHORITY_FROM, AUTHORITY_UNTIL)));
        let secret = server.file("server.key", &pem::encode("PRIVATE KEY", &key.signing_key().to_pkcs8_der()));
        fs::set_permissions(secret, fs::Permissions::from_mode(0o600)).expect("it is ours");
        Some(server)
    }

    /// Gives the server another certificate: for this host, from and until then.
    pub fn certify(&self, host: &str, from: UnixTime, until: UnixTime) {
        let key = TestKey::p256("stella PostgreSQL TEST KEY");
        self.file("server.pem", &to_pem(&leaf(&key, host, from, until)));
        // A reload takes effect at some later moment.
        self.stop();
        self.start_again();
    }

    fn keeper(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut keeper = self.as_user(Command::new("/bin/sh"));
        keeper.arg("-c").arg(KEEPER).arg("keeper").arg(&self.directory).arg(self.binaries.join("postgres"));
        keeper.arg("-D").arg(self.data()).arg(format!("-p{}", self.port));
        let file = |name: &str| self.directory.join(name).display().to_string();
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", self.directory.display()),
            "fsync=off".to_owned(),
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", file("server.pem")),
            format!("ssl_key_file={}", file("server.key")),
            "shared_buffers=16MB".to_owned(),
            "max_connections=60".to_owned(),
            "log_checkpoints=off".to_owned(),
        ];
        for setting in settings.iter().chain(&self.options) {
            keeper.args(["-c", setting]);
        }
        let log = fs::OpenOptions::new().create(true).append(true).open(self.directory.join("log")).expect("a log");
        let errors = log.try_clone().expect("a log");
        // In a group of its own, so that an interrupt at the terminal leaves it alive to clean up.
        keeper.stdin(Stdio::piped()).stdout(log).stderr(errors).process_group(0);
        *self.keeper() = Some(keeper.spawn().expect("a shell can be started"));
        let begin = Instant::now();
        while self.try_sql("SELECT 1").is_err() {
            let log = || fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            assert!(begin.elapsed() < Duration::from_secs(60), "the server does not start: {}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.as_user(Command::new(self.binaries.join(program)));
        command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
        command
    }

    /// The server refuses to run as root.
    fn as_user(&self, mut command: Command) -> Command {
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command.current_dir(&self.directory);
        command
    }

    fn file(&self, name: &str, contents: &str) -> PathBuf {
        let path = self.directory.join(name);
        fs::write(&path, contents).expect("it can be written");
        self.owned(&path);
        path
    }

    fn owned(&self, path: &Path) {
        if let Some((user, group)) = self.user {
            std::os::unix::fs::chown(path, Some(user), Some(group)).expect("root may give files away");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper().take() {
            // The end of its input is the sign.
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The address of whatever listens on this port of this machine, without TLS.
pub(super) fn loopback_url(port: u16, schema: &str) -> String {
    format!("postgres://{}@127.0.0.1:{port}/postgres?sslmode=disable&schema={schema}", login())
}

fn login() -> String {
    format!("{USER}:{}", PASSWORD.replace('/', "%2F").replace('@', "%40").replace(':', "%3A"))
}

/// The authority of the certificates of test servers.
pub fn authority() -> Authority {
    Authority::root_with(TestKey::p256("stella PostgreSQL authority TEST KEY"), |builder| builder)
}

fn leaf(key: &TestKey, host: &str, from: UnixTime, until: UnixTime) -> Vec<u8> {
    let authority = authority();
    let builder = CertificateBuilder::new(name(key.label()), key, from, until)
        .extension(Extension::signer_key_usage())
        .extension(Extension::extended_key_usage(&[oid::SERVER_AUTH]))
        .extension(Extension::subject_alt_names(&[SubjectAltName::Dns(host.to_owned())]));
    authority.issued(builder).sign(authority.key())
}

fn stop(keeper: &mut Child) {
    if let Some(mut input) = keeper.stdin.take() {
        let _ = input.write_all(b"stop\n");
    }
    let _ = keeper.wait();
}

/// Debian's directories, the latest version first.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            let path = path.join("bin");
            (path.join("initdb").is_file() && path.join("postgres").is_file()).then_some((version, path))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}

/// A user that is not root: `postgres`, or else `nobody`.
fn other_user() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let of = |wanted: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next()? == wanted).then_some(())?;
            Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
        })
    };
    of("postgres").or_else(|| of("nobody")).expect("there is a user besides root")
}

/// The processes that a process has started.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // "12 (a name) S 1 …", where the name can hold anything.
            let (_, rest) = stat.rsplit_once(')')?;
            (rest.split_whitespace().nth(1)?.parse::<u32>().ok()? == parent).then_some(process)
        })
        .collect()
}
