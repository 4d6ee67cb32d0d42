#include "compiler/compare/host_classes.h"

#include <algorithm>
#include <set>

namespace srt::compare {
namespace {

using net::AddressRange;
using net::HostName;
using net::HostPattern;
using net::IpAddress;
using net::Subdomains;

constexpr std::string_view kLocalhost = "localhost";
constexpr std::string_view kSomeLabel = "srt-sample.";
constexpr std::string_view kSomeHost = "srt-sample.example";

std::optional<net::Host> host(const std::string& text) {
  const Result<net::Host> found = net::canonical_host(text);
  return found ? std::optional(*found) : std::nullopt;
}

bool lies_beneath(std::string_view name, std::string_view parent) {
  return name.size() > parent.size() + 1 && name.ends_with(parent) &&
         name[name.size() - parent.size() - 1] == '.';
}

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const IpAddress& address) {
  return {address.bytes().begin(), address.bytes().end()};
}

IpAddress address_of(const Bytes& bytes) { return *IpAddress::from_bytes(bytes); }

// The next address of the family; nothing behind the last one.
std::optional<IpAddress> after(const IpAddress& address) {
  Bytes bytes = bytes_of(address);
  for (std::size_t i = bytes.size(); i-- > 0;) {
    if (++bytes[i] != 0) return address_of(bytes);
  }
  return std::nullopt;
}

IpAddress before(const IpAddress& address) {
  Bytes bytes = bytes_of(address);
  for (std::size_t i = bytes.size(); i-- > 0;) {
    if (bytes[i]-- != 0) break;
  }
  return address_of(bytes);
}

IpAddress last_of(const AddressRange& range) {
  Bytes bytes = bytes_of(range.base);
  for (unsigned bit = range.prefix; bit < range.base.bit_width(); ++bit) {
    bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> bit % 8);
  }
  return address_of(bytes);
}

// Where IPv6 addresses carry IPv4 ones, as IpAddress::embedded_ipv4 has it: the bytes before. One
// more, 64:ff9b:1::/48, carries each in many places; there the same rules hold as for the others.
const std::vector<Bytes>& carriers() {
  static const std::vector<Bytes> kCarriers = {Bytes(12, 0),
                                               {0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0},
                                               {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0},
                                               {0x20, 0x02}};
  return kCarriers;
}

void add_range(std::set<IpAddress>& starts, const AddressRange& range) {
  starts.insert(range.base);
  if (const auto next = after(last_of(range))) starts.insert(*next);
  if (!range.base.is_v4()) return;
  for (const Bytes& carrier : carriers()) {
    Bytes bytes = carrier;
    for (const std::uint8_t byte : range.base.bytes()) bytes.push_back(byte);
    bytes.resize(IpAddress::kV6Bytes);
    const auto prefix = static_cast<unsigned>(8 * carrier.size()) + range.prefix;
    const AddressRange image{address_of(bytes), prefix};
    starts.insert(image.base);
    if (const auto next = after(last_of(image))) starts.insert(*next);
  }
}

std::string with_ports(HostPattern pattern, const net::PortRange& ports) {
  const bool is_every = ports.first <= 1 && ports.last == UINT16_MAX;
  if (!is_every) pattern.ports = ports;
  return net::to_string(pattern);
}

std::string example_of(const net::Host& host, const net::PortRange& ports) {
  constexpr std::uint16_t kHttps = 443;
  const bool is_usual = ports.contains(kHttps);
  return net::to_authority(host, is_usual ? kHttps : std::max<std::uint16_t>(ports.first, 1));
}

HostPattern pattern_of(const NameClass& of) {
  if (of.kind == NameClass::Kind::others) return {net::AnyHost{}};
  const HostName name = std::get<HostName>(*host(of.text));
  if (of.kind == NameClass::Kind::name) return {name};
  return {Subdomains{name}};
}

bool includes(const Ports& outer, const Ports& inner) {
  return std::all_of(inner.begin(), inner.end(), [&](const net::PortRange& range) {
    return std::any_of(outer.begin(), outer.end(), [&](const net::PortRange& other) {
      return other.first <= range.first && range.last <= other.last;
    });
  });
}

Ports without(const Ports& ports, const Ports& taken) {
  Ports out;
  for (const net::PortRange& range : ports) {
    std::uint32_t first = range.first;
    for (const net::PortRange& other : taken) {
      if (other.last < first || other.first > range.last) continue;
      if (other.first > first) {
        out.push_back(
            {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(other.first - 1)});
      }
      first = std::uint32_t{other.last} + 1;
    }
    if (first <= range.last) out.push_back({static_cast<std::uint16_t>(first), range.last});
  }
  return out;
}

// The ranges with a prefix that make up all addresses from `first` to `last`.
std::vector<AddressRange> ranges(IpAddress first, const IpAddress& last) {
  std::vector<AddressRange> out;
  for (;;) {
    unsigned prefix = 0;
    while (first.truncated(prefix) != first || last < last_of({first, prefix})) ++prefix;
    out.push_back({first, prefix});
    const IpAddress end = last_of(out.back());
    if (end == last) return out;
    first = *after(end);
  }
}

}  // namespace

