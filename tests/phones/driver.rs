//! Drives `phone.py`: a real softphone from a Rust test.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// How long an expected event may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// One phone, its own process.
pub struct Phone {
    name: String,
    child: Child,
    input: ChildStdin,
    events: Receiver<Value>,
}

impl Phone {
    /// Opens a phone that calls, and with a password also registers, and waits until it is registered.
    pub fn open(server: &str, user: &str, password: Option<&str>) -> Self {
        Self::open_with(json!({"server": server, "user": user, "password": password}))
    }

    /// As [`Phone::open`], with all the fields of the command `start`.
    pub fn open_with(fields: Value) -> Self {
        let mut phone = Self::start(fields.clone());
        if fields["password"].is_string() {
            phone.expect("registered");
        }
        phone
    }

    /// Opens a phone and does not wait for its registration. With `inside`, in that network namespace.
    pub fn start(mut fields: Value) -> Self {
        let inside = fields.as_object_mut().and_then(|fields| fields.remove("inside"));
        let mut command = match inside.as_ref().and_then(Value::as_str) {
            None => Command::new(python()),
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", namespace, python()]);
                command
            }
        };
        let mut child = command
            .arg(folder().join("phone.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("a phone");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // The library says a few lines of its own at the start.
                if let Ok(event) = serde_json::from_str(&line)
                    && sender.send(event).is_err()
                {
                    return;
                }
            }
        });
        let name = fields["user"].as_str().unwrap_or("phone").to_owned();
        let mut phone = Self { name, child, input, events };
        fields["do"] = json!("start");
        phone.tell(fields);
        phone.expect("started");
        phone
    }

    /// Gives a command.
    pub fn tell(&mut self, command: Value) {
        writeln!(self.input, "{command}").expect("the phone takes commands");
    }

    /// Gives a command without fields.
    pub fn act(&mut self, action: &str) {
        self.tell(json!({"do": action}));
    }

    /// Waits for an event, passing over others; its fields.
    ///
    /// # Panics
    /// When it does not come within ten seconds, or a command failed.
    pub fn expect(&mut self, event: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut passed = Vec::new();
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(happened) if happened["event"] == event => return happened,
                Ok(happened) if happened["event"] == "failed" => panic!("{}: {happened}", self.name),
                Ok(happened) => passed.push(happened),
                Err(RecvTimeoutError::Timeout) => panic!("{}: no {event:?}, only {passed:?}", self.name),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("{}: the phone ended after {passed:?}", self.name)
                }
            }
        }
    }

    /// Whether an event comes within this time.
    pub fn sees(&mut self, event: &str, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        while let Ok(happened) = self.events.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if happened["event"] == event {
                return true;
            }
        }
        false
    }

    /// Listens for 400 ms: loudness, and the amplitude at each frequency.
    pub fn listen(&mut self, hertz: &[u32]) -> (u64, Vec<u64>) {
        self.tell(json!({"do": "listen", "ms": 400, "hertz": hertz}));
        let heard = self.expect("heard");
        let amplitudes =
            hertz.iter().map(|hertz| heard["hertz"][hertz.to_string()].as_u64().unwrap_or(0)).collect();
        (heard["rms"].as_u64().unwrap_or(0), amplitudes)
    }

    /// Waits until this frequency, and nothing like the other one, is heard.
    ///
    /// # Panics
    /// When it is not heard within ten seconds.
    pub fn expect_tone(&mut self, hertz: u32, not: u32) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (rms, heard) = self.listen(&[hertz, not]);
            if heard[0] > 2_000 && heard[1] < heard[0] / 10 {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{}: {hertz} Hz is not heard: rms {rms}, {heard:?}",
                self.name
            );
        }
    }

    /// Waits until whoever speaks now, or is about to, has finished.
    ///
    /// # Panics
    /// When nobody speaks, or does not stop, within twenty seconds.
    pub fn hear_out(&mut self) {
        let mut spoke = false;
        for _ in 0..50 {
            let (loudness, _) = self.listen(&[]);
            if spoke && loudness < 20 {
                return std::thread::sleep(Duration::from_millis(200));
            }
            spoke |= loudness > 100;
        }
        panic!("{}: {}", self.name, if spoke { "it does not end" } else { "nobody speaks" });
    }

    /// Says these words, by the voice of espeak-ng.
    ///
    /// # Panics
    /// When espeak-ng is not installed.
    pub fn speak(&mut self, words: &str, folder: &Path) {
        let file = folder.join(format!("{}.wav", words.replace(' ', "-")));
        let spoken =
            Command::new("espeak-ng").args(["-v", "en-us", "-s", "140", "-w"]).arg(&file).arg(words).status();
        assert!(spoken.expect("espeak-ng").success(), "{words:?} can be said");
        self.tell(json!({"do": "speak", "file": file}));
    }

    /// Kills the process: no BYE, no more audio.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = writeln!(self.input, "{}", json!({"do": "quit"}));
        let deadline = Instant::now() + Duration::from_secs(3);
        while Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.kill();
    }
}

/// `tests/phones`, found from whichever package includes this file.
fn folder() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .ancestors()
        .map(|ancestor| ancestor.join("tests/phones"))
        .find(|folder| folder.join("phone.py").exists())
        .expect("tests/phones")
}

/// The python that has the softphone's library.
pub fn python() -> &'static str {
    static PYTHON: OnceLock<String> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let made = Command::new(folder().join("setup.sh")).output().expect("setup.sh");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8_lossy(&made.stdout).trim().to_owned()
    })
}
