//! Parses the command line and hands over.

use std::process::ExitCode;

use clap::Parser as _;
use studio_brain::cli::Cli;

fn main() -> ExitCode {
    studio_brain::cli::run(Cli::parse())
}
