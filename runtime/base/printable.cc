#include "runtime/base/printable.h"

#include "runtime/base/utf8.h"

namespace srt {

std::string printable(std::string text) {
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Unit unit = decode_utf8(text, i);
    const bool is_control =
        unit.code_point < 0x20 || (unit.code_point >= 0x7F && unit.code_point < 0xA0);
    if (is_control || !unit.valid) {
      text.replace(i, unit.length, unit.length, unit.code_point < 0x20 ? ' ' : '?');
    }
    i += unit.length;
  }
  return text;
}

}  // namespace srt
