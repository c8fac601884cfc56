use super::*;
use crate::core::call::Target;

fn guest(id: u32, role: Role) -> Guest {
    Guest { id, who: Target::Agent("bob".to_owned()), role, answered: true }
}

fn talking(guests: &[Guest]) -> Scene<'_> {
    Scene { agent: true, guests, ..Scene::default() }
}

fn hears(layout: &Layout, side: Side) -> Hearing {
    layout.hears.iter().find(|(known, _)| *known == side).map(|(_, hearing)| hearing.clone()).unwrap()
}

fn voices(sides: &[Side]) -> Hearing {
    Hearing::Voices(sides.to_vec())
}

const GUEST: Side = Side::Guest(1);

#[test]
fn two_parties_hear_each_other_and_are_recorded() {
    let layout = layout(&talking(&[]));

    assert_eq!(hears(&layout, Side::Customer), voices(&[Side::Agent]));
    assert_eq!(hears(&layout, Side::Agent), voices(&[Side::Customer]));
    assert_eq!(layout.tape, (vec![Side::Customer], vec![Side::Agent]));
}

#[test]
fn v5_hold_is_music_for_the_customer_and_silence_for_the_agent() {
    let layout = layout(&Scene { held: true, ..talking(&[]) });

    assert_eq!(hears(&layout, Side::Customer), Hearing::Music);
    assert_eq!(hears(&layout, Side::Agent), Hearing::Silence);
    assert_eq!(layout.tape, (vec![], vec![]));
}

#[test]
fn a_muted_agent_hears_and_is_not_heard() {
    let guests = [guest(1, Role::Member)];
    let layout = layout(&Scene { muted: true, ..talking(&guests) });

    assert_eq!(hears(&layout, Side::Customer), voices(&[GUEST]));
    assert_eq!(hears(&layout, Side::Agent), voices(&[Side::Customer, GUEST]));
    assert_eq!(hears(&layout, GUEST), voices(&[Side::Customer]));
}

#[test]
fn v5_the_consulted_and_the_agent_speak_apart_from_the_customer() {
    let guests = [guest(1, Role::Consulted)];
    let layout = layout(&talking(&guests));

    assert_eq!(hears(&layout, Side::Customer), Hearing::Music);
    assert_eq!(hears(&layout, Side::Agent), voices(&[GUEST]));
    assert_eq!(hears(&layout, GUEST), voices(&[Side::Agent]));
    assert_eq!(layout.tape, (vec![], vec![]));
}

#[test]
fn the_agent_hears_that_the_consulted_is_rung() {
    let guests = [Guest { answered: false, ..guest(1, Role::Consulted) }];
    let layout = layout(&talking(&guests));

    assert_eq!(hears(&layout, Side::Agent), Hearing::Ringback);
    assert_eq!(layout.hears.len(), 2, "nobody else is on the line");
}

#[test]
fn in_a_conference_everybody_hears_everybody_else() {
    let guests = [guest(1, Role::Member)];
    let layout = layout(&talking(&guests));

    assert_eq!(hears(&layout, Side::Customer), voices(&[Side::Agent, GUEST]));
    assert_eq!(hears(&layout, Side::Agent), voices(&[Side::Customer, GUEST]));
    assert_eq!(hears(&layout, GUEST), voices(&[Side::Customer, Side::Agent]));
    assert_eq!(layout.tape, (vec![Side::Customer], vec![Side::Agent, GUEST]));
}

#[test]
fn v6_a_supervisor_who_monitors_is_heard_by_nobody() {
    let guests = [guest(1, Role::Supervisor(Mode::Monitor))];
    let layout = layout(&talking(&guests));

    assert_eq!(hears(&layout, Side::Customer), voices(&[Side::Agent]));
    assert_eq!(hears(&layout, Side::Agent), voices(&[Side::Customer]));
    assert_eq!(hears(&layout, GUEST), voices(&[Side::Customer, Side::Agent]));
}

