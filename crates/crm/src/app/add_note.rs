//! Somebody writes down something about a customer.

use chassis::{Clock, Db, ErrorKind, Fact, Failure, Ids, Tx, TxError};
use contract::{Timestamp, crm::v1 as proto, derived_id};

use crate::{
    core::text,
    store::{
        cases, customers, interactions,
        notes::{self, Note},
    },
};

/// Why a note is not kept.
#[derive(Debug, thiserror::Error)]
pub enum AddNoteError {
    #[error("has {0} bytes, must have 1 to 16384")]
    Text(usize),
    #[error("is empty, and no interaction says who it is about")]
    Nobody,
    #[error("is not the customer of the interaction")]
    OtherCustomer,
    #[error("there is no {what} {id:?}")]
    NotFound { what: &'static str, id: String },
    #[error(transparent)]
    Database(#[from] TxError),
}

impl Failure for AddNoteError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Text(_) => ErrorKind::Invalid { field: "text" },
            Self::Nobody | Self::OtherCustomer => ErrorKind::Invalid { field: "customer_id" },
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::Database(error) => error.kind(),
        }
    }
}

/// What to write down.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Empty: the customer of the interaction.
    pub customer_id: String,
    /// May be empty.
    pub interaction_id: String,
    /// Key of the user who writes.
    pub author_id: String,
    pub text: String,
    /// The same id twice is one note.
    pub request_id: String,
}

/// Keeps a note and publishes it.
pub async fn add_note(
    db: &Db,
    clock: &Clock,
    ids: Ids,
    tenant: &str,
    draft: &Draft,
) -> Result<Note, AddNoteError> {
    if !(1..=text::TEXT_BYTES).contains(&draft.text.len()) {
        return Err(AddNoteError::Text(draft.text.len()));
    }
    let mut tx = db.begin(tenant).await?;
    if let Some(note) = known(&mut tx, draft).await? {
        return Ok(note);
    }
    let (customer_id, case_id) = about(&mut tx, draft).await?;
    let now = clock.now();
    let note = Note {
        note_id: ids.new_id(now),
        customer_id,
        interaction_id: draft.interaction_id.clone(),
        author_id: draft.author_id.clone(),
        text: text::bounded(&draft.text, text::TEXT_BYTES),
        written_at: now.as_millis(),
    };
    let added = notes::insert(tx.conn(), tenant, &note, &draft.request_id).await.map_err(TxError::from)?;
    if !added {
        // The same request was faster on another connection.
        return known(&mut tx, draft)
            .await?
            .ok_or_else(|| AddNoteError::NotFound { what: "note of request", id: draft.request_id.clone() });
    }
    if !case_id.is_empty() {
        cases::touch(tx.conn(), tenant, &[(case_id, now.as_millis())]).await.map_err(TxError::from)?;
    }
    let fact = proto::NoteAdded { note: Some(to_proto(note.clone())) };
    tx.publish(
        Fact::of(fact).id(derived_id(&["crm", "note", &note.note_id])).interaction(&note.interaction_id),
    );
    tx.commit().await?;
    Ok(note)
}

async fn known(tx: &mut Tx, draft: &Draft) -> Result<Option<Note>, AddNoteError> {
    if draft.request_id.is_empty() {
        return Ok(None);
    }
    let tenant = tx.tenant().to_owned();
    Ok(notes::of_request(tx.conn(), &tenant, &draft.request_id).await.map_err(TxError::from)?)
}

/// Customer and case (may be empty) a draft is about.
async fn about(tx: &mut Tx, draft: &Draft) -> Result<(String, String), AddNoteError> {
    let tenant = tx.tenant().to_owned();
    let not_found = |what, id: &str| AddNoteError::NotFound { what, id: id.to_owned() };
    let mut owner = (draft.customer_id.clone(), String::new());
    if !draft.interaction_id.is_empty() {
        let found = interactions::owner(tx.conn(), &tenant, &draft.interaction_id)
            .await
            .map_err(TxError::from)?
            .ok_or_else(|| not_found("interaction", &draft.interaction_id))?;
        if !owner.0.is_empty() && owner.0 != found.0 {
            return Err(AddNoteError::OtherCustomer);
        }
        owner = found;
    }
    if owner.0.is_empty() {
        return Err(AddNoteError::Nobody);
    }
    if !customers::lock(tx.conn(), &tenant, &owner.0).await.map_err(TxError::from)? {
        return Err(not_found("customer", &owner.0));
    }
    Ok(owner)
}

/// The published form of a note.
pub fn to_proto(note: Note) -> proto::Note {
    proto::Note {
        note_id: note.note_id,
        customer_id: note.customer_id,
        interaction_id: note.interaction_id,
        author_id: note.author_id,
        text: note.text,
        written_at: Some(Timestamp::from_millis(note.written_at).to_proto()),
    }
}
