#include <algorithm>
#include <cstring>

#include "bundle_generated.h"
#include "runtime/bundle/bundle.h"
#include "runtime/bundle/format.h"

namespace srt {
namespace {

const std::string kRecompile = "compile the policy again with srtc";

std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

// What is wrong with the header or the digest, if anything.
std::optional<Error> check_frame(std::string_view bytes) {
  const std::string_view magic = format::kMagic;
  if (bytes.substr(0, magic.size()) != magic.substr(0, bytes.size()) || bytes.empty()) {
    return Error{"this is not a bundle", "srtc makes one: `srtc policy.srt -o policy.srtb`"};
  }
  if (bytes.size() < format::kHeaderSize) return Error{"the bundle is cut short", kRecompile};
  const std::uint32_t version = little_endian(bytes, format::kVersionAt, 2);
  const std::uint32_t oldest_reader = little_endian(bytes, format::kOldestReaderAt, 2);
  if (oldest_reader > format::kVersion) {
    return Error{"the bundle is too new: it needs a program that reads format " +
                     std::to_string(oldest_reader) + ", this one reads " +
                     std::to_string(format::kVersion),
                 "install the srt-run that came with the srtc which made it"};
  }
  if (version < format::kOldestVersion) {
    return Error{"the bundle is too old: it is in format " + std::to_string(version) +
                     ", the oldest this program reads is " + std::to_string(format::kOldestVersion),
                 kRecompile};
  }
  const std::size_t size = little_endian(bytes, format::kSizeAt, 4);
  const std::string_view payload = bytes.substr(format::kHeaderSize);
  if (payload.size() < size) return Error{"the bundle is cut short", kRecompile};
  const bool intact = payload.size() == size &&
                      sha256({bytes.substr(0, format::kDigestAt), payload}) == stored_digest(bytes);
  if (!intact) return Error{"the bundle is damaged: its digest does not fit", kRecompile};
  return std::nullopt;
}

// Reads a verified buffer. Verification covers its structure only: what numbers refer to is checked
// here.
class Reader {
 public:
  explicit Reader(const fb::Bundle& from) : from_(from) {}

  Result<Bundle> run() {
    Bundle out;
    out.compiler_version = from_.compiler_version()->str();
    out.name = from_.name()->str();
    for (const fb::Parameter* p : *from_.parameters()) out.parameters.push_back(parameter(*p));
    for (const fb::Template* t : *from_.anchors()) out.anchors.push_back(text(t));
    expect(from_.defaults()->size() == out.defaults.size(),
           "the defaults are not one an operation");
    if (!flaw_.empty()) return damaged();
    for (unsigned i = 0; i < out.defaults.size(); ++i) {
      out.defaults[i] = effect(static_cast<fb::Effect>(from_.defaults()->Get(i)));
    }
    for (const fb::Rule* r : *from_.rules()) out.rules.push_back(rule(*r));
    out.paths = paths(*from_.paths(), out);
    out.paths.defaults = {out.default_of(Operation::read), out.default_of(Operation::write)};
    out.sockets = paths(*from_.sockets(), out);
    out.sockets.defaults = {out.default_of(Operation::unix), Effect::deny};
    for (const fb::Variable* v : *from_.variables()) {
      out.variables.push_back({v->name()->str(), v->value()->str(), targets(v->targets())});
    }
    for (const fb::Limit* limit : *from_.limits()) {
      expect(limit->kind() < out.limits.size(), "a limit is unknown");
      if (flaw_.empty()) out.limits[limit->kind()] = limit->value();
    }
    for (const fb::TmpCandidate* c : *from_.tmp_candidates()) {
      out.tmp_candidates.push_back({optional_text(c->variable()), optional_text(c->path())});
    }
    for (const fb::Filter* f : *from_.filters()) {
      out.filters.push_back(
          {f->arch()->str(), {f->instructions()->begin(), f->instructions()->end()}});
    }
    if (from_.seatbelt() != nullptr) out.seatbelt = from_.seatbelt()->str();
    if (from_.seatbelt_parameters() != nullptr) {
      for (const fb::SeatbeltParameter* p : *from_.seatbelt_parameters()) {
        out.seatbelt_parameters.emplace_back(p->name()->str(), text(p->value()));
      }
    }
    if (const fb::WaysOut* ways = from_.ways_out()) {
      out.ways_out = {optional_text(ways->upstream()), optional_text(ways->no_proxy()),
                      ways->http_port(), ways->socks_port()};
    }
    out.nested_namespaces = from_.nested_namespaces();
    if (from_.expectations() != nullptr) {
      for (const fb::Expectation* e : *from_.expectations())
        out.expectations.push_back(expectation(*e));
    }
    out.accepts_no_guard = from_.accepts_no_guard();
    if (!flaw_.empty()) return damaged();
    return out;
  }

 private:
  Error damaged() const { return Error{"the bundle is damaged: " + flaw_, kRecompile}; }

  void expect(bool holds, const std::string& otherwise) {
    if (!holds && flaw_.empty()) flaw_ = otherwise;
  }

  // The value of an enumeration that both sides declare in the same order.
  template <typename To, typename From>
  To enumerator(From value, From last) {
    expect(value <= last, "an enumeration is out of range");
    return static_cast<To>(value);
  }

  Effect effect(fb::Effect value) { return enumerator<Effect>(value, fb::Effect::MAX); }

