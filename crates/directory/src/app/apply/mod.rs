//! Makes a tenant look as described: all or nothing, idempotent, and only what differs is written and told.
//!
//! Passwords are slow to verify and hash, so that happens before the transaction that writes. It begins by looking
//! again: when something has changed meanwhile, everything is compared anew.

mod credentials;
mod facts;

use std::collections::BTreeMap;

use chassis::{Caller, CallerError, ErrorKind, Failure, Tx, TxError};
use contract::directory::v1::{ApplyRequest, ApplyResponse, Centre, Role, User, Violation};

use self::credentials::Credentials;
use super::{App, BeginError, passwords::PasswordError};
use crate::{
    core::{
        check::{Known, check},
        diff::{Diff, diff},
        entity::{Entity, Kind},
        normal::normal,
    },
    metrics::{APPLIES, SESSIONS_REVOKED},
    store::{self, Stored, account::Credential},
};

/// How often a change of somebody else may come in between.
const ATTEMPTS: usize = 4;

/// Why a centre was not applied; mistakes in it are no error but part of the response.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// No centre in the request.
    #[error("centre is missing")]
    NoCentre,
    /// A centre of another tenant than the caller's.
    #[error("the centre is of the tenant {described:?}, you may change {own:?}")]
    OtherTenant {
        /// The tenant described.
        described: String,
        /// The caller's.
        own: String,
    },
    /// Somebody else keeps changing the same tenant.
    #[error("somebody else is changing this tenant, try again")]
    Contended,
    /// Too many centres are being applied.
    #[error("too many centres are being applied, try again in a moment")]
    Busy,
    /// Not the role for it.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// A password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for ApplyError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for ApplyError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoCentre => ErrorKind::Invalid { field: "centre" },
            Self::OtherTenant { .. } => ErrorKind::Denied,
            Self::Contended => ErrorKind::Precondition { reason: "CONTENDED" },
            Self::Busy => ErrorKind::Exhausted,
            Self::Denied(error) => error.kind(),
            Self::Password(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Applies a centre, or says what would change. The same `request_id` a second time changes nothing.
pub async fn apply(app: &App, caller: &Caller, request: ApplyRequest) -> Result<ApplyResponse, ApplyError> {
    caller.require(&[Role::Administrator])?;
    let centre = normal(request.centre.ok_or(ApplyError::NoCentre)?);
    let described = centre.tenant.as_ref().map_or("", |tenant| &tenant.key);
    if described != caller.tenant {
        let (described, own) = (described.to_owned(), caller.tenant.clone());
        return Err(ApplyError::OtherTenant { described, own });
    }
    let _one_of_few = app.applies.try_acquire().map_err(|_| ApplyError::Busy)?;
    for _ in 0..ATTEMPTS {
        let stored = store::load(&mut app.begin(&caller.tenant).await?).await?;
        let violations = violations(app, &centre, &request.known_flows, &stored).await?;
        if !violations.is_empty() {
            APPLIES.with_label_values(&["refused"]).inc();
            return Ok(ApplyResponse { changes: Vec::new(), violations });
        }
        let credentials = Credentials::compare(&app.passwords, &centre, &stored).await?;
        let diff = diff(&stored.centre, &centre, &credentials.to_set());
        let changes = diff.changes();
        if request.dry_run || (diff.is_empty() && credentials.differ_in_nothing(&stored)) {
            APPLIES.with_label_values(&[if request.dry_run { "dry-run" } else { "unchanged" }]).inc();
            return Ok(ApplyResponse { changes, violations: Vec::new() });
        }
        let credentials = credentials.hash(&app.passwords).await?;
        let write =
            Write { caller, request_id: &request.request_id, centre: &centre, stored, diff, credentials };
        match write.run(app).await? {
            Outcome::Applied => return Ok(ApplyResponse { changes, violations: Vec::new() }),
            Outcome::Repeated => return Ok(ApplyResponse::default()),
            Outcome::Overtaken => {}
        }
    }
    Err(ApplyError::Contended)
}

/// Mistakes in the centre, and addresses that belong to other tenants.
async fn violations(
    app: &App,
    centre: &Centre,
    known_flows: &[String],
    stored: &Stored,
) -> Result<Vec<Violation>, ApplyError> {
    let with_password = stored.credentials.iter().filter(|(_, one)| !one.password_hash.is_empty());
    let known = Known {
        flows: known_flows.iter().cloned().collect(),
        users_with_password: with_password.map(|(login, _)| login.clone()).collect(),
        password_min_length: app.password_min_length,
    };
    let mut violations = check(centre, &known);
    let tenant = centre.tenant.as_ref().map_or("", |tenant| &tenant.key);
    let addresses: Vec<(i32, &str)> = centre.entry_points.iter().flat_map(store::address::rows_of).collect();
    let mut tx = app.db.begin_for_every_tenant().await?;
    let taken = store::address::taken_by_others(&mut tx, tenant, &addresses).await?;
    for point in &centre.entry_points {
        for (place, address) in point.addresses.iter().enumerate() {
            if taken.iter().any(|(channel, taken)| *channel == point.channel && taken == address) {
                violations.push(Violation {
                    field: format!("entry_points[{}].addresses[{place}]", point.key),
                    reason: "belongs to another tenant".to_owned(),
                });
            }
        }
    }
    Ok(violations)
}

enum Outcome {
    Applied,
    /// The request was applied before.
    Repeated,
    /// Somebody else has changed the tenant since it was compared.
    Overtaken,
}

/// Everything the writing transaction needs.
struct Write<'a> {
    caller: &'a Caller,
    request_id: &'a str,
    centre: &'a Centre,
    stored: Stored,
    diff: Diff,
    credentials: BTreeMap<String, Credential>,
}

