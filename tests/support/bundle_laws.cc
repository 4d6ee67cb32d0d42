#include <algorithm>
#include <string>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/bundle/format.h"
#include "tests/support/laws.h"

namespace srt::test {
namespace {

// Asks a table in every way that there is. A position out of range is found by the sanitizers.
void ask(const PathTable& table, const std::vector<std::string>& anchors) {
  for (const char* path : {"", "/a", "/home/u/.ssh/id", "/\xC3\xA9/\xFF"}) {
    PathTable::Position position = table.find(path, anchors);
    (void)table.verdict(position);
    (void)table.range(position);
    for (std::uint32_t mark = 0; mark < table.mark_count; ++mark) table.mark(position, mark);
    (void)table.verdict(position);
  }
}

void ask(const Bundle& bundle) {
  ParameterInput input;
  input.working_directory = "/home/u";
  input.variable = [](std::string_view) { return std::optional<std::string>(); };
  input.passwd_home = "/home/u";
  input.passwd_name = "u";
  input.real = [](const std::string& path) { return Result<std::string>(path); };
  const Result<ParameterValues> values = resolve_parameters(bundle.parameters, input);
  std::vector<std::string> anchors(bundle.anchors.size(), std::string(kNowhere));
  if (values) {
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      anchors[i] = expand(bundle.anchors[i], *values);
    }
  }
  ask(bundle.paths, anchors);
  ask(bundle.sockets, anchors);
  const net::Host host = net::canonical_host("a.example.com").value();
  for (const Target target : kTargets) {
    for (const Operation operation : {Operation::unix, Operation::syscall, Operation::mach}) {
      (void)bundle.name_rule(operation, "@name", target);
    }
    (void)bundle.passes_variable("PATH", target);
    (void)bundle.host_policy(target).decide(host, 443);
    (void)bundle.allows_network(target);
  }
}

}  // namespace

std::string breach_of_bundle_laws(std::string_view bytes) {
  const Result<Bundle> bundle = read_bundle(bytes);
  if (bundle) {
    ask(*bundle);
    return {};
  }
  const Error& error = bundle.error();
  const bool is_line = !error.message.empty() && error.message.find('\n') == std::string::npos;
  return is_line && !error.help.empty() ? "" : "a refusal is not one line with a help\n";
}

std::string framed(std::string_view payload) {
  std::string out(format::kHeaderSize, '\0');
  const auto put = [&](std::size_t at, std::size_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) out[at + i] = static_cast<char>(value >> (8 * i));
  };
  out.replace(0, format::kMagic.size(), format::kMagic);
  put(format::kVersionAt, format::kVersion, 2);
  put(format::kOldestReaderAt, format::kOldestReader, 2);
  put(format::kSizeAt, payload.size(), 4);
  const Sha256Digest digest = sha256({std::string_view(out).substr(0, format::kDigestAt), payload});
  std::copy(digest.begin(), digest.end(), out.begin() + format::kDigestAt);
  return out + std::string(payload);
}

}  // namespace srt::test
