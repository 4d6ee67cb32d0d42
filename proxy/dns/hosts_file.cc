#include "proxy/dns/hosts_file.h"

#include <algorithm>

namespace srt::net {

namespace {

// Takes the next word off a line; empty at its end or where a comment begins.
std::string_view take_word(std::string_view& line) {
  constexpr std::string_view kBlank = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlank));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

std::vector<HostName> names_in_hosts_file(std::string_view text, const IpAddress& address) {
  std::vector<HostName> names;
  while (!text.empty()) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    std::string_view line = whole.substr(0, whole.find('#'));
    const std::string_view first = take_word(line);
    if (first.empty()) continue;
    const Result<Host> host = canonical_host(first);
    if (!host || *host != Host(address)) continue;
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
      Result<Host> name = canonical_host(word);
      if (name && std::holds_alternative<HostName>(*name)) {
        names.push_back(std::get<HostName>(*std::move(name)));
      }
    }
  }
  return names;
}

}  // namespace srt::net
