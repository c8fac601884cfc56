//! Files of a conversation: taken in by either side, given out to either side.

use chassis::{ErrorKind, Failure, TxError};
use contract::{chat::v1::UploadAttachmentRequest, interaction::v1::Attachment};
use uuid::Uuid;

use super::{AgentError, App, CommandError, batch::Key};
use crate::{core::Actor, store};

/// Bytes of one file.
pub const MAX_ATTACHMENT: usize = 10 * 1024 * 1024;
/// Files of one message.
pub const MAX_ATTACHMENTS: usize = 5;

const MAX_FILE_NAME: usize = 255;

/// Why a file is not taken or given.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// More than [`MAX_ATTACHMENT`].
    #[error("the file is larger than 10 MiB")]
    TooLarge,
    /// No name, or an endless one.
    #[error("the file's name must have 1 to 255 bytes")]
    Name,
    /// The conversation's files together would be too large.
    #[error("this conversation holds as many files as it may")]
    Full,
    /// Not there, or in another conversation.
    #[error("there is no such file in this conversation")]
    Unknown,
    /// The database is away.
    #[error("the centre can't store this at the moment")]
    Away(#[from] TxError),
}

impl Failure for AttachmentError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Empty | Self::TooLarge => ErrorKind::Invalid { field: "content" },
            Self::Name => ErrorKind::Invalid { field: "file_name" },
            Self::Full => ErrorKind::Exhausted,
            Self::Unknown => ErrorKind::NotFound,
            Self::Away(error) => error.kind(),
        }
    }
}

impl App {
    /// Stores a file for one later message of this conversation.
    pub async fn upload_attachment(
        &self,
        key: &Key,
        file_name: &str,
        declared_type: &str,
        content: &[u8],
    ) -> Result<Attachment, AttachmentError> {
        if content.is_empty() {
            return Err(AttachmentError::Empty);
        }
        if content.len() > MAX_ATTACHMENT {
            return Err(AttachmentError::TooLarge);
        }
        let now = self.clock.now();
        let attachment = Attachment {
            attachment_id: self.ids.new_id(now),
            file_name: file_name_of(file_name).ok_or(AttachmentError::Name)?,
            content_type: content_type_of(content, declared_type),
            size_bytes: content.len() as i64,
        };
        let mut tx = self.db.begin(&key.tenant).await?;
        let limit = self.config.attachments_per_conversation;
        let stored = store::attachment::insert(
            tx.conn(),
            &key.tenant,
            key.interaction_id,
            &attachment,
            content,
            now,
            limit,
        )
        .await
        .map_err(TxError::from)?;
        if !stored {
            return Err(AttachmentError::Full);
        }
        tx.commit().await?;
        Ok(attachment)
    }

    /// Stores a file an agent sends along; only whoever may write may do so.
    pub async fn upload_as_agent(
        &self,
        key: Key,
        agent: &Actor,
        upload: &UploadAttachmentRequest,
    ) -> Result<Attachment, AgentError> {
        let found = self.find(&key.tenant, key.interaction_id).await?.ok_or(CommandError::NotFound)?;
        found.may_be_written_by(agent)?;
        Ok(self.upload_attachment(&key, &upload.file_name, &upload.content_type, &upload.content).await?)
    }

    /// A file of this conversation with its content.
    pub async fn read_attachment(
        &self,
        key: &Key,
        attachment_id: Uuid,
    ) -> Result<(Attachment, Vec<u8>), AttachmentError> {
        let mut tx = self.db.begin(&key.tenant).await?;
        store::attachment::read(tx.conn(), &key.tenant, key.interaction_id, attachment_id)
            .await
            .map_err(TxError::from)?
            .ok_or(AttachmentError::Unknown)
    }
}

/// The last part of a path, clean, of at most 255 bytes.
fn file_name_of(text: &str) -> Option<String> {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = ingress::clean_line(last, MAX_FILE_NAME).ok()?;
    (!clean.is_empty() && clean != "." && clean != "..").then_some(clean)
}

/// The type the content shows; what the sender declares only when the content shows none and it is harmless.
fn content_type_of(content: &[u8], declared: &str) -> String {
    const HARMLESS: [&str; 4] = ["text/plain", "text/csv", "application/json", "text/calendar"];
    if let Some(kind) = infer::get(content) {
        // Markup runs in browsers, whatever carries it.
        let markup = matches!(kind.mime_type(), "text/html" | "text/xml" | "image/svg+xml");
        return if markup { "text/plain".to_owned() } else { kind.mime_type().to_owned() };
    }
    let declared = declared.split(';').next().unwrap_or_default().trim();
    match HARMLESS.iter().find(|harmless| declared.eq_ignore_ascii_case(harmless)) {
        Some(harmless) if std::str::from_utf8(content).is_ok() => (*harmless).to_owned(),
        _ => "application/octet-stream".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{content_type_of, file_name_of};

    #[test]
    fn a_file_is_what_it_contains_and_not_what_it_says() {
        assert_eq!(content_type_of(b"\x89PNG\r\n\x1a\n....", "text/html"), "image/png");
        assert_eq!(content_type_of(b"%PDF-1.7 ...", ""), "application/pdf");
        assert_eq!(content_type_of(b"<html><script>alert(1)</script>", "text/html"), "text/plain");
        assert_eq!(content_type_of(b"a,b,c", "text/csv; charset=utf-8"), "text/csv");
        assert_eq!(content_type_of(b"plain", "image/svg+xml"), "application/octet-stream");
        assert_eq!(content_type_of(b"\xff\xfe\x00", "text/plain"), "application/octet-stream");
    }

    #[test]
    fn a_name_is_no_path() {
        assert_eq!(file_name_of("../../etc/passwd").as_deref(), Some("passwd"));
        assert_eq!(file_name_of("C:\\Users\\me\\invoice 7.pdf").as_deref(), Some("invoice 7.pdf"));
        assert_eq!(file_name_of("a\r\nb\u{0}.txt").as_deref(), Some("a b.txt"));
        assert_eq!(file_name_of(".."), None);
        assert_eq!(file_name_of(""), None);
        assert_eq!(file_name_of(&"x".repeat(256)), None);
    }
}
