//! A data folder belongs to one centre.

use testkit::Centre;

#[tokio::test]
async fn a_second_start_on_the_same_folder_says_who_runs_there() {
    let centre = Centre::together().await.unwrap();
    let data = centre.data_dir.display().to_string();

    let error = centre.cli(&["up", "--demo"]).await.unwrap_err().to_string();

    assert!(error.contains("a centre already runs on"), "{error}");
    assert!(error.contains(&data), "{error}");
    assert!(error.contains("process "), "{error}");
    assert_eq!(centre.cli(&["status", "--wait", "10s"]).await.unwrap()["ready"], true);
}
