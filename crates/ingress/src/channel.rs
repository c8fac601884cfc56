//! The line between customer and centre, as a flow sees it.

use contract::interaction::v1 as interaction;

use crate::{Ask, Gather, Prompt, Queue, Turn, Verb};

/// One line to one customer, driven by a flow.
///
/// The methods only take note: a text channel appends messages to its next transaction, a call appends prompts to
/// its playlist. [`Channel::perform`] keeps their order.
pub trait Channel {
    /// What this line is called on the bus.
    const KIND: interaction::Channel;

    /// Plays or writes `text`.
    fn say(&mut self, text: String);
    /// Plays a recording or a text in a language; a line that can only write writes the text.
    fn play(&mut self, prompt: Prompt) {
        self.say(prompt.text);
    }
    /// Collects digits; a line that can only write asks for them.
    fn gather(&mut self, gather: Gather) {
        let Gather { prompt, timeout_millis, .. } = gather;
        self.ask(Ask { text: prompt.text.clone(), timeout_millis, prompt, ..Ask::default() });
    }
    /// Plays or writes the question, then waits for one of its options.
    fn ask(&mut self, ask: Ask);
    /// Asks for name, mail address and a message; a line that can't collect them says the text and ends.
    fn form(&mut self, text: String);
    /// Announces the interaction with `InteractionQueued` and waits for an agent.
    fn queue(&mut self, queue: Queue);
    /// Ends the interaction with `END_REASON_FLOW_ENDED`.
    fn end(&mut self);

    /// Does what the flow said, in its order.
    fn perform(&mut self, turn: Turn) {
        for verb in turn.verbs {
            match verb {
                Verb::Say(text) => self.say(text),
                Verb::Play(prompt) => self.play(prompt),
                Verb::Ask(ask) => self.ask(ask),
                Verb::Gather(gather) => self.gather(gather),
                Verb::Form(text) => self.form(text),
                Verb::Queue(queue) => self.queue(queue),
                // A line that can't record takes the message in writing.
                Verb::Voicemail(voicemail) => self.form(voicemail.prompt.text),
                // The flow sends these to telephones alone.
                Verb::Callback(_) | Verb::Transfer(_) | Verb::End => self.end(),
            }
        }
    }
}
