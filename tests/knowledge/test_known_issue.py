"""The shelf of known issues: what does not fit is told with its place, and the others stay in force."""

from pathlib import Path

from knowledge.known_issue import our_shelf, read_shelf

GOOD = "- id: good-one\n  title: A title\n  symptoms: [a symptom]\n  cause: because\n  fix: do it\n"


def test_our_own_shelf_has_no_fault() -> None:
    shelf = our_shelf()
    assert shelf.faults == ()
    assert len(shelf.issues) >= 150


def test_an_entry_that_is_no_yaml_leaves_the_others_in_force(tmp_path: Path) -> None:
    (tmp_path / "shelf.yaml").write_text(f"{GOOD}- id: [broken\n  title: x\n{GOOD.replace('good-one', 'other-one')}")
    shelf = read_shelf(tmp_path)
    assert [issue.id for issue in shelf.issues] == ["good-one", "other-one"]
    assert [(Path(fault.file).name, fault.line) for fault in shelf.faults] == [("shelf.yaml", 7)]


def test_an_entry_with_a_field_that_does_not_fit_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "shelf.yaml"
    file.write_text(
        f"# comment\n{GOOD}- id: odd-one\n  title: x\n  symptoms: [y]\n  cause: z\n  fix: w\n  colour: red\n"
    )
    shelf = read_shelf(file)
    assert [issue.id for issue in shelf.issues] == ["good-one"]
    assert [fault.line for fault in shelf.faults] == [7]
    assert "colour" in str(shelf.faults[0].says)


def test_of_two_entries_with_one_id_the_first_stays(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD)
    shelf = read_shelf(tmp_path)
    assert len(shelf.issues) == 1
    assert [Path(fault.file).name for fault in shelf.faults] == ["b.yaml"]


def test_an_entry_without_a_symptom_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("[a symptom]", "[]"))
    assert read_shelf(tmp_path).issues == ()
