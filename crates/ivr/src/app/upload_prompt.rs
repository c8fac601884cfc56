//! Keeps a recorded prompt. The same bytes again change nothing.

use std::{fmt::Write as _, io::Cursor};

use chassis::{Caller, CallerError, ErrorKind, Failure, TxError};
use contract::{
    Slug,
    directory::v1::Role,
    duration_from_millis,
    ivr::v1::{Prompt, UploadPromptRequest, UploadPromptResponse},
};
use sha2::{Digest as _, Sha256};

use super::{App, BeginError};
use crate::{
    metrics::UPLOADS,
    store::{self, prompt::Row},
};

/// Largest file, bytes.
const MAX_BYTES: usize = 8 << 20;
/// Longest recording, milliseconds.
const MAX_LENGTH_MS: u64 = 600_000;
/// Most prompts of a tenant.
const MAX_PROMPTS: usize = 2_000;

/// Why a prompt was not kept.
#[derive(Debug, thiserror::Error)]
pub enum UploadPromptError {
    /// A field of the request is wrong.
    #[error("{field} {reason}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// Why.
        reason: String,
    },
    /// The tenant has as many as it may.
    #[error("there are {MAX_PROMPTS} prompts already")]
    TooMany,
    /// Not the role for it.
    #[error(transparent)]
    Denied(#[from] CallerError),
    /// The database, or no tenant.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<TxError> for UploadPromptError {
    fn from(error: TxError) -> Self {
        Self::Begin(error.into())
    }
}

impl Failure for UploadPromptError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { field, .. } => ErrorKind::Invalid { field },
            Self::TooMany => ErrorKind::Exhausted,
            Self::Denied(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }
}

/// Keeps a prompt under its key and language.
pub async fn upload_prompt(
    app: &App,
    caller: &Caller,
    request: UploadPromptRequest,
) -> Result<UploadPromptResponse, UploadPromptError> {
    caller.require(&[Role::Administrator])?;
    let row = match read(&request) {
        Ok(row) => row,
        Err(error) => {
            UPLOADS.with_label_values(&["refused"]).inc();
            return Err(error);
        }
    };
    let mut tx = app.begin(&caller.tenant).await?;
    store::flow::lock(&mut tx).await?;
    if store::prompt::keys(&mut tx).await?.len() >= MAX_PROMPTS {
        return Err(UploadPromptError::TooMany);
    }
    let changed = store::prompt::put(&mut tx, &row, &request.wav).await?;
    tx.commit().await?;
    app.prompts.forget(&caller.tenant);
    UPLOADS.with_label_values(&[if changed { "stored" } else { "same" }]).inc();
    if changed {
        tracing::info!(tenant.id = caller.tenant, user.id = caller.user, prompt = row.key, "prompt uploaded");
    }
    Ok(UploadPromptResponse { prompt: Some(proto(row)) })
}

/// A prompt as the contract shows it.
pub(super) fn proto(row: Row) -> Prompt {
    Prompt {
        key: row.key,
        language: row.language,
        audio: row.audio,
        size: row.size,
        length: Some(duration_from_millis(row.length_ms)),
    }
}

fn read(request: &UploadPromptRequest) -> Result<Row, UploadPromptError> {
    let invalid = |field, reason: String| UploadPromptError::Invalid { field, reason };
    request.key.parse::<Slug>().map_err(|error| invalid("key", error.to_string()))?;
    let tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if request.language.len() > 20 || !request.language.chars().all(tag) {
        return Err(invalid("language", "must be a language such as \"de\" or \"pt-BR\"".to_owned()));
    }
    if request.wav.len() > MAX_BYTES {
        return Err(invalid("wav", format!("has {} bytes, may have {MAX_BYTES}", request.wav.len())));
    }
    let length_ms = length(&request.wav).map_err(|reason| invalid("wav", reason))?;
    let mut audio = String::with_capacity(64);
    for byte in Sha256::digest(&request.wav) {
        let _ = write!(audio, "{byte:02x}");
    }
    Ok(Row {
        key: request.key.clone(),
        language: request.language.clone(),
        audio,
        size: request.wav.len() as i64,
        length_ms: length_ms as i64,
    })
}

/// Milliseconds of a WAV file that the telephone can play: whole samples of 8, 16, 24 or 32 bits, of any rate.
fn length(wav: &[u8]) -> Result<u64, String> {
    let mut reader = hound::WavReader::new(Cursor::new(wav))
        .map_err(|error| format!("is not a readable WAV file: {error}"))?;
    let spec = reader.spec();
    let length_ms = u64::from(reader.duration()) * 1_000 / u64::from(spec.sample_rate.max(1));
    if length_ms > MAX_LENGTH_MS {
        return Err("is longer than ten minutes".to_owned());
    }
    let whole = match (spec.sample_format, spec.bits_per_sample) {
        (hound::SampleFormat::Float, 32) => {
            reader.samples::<f32>().try_fold(0_u64, |count, s| s.map(|_| count + 1))
        }
        (hound::SampleFormat::Int, 8 | 16 | 24 | 32) => {
            reader.samples::<i32>().try_fold(0_u64, |count, s| s.map(|_| count + 1))
        }
        (_, bits) => return Err(format!("has {bits} bits a sample, may have 8, 16, 24 or 32")),
    };
    match whole {
        Ok(0) => Err("holds no samples".to_owned()),
        Ok(_) => Ok(length_ms),
        Err(error) => Err(format!("is damaged: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use contract::ivr::v1::UploadPromptRequest;

    use super::{length, read};

    pub fn wav(seconds: u32) -> Vec<u8> {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        (0..16_000 * seconds).for_each(|n| writer.write_sample((n % 100) as i16).unwrap());
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn what_is_no_playable_recording_says_why() {
        assert_eq!(length(&wav(2)), Ok(2_000));
        assert_eq!(length(&wav(0)), Err("holds no samples".to_owned()));
        assert!(length(b"MP3, sort of").unwrap_err().starts_with("is not a readable WAV file"));
        assert!(length(&wav(1)[..2_000]).unwrap_err().starts_with("is damaged"));
    }

    #[test]
    fn a_prompt_has_a_proper_name() {
        let request = |key: &str, language: &str| UploadPromptRequest {
            key: key.into(),
            language: language.into(),
            wav: wav(1),
        };

        assert!(read(&request("welcome", "pt-BR")).is_ok());
        assert!(read(&request("Welcome!", "")).unwrap_err().to_string().starts_with("key"));
        assert!(read(&request("welcome", "../x")).unwrap_err().to_string().starts_with("language"));
    }
}
