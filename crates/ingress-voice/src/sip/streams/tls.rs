//! TLS for SIP: our certificate, read anew when its file changes, and whom we trust when we call a trunk.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use thiserror::Error;
use tokio_rustls::rustls::{
    self, ClientConfig, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// How often the files of the certificate are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Why TLS can't be had.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file is missing or holds none of what it should.
    #[error("{path} can't be read: {detail}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// The certificate and the key do not belong together, or are of a kind that is not known.
    #[error("certificate and key can't be used")]
    Pair(#[source] rustls::Error),
    /// No host name and no address.
    #[error("{0:?} is no name that a certificate could have")]
    Name(String),
    /// The machine trusts nobody.
    #[error("the machine has no certificates of authorities: {0}")]
    NoRoots(String),
}

/// The files of our certificate, the chain and its key, both PEM.
#[derive(Debug, Clone)]
pub struct CertificateFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl CertificateFiles {
    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let chain = chain(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| TlsError::File { path: self.key.clone(), detail: error.to_string() })?;
        Ok((chain, key))
    }

    fn certified(&self, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let (chain, key) = self.read()?;
        CertifiedKey::from_der(chain, key, provider).map_err(TlsError::Pair)
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |detail: String| TlsError::File { path: path.to_owned(), detail };
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?.collect();
    let chain = chain.map_err(|error| wrong(error.to_string()))?;
    if chain.is_empty() { Err(wrong("it holds no certificate".to_owned())) } else { Ok(chain) }
}

/// The certificate in use.
struct Current(RwLock<Arc<CertifiedKey>>);

impl fmt::Debug for Current {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Current")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// What we are to those who connect. A renewed certificate is used from the next connection on, within a minute.
pub fn server(files: &CertificateFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let current = Arc::new(Current(RwLock::new(Arc::new(files.certified(&provider)?))));
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
    let (files, weak) = (files.clone(), Arc::downgrade(&current));
    tokio::spawn(async move {
        let mut known = changed(&files).await;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(current) = weak.upgrade() else { return };
            let now = changed(&files).await;
            if now.is_none() || now == known {
                continue;
            }
            // A file that is being written is read again at the next look.
            match files.certified(&provider) {
                Ok(renewed) => {
                    *current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(renewed);
                    known = now;
                    tracing::info!("the certificate for SIP was renewed");
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a certificate is not readable");
                }
            }
        }
    });
    Ok(Arc::new(config))
}

async fn changed(files: &CertificateFiles) -> Option<[std::time::SystemTime; 2]> {
    let of = async |path: &Path| tokio::fs::metadata(path).await.and_then(|data| data.modified());
    let times: io::Result<_> = async { Ok([of(&files.certificate).await?, of(&files.key).await?]) }.await;
    times.ok()
}

/// How one trunk is called over TLS: whom we trust to vouch for it, and the name it must prove.
#[derive(Clone)]
pub struct Trust {
    pub config: Arc<ClientConfig>,
    pub name: ServerName<'static>,
}

/// Trusts the authorities in a PEM file, or those of the machine, to vouch for `name`. Shows our own certificate to who asks.
pub fn trust(
    authorities: Option<&Path>,
    name: &str,
    ours: Option<&CertificateFiles>,
) -> Result<Trust, TlsError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = authorities {
        for certificate in chain(path)? {
            roots.add(certificate).map_err(TlsError::Pair)?;
        }
    } else {
        let native = rustls_native_certs::load_native_certs();
        let (added, _) = roots.add_parsable_certificates(native.certs);
        if added == 0 {
            let errors: Vec<String> = native.errors.iter().map(ToString::to_string).collect();
            return Err(TlsError::NoRoots(errors.join(", ")));
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_root_certificates(roots);
    let config = match ours {
        Some(files) => {
            let (chain, key) = files.read()?;
            builder.with_client_auth_cert(chain, key).map_err(TlsError::Pair)?
        }
        None => builder.with_no_client_auth(),
    };
    let name = ServerName::try_from(name.trim_matches(['[', ']']).to_owned())
        .map_err(|_| TlsError::Name(name.to_owned()))?;
    Ok(Trust { config: Arc::new(config), name })
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use tempfile::TempDir;
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;

    /// Puts the papers of a new authority, and what it vouches for, into the folder.
    fn papers(folder: &TempDir) -> CertificateFiles {
        let mut authority = CertificateParams::new(vec![]).unwrap();
        authority.distinguished_name.push(DnType::CommonName, "an authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        let root = authority.self_signed(&authority_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["sip.example".to_owned()])
            .unwrap()
            .signed_by(&key, &Issuer::new(authority, authority_key))
            .unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("ca.pem"), root.pem()).unwrap();
        std::fs::write(path("key.pem"), key.serialize_pem()).unwrap();
        std::fs::write(path("cert.pem"), certificate.pem()).unwrap();
        CertificateFiles { certificate: path("cert.pem"), key: path("key.pem") }
    }

    async fn shake(server: &Arc<ServerConfig>, trust: &Trust) -> bool {
        let (ours, theirs) = tokio::io::duplex(32 * 1_024);
        let accepted = TlsAcceptor::from(Arc::clone(server)).accept(ours);
        let connected = TlsConnector::from(Arc::clone(&trust.config)).connect(trust.name.clone(), theirs);
        let (_, connected) = tokio::join!(accepted, connected);
        connected.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewed_certificate_is_used_within_a_minute_and_a_broken_one_never() {
        let folder = TempDir::new().unwrap();
        let authorities = folder.path().join("ca.pem");
        let trusted = || trust(Some(&authorities), "sip.example", None).unwrap();
        let server = server(&papers(&folder)).unwrap();
        let first = trusted();
        assert!(shake(&server, &first).await);
        tokio::time::sleep(Duration::from_secs(1)).await;

        std::fs::write(folder.path().join("cert.pem"), "half").unwrap();
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert!(shake(&server, &first).await);
        papers(&folder);
        tokio::time::sleep(Duration::from_secs(61)).await;

        assert!(!shake(&server, &first).await);
        assert!(shake(&server, &trusted()).await);
    }

    #[tokio::test]
    async fn another_name_is_not_believed_and_what_can_not_be_read_says_which_file() {
        let folder = TempDir::new().unwrap();
        let files = papers(&folder);
        let authorities = folder.path().join("ca.pem");
        let serving = server(&files).unwrap();

        let other = trust(Some(&authorities), "other.example", None).unwrap();
        assert!(!shake(&serving, &other).await);
        let missing = CertificateFiles { key: folder.path().join("none.pem"), ..files };
        let error = server(&missing).unwrap_err().to_string();
        assert!(error.contains("none.pem can't be read"), "{error}");
        assert!(matches!(trust(Some(&authorities), "not a name", None), Err(TlsError::Name(_))));
    }
}
