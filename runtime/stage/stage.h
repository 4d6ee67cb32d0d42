#pragma once

namespace srt::stage {

/// The second stage's whole life: it is process 1 of the sandbox, checks what bwrap built, starts
/// the command, reports to the launcher and ends with the command. Returns its exit status, which
/// nobody reads: reports tell the story.
int run_stage();

}  // namespace srt::stage
