//! Somebody at home: a network namespace behind a router that translates addresses, with a cable to this machine.
//!
//! What is started inside (`ip netns exec`) tells addresses that nobody outside reaches, as telephones and browsers at home do.

use std::{path::Path, process::Command};

/// Namespaces `home` and `router`; they go with it, and so does the cable to this machine. Each test process has networks of its own.
#[derive(Debug)]
pub struct Home {
    /// The namespace in which people are.
    pub home: String,
    /// This machine, as it is seen from there.
    pub centre: String,
    /// The address that who is there believes to have.
    pub address: String,
    router: String,
}

fn done(line: &str) -> bool {
    let mut words = line.split(' ');
    let program = words.next().unwrap_or_default();
    Command::new(program).args(words).output().is_ok_and(|output| output.status.success())
}

impl Home {
    /// None where the machine does not let us make networks.
    ///
    /// # Panics
    /// When it does and something is missing: the Debian packages iproute2 and iptables.
    #[must_use]
    pub fn build() -> Option<Self> {
        let id = std::process::id();
        // Two networks of 10.64.0.0/10 for each process.
        let place = id % (1 << 13) * 2;
        let network = |nth: u32| format!("10.{}.{}", 64 + ((place + nth) >> 8), (place + nth) & 255);
        let (outside, inside) = (network(0), network(1));
        let cable = format!("sbc{id}");
        let this = Self {
            home: format!("sbh{id}"),
            centre: format!("{outside}.1"),
            address: format!("{inside}.2"),
            router: format!("sbr{id}"),
        };
        let Self { home, router, centre, address } = &this;
        if !done(&format!("ip netns add {router}")) {
            return None;
        }
        let steps = [
            format!("ip netns add {home}"),
            format!("ip link add {cable} type veth peer name out netns {router}"),
            format!("ip link add in netns {router} type veth peer name eth0 netns {home}"),
            format!("ip addr add {centre}/24 dev {cable}"),
            format!("ip link set {cable} up"),
            format!("ip -n {router} addr add {outside}.2/24 dev out"),
            format!("ip -n {router} addr add {inside}.1/24 dev in"),
            format!("ip -n {router} link set out up"),
            format!("ip -n {router} link set in up"),
            format!("ip -n {home} addr add {address}/24 dev eth0"),
            format!("ip -n {home} link set eth0 up"),
            format!("ip -n {home} link set lo up"),
            format!("ip -n {home} route add default via {inside}.1"),
            format!("ip netns exec {router} sysctl -q -w net.ipv4.ip_forward=1"),
            // Other ports outside than inside, another for each destination: as the worst routers have it.
            format!("ip netns exec {router} iptables -t nat -A POSTROUTING -o out -j MASQUERADE --random"),
        ];
        for step in &steps {
            assert!(done(step), "{step} (Debian packages iproute2, iptables)");
        }
        Some(this)
    }

    /// What the router lets out from now on, each a rule of iptables: `-p udp --dport 3478`; no rule: everything. Answers come in.
    ///
    /// # Panics
    /// When a rule makes no sense.
    pub fn let_out(&self, rules: &[&str]) {
        let iptables = |rule: &str| {
            let line = format!("ip netns exec {} iptables {rule}", self.router);
            assert!(done(&line), "{line}");
        };
        iptables("-F FORWARD");
        for rule in rules {
            iptables(&format!("-A FORWARD -i in {rule} -j ACCEPT"));
        }
        if !rules.is_empty() {
            iptables("-A FORWARD -i in -j DROP");
        }
    }

    /// A program that starts another one in there, for whoever only takes the name of a program; written into `folder`.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn door(&self, folder: &Path, program: &str) -> std::io::Result<std::path::PathBuf> {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.join(format!("in-{}", self.home));
        std::fs::write(&path, format!("#!/bin/sh\nexec ip netns exec {} {program} \"$@\"\n", self.home))?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        Ok(path)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        done(&format!("ip netns del {}", self.home));
        done(&format!("ip netns del {}", self.router));
    }
}
