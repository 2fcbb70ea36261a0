use std::process::Command;

// The sleep is a process of its own, in a session of its own: the whole tree
// has to end, not only cargo.
fn main() {
    let _ = Command::new("setsid").args(["sleep", "3600"]).status();
}
