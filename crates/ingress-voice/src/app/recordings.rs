//! Looking at recordings and listening to them; and deleting those whose time is over.

use std::sync::Arc;

use chassis::{Caller, ErrorKind, Failure, TxError};
use contract::{directory::v1::Role, duration_from_millis, millis_of_duration, voice::v1 as wire};
use media::SAMPLE_RATE;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::Voice;
use crate::{
    metrics,
    recording::{ReadError, Reader},
    store::recordings::{self, Filter, Recording},
};

/// Roles that hear every recording of their tenant.
const LISTENERS: [Role; 3] = [Role::Supervisor, Role::Quality, Role::Administrator];
/// Bytes of a second as 16-bit stereo.
const WAV_BYTES_PER_SECOND: u64 = 4 * SAMPLE_RATE as u64;
/// Most columns of a picture.
const MAX_COLUMNS: i32 = 2_000;
/// Seconds sent ahead of who listens.
const AHEAD: usize = 4;

/// Why nothing is shown.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// There is none, or it is not theirs.
    #[error("there is no such recording")]
    NotFound,
    /// A field is wrong.
    #[error("{field} {reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Its file is gone, elsewhere, or of another key.
    #[error("the recording can't be read here")]
    Unreadable(#[source] ReadError),
    /// No recordings are kept here.
    #[error("recordings are not configured")]
    Off,
    /// The tables can't be read.
    #[error("recordings can't be looked up")]
    Store(#[from] TxError),
    /// The disk's thread is gone.
    #[error("recordings can't be read now")]
    Busy,
}

impl Failure for RecordingError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Field { field, .. } => ErrorKind::Invalid { field },
            Self::Unreadable(_) => ErrorKind::Precondition { reason: "UNREADABLE" },
            Self::Off => ErrorKind::Precondition { reason: "NOT_CONFIGURED" },
            Self::Store(_) | Self::Busy => ErrorKind::Unavailable,
        }
    }
}

/// The pieces of a WAV file, at most [`AHEAD`] seconds before who listens.
pub type Pieces = ReceiverStream<Result<wire::StreamRecordingResponse, Status>>;

impl Voice {
    /// Recordings that the caller may hear, newest first, and where the next page begins.
    pub async fn list_recordings(
        &self,
        caller: &Caller,
        request: &wire::ListRecordingsRequest,
    ) -> Result<wire::ListRecordingsResponse, RecordingError> {
        let size = match request.page_size {
            0 => 50,
            given @ 1..=200 => i64::from(given),
            _ => return Err(RecordingError::Field { field: "page_size", reason: "must be 0 to 200" }),
        };
        let filter = Filter {
            interaction_id: request.interaction_id.clone(),
            voicemail_only: request.voicemail_only,
            heard_by: heard_by(caller),
            before: request.page_token.clone(),
            limit: size,
            ..Filter::default()
        };
        let now = self.clock.now();
        let found = recordings::look(&self.db, &caller.tenant, &filter, &caller.user, "listed", now).await?;
        let next_page_token = match found.last() {
            Some(last) if found.len() as i64 == size => last.recording_id.clone(),
            _ => String::new(),
        };
        Ok(wire::ListRecordingsResponse {
            recordings: found.iter().map(|recording| shown(recording, None)).collect(),
            next_page_token,
        })
    }

    /// One recording with the picture of its sound.
    pub async fn get_recording(
        &self,
        caller: &Caller,
        request: &wire::GetRecordingRequest,
    ) -> Result<wire::GetRecordingResponse, RecordingError> {
        if !(0..=MAX_COLUMNS).contains(&request.columns) {
            return Err(RecordingError::Field { field: "columns", reason: "must be 0 to 2,000" });
        }
        let (recording, mut reader) = self.open(caller, &request.recording_id, "viewed").await?;
        let columns = usize::try_from(request.columns).unwrap_or(0);
        let length_ms = reader.length_ms();
        let peaks = tokio::task::spawn_blocking(move || reader.peaks(columns)).await;
        let (left_peaks, right_peaks) =
            peaks.map_err(|_| RecordingError::Busy)?.map_err(RecordingError::Unreadable)?;
        let recording = Some(shown(&recording, Some(length_ms)));
        Ok(wire::GetRecordingResponse { recording, left_peaks, right_peaks })
    }

