//! The recording of a call: its file, its tape, its row.

use std::{sync::Arc, time::Duration};

use contract::{
    Timestamp, duration_from_millis,
    interaction::v1::{RecordingChanged, RecordingState},
};

use super::{CallTask, Note};
use crate::{
    core::call::{Input, Side},
    engine::TapeSink,
    metrics,
    store::recordings::{self, Recording},
};

/// Tries to write a recording's row, and the pause between them.
const ROW_TRIES: u32 = 60;
const ROW_PAUSE: Duration = Duration::from_secs(2);

/// What is recorded of this call.
pub(super) struct Tape {
    tape: u64,
    recording_id: String,
    begun: Timestamp,
    voices: (Vec<Side>, Vec<Side>),
}

impl CallTask {
    /// Makes the file beside the call; a note says when it is there.
    pub(super) fn record(&self, queue: &str, voicemail: bool) {
        let Some(recorder) = self.voice.recorder.clone() else { return };
        let now = self.voice.clock.now();
        let recording_id = self.voice.ids.new_id(now);
        let tenant = &self.identity.tenant;
        let recording = Recording {
            tenant_id: tenant.clone(),
            path: format!("{tenant}/{}/{recording_id}.rec", now.as_millis() / 86_400_000),
            recording_id,
            interaction_id: self.identity.interaction_id.clone(),
            agent_id: self.call.agent().unwrap_or_default().to_owned(),
            queue: queue.to_owned(),
            voicemail,
            started_at: now,
            length_ms: None,
            kept_until: now.plus_millis(self.voice.config.recording.keep.as_millis()),
        };
        let (voice, mailbox) = (Arc::clone(&self.voice), self.mailbox.clone());
        tokio::spawn(async move {
            let (id, path, of_the_file) =
                (recording.recording_id.clone(), recording.path.clone(), recorder.clone());
            let begun = tokio::task::spawn_blocking(move || of_the_file.begin(&id, &path)).await;
            let (sink, written) = match begun {
                Ok(Ok(begun)) => begun,
                Ok(Err(error)) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a call is not recorded");
                    metrics::RECORDINGS.with_label_values(&["failed"]).inc();
                    let _ = mailbox.send(Note::Input(Input::NotRecorded)).await;
                    return;
                }
                Err(_) => return,
            };
            metrics::RECORDINGS.with_label_values(&["begun"]).inc();
            let tape = sink.tape;
            let note = Note::Recording { recording_id: recording.recording_id.clone(), sink };
            if mailbox.send(note).await.is_err() {
                recorder.end(tape);
            }
            let mut tries = 0;
            while let Err(error) = recordings::insert(&voice.db, &voice.instance, &recording).await {
                tries += 1;
                tracing::warn!(%error, tries, "a recording's row waits for the database");
                if tries == ROW_TRIES {
                    return;
                }
                tokio::time::sleep(ROW_PAUSE).await;
            }
            let Ok(written) = written.await else { return };
            metrics::RECORDINGS.with_label_values(&["ended"]).inc();
            let (tenant, id) = (&recording.tenant_id, &recording.recording_id);
            if let Err(error) = recordings::finish(&voice.db, tenant, id, written.length_ms).await {
                tracing::warn!(%error, recording.id = id, "a recording's length was not noted");
            }
        });
    }

    /// The recording that goes on, and how long it is by now, in milliseconds.
    pub(super) fn taped(&self) -> Option<(String, i64)> {
        let tape = self.tape.as_ref()?;
        Some((tape.recording_id.clone(), self.voice.clock.now() - tape.begun))
    }

    /// The file is there: the tape begins.
    pub(super) fn recording_begun(&mut self, recording_id: String, sink: TapeSink) {
        let tape = sink.tape;
        if self.media.record(sink).is_err() {
            metrics::RECORDINGS.with_label_values(&["failed"]).inc();
            if let Some(recorder) = &self.voice.recorder {
                recorder.end(tape);
            }
            return;
        }
        let begun = self.voice.clock.now();
        self.tape = Some(Tape { tape, recording_id, begun, voices: Default::default() });
        self.recording_changed(RecordingState::Recording, "");
        self.handle(Input::Recorded);
    }

    pub(super) fn tune(&mut self, left: Vec<Side>, right: Vec<Side>) {
        let voices = (self.voices(&left), self.voices(&right));
        let Some(tape) = &mut self.tape else { return };
        tape.voices = (left, right);
        if self.media.tune(tape.tape, voices.0, voices.1).is_err() {
            tracing::error!("a recording could not be tuned: the media engine is overloaded");
        }
    }

    /// A line was replaced: the same voices may come from another leg now.
    pub(super) fn tune_again(&mut self) {
        if let Some((left, right)) = self.tape.as_ref().map(|tape| tape.voices.clone()) {
            self.tune(left, right);
        }
    }

    pub(super) fn recording_paused(&mut self, paused: bool) {
        let state = if paused { RecordingState::Paused } else { RecordingState::Recording };
        let actor = std::mem::take(&mut self.actor);
        self.recording_changed(state, &actor);
    }

    /// What is said from now on is not recorded, whatever goes on.
    pub(super) fn end_recording(&mut self) {
        self.recording_changed(RecordingState::Ended, "");
        if let Some(tape) = self.tape.take()
            && self.media.end_tape(tape.tape).is_err()
            && let Some(recorder) = &self.voice.recorder
        {
            recorder.end(tape.tape);
        }
    }

    /// Notes that an agent has taken a recorded call, and so may hear it.
    pub(super) fn recorded_agent(&self, agent_id: &str) {
        let Some(tape) = &self.tape else { return };
        let (voice, tenant) = (Arc::clone(&self.voice), self.identity.tenant.clone());
        let (recording_id, agent_id) = (tape.recording_id.clone(), agent_id.to_owned());
        tokio::spawn(async move {
            if let Err(error) = recordings::add_agent(&voice.db, &tenant, &recording_id, &agent_id).await {
                tracing::warn!(%error, recording.id = recording_id, "an agent of a recording was not noted");
            }
        });
    }

    fn recording_changed(&mut self, state: RecordingState, actor: &str) {
        let Some(tape) = &self.tape else { return };
        let length = Some(duration_from_millis(self.voice.clock.now() - tape.begun));
        let recording_id = tape.recording_id.clone();
        self.tell(RecordingChanged { recording_id, state: state.into(), actor: actor.to_owned(), length });
    }
}