#[test]
fn v6_a_whisper_is_heard_by_the_agent_alone_and_not_recorded() {
    let guests = [guest(1, Role::Supervisor(Mode::Whisper))];
    let layout = layout(&talking(&guests));

    assert_eq!(hears(&layout, Side::Customer), voices(&[Side::Agent]));
    assert_eq!(hears(&layout, Side::Agent), voices(&[Side::Customer, GUEST]));
    assert_eq!(hears(&layout, GUEST), voices(&[Side::Customer, Side::Agent]));
    assert_eq!(layout.tape, (vec![Side::Customer], vec![Side::Agent]));
}

#[test]
fn a_supervisor_who_barges_is_heard_by_both() {
    let guests = [guest(1, Role::Supervisor(Mode::Barge))];
    let layout = layout(&talking(&guests));

    assert_eq!(hears(&layout, Side::Customer), voices(&[Side::Agent, GUEST]));
    assert_eq!(hears(&layout, Side::Agent), voices(&[Side::Customer, GUEST]));
}

#[test]
fn a_supervisor_hears_a_consultation_too() {
    let guests = [guest(1, Role::Consulted), guest(2, Role::Supervisor(Mode::Monitor))];
    let layout = layout(&talking(&guests));

    assert_eq!(hears(&layout, Side::Guest(2)), voices(&[GUEST, Side::Agent]));
}

#[test]
fn two_whisperers_do_not_hear_each_other() {
    let guests = [guest(1, Role::Supervisor(Mode::Whisper)), guest(2, Role::Supervisor(Mode::Whisper))];
    let layout = layout(&talking(&guests));

    assert_eq!(hears(&layout, Side::Guest(2)), voices(&[Side::Customer, Side::Agent]));
    assert_eq!(hears(&layout, Side::Agent), voices(&[Side::Customer, GUEST, Side::Guest(2)]));
}

#[test]
fn an_agent_who_dials_hears_it_ring() {
    let layout = layout(&Scene { dialling: true, ..talking(&[]) });

    assert_eq!(layout.hears, [(Side::Agent, Hearing::Ringback)]);
}

proptest::proptest! {
    #[test]
    fn nobody_hears_themselves_and_no_customer_hears_a_whisper_or_a_consultation(
        flags in proptest::array::uniform6(proptest::bool::ANY),
        roles in proptest::collection::vec(0u8..5, 0..6),
    ) {
        let guests: Vec<Guest> = roles.iter().enumerate().map(|(index, role)| {
            let role = match role {
                0 => Role::Consulted,
                1 => Role::Member,
                2 => Role::Supervisor(Mode::Monitor),
                3 => Role::Supervisor(Mode::Whisper),
                _ => Role::Supervisor(Mode::Barge),
            };
            guest(index as u32, role)
        }).collect();
        let scene = Scene {
            agent: flags[0], dialling: flags[1], held: flags[2], muted: flags[3],
            phone_held: (flags[4], flags[5]), guests: &guests,
        };

        let layout = layout(&scene);

        let silent = |side: Side| match side {
            Side::Customer => scene.held || flags[4] || flags[5],
            Side::Agent => scene.muted,
            Side::Guest(id) => matches!(guests[id as usize].role, Role::Supervisor(Mode::Monitor)),
        };
        for (me, hearing) in &layout.hears {
            let Hearing::Voices(voices) = hearing else { continue };
            proptest::prop_assert!(!voices.contains(me));
            proptest::prop_assert!(!voices.is_empty());
            for voice in voices {
                proptest::prop_assert!(!silent(*voice), "{voice:?} is heard by {me:?}");
                if let (Side::Guest(id), true) = (voice, *me != Side::Agent) {
                    let role = guests[*id as usize].role;
                    proptest::prop_assert!(role != Role::Supervisor(Mode::Whisper));
                    proptest::prop_assert!(role != Role::Consulted || matches!(me, Side::Guest(_)));
                }
            }
        }
    }
}
