// The entry point, and those functions of the C library that the compiler and the headers of the
// C++ library call in a freestanding program.

#include <cstddef>

#include "runtime/stage/stage.h"
#include "runtime/stage/system_call.h"

#if defined(__x86_64__)
asm(".global _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  and $-16, %rsp\n"
    "  call srt_stage_start\n");
#elif defined(__aarch64__)
asm(".global _start\n"
    "_start:\n"
    "  mov x29, #0\n"
    "  mov x30, #0\n"
    "  bl srt_stage_start\n");
#endif

extern "C" {

[[noreturn]] void srt_stage_start() {
  const int status = srt::stage::run_stage();
  for (;;) srt::stage::system_call(SYS_exit_group, status);
}

void* memcpy(void* to, const void* from, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
  }
  return to;
}

void* memmove(void* to, const void* from, std::size_t size) {
  if (to <= from) return memcpy(to, from, size);
  for (std::size_t i = size; i > 0; --i) {
    static_cast<char*>(to)[i - 1] = static_cast<const char*>(from)[i - 1];
  }
  return to;
}

void* memset(void* to, int value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) static_cast<char*>(to)[i] = static_cast<char>(value);
  return to;
}

int memcmp(const void* a, const void* b, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const int difference =
        static_cast<const unsigned char*>(a)[i] - static_cast<const unsigned char*>(b)[i];
    if (difference != 0) return difference;
  }
  return 0;
}

std::size_t strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

void* memchr(const void* bytes, int wanted, std::size_t size) {
  const auto* byte = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < size; ++i) {
    if (byte[i] == static_cast<unsigned char>(wanted)) return const_cast<unsigned char*>(byte + i);
  }
  return nullptr;
}

}  // extern "C"
