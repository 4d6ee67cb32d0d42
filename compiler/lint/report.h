#pragma once

#include <span>
#include <string>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"

namespace srt::lint {

/// The messages about one policy.
struct Report {
  const Diagnostics& diagnostics;
  const SourceSet& sources;
};

/// `{"version": 1, "diagnostics": […]}`: for each message its id, severity, text, help (where there
/// is one), file, and where it begins and ends: lines and columns from 1, columns in bytes, and
/// byte offsets from 0. In the order of `render`, policy by policy.
std::string to_json(std::span<const Report> reports);

/// The same as SARIF 2.1.0, one run: rules with their help, regions in UTF-8 bytes, and columns
/// and characters counted in Unicode code points.
std::string to_sarif(std::span<const Report> reports);

}  // namespace srt::lint
