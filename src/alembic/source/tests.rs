use super::*;

#[test]
fn a_bare_folder_is_read() {
    let tree = MemoryTree::new([("v/a.py", "revision = 'a'\ndown_revision = None")]);
    let reading = read(&tree, Path::new("v")).unwrap();
    assert_eq!(reading.revisions.len(), 1);
}