  static std::string optional_text(const flatbuffers::String* value) {
    return value == nullptr ? std::string() : value->str();
  }

  Bundle::Expectation expectation(const fb::Expectation& value) {
    Bundle::Expectation out = {effect(value.effect()),
                               enumerator<Operation>(value.operation(), fb::Operation::MAX),
                               value.subject()->str(), value.origin()->str()};
    expect(is_file_operation(out.operation), "an expectation is not about a path");
    return out;
  }

  Template text(const fb::Template* value) {
    Template out;
    if (value == nullptr || value->pieces() == nullptr) return out;
    for (const fb::Piece* piece : *value->pieces()) {
      expect(piece->kind() != fb::PieceKind::Parameter ||
                 piece->parameter() < from_.parameters()->size(),
             "a parameter number is out of range");
      out.pieces.push_back({enumerator<Template::Piece::Kind>(piece->kind(), fb::PieceKind::MAX),
                            optional_text(piece->text()), piece->parameter()});
    }
    return out;
  }

  Parameter parameter(const fb::Parameter& value) {
    Parameter out{value.name()->str(),
                  enumerator<Parameter::Source>(value.source(), fb::ParameterSource::MAX),
                  enumerator<Parameter::Type>(value.type(), fb::ParameterType::MAX), std::nullopt};
    if (value.fallback() != nullptr) out.fallback = text(value.fallback());
    return out;
  }

  Bundle::Rule rule(const fb::Rule& value) {
    Bundle::Rule out{effect(value.effect()),
                     enumerator<Operation>(value.operation(), fb::Operation::MAX),
                     value.existing(),
                     value.text()->str(),
                     value.origin()->str(),
                     optional_text(value.because()),
                     {},
                     targets(value.targets()),
                     value.any_tls_name(),
                     value.publish()};
    if (value.settled_at_launch() != nullptr) {
      expect(out.operation == Operation::connect || out.operation == Operation::bind,
             "a rule that names no host or port has a template");
      out.subject = text(value.settled_at_launch());
      return out;
    }
    const std::string subject = optional_text(value.subject());
    const auto take = [&](auto parsed) {
      expect(bool(parsed), "a rule's pattern cannot be read");
      if (parsed) out.subject = std::move(*parsed);
    };
    switch (out.operation) {
      case Operation::read:
      case Operation::write:
        break;
      case Operation::connect:
        take(net::parse_host_pattern(subject));
        break;
      case Operation::bind:
        take(net::parse_port_range(subject));
        break;
      case Operation::unix:
        if (!subject.empty()) take(NamePattern::parse(subject));
        break;
      case Operation::env:
      case Operation::syscall:
      case Operation::mach:
        take(NamePattern::parse(subject));
        break;
    }
    return out;
  }

  Targets targets(std::uint8_t bits) {
    expect(bits != 0 && bits <= 3, "a set of targets is out of range");
    return {(bits & 1) != 0, (bits & 2) != 0};
  }

  PathTable paths(const fb::PathTable& value, const Bundle& bundle) {
    PathTable out;
    expect(value.classes()->size() == out.classes.size(), "the byte classes are not 256");
    expect(value.mark_count() == bundle.anchors.size(), "marks and anchors differ in number");
    if (!flaw_.empty()) return out;
    std::copy(value.classes()->begin(), value.classes()->end(), out.classes.begin());
    out.class_count = value.class_count();
    out.mark_count = value.mark_count();
    for (const fb::Lane* lane : *value.lanes()) out.lanes.push_back(this->lane(*lane));
    if (const auto flaw = out.flaw(bundle.rules.size())) expect(false, *flaw);
    return out;
  }

  PathTable::Lane lane(const fb::Lane& value) {
    PathTable::Lane out{enumerator<Operation>(value.operation(), fb::Operation::MAX),
                        effect(value.effect()),
                        {value.next()->begin(), value.next()->end()},
                        {value.rule()->begin(), value.rule()->end()},
                        {}};
    // Values out of range are found by PathTable::flaw.
    for (const std::uint8_t outlook : *value.outlook()) {
      out.outlook.push_back(static_cast<PathTable::Outlook>(outlook));
    }
    return out;
  }

  const fb::Bundle& from_;
  std::string flaw_;  // the first one found; what is read after it is not used
};

}  // namespace

Sha256Digest stored_digest(std::string_view bytes) {
  Sha256Digest digest;
  std::memcpy(digest.data(), bytes.data() + format::kDigestAt, digest.size());
  return digest;
}

Result<Bundle> read_bundle(std::string_view bytes) {
  if (std::optional<Error> error = check_frame(bytes)) return *error;
  const std::string_view payload = bytes.substr(format::kHeaderSize);
  // FlatBuffers reads in place and expects its buffer aligned as it was written. Never empty: there
  // is nothing to point at then.
  std::vector<std::uint64_t> aligned(payload.size() / sizeof(std::uint64_t) + 1);
  std::memcpy(aligned.data(), payload.data(), payload.size());
  const auto* data = reinterpret_cast<const std::uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(data, payload.size());
  if (!fb::VerifyBundleBuffer(verifier)) {
    return Error{"the bundle is damaged: its structure does not verify", kRecompile};
  }
  return Reader(*fb::GetBundle(data)).run();
}

}  // namespace srt