    /// A part of a recording as a WAV file.
    pub async fn stream_recording(
        &self,
        caller: &Caller,
        request: &wire::StreamRecordingRequest,
    ) -> Result<Pieces, RecordingError> {
        let millis = |field, span: &Option<prost_types::Duration>| {
            let millis = span.as_ref().map(millis_of_duration);
            if millis.is_some_and(|millis| millis < 0) {
                return Err(RecordingError::Field { field, reason: "must not be negative" });
            }
            Ok(millis.and_then(|millis| u64::try_from(millis).ok()))
        };
        let offset = millis("offset", &request.offset)?.unwrap_or(0);
        let wanted = millis("length", &request.length)?;
        let (_, mut reader) = self.open(caller, &request.recording_id, "played").await?;
        let whole = reader.length_ms();
        let from = offset.min(whole);
        let until = wanted.map_or(whole, |wanted| from.saturating_add(wanted).min(whole));
        let (sender, pieces) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            let place = |millis: u64| millis * WAV_BYTES_PER_SECOND / 1_000 / 4 * 4;
            let (from, until) = (place(from), place(until));
            let send =
                |data: Vec<u8>| sender.blocking_send(Ok(wire::StreamRecordingResponse { data })).is_ok();
            if !send(wav_header(until - from)) {
                return;
            }
            for second in from / WAV_BYTES_PER_SECOND..until.div_ceil(WAV_BYTES_PER_SECOND) {
                let begins = second * WAV_BYTES_PER_SECOND;
                let Ok(samples) = reader.samples(second) else {
                    let _ =
                        sender.blocking_send(Err(Status::data_loss("the recording can't be read further")));
                    return;
                };
                let first = from.saturating_sub(begins) as usize;
                let last = (until - begins).min(samples.len() as u64) as usize;
                if first < last && !send(samples[first..last].to_vec()) {
                    return;
                }
            }
        });
        Ok(ReceiverStream::new(pieces))
    }

    /// Who looked at a recording.
    pub async fn list_recording_access(
        &self,
        tenant: &str,
        recording_id: &str,
    ) -> Result<wire::ListRecordingAccessResponse, RecordingError> {
        let found = recordings::accesses(&self.db, tenant, recording_id).await?;
        let access = |(user_id, what, at): (String, String, contract::Timestamp)| wire::RecordingAccess {
            recording_id: recording_id.to_owned(),
            user_id,
            at: Some(at.to_proto()),
            what,
        };
        Ok(wire::ListRecordingAccessResponse { accesses: found.into_iter().map(access).collect() })
    }

    async fn open(
        &self,
        caller: &Caller,
        recording_id: &str,
        what: &str,
    ) -> Result<(Recording, Reader), RecordingError> {
        let recorder = self.recorder.clone().ok_or(RecordingError::Off)?;
        if recording_id.is_empty() {
            return Err(RecordingError::Field { field: "recording_id", reason: "is missing" });
        }
        let filter = Filter {
            recording_id: recording_id.to_owned(),
            heard_by: heard_by(caller),
            limit: 1,
            ..Filter::default()
        };
        let now = self.clock.now();
        let found = recordings::look(&self.db, &caller.tenant, &filter, &caller.user, what, now).await?;
        let recording = found.into_iter().next().ok_or(RecordingError::NotFound)?;
        let (path, id) = (recorder.path(&recording.path), recording.recording_id.clone());
        let opened = tokio::task::spawn_blocking(move || Reader::open(&path, &id, recorder.keys())).await;
        let reader = opened.map_err(|_| RecordingError::Busy)?.map_err(RecordingError::Unreadable)?;
        Ok((recording, reader))
    }

    /// Deletes recordings whose time is over: the file first, so that no file is left behind.
    pub async fn delete_outdated_recordings(self: &Arc<Self>) -> Result<(), TxError> {
        let Some(recorder) = self.recorder.clone() else { return Ok(()) };
        for recording in recordings::outdated(&self.db, &self.instance, self.clock.now()).await? {
            match tokio::fs::remove_file(recorder.path(&recording.path)).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::error!(%error, recording.id = recording.recording_id, "a recording can't be deleted");
                }
                _ => {
                    recordings::remove(&self.db, &recording.tenant_id, &recording.recording_id).await?;
                    metrics::RECORDINGS.with_label_values(&["deleted"]).inc();
                }
            }
        }
        Ok(())
    }
}

/// Agents hear the calls they took.
fn heard_by(caller: &Caller) -> String {
    if caller.is_service() || caller.has(&LISTENERS) { String::new() } else { caller.user.clone() }
}

fn shown(recording: &Recording, length_ms: Option<u64>) -> wire::Recording {
    let length = length_ms.or(recording.length_ms);
    wire::Recording {
        recording_id: recording.recording_id.clone(),
        interaction_id: recording.interaction_id.clone(),
        agent_id: recording.agent_id.clone(),
        queue: recording.queue.clone(),
        started_at: Some(recording.started_at.to_proto()),
        length: length.map(|millis| duration_from_millis(i64::try_from(millis).unwrap_or(i64::MAX))),
        kept_until: Some(recording.kept_until.to_proto()),
        voicemail: recording.voicemail,
    }
}

/// The header of a WAV file of 16-bit stereo at 8 kHz with so many bytes of samples.
fn wav_header(bytes: u64) -> Vec<u8> {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX - 36);
    let mut header = Vec::with_capacity(44);
    header.extend_from_slice(b"RIFF");
    header.extend_from_slice(&(bytes + 36).to_le_bytes());
    header.extend_from_slice(b"WAVEfmt ");
    header.extend_from_slice(&16u32.to_le_bytes());
    for (value, width) in
        [(1, 2), (2, 2), (SAMPLE_RATE, 4), (WAV_BYTES_PER_SECOND as u32, 4), (4, 2), (16, 2)]
    {
        header.extend_from_slice(&u32::to_le_bytes(value)[..width]);
    }
    header.extend_from_slice(b"data");
    header.extend_from_slice(&bytes.to_le_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_by_a_wav_reader() {
        let mut file = wav_header(8);
        file.extend_from_slice(&[1, 0, 2, 0, 3, 0, 4, 0]);

        let mut wav = hound::WavReader::new(file.as_slice()).unwrap();

        assert_eq!((wav.spec().channels, wav.spec().sample_rate, wav.spec().bits_per_sample), (2, 8_000, 16));
        assert_eq!(wav.samples::<i16>().map(Result::unwrap).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }
}
