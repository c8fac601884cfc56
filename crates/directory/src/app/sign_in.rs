//! A person proves who they are and gets a session.
//!
//! Login and password that do not go together, a login nobody has and a user who is disabled give one and the same
//! answer, after the same work.

use chassis::{ErrorKind, Failure, Tx, TxError};
use contract::{
    Slug,
    directory::v1::{SignInRequest, SignInResponse},
};

use super::{App, BeginError, passwords::PasswordError, session};
use crate::{
    metrics::SIGN_INS,
    store::{self, account::Account},
};

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Which of the two is wrong is not told.
    #[error("login or password is wrong")]
    Refused,
    /// Too many wrong passwords in a row.
    #[error("too many wrong passwords, try again in {seconds} s")]
    Throttled {
        /// How long to wait.
        seconds: i64,
    },
    /// The login exists more than once.
    #[error("several tenants have this login, name the tenant")]
    Ambiguous,
    /// Too busy, or a fault of ours.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for SignInError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for SignInError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused => ErrorKind::Unauthenticated,
            Self::Throttled { .. } => ErrorKind::Exhausted,
            Self::Ambiguous => ErrorKind::Precondition { reason: "TENANT_NEEDED" },
            Self::Password(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Signs in, or says as little as possible about why not.
pub async fn sign_in(app: &App, request: SignInRequest) -> Result<SignInResponse, SignInError> {
    let login = request.login.trim().to_lowercase();
    let account = find(app, &request.tenant_id, &login).await?;
    let tenant = account.as_ref().map_or(request.tenant_id.as_str(), |account| &account.tenant);
    let name = throttled_name(tenant, &login);
    check_throttle(app, &name)?;

    let slot = app.passwords.slot().await?;
    // Whoever waited for the slot behind wrong guesses at the same login waits like everybody.
    check_throttle(app, &name)?;
    let hash = account.as_ref().map(|account| account.credential.password_hash.clone());
    let hash = hash.filter(|hash| !hash.is_empty());
    let right = app.passwords.verify(slot, request.password, hash).await?;
    let Some(account) = account.filter(|account| right && !account.user.disabled) else {
        app.throttle().failed(app.clock.now(), &name);
        SIGN_INS.with_label_values(&["refused"]).inc();
        return Err(SignInError::Refused);
    };
    app.throttle().succeeded(&name);
    let response = begin_session(app, &account).await?;
    SIGN_INS.with_label_values(&["accepted"]).inc();
    Ok(response)
}

/// Users of that login, across tenants when none is named.
async fn find(app: &App, tenant: &str, login: &str) -> Result<Option<Account>, SignInError> {
    if login.parse::<Slug>().is_err() || !(tenant.is_empty() || tenant.parse::<Slug>().is_ok()) {
        return Ok(None);
    }
    let mut tx = app.begin_within(tenant).await?;
    let mut accounts = store::account::with_login(&mut tx, login).await?;
    if accounts.len() > 1 {
        SIGN_INS.with_label_values(&["ambiguous"]).inc();
        return Err(SignInError::Ambiguous);
    }
    Ok(accounts.pop())
}

async fn begin_session(app: &App, account: &Account) -> Result<SignInResponse, SignInError> {
    let now = app.clock.now();
    let session_id = app.ids.new_id(now);
    let (refresh_token, refresh_hash) = session::RefreshToken::make(&account.tenant, &session_id);
    let mut tx: Tx = app.begin(&account.tenant).await?;
    // Serialised with changes of the tenant: a user who lost password or right meanwhile gets no session.
    store::lock(&mut tx).await?;
    let present = store::account::with_login(&mut tx, &account.user.key).await?;
    if !present.iter().any(|now| now.user == account.user && now.credential == account.credential) {
        return Err(SignInError::Refused);
    }
    let is_agent = session::is_agent(&mut tx, &account.user.key).await?;
    let row = store::session::Session {
        session_id: session_id.clone(),
        login: account.user.key.clone(),
        refresh_hash,
        spent_hashes: Vec::new(),
        expires_at: now.plus_millis(app.session_ttl_ms),
        revoked: false,
    };
    store::session::insert(&mut tx, &row, now).await?;
    tx.commit().await?;
    tracing::info!(
        tenant.id = account.tenant,
        user.id = account.user.key,
        session.id = session_id,
        "signed in"
    );
    let session = session::issue(app, &account.tenant, &account.user, is_agent, &session_id, refresh_token);
    Ok(SignInResponse { session: Some(session) })
}

fn check_throttle(app: &App, name: &str) -> Result<(), SignInError> {
    let now = app.clock.now();
    let Some(until) = app.throttle().wait_until(now, name) else { return Ok(()) };
    SIGN_INS.with_label_values(&["throttled"]).inc();
    Err(SignInError::Throttled { seconds: (until - now + 999) / 1_000 })
}

/// What failures are counted by, whether or not anybody has the login; of bounded length.
fn throttled_name(tenant: &str, login: &str) -> String {
    format!("{tenant}/{login}").chars().take(130).collect()
}