impl Write<'_> {
    async fn run(&self, app: &App) -> Result<Outcome, ApplyError> {
        let tenant = &self.caller.tenant;
        let mut tx = app.begin(tenant).await?;
        store::lock(&mut tx).await?;
        if !self.request_id.is_empty()
            && !tx.first_time("apply", &format!("{tenant}/{}", self.request_id)).await?
        {
            APPLIES.with_label_values(&["repeated"]).inc();
            return Ok(Outcome::Repeated);
        }
        if store::load(&mut tx).await? != self.stored {
            return Ok(Outcome::Overtaken);
        }
        match self.write(&mut tx).await {
            Err(TxError::Database(error)) if is_taken(&error) => return Ok(Outcome::Overtaken),
            outcome => outcome?,
        }
        let over = self.users_with_new_rights();
        let revoked = store::session::revoke_of_users(&mut tx, &over, app.clock.now()).await?;
        facts::publish(&mut tx, &self.diff, &revoked);
        tx.commit().await?;
        SESSIONS_REVOKED.with_label_values(&["changed"]).inc_by(revoked.len() as u64);
        APPLIES.with_label_values(&["applied"]).inc();
        tracing::info!(
            tenant.id = tenant,
            user.id = self.caller.user,
            changes = self.diff.differences.len(),
            sessions.revoked = revoked.len(),
            "centre applied"
        );
        Ok(Outcome::Applied)
    }

    async fn write(&self, tx: &mut Tx) -> Result<(), TxError> {
        if let (Some(_), Some(tenant)) = (&self.diff.tenant, &self.centre.tenant) {
            store::tenant::put(tx, tenant).await?;
        }
        let differences = || self.diff.differences.iter();
        let changed: Vec<&Entity> = differences()
            .filter(|difference| difference.kind != Kind::User)
            .filter_map(|difference| difference.after.as_ref())
            .collect();
        let removed: Vec<(Kind, &str)> = differences()
            .filter(|difference| difference.after.is_none())
            .map(|difference| (difference.kind, difference.key.as_str()))
            .collect();
        let logins: Vec<&str> =
            removed.iter().filter(|(kind, _)| *kind == Kind::User).map(|(_, key)| *key).collect();
        store::entity::put(tx, &changed).await?;
        store::entity::remove(tx, &removed).await?;
        store::account::remove(tx, &logins).await?;
        store::account::put(tx, &self.accounts()).await?;
        if differences().any(|difference| difference.kind == Kind::EntryPoint) {
            store::address::replace(tx, &self.centre.entry_points).await?;
        }
        Ok(())
    }

    /// Users whose row differs in itself or in what proves who they are.
    fn accounts(&self) -> Vec<(&User, &Credential)> {
        let differs = |user: &User, credential: &Credential| {
            self.stored.credentials.get(&user.key) != Some(credential)
                || self.diff.differences.iter().any(|d| d.kind == Kind::User && d.key == user.key)
        };
        self.centre
            .users
            .iter()
            .filter_map(|user| Some((user, self.credentials.get(&user.key)?)))
            .filter(|(user, credential)| differs(user, credential))
            .collect()
    }

    /// Users whose sessions end: removed, disabled, with another password or other roles.
    fn users_with_new_rights(&self) -> Vec<&str> {
        let users = self.diff.differences.iter().filter(|difference| difference.kind == Kind::User);
        users
            .filter(|difference| match (&difference.before, &difference.after) {
                (Some(Entity::User(before)), Some(Entity::User(after))) => {
                    difference.password || before.roles != after.roles || before.disabled != after.disabled
                }
                _ => true,
            })
            .map(|difference| difference.key.as_str())
            .collect()
    }
}

/// A number that another tenant took in the same moment.
fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.constraint() == Some("address_owner"))
}
