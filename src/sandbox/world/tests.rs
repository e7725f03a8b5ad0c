use super::*;

#[test]
fn a_seeded_world_has_its_project() {
    assert_eq!(World::detached().project().id, "waooaw-oauth");
}
