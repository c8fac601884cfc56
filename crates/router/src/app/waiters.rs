//! Who waits for the answer to a command, and the last answers, for commands that are asked again.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use tokio::sync::oneshot;

use crate::core::{MessageId, Rejection};

/// How many answers are remembered.
const REMEMBERED: usize = 8_192;
/// How many commands may wait at once; more are refused.
const MOST: usize = 16_384;

/// What became of a command.
pub(crate) type Answer = Result<(), Rejection>;

#[derive(Default)]
struct Inner {
    waiting: HashMap<MessageId, Vec<oneshot::Sender<Answer>>>,
    answers: HashMap<MessageId, Answer>,
    order: VecDeque<MessageId>,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Waiters(Mutex<Inner>);

impl Waiters {
    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a command, as soon as it is known; none when too many wait.
    pub(crate) fn wait_for(&self, command: MessageId) -> Option<oneshot::Receiver<Answer>> {
        let (sender, receiver) = oneshot::channel();
        let mut inner = self.lock();
        if let Some(answer) = inner.answers.get(&command) {
            let _ = sender.send(*answer);
        } else {
            if inner.waiting.len() >= MOST {
                return None;
            }
            inner.waiting.entry(command).or_default().push(sender);
        }
        Some(receiver)
    }

    /// Nobody waits any more.
    pub(crate) fn forget(&self, command: MessageId) {
        self.lock().waiting.remove(&command);
    }

    /// Tells whoever waits.
    pub(crate) fn answer(&self, command: MessageId, answer: Answer) {
        let mut inner = self.lock();
        if inner.answers.insert(command, answer).is_none() {
            inner.order.push_back(command);
        }
        if inner.order.len() > REMEMBERED
            && let Some(oldest) = inner.order.pop_front()
        {
            inner.answers.remove(&oldest);
        }
        for waiter in inner.waiting.remove(&command).unwrap_or_default() {
            let _ = waiter.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MessageId, Rejection, Waiters};

    #[tokio::test]
    async fn an_answer_is_known_to_who_asks_again() {
        let waiters = Waiters::default();
        let first = waiters.wait_for(MessageId(1)).unwrap();
        waiters.answer(MessageId(1), Err(Rejection::OfferGone));

        let again = waiters.wait_for(MessageId(1)).unwrap();

        assert_eq!(first.await, Ok(Err(Rejection::OfferGone)));
        assert_eq!(again.await, Ok(Err(Rejection::OfferGone)));
    }
}
