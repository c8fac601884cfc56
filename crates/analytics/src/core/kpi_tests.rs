//! The published test vectors of every KPI.

use super::*;

/// 100 offered; 80 answered, 70 of them in time; 15 abandoned, 5 of them short and in time; 5 left to a callback, 2 of
/// them in time.
const VECTOR: Counts = Counts {
    offered: 100,
    answered: 80,
    answered_in_time: 70,
    abandoned: 15,
    abandoned_in_time: 5,
    abandoned_short: 5,
    flowed_out: 5,
    flowed_out_in_time: 2,
};

fn percent(share: Option<f64>) -> String {
    share.map_or("none".to_owned(), |share| format!("{:.2}", share * 100.0))
}

#[test]
fn service_level_of_the_answered_is_87_50() {
    assert_eq!(percent(ServiceLevel::Answered.of(&VECTOR)), "87.50");
}

#[test]
fn service_level_with_abandoned_in_time_is_78_95() {
    assert_eq!(percent(ServiceLevel::AnsweredOrAbandoned.of(&VECTOR)), "78.95");
}

#[test]
fn service_level_by_default_is_73_68() {
    assert_eq!(ServiceLevel::default(), ServiceLevel::Standard);
    assert_eq!(percent(ServiceLevel::Standard.of(&VECTOR)), "73.68");
}

#[test]
fn service_level_with_flow_outs_is_70_00() {
    assert_eq!(percent(ServiceLevel::WithFlowOuts.of(&VECTOR)), "70.00");
}

#[test]
fn service_level_without_short_abandons_is_77_78() {
    assert_eq!(percent(ServiceLevel::WithoutShortAbandons.of(&VECTOR)), "77.78");
}

#[test]
fn service_level_of_leaving_in_time_is_77_00() {
    assert_eq!(percent(ServiceLevel::LeftInTime.of(&VECTOR)), "77.00");
}

#[test]
fn a_service_level_over_nothing_is_no_number() {
    for definition in ServiceLevel::ALL {
        assert_eq!(definition.of(&Counts::default()), None, "{}", definition.definition());
    }
}

#[test]
fn every_definition_has_a_name_of_its_own() {
    let mut names: Vec<&str> = ServiceLevel::ALL.iter().map(|level| level.definition()).collect();
    names.sort_unstable();
    names.dedup();

    assert_eq!(names.len(), 6);
}

#[test]
fn handling_time_is_talk_hold_and_wrap_up() {
    assert_eq!(average_handling(600_000, 60_000, 90_000, 3), Some(250_000.0));
    assert_eq!(average_handling(0, 0, 0, 0), None);
}

#[test]
fn speed_of_answer_is_the_mean_wait_of_the_answered() {
    assert_eq!(average_speed_of_answer(30_000, 4), Some(7_500.0));
}

#[test]
fn callbacks_are_no_abandons() {
    assert_eq!(percent(abandon_rate(15, 100, 5)), "15.79");
    assert_eq!(abandon_rate(0, 5, 5), None);
}

#[test]
fn occupancy_is_work_by_the_clock() {
    assert_eq!(percent(occupancy(45, 15)), "75.00");
}

#[test]
fn adherence_of_55_in_60_minutes_is_91_7() {
    assert_eq!(adherence(55, 60).map(|share| format!("{:.1}", share * 100.0)), Some("91.7".to_owned()));
}

#[test]
fn conformance_of_6_hours_in_4_is_150() {
    assert_eq!(percent(conformance(6, 4)), "150.00");
}

#[test]
fn a_shrinkage_of_30_percent_needs_143_for_100() {
    assert_eq!(scheduled_for(100.0, 0.3).map(f64::ceil), Some(143.0));
    assert_eq!(scheduled_for(100.0, 1.0), None);
}

#[test]
fn promoters_minus_detractors() {
    assert_eq!(net_promoter_score(&[10, 9, 9, 8, 7, 6, 0, 10, 10, 3, 255]), Some(20.0));
    assert_eq!(net_promoter_score(&[0]), Some(-100.0));
    assert_eq!(net_promoter_score(&[11]), None);
}

#[test]
fn the_satisfied_gave_4_or_5() {
    assert_eq!(customer_satisfaction(&[5, 4, 3, 1, 0, 6]), Some(0.5));
}

#[test]
fn effort_is_the_mean_of_1_to_7() {
    assert_eq!(customer_effort(&[7, 1, 4, 0, 8]), Some(4.0));
}

#[test]
fn a_case_that_comes_back_soon_was_not_resolved_at_first_contact() {
    let case = |resolved_at, came_back_at| CaseOutcome { resolved_at, came_back_at };
    let cases = [case(Some(0), None), case(Some(0), Some(11)), case(Some(0), Some(10)), case(None, None)];

    assert_eq!(first_contact_resolution(&cases, 10), Some(0.5));
}
