#include "bundle_generated.h"
#include "compiler/backend/bundle/bundle.h"
#include "runtime/bundle/format.h"

namespace srt::bundle {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

Offset<fb::Template> encode(FlatBufferBuilder& to, const Template& value) {
  std::vector<Offset<fb::Piece>> pieces;
  for (const Template::Piece& piece : value.pieces) {
    pieces.push_back(fb::CreatePiece(to, static_cast<fb::PieceKind>(piece.kind),
                                     to.CreateSharedString(piece.text), piece.parameter));
  }
  return fb::CreateTemplate(to, to.CreateVector(pieces));
}

Offset<fb::Parameter> encode(FlatBufferBuilder& to, const Parameter& value) {
  const auto name = to.CreateSharedString(value.name);
  const Offset<fb::Template> fallback =
      value.fallback ? encode(to, *value.fallback) : Offset<fb::Template>();
  return fb::CreateParameter(to, name, static_cast<fb::ParameterSource>(value.source),
                             static_cast<fb::ParameterType>(value.type), fallback);
}

std::uint8_t encode(Targets targets) {
  return static_cast<std::uint8_t>((targets.linux ? 1U : 0U) | (targets.macos ? 2U : 0U));
}

std::string subject_text(const Bundle::Rule& rule) {
  if (const auto* host = std::get_if<net::HostPattern>(&rule.subject)) return to_string(*host);
  if (const auto* ports = std::get_if<net::PortRange>(&rule.subject)) return to_string(*ports);
  return rule.names() != nullptr ? rule.names()->text() : std::string();
}

Offset<fb::Rule> encode(FlatBufferBuilder& to, const Bundle::Rule& value) {
  const auto subject = to.CreateSharedString(subject_text(value));
  const auto* settled_at_launch = std::get_if<Template>(&value.subject);
  const Offset<fb::Template> text =
      settled_at_launch == nullptr ? Offset<fb::Template>() : encode(to, *settled_at_launch);
  return fb::CreateRule(to, static_cast<fb::Effect>(value.effect),
                        static_cast<fb::Operation>(value.operation), value.existing,
                        to.CreateSharedString(value.text), to.CreateSharedString(value.origin),
                        to.CreateSharedString(value.because), subject, text, encode(value.targets),
                        value.any_tls_name, value.publish);
}

Offset<fb::Expectation> encode(FlatBufferBuilder& to, const Bundle::Expectation& value) {
  const auto subject = to.CreateString(value.subject);
  const auto origin = to.CreateString(value.origin);
  return fb::CreateExpectation(to, static_cast<fb::Effect>(value.effect),
                               static_cast<fb::Operation>(value.operation), subject, origin);
}

Offset<fb::Lane> encode(FlatBufferBuilder& to, const PathTable::Lane& value) {
  std::vector<std::uint8_t> outlook;
  for (const PathTable::Outlook o : value.outlook) outlook.push_back(static_cast<std::uint8_t>(o));
  const auto next = to.CreateVector(value.next);
  const auto rule = to.CreateVector(value.rule);
  return fb::CreateLane(to, static_cast<fb::Operation>(value.operation),
                        static_cast<fb::Effect>(value.effect), next, rule,
                        to.CreateVector(outlook));
}

Offset<fb::Variable> encode(FlatBufferBuilder& to, const Bundle::Variable& value) {
  const auto name = to.CreateString(value.name);
  return fb::CreateVariable(to, name, to.CreateString(value.value), encode(value.targets));
}

Offset<flatbuffers::Vector<Offset<fb::Limit>>> encode(FlatBufferBuilder& to, const Limits& limits) {
  std::vector<Offset<fb::Limit>> out;
  for (const LimitInfo& info : kLimits) {
    const auto kind = static_cast<std::uint8_t>(info.limit);
    if (limits[kind]) out.push_back(fb::CreateLimit(to, kind, *limits[kind]));
  }
  return to.CreateVector(out);
}

Offset<fb::TmpCandidate> encode(FlatBufferBuilder& to, const TmpCandidate& value) {
  const auto variable = to.CreateString(value.variable);
  return fb::CreateTmpCandidate(to, variable, to.CreateString(value.path));
}

Offset<fb::Filter> encode(FlatBufferBuilder& to, const Bundle::Filter& value) {
  return fb::CreateFilter(to, to.CreateString(value.arch), to.CreateVector(value.instructions));
}

Offset<fb::SeatbeltParameter> encode(FlatBufferBuilder& to,
                                     const std::pair<std::string, Template>& value) {
  const auto name = to.CreateString(value.first);
  return fb::CreateSeatbeltParameter(to, name, encode(to, value.second));
}

Offset<fb::WaysOut> encode(FlatBufferBuilder& to, const Bundle::WaysOut& value) {
  const auto upstream = to.CreateString(value.upstream);
  const auto no_proxy = to.CreateString(value.no_proxy);
  return fb::CreateWaysOut(to, upstream, no_proxy, value.http_port, value.socks_port);
}

template <typename Out, typename In>
Offset<flatbuffers::Vector<Offset<Out>>> encode_all(FlatBufferBuilder& to,
                                                    const std::vector<In>& values) {
  std::vector<Offset<Out>> out;
  for (const In& value : values) out.push_back(encode(to, value));
  return to.CreateVector(out);
}

Offset<fb::PathTable> encode(FlatBufferBuilder& to, const PathTable& value) {
  const auto classes = to.CreateVector(value.classes.data(), value.classes.size());
  return fb::CreatePathTable(to, classes, value.class_count, value.mark_count,
                             encode_all<fb::Lane>(to, value.lanes));
}

void append_little_endian(std::string& out, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

}  // namespace

std::string encode(const Bundle& bundle) {
  FlatBufferBuilder to;
  // A field that holds its default is written all the same: the size of a bundle then does not
  // depend on values, and every field has bytes that the digest covers.
  to.ForceDefaults(true);
  const auto parameters = encode_all<fb::Parameter>(to, bundle.parameters);
  const auto anchors = encode_all<fb::Template>(to, bundle.anchors);
  const auto rules = encode_all<fb::Rule>(to, bundle.rules);
  const auto paths = encode(to, bundle.paths);
  const auto sockets = encode(to, bundle.sockets);
  const auto limits = encode(to, bundle.limits);
  std::vector<std::uint8_t> effects;
  for (const Effect effect : bundle.defaults) effects.push_back(static_cast<std::uint8_t>(effect));
  const auto defaults = to.CreateVector(effects);
  const auto variables = encode_all<fb::Variable>(to, bundle.variables);
  const auto tmp_candidates = encode_all<fb::TmpCandidate>(to, bundle.tmp_candidates);
  const auto filters = encode_all<fb::Filter>(to, bundle.filters);
  const auto seatbelt =
      bundle.seatbelt ? to.CreateString(*bundle.seatbelt) : Offset<flatbuffers::String>();
  const auto seatbelt_parameters =
      encode_all<fb::SeatbeltParameter>(to, bundle.seatbelt_parameters);
  const auto ways_out = encode(to, bundle.ways_out);
  const auto expectations = encode_all<fb::Expectation>(to, bundle.expectations);
  const auto version = to.CreateString(bundle.compiler_version);
  const auto name = to.CreateString(bundle.name);
  to.Finish(fb::CreateBundle(to, version, name, parameters, anchors, defaults, rules, paths,
                             sockets, limits, variables, tmp_candidates, filters, seatbelt,
                             seatbelt_parameters, ways_out, bundle.nested_namespaces, expectations,
                             bundle.accepts_no_guard));

  const std::string_view payload(reinterpret_cast<const char*>(to.GetBufferPointer()),
                                 to.GetSize());
  std::string out(format::kMagic);
  append_little_endian(out, format::kVersion, 2);
  append_little_endian(out, format::kOldestReader, 2);
  append_little_endian(out, static_cast<std::uint32_t>(payload.size()), 4);
  for (const std::uint8_t byte : sha256({out, payload})) out += static_cast<char>(byte);
  out += payload;
  return out;
}

}  // namespace srt::bundle
