//! Backends that `http` steps may ask. A flow names them; where they are, the configuration says, so that no flow can
//! reach anything else.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use reqwest::{
    Client, Method, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::{
    config::BackendConfig,
    core::advance::{Outcome, Request},
    metrics::REQUESTS,
};

/// Largest answer that is read, bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// Questions under way at once.
const MAX_ASKED: usize = 256;

/// All backends of the configuration.
pub struct Backends {
    known: BTreeMap<String, Backend>,
    /// Reaches public addresses only.
    public: Client,
    /// Reaches private ones too.
    private: Client,
    under_way: Semaphore,
}

struct Backend {
    url: String,
    private: bool,
    token: Option<String>,
}

impl Backends {
    /// Reads the configuration; an address that can't be asked stops the start.
    pub fn new(config: &BTreeMap<String, BackendConfig>) -> anyhow::Result<Self> {
        let mut known = BTreeMap::new();
        for (name, backend) in config {
            let url: Url = backend.url.parse().with_context(|| format!("ivr.backends.{name}.url"))?;
            anyhow::ensure!(
                matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none(),
                "ivr.backends.{name}.url must be an http or https URL without a query"
            );
            let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
            let inside = host.parse::<IpAddr>().is_ok_and(is_private);
            anyhow::ensure!(
                backend.private || !inside,
                "ivr.backends.{name}.url is a private address, which needs private = true"
            );
            let token = backend.token.as_ref().map(|token| token.reveal().to_owned());
            let url = backend.url.trim_end_matches('/').to_owned();
            known.insert(name.clone(), Backend { url, private: backend.private, token });
        }
        Ok(Self {
            known,
            public: client(false)?,
            private: client(true)?,
            under_way: Semaphore::new(MAX_ASKED),
        })
    }

    /// Their names.
    pub fn names(&self) -> BTreeSet<String> {
        self.known.keys().cloned().collect()
    }

    /// Asks a backend within its time and `left`. `attempt` is the same when the same question is asked again.
    pub async fn ask(&self, request: &Request, attempt: &str, left: Duration) -> Outcome {
        let wanted = Duration::from_millis(u64::try_from(request.timeout).unwrap_or(0));
        let answer = tokio::time::timeout(wanted.min(left), self.try_ask(request, attempt)).await;
        let (status, values) = match answer {
            Ok(Ok((status, body))) => (status, saved(request, &body)),
            Ok(Err(reason)) => {
                tracing::warn!(backend = request.backend, reason, "a backend did not answer");
                (0, BTreeMap::new())
            }
            Err(_) => {
                tracing::warn!(backend = request.backend, "a backend did not answer in time");
                (0, BTreeMap::new())
            }
        };
        let outcome = match status {
            200..300 => "answered",
            0 => "failed",
            _ => "refused",
        };
        REQUESTS.with_label_values(&[outcome]).inc();
        Outcome::Answer { status, values }
    }

    async fn try_ask(&self, request: &Request, attempt: &str) -> Result<(u16, Vec<u8>), String> {
        let backend = self.known.get(&request.backend).ok_or("it is not configured")?;
        let _turn = self.under_way.acquire().await.map_err(|error| error.to_string())?;
        let client = if backend.private { &self.private } else { &self.public };
        let method: Method = request.method.parse().map_err(|_| "it is no method")?;
        let url = format!("{}{}", backend.url, request.path);
        let mut question = client
            .request(method, url)
            .header("accept", "application/json")
            .header("idempotency-key", attempt);
        if !request.body.is_empty() {
            question = question.json(&request.body);
        }
        if let Some(token) = &backend.token {
            question = question.bearer_auth(token);
        }
        // The URL holds what customers entered: it is kept out of the log.
        let mut answer = question.send().await.map_err(|error| error.without_url().to_string())?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| error.without_url().to_string())? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(format!("its answer has more than {MAX_ANSWER} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
    }
}

/// The fields of an answer that the step keeps. Texts, numbers and truth values; the rest is not there.
fn saved(request: &Request, body: &[u8]) -> BTreeMap<String, String> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let fields = request.save.iter();
    fields.filter_map(|(name, pointer)| Some((name.clone(), text(answer.pointer(pointer)?)?))).collect()
}

fn client(private: bool) -> anyhow::Result<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("TLS to backends")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(2))
        .pool_idle_timeout(Duration::from_secs(30))
        .user_agent("switchboard");
    let builder = if private { builder } else { builder.dns_resolver(Arc::new(PublicOnly)) };
    builder.build().context("the client for backends")
}

/// Names resolve to public addresses, or not at all.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| !is_private(address.ip())).collect();
            if public.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Addresses of this machine, of private networks, and those that are nobody's (RFC 6890).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0)
                || (a == 198 && (18..20).contains(&b))
        }
        IpAddr::V6(address) => embedded(address).map_or_else(
            || {
                let first = address.segments()[0];
                address.is_loopback()
                    || address.is_unspecified()
                    || address.is_multicast()
                    || (first & 0xfe00) == 0xfc00
                    || (first & 0xffc0) == 0xfe80
            },
            is_private,
        ),
    }
}

/// The IPv4 address inside an IPv6 one: mapped, or behind NAT64.
fn embedded(address: Ipv6Addr) -> Option<IpAddr> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped.into());
    }
    let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() else { return None };
    let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
    Some(IpAddr::from([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(url: &str, private: bool) -> BTreeMap<String, BackendConfig> {
        [("shop".to_owned(), BackendConfig { url: url.to_owned(), private, token: None })].into()
    }

    #[test]
    fn a_private_address_has_to_be_allowed() {
        for url in ["http://127.0.0.1:80", "http://10.0.0.1/x", "http://[::1]/", "http://[::ffff:10.0.0.1]/"]
        {
            assert!(Backends::new(&backend(url, false)).is_err(), "{url}");
            assert!(Backends::new(&backend(url, true)).is_ok(), "{url}");
        }
        assert!(Backends::new(&backend("ftp://shop.example", false)).is_err());
        assert!(Backends::new(&backend("https://shop.example/api", false)).is_ok());
    }

    #[test]
    fn private_and_nobodys_addresses_are_told_from_public_ones() {
        for address in [
            "169.254.169.254",
            "100.64.0.1",
            "192.168.1.1",
            "0.0.0.0",
            "fd00::1",
            "fe80::1",
            "64:ff9b::a00:1",
        ] {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        for address in ["93.184.216.34", "2606:2800:220:1::1"] {
            assert!(!is_private(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_asked() {
        let backends = Backends::new(&backend("http://localhost:9", false)).unwrap();
        let request = Request {
            backend: "shop".into(),
            method: "GET".into(),
            path: "/".into(),
            timeout: 1_000,
            ..Request::default()
        };

        let outcome = backends.ask(&request, "a", Duration::from_secs(1)).await;

        assert_eq!(outcome, Outcome::Answer { status: 0, values: BTreeMap::new() });
    }

    #[test]
    fn fields_are_kept_as_text() {
        let save = [("a", "/x/y"), ("b", "/n"), ("c", "/list/1"), ("d", "/x"), ("e", "/nothing")];
        let save = save.map(|(name, pointer)| (name.to_owned(), pointer.to_owned())).into();
        let request = Request { save, ..Request::default() };

        let found = saved(&request, br#"{"x": {"y": "text"}, "n": 12.5, "list": [1, true]}"#);

        assert_eq!(
            found,
            [("a", "text"), ("b", "12.5"), ("c", "true")].map(|(k, v)| (k.into(), v.into())).into()
        );
        assert!(saved(&request, b"not json").is_empty());
    }
}
