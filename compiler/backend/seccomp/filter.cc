#include "compiler/backend/seccomp/filter.h"

#include "compiler/backend/seccomp/generator.h"

namespace srt::seccomp {

Result<std::vector<sock_filter>> build_filter(Arch arch, const FilterOptions& options) {
  return generate(arch, default_rules(options));
}

}  // namespace srt::seccomp
