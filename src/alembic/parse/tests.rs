use super::*;

#[test]
fn a_revision_is_read() {
    let text = b"\"\"\"Add a\n\nCreate Date: 2024-01-02\n\"\"\"\nrevision: str = (\"ab\" \"cd\")\ndown_revision = None\n";
    let revision = parse_revision(Path::new("x.py"), text, &NoModules)
        .unwrap()
        .revision;
    assert_eq!(revision.id.as_str(), "abcd");
    assert_eq!(revision.message(), "Add a");
}