std::vector<NameClass> name_classes(std::span<const HostPattern> patterns) {
  std::set<std::string> names = {std::string(kLocalhost)};
  std::set<std::string> parents = names;
  for (const HostPattern& pattern : patterns) {
    if (const auto* name = std::get_if<HostName>(&pattern.hosts)) names.insert(name->text());
    if (const auto* beneath = std::get_if<Subdomains>(&pattern.hosts)) {
      names.insert(beneath->parent.text());
      parents.insert(beneath->parent.text());
    }
  }
  std::vector<NameClass> out = {
      {NameClass::Kind::others, {}, *host(std::string(kSomeHost)), std::nullopt}};
  // Parents before what lies beneath them.
  std::vector<std::string> by_length(parents.begin(), parents.end());
  std::stable_sort(by_length.begin(), by_length.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  const auto parent_of = [&](const std::string& name) -> std::optional<std::size_t> {
    std::optional<std::size_t> nearest;
    for (std::size_t i = 1; i < out.size() && out[i].kind == NameClass::Kind::beneath; ++i) {
      if (lies_beneath(name, out[i].text)) nearest = i;
    }
    // `*` speaks of no loopback name.
    const bool is_local = name == kLocalhost || lies_beneath(name, kLocalhost);
    return nearest || is_local ? nearest : std::optional<std::size_t>(0);
  };
  for (const std::string& parent : by_length) {
    const auto example = host(std::string(kSomeLabel) + parent);
    if (!example) continue;  // too long for anything to lie beneath it
    const auto above = parent_of(parent);
    out.push_back({NameClass::Kind::beneath, parent, *example, above});
  }
  for (const std::string& name : names) {
    out.push_back({NameClass::Kind::name, name, *host(name), parent_of(name)});
  }
  return out;
}

std::vector<AddressClass> address_classes(std::span<const HostPattern> patterns) {
  std::set<IpAddress> starts;
  // The whole of each family, and the unspecified and loopback addresses, which are judged
  // together.
  for (const char* special : {"0.0.0.0", "127.0.0.1", "::", "::1"}) {
    add_range(starts, net::single_address(std::get<IpAddress>(*host(special))));
  }
  for (const HostPattern& pattern : patterns) {
    if (const auto* range = std::get_if<AddressRange>(&pattern.hosts)) add_range(starts, *range);
  }
  std::vector<AddressClass> out;
  for (auto at = starts.begin(); at != starts.end(); ++at) {
    const auto next = std::next(at);
    const bool is_last = next == starts.end() || next->is_v4() != at->is_v4();
    const IpAddress last = is_last ? last_of({*at, 0}) : before(*next);
    AddressClass added{*at, last, {*at}};
    if (last != *at) added.examples.push_back(last);
    // Ordinary ones, for what is also judged by the kind of address.
    for (const char* ordinary : {"93.184.216.34", "192.0.2.7", "2606:2800:220::1"}) {
      const IpAddress address = std::get<IpAddress>(*host(ordinary));
      const bool is_inside = address.is_v4() == at->is_v4() && *at <= address && address <= last;
      if (is_inside) added.examples.push_back(address);
    }
    out.push_back(std::move(added));
  }
  return out;
}

std::vector<std::uint16_t> port_classes(std::span<const net::PortRange> ranges) {
  std::set<std::uint16_t> out = {1};
  for (const net::PortRange& range : ranges) {
    if (range.first > 0) out.insert(range.first);
    if (range.last < UINT16_MAX) out.insert(static_cast<std::uint16_t>(range.last + 1));
  }
  return {out.begin(), out.end()};
}

std::vector<Spelled> spell_names(const std::vector<NameClass>& classes,
                                 const std::vector<Ports>& ports) {
  // A class whose ports do not include those of the class above is excepted from what is said of
  // that, and else only what it has more is said.
  std::vector<bool> is_excepted(classes.size());
  std::vector<Ports> own(classes.size());
  std::vector<std::vector<std::string>> except(classes.size());
  for (std::size_t i = 0; i < classes.size(); ++i) {
    own[i] = ports[i];
    const auto& parent = classes[i].parent;
    if (!parent) continue;
    is_excepted[i] = !includes(ports[i], ports[*parent]);
    if (!is_excepted[i]) {
      own[i] = without(ports[i], ports[*parent]);
      continue;
    }
    for (auto above = parent; above; above = classes[*above].parent) {
      if (!own[*above].empty()) except[*above].push_back(net::to_string(pattern_of(classes[i])));
      if (is_excepted[*above]) break;
    }
  }
  std::vector<Spelled> out;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    for (const net::PortRange& range : own[i]) {
      out.push_back({with_ports(pattern_of(classes[i]), range), except[i],
                     example_of(classes[i].example, range)});
    }
  }
  return out;
}

std::vector<Spelled> spell_addresses(const std::vector<AddressClass>& classes,
                                     const std::vector<Ports>& ports) {
  std::vector<Spelled> out;
  for (std::size_t i = 0; i < classes.size();) {
    std::size_t end = i + 1;
    while (end < classes.size() && ports[end] == ports[i] &&
           classes[end].first.is_v4() == classes[i].first.is_v4()) {
      ++end;
    }
    for (const net::PortRange& range : ports[i]) {
      for (const AddressRange& addresses : ranges(classes[i].first, classes[end - 1].last)) {
        out.push_back({with_ports({addresses}, range), {}, example_of(addresses.base, range)});
      }
    }
    i = end;
  }
  return out;
}

}  // namespace srt::compare
