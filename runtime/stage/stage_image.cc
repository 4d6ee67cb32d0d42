#include "runtime/stage/stage_image.h"

asm(".pushsection .rodata\n"
    ".balign 16\n"
    "srt_stage_image_begin:\n"
    ".incbin \"" SRT_STAGE_FILE
    "\"\n"
    "srt_stage_image_end:\n"
    ".popsection\n"
    ".global srt_stage_image_begin, srt_stage_image_end\n"
    ".hidden srt_stage_image_begin, srt_stage_image_end\n");

extern "C" {
[[gnu::visibility("hidden")]] extern const std::byte srt_stage_image_begin[];
[[gnu::visibility("hidden")]] extern const std::byte srt_stage_image_end[];
}

namespace srt {

std::span<const std::byte> stage_image() { return {srt_stage_image_begin, srt_stage_image_end}; }

}  // namespace srt
