//! Closures by hand: who closes a queue or hours today does not describe how the centre is. A description that is applied
//! says nothing about them, so they survive it; what a description closes itself, it may open again.

use contract::directory::v1::{Centre, Hours, Queue};

/// What can be closed.
trait Closable {
    fn key(&self) -> &str;
    /// `closed`, `closed_by_hand`
    fn marks(&mut self) -> (&mut bool, &mut bool);
    fn is(&self) -> (bool, bool);
}

macro_rules! closable {
    ($($thing:ty),+) => {
        $(impl Closable for $thing {
            fn key(&self) -> &str {
                &self.key
            }

            fn marks(&mut self) -> (&mut bool, &mut bool) {
                (&mut self.closed, &mut self.closed_by_hand)
            }

            fn is(&self) -> (bool, bool) {
                (self.closed, self.closed_by_hand)
            }
        })+
    };
}

closable!(Queue, Hours);

/// The described centre, with what stands closed by hand.
#[must_use]
pub fn described(mut centre: Centre, stored: &Centre) -> Centre {
    keep(&mut centre.queues, &stored.queues);
    keep(&mut centre.hours, &stored.hours);
    centre
}

fn keep<T: Closable>(described: &mut [T], stored: &[T]) {
    for thing in described {
        let by_hand = stored.iter().any(|known| known.key() == thing.key() && known.is().1);
        let (closed, mark) = thing.marks();
        // A description taken from a centre repeats a closure by hand that may have been lifted since.
        *closed = by_hand || (*closed && !*mark);
        *mark = by_hand;
    }
}

/// The edited centre: whoever closes a thing in an editor does so by hand.
#[must_use]
pub fn edited(mut centre: Centre, stored: &Centre) -> Centre {
    mark(&mut centre.queues, &stored.queues);
    mark(&mut centre.hours, &stored.hours);
    centre
}

fn mark<T: Closable>(edited: &mut [T], stored: &[T]) {
    for thing in edited {
        let before = stored.iter().find(|known| known.key() == thing.key()).map(Closable::is);
        let (closed, mark) = thing.marks();
        *mark = *closed
            && match before {
                Some((true, by_hand)) => by_hand,
                Some((false, _)) | None => true,
            };
    }
}

/// Closes or opens a thing by hand.
pub fn set(closed: &mut bool, by_hand: &mut bool, wished: bool) {
    // What the description closes is not closed by hand because somebody closes it again.
    *by_hand = wished && (*by_hand || !*closed);
    *closed = wished;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::sample::centre;

    fn closed(by_hand: bool) -> Centre {
        let mut centre = centre();
        (centre.queues[0].closed, centre.queues[0].closed_by_hand) = (true, by_hand);
        (centre.hours[0].closed, centre.hours[0].closed_by_hand) = (true, by_hand);
        centre
    }

    #[test]
    fn a_closure_by_hand_survives_a_description_that_does_not_mention_it() {
        assert_eq!(described(centre(), &closed(true)), closed(true));
        assert_eq!(described(closed(false), &closed(true)), closed(true));
    }

    #[test]
    fn what_a_description_closes_it_may_open_again() {
        assert_eq!(described(closed(false), &centre()), closed(false));
        assert_eq!(described(centre(), &closed(false)), centre());
    }

    #[test]
    fn a_closure_by_hand_that_was_lifted_does_not_come_back_with_an_old_description() {
        assert_eq!(described(closed(true), &centre()), centre());
    }

    #[test]
    fn whoever_closes_a_thing_in_an_editor_does_so_by_hand() {
        assert_eq!(edited(closed(false), &centre()), closed(true));
        assert_eq!(edited(closed(true), &closed(false)), closed(false));
        assert_eq!(edited(centre(), &closed(true)), centre());
    }

    #[test]
    fn a_closure_is_set_and_lifted_by_hand() {
        let of = |mut closed: bool, mut by_hand: bool, wished: bool| {
            set(&mut closed, &mut by_hand, wished);
            (closed, by_hand)
        };

        assert_eq!(of(false, false, true), (true, true));
        assert_eq!(of(true, true, true), (true, true));
        assert_eq!(of(true, false, true), (true, false));
        assert_eq!(of(true, true, false), (false, false));
    }
}
