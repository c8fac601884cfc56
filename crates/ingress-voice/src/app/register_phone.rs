//! REGISTER: an agent's phone says where it can be rung.

use std::net::{IpAddr, SocketAddr};

use chassis::TxError;
use contract::{
    directory::v1::{GetSipCredentialRequest, directory_service_client::DirectoryServiceClient},
    subject,
};
use thiserror::Error;
use tonic::Code;

use super::Voice;
use crate::{
    sip::{
        digest::{Authorization, DigestError, Ha1},
        register::{Binding, Wish},
        signalling::Signalling,
    },
    store::registrations::{self, Registration},
};

/// Most phones one agent may have.
pub const MAX_PHONES: usize = 10;

/// A REGISTER as it came in.
#[derive(Debug, Clone)]
pub struct RegisterPhone {
    /// User of the address of record, in lower case.
    pub user: String,
    /// Value of the `Authorization` header.
    pub authorization: Option<String>,
    pub wish: Wish,
    pub source: SocketAddr,
    pub signalling: Signalling,
    pub user_agent: String,
    pub call_id: String,
    pub cseq: u32,
}

/// Why a phone is not registered.
#[derive(Debug, Error)]
pub enum RegisterPhoneError {
    /// It must prove who it is; with `stale`, the proof was good but old.
    #[error("the phone must sign in")]
    Challenge {
        /// See RFC 7616 §3.3.
        stale: bool,
    },
    /// No such user, or another user's password.
    #[error("user or password is wrong")]
    Denied,
    /// Too many wrong passwords from its address.
    #[error("too many failures from this address")]
    Limited,
    /// The agent has as many phones as may be.
    #[error("the agent has {MAX_PHONES} phones already")]
    TooMany,
    /// The directory does not answer.
    #[error("the directory is unavailable")]
    Directory(#[source] Box<tonic::Status>),
    /// The table can't be written.
    #[error("registrations can't be kept")]
    Store(#[from] TxError),
}

impl Voice {
    /// Checks the phone's proof, keeps its contacts, and returns all contacts of its agent with the time they have left.
    pub async fn register_phone(&self, request: RegisterPhone) -> Result<Vec<Binding>, RegisterPhoneError> {
        let now = self.clock.now();
        let (user, proof) = (&request.user, request.authorization.as_deref());
        let (tenant, agent) = self.authenticate("REGISTER", user, proof, request.source.ip()).await?;
        let mut tx = self.db.begin(&tenant).await?;
        match &request.wish {
            Wish::List => {}
            Wish::RemoveAll => registrations::remove(&mut tx, &agent, "", now).await?,
            Wish::Bind(bindings) => {
                for binding in bindings {
                    match binding {
                        Binding { contact, expires: 0 } => {
                            registrations::remove(&mut tx, &agent, contact, now).await?;
                        }
                        Binding { contact, expires } => {
                            let phone = Registration {
                                agent_id: agent.clone(),
                                contact: contact.clone(),
                                source: request.source.to_string(),
                                signalling: request.signalling,
                                user_agent: request.user_agent.clone(),
                                call_id: request.call_id.clone(),
                                cseq: i64::from(request.cseq),
                                expires_at: now.plus_millis(i64::from(*expires) * 1_000),
                            };
                            registrations::upsert(&mut tx, &phone).await?;
                        }
                    }
                }
            }
        }
        let phones = registrations::select(&mut tx, &agent, now).await?;
        if phones.len() > MAX_PHONES {
            return Err(RegisterPhoneError::TooMany);
        }
        tx.commit().await?;
        let left = |phone: &Registration| Binding {
            contact: phone.contact.clone(),
            expires: u32::try_from((phone.expires_at - now) / 1_000).unwrap_or(0),
        };
        let bindings = phones.iter().map(left).collect();
        self.phones.set(&tenant, &agent, phones);
        self.tell_others(&tenant, &agent).await;
        Ok(bindings)
    }

    /// Checks that a request comes from a phone of this user; the tenant and the agent.
    pub(super) async fn authenticate(
        &self,
        method: &str,
        user: &str,
        authorization: Option<&str>,
        address: IpAddr,
    ) -> Result<(String, String), RegisterPhoneError> {
        let now = self.clock.now().as_millis();
        if self.failures.is_limited(address, now) {
            return Err(RegisterPhoneError::Limited);
        }
        let Some(header) = authorization else {
            return Err(RegisterPhoneError::Challenge { stale: false });
        };
        // Another scheme is no wrong password: it is told which one counts.
        if !header.trim_start().to_ascii_lowercase().starts_with("digest ") {
            return Err(RegisterPhoneError::Challenge { stale: false });
        }
        let denied = || {
            self.failures.failed(address, now);
            RegisterPhoneError::Denied
        };
        let authorization = Authorization::parse(header).map_err(|_| denied())?;
        let username = authorization.username.to_ascii_lowercase();
        if username != user {
            return Err(denied());
        }
        let mut directory = DirectoryServiceClient::new(self.peers.of("directory", ""));
        let credential = directory
            .get_sip_credential(GetSipCredentialRequest { username, tenant_id: String::new() })
            .await
            .map_err(|status| match status.code() {
                Code::NotFound | Code::InvalidArgument | Code::FailedPrecondition => denied(),
                _ => RegisterPhoneError::Directory(Box::new(status)),
            })?
            .into_inner();
        let ha1 = Ha1 { md5: credential.ha1_md5, sha256: credential.ha1_sha256 };
        match self.challenger.verify(&authorization, method, &ha1, now) {
            Ok(()) => Ok((credential.tenant_id, credential.agent_id)),
            Err(DigestError::Stale) => Err(RegisterPhoneError::Challenge { stale: true }),
            Err(DigestError::Wrong | DigestError::Malformed) => Err(denied()),
        }
    }

    /// Other instances read this agent's phones anew. A lost word costs them one look into the table.
    pub(super) async fn tell_others(&self, tenant: &str, agent: &str) {
        let word = format!("{}\n{agent}", self.holder());
        let subject = subject::live("voice", "registered", tenant);
        if let Err(error) = self.bus.nats().publish(subject, word.into()).await {
            tracing::debug!(%error, "other instances were not told of a registration");
        }
    }
}
