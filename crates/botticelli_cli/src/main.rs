//! The program `botticelli`.

fn main() -> std::process::ExitCode {
    botticelli_cli::run()
}
