//! A visitor connects: who they are, which conversation they are in, or the beginning of a new one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chassis::{Claims, TokenError, TxError};
use contract::Timestamp;
use uuid::Uuid;

use super::{App, EntryPointError, batch, batch::Key, entry_points::Entry};
use crate::{
    core::{Conversation, Input, Start, Step},
    metrics, store,
};

/// Audience of visitors' tokens; access tokens have another.
const AUDIENCE: &str = "visitor";

/// What a visitor brings, already clean.
#[derive(Clone, Debug, Default)]
pub struct Hello {
    pub tenant: String,
    pub entry_point: String,
    pub visitor_token: String,
    /// The conversation to go on with; none: the open one, or a new one.
    pub interaction_id: Option<Uuid>,
    pub name: String,
    pub email: String,
    /// The page the browser names.
    pub origin: Option<String>,
}

/// What a visitor gets.
#[derive(Clone, Debug)]
pub struct Welcomed {
    pub key: Key,
    pub entry: Entry,
    pub visitor_id: String,
    pub visitor_token: String,
}

/// Why a visitor is not welcome.
#[derive(Debug, thiserror::Error)]
pub enum HelloError {
    /// No such entry point, or not from this page, or nobody knows.
    #[error(transparent)]
    EntryPoint(#[from] EntryPointError),
    /// The token is not ours, or of another tenant.
    #[error("the visitor token is not valid")]
    Token,
    /// The token was ours once: forget it and come as somebody new.
    #[error("the visitor token has expired")]
    TokenExpired,
    /// Not there, or somebody else's.
    #[error("there is no such conversation of this visitor")]
    UnknownInteraction,
    /// Too many beginnings at once.
    #[error("too many chats begin at the moment, try again in a few seconds")]
    TooMany,
    /// The database is away.
    #[error("the centre can't be reached at the moment")]
    Away(#[from] TxError),
}

impl From<sqlx::Error> for HelloError {
    fn from(error: sqlx::Error) -> Self {
        Self::Away(error.into())
    }
}

impl App {
    /// Welcomes a visitor. The conversation is there, and durable, when this returns.
    pub async fn say_hello(self: &Arc<Self>, hello: Hello) -> Result<Welcomed, HelloError> {
        let entry = self.entry_points.resolve(&self.peers, &hello.tenant, &hello.entry_point).await?;
        entry.admit(hello.origin.as_deref())?;
        let visitor_id = match hello.visitor_token.as_str() {
            "" => Uuid::parse_str(&self.new_id()).unwrap_or_default(),
            token => self.visitor(token, &entry.tenant)?,
        };
        let (interaction_id, outcome) = match hello.interaction_id {
            Some(id) => {
                self.own_conversation(&entry.tenant, id, visitor_id).await?;
                (id, "resumed")
            }
            None => self.open_conversation(&entry, visitor_id, &hello).await?,
        };
        metrics::HELLOS.with_label_values(&[outcome]).inc();
        let key = Key { tenant: Arc::clone(&entry.tenant), interaction_id };
        let here = Input::CustomerHere { name: hello.name, email: hello.email };
        // Not worth failing for: the next sign of life stores it again.
        let _ = self.committer.run(key.clone(), here, Vec::new()).await;
        let visitor_token = self.visitor_token(&entry.tenant, visitor_id);
        Ok(Welcomed { key, entry, visitor_id: visitor_id.to_string(), visitor_token })
    }

    /// The visitor behind a token of `tenant`.
    pub fn visitor(&self, token: &str, tenant: &str) -> Result<Uuid, HelloError> {
        let claims = self.auth.claims(token, AUDIENCE).map_err(|error| match error {
            TokenError::Invalid => HelloError::Token,
            TokenError::Expired => HelloError::TokenExpired,
        })?;
        let visitor_id = Uuid::parse_str(&claims.user).map_err(|_| HelloError::Token)?;
        if claims.tenant == tenant { Ok(visitor_id) } else { Err(HelloError::Token) }
    }

    /// Visitor and tenant of a token, for requests that carry nothing else.
    pub fn visitor_and_tenant(&self, token: &str) -> Result<(Uuid, String), HelloError> {
        let claims = self.auth.claims(token, AUDIENCE).map_err(|error| match error {
            TokenError::Invalid => HelloError::Token,
            TokenError::Expired => HelloError::TokenExpired,
        })?;
        let visitor_id = Uuid::parse_str(&claims.user).map_err(|_| HelloError::Token)?;
        Ok((visitor_id, claims.tenant))
    }

    /// The visitor's own conversation; anybody else's does not exist.
    pub async fn own_conversation(
        &self,
        tenant: &str,
        interaction_id: Uuid,
        visitor_id: Uuid,
    ) -> Result<Conversation, HelloError> {
        let visitor_id = visitor_id.to_string();
        let found = self.find(tenant, interaction_id).await?;
        found.filter(|found| found.visitor_id == visitor_id).ok_or(HelloError::UnknownInteraction)
    }

    fn visitor_token(&self, tenant: &str, visitor_id: Uuid) -> String {
        let claims = Claims {
            user: visitor_id.to_string(),
            tenant: tenant.to_owned(),
            name: String::new(),
            roles: Vec::new(),
            session: String::new(),
            audience: AUDIENCE.to_owned(),
            expires: 0,
        };
        self.auth.mint(claims, self.config.visitor_token_lifetime.0).0
    }

    async fn open_conversation(
        self: &Arc<Self>,
        entry: &Entry,
        visitor_id: Uuid,
        hello: &Hello,
    ) -> Result<(Uuid, &'static str), HelloError> {
        let (tenant, entry_point) = (&entry.tenant, &entry.entry_point);
        let mut tx = self.db.begin(tenant).await?;
        if let Some(open) =
            store::conversation::find_open(tx.conn(), tenant, visitor_id, &entry_point.key).await?
        {
            return Ok((open, "resumed"));
        }
        if !self.starts.take(tenant, Instant::now()) {
            return Err(HelloError::TooMany);
        }
        let now: Timestamp = self.clock.now();
        let start = Start {
            tenant: tenant.to_string(),
            interaction_id: self.ids.new_id(now),
            entry_point: entry_point.key.clone(),
            flow: entry_point.flow.clone(),
            visitor_id: visitor_id.to_string(),
            name: hello.name.clone(),
            email: hello.email.clone(),
        };
        let mut new_id = || self.ids.new_id(now);
        let (conversation, outcome) =
            Conversation::start(start, &self.limits, &mut Step { now, new_id: &mut new_id });
        if !store::conversation::insert(tx.conn(), &conversation).await? {
            // Another tab was first.
            drop(tx);
            return self.opened_by_another_tab(tenant, visitor_id, &entry_point.key).await;
        }
        let changed = [(conversation, outcome)];
        batch::write(&mut tx, &changed, "").await?;
        tx.commit().await?;
        let [(conversation, outcome)] = changed;
        tracing::info!(
            interaction.id = conversation.interaction_id,
            tenant = conversation.tenant,
            entry_point = conversation.entry_point,
            "a chat has begun"
        );
        let id = Uuid::parse_str(&conversation.interaction_id).unwrap_or_default();
        self.committed(&conversation, outcome);
        Ok((id, "started"))
    }

    async fn opened_by_another_tab(
        &self,
        tenant: &str,
        visitor_id: Uuid,
        entry_point: &str,
    ) -> Result<(Uuid, &'static str), HelloError> {
        for _ in 0..10 {
            let mut tx = self.db.begin(tenant).await?;
            let open = store::conversation::find_open(tx.conn(), tenant, visitor_id, entry_point).await?;
            if let Some(open) = open {
                return Ok((open, "resumed"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(HelloError::TooMany)
    }
}
