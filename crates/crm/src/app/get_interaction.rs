//! One interaction with what was said and what happened.

use chassis::{Db, ErrorKind, Failure, TxError};

use crate::store::{
    interactions::{self, Interaction},
    messages::{self, Message},
    timeline::{self, Line},
};

/// Newest messages shown; the channel itself pages through all of them.
const MESSAGES: u16 = 1_000;
/// Most bytes of text shown: an answer stays well under the limit of a gRPC message.
const MESSAGE_BYTES: i64 = 2 << 20;
/// Newest lines of the story shown.
const LINES: u16 = 2_000;

/// Why there is no such page.
#[derive(Debug, thiserror::Error)]
pub enum GetInteractionError {
    #[error("there is no interaction {0:?}")]
    NotFound(String),
    #[error(transparent)]
    Database(#[from] TxError),
}

impl Failure for GetInteractionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Database(error) => error.kind(),
        }
    }
}

/// An interaction, what was said and what happened, both oldest first.
#[derive(Debug)]
pub struct Page {
    pub interaction: Interaction,
    pub messages: Vec<Message>,
    pub lines: Vec<Line>,
}

/// Reads one interaction.
pub async fn get_interaction(
    db: &Db,
    tenant: &str,
    interaction_id: &str,
) -> Result<Page, GetInteractionError> {
    let mut tx = db.begin(tenant).await?;
    let interaction = interactions::find(tx.conn(), tenant, interaction_id)
        .await
        .map_err(TxError::from)?
        .ok_or_else(|| GetInteractionError::NotFound(interaction_id.to_owned()))?;
    let messages = messages::of_interaction(tx.conn(), tenant, interaction_id, MESSAGES, MESSAGE_BYTES)
        .await
        .map_err(TxError::from)?;
    let lines =
        timeline::of_interaction(tx.conn(), tenant, interaction_id, LINES).await.map_err(TxError::from)?;
    Ok(Page { interaction, messages, lines })
}
