//! How much an agent takes at once, and which channel may interrupt which.

use super::{
    channel::{Channel, ChannelSet, PerChannel},
    config::Capacity,
    mutation::{Guard, stands},
};

/// Channels with something on them.
pub(crate) fn used_channels(load: PerChannel<u8>) -> ChannelSet {
    Channel::ALL.into_iter().filter(|channel| load[*channel] > 0).fold(ChannelSet::EMPTY, ChannelSet::with)
}

/// Whether one more may be taken on a channel: a slot is free, and every other channel in use may be interrupted by it.
pub(crate) fn is_free(capacities: &PerChannel<Capacity>, load: PerChannel<u8>, channel: Channel) -> bool {
    let slots = capacities[channel].slots;
    let has_slot = load[channel] < slots || !stands(Guard::Slots) && slots > 0;
    let may_interrupt =
        |busy: Channel| load[busy] == 0 || busy == channel || capacities[busy].interruptible_by.has(channel);
    has_slot && (!stands(Guard::Interruption) || Channel::ALL.into_iter().all(may_interrupt))
}

/// Channels on which one more may be taken.
pub(crate) fn free_channels(capacities: &PerChannel<Capacity>, load: PerChannel<u8>) -> ChannelSet {
    let free = Channel::ALL.into_iter().filter(|channel| is_free(capacities, load, *channel));
    free.fold(ChannelSet::EMPTY, ChannelSet::with)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Channel::{Chat, Email as Task, Voice};

    fn capacities() -> PerChannel<Capacity> {
        let mut capacities = PerChannel::default();
        capacities[Chat] = Capacity { slots: 2, ..Capacity::default() };
        capacities[Task] =
            Capacity { slots: 1, interruptible_by: ChannelSet::of(&[Chat, Voice]), ..Capacity::default() };
        capacities[Voice] = Capacity { slots: 1, ..Capacity::default() };
        capacities
    }

    fn free_with(load: &[Channel]) -> ChannelSet {
        let mut used = PerChannel::default();
        for channel in load {
            used[*channel] += 1;
        }
        free_channels(&capacities(), used)
    }

    /// The example in the documentation of Amazon Connect: chat ≤ 2 exclusive of tasks, task ≤ 1 shared, voice exclusive.
    #[test]
    fn channels_interrupt_each_other_only_as_configured() {
        assert_eq!(free_with(&[Chat]), ChannelSet::of(&[Chat]), "on a chat: no task, a second chat");
        assert!(free_with(&[Task]).has(Chat), "on a task: a chat");
        assert!(!free_with(&[Chat, Task]).has(Voice), "on chat and task: no call");
        assert!(free_with(&[Task]).has(Voice), "the chat ends: a call");
        assert!(free_with(&[Voice, Task]).is_empty(), "on call and task: nothing");
    }
}
