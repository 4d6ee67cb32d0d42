#include "runtime/launch/redirect.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "runtime/launch/loopback.h"
#include "runtime/launch/netlink_batch.h"

// The ruleset, as nft(8) would print it:
//
//   table inet srt {
//     chain untracked {
//       type filter hook output priority raw;
//       ip saddr 127.0.0.0/8 ip daddr 127.0.0.0/8 notrack
//     }
//     chain redirected {
//       type nat hook output priority dstnat;
//       ip saddr != 127.0.0.0/8 ip daddr != { 127.0.0.0/8, 198.18.0.1 } tcp redirect to :PORT
//       ip6 daddr != ::1 tcp redirect to :PORT
//     }
//   }
//
// The first chain spares what goes through the proxy's own port the cost of connection tracking. A
// connection from 127.0.0.0/8 to elsewhere, which no machine lets out, is not redirected: its
// answers would pass that chain untranslated. IPv6 has no such chain, as ::1 is the source of every
// connection there.

namespace srt {
namespace {

constexpr const char* kTable = "srt";
constexpr const char* kUntracked = "untracked";
constexpr const char* kRedirected = "redirected";

// Priorities of the hooks (enum nf_ip_hook_priorities).
constexpr std::int32_t kRawPriority = -300;
constexpr std::int32_t kDnatPriority = -100;

std::uint16_t type_of(int message) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
}

constexpr nfgenmsg kInet = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0, .res_id = 0};

void add_chain(NetlinkBatch& batch, const char* name, const char* type, std::int32_t priority) {
  batch.begin(type_of(NFT_MSG_NEWCHAIN), NLM_F_CREATE, kInet);
  batch.attribute(NFTA_CHAIN_TABLE, kTable);
  batch.attribute(NFTA_CHAIN_NAME, name);
  const std::size_t hook = batch.begin_nest(NFTA_CHAIN_HOOK);
  batch.attribute(NFTA_HOOK_HOOKNUM, htonl(NF_INET_LOCAL_OUT));
  batch.attribute(NFTA_HOOK_PRIORITY, htonl(static_cast<std::uint32_t>(priority)));
  batch.end_nest(hook);
  batch.attribute(NFTA_CHAIN_TYPE, type);
}

/// One rule under construction. Its expressions work on register 1.
class Rule {
 public:
  Rule(NetlinkBatch& batch, const char* chain, std::uint16_t flags = 0) : batch_(batch) {
    batch_.begin(type_of(NFT_MSG_NEWRULE),
                 static_cast<std::uint16_t>(NLM_F_CREATE | NLM_F_APPEND | flags), kInet);
    batch_.attribute(NFTA_RULE_TABLE, kTable);
    batch_.attribute(NFTA_RULE_CHAIN, chain);
    expressions_ = batch_.begin_nest(NFTA_RULE_EXPRESSIONS);
  }
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;
  ~Rule() { batch_.end_nest(expressions_); }

  void meta_is(std::uint32_t key, std::uint8_t value) {
    begin("meta");
    batch_.attribute(NFTA_META_DREG, htonl(NFT_REG_1));
    batch_.attribute(NFTA_META_KEY, htonl(key));
    end();
    compare(NFT_CMP_EQ, std::as_bytes(std::span(&value, 1)));
  }

  /// Goes on when the bytes at `offset` of the network header compare so with `value`.
  void header_is(std::uint32_t offset, std::uint32_t operation, std::span<const std::byte> value) {
    begin("payload");
    batch_.attribute(NFTA_PAYLOAD_DREG, htonl(NFT_REG_1));
    batch_.attribute(NFTA_PAYLOAD_BASE, htonl(NFT_PAYLOAD_NETWORK_HEADER));
    batch_.attribute(NFTA_PAYLOAD_OFFSET, htonl(offset));
    batch_.attribute(NFTA_PAYLOAD_LEN, htonl(static_cast<std::uint32_t>(value.size())));
    end();
    compare(operation, value);
  }

  void redirect(std::uint16_t port) {
    const std::uint16_t network_port = htons(port);
    begin("immediate");
    batch_.attribute(NFTA_IMMEDIATE_DREG, htonl(NFT_REG_1));
    data(NFTA_IMMEDIATE_DATA, std::as_bytes(std::span(&network_port, 1)));
    end();
    begin("redir");
    batch_.attribute(NFTA_REDIR_REG_PROTO_MIN, htonl(NFT_REG_1));
    end();
  }

  void notrack() {
    const std::size_t element = batch_.begin_nest(NFTA_LIST_ELEM);
    batch_.attribute(NFTA_EXPR_NAME, "notrack");
    batch_.end_nest(element);
  }

 private:
  void begin(const char* expression) {
    element_ = batch_.begin_nest(NFTA_LIST_ELEM);
    batch_.attribute(NFTA_EXPR_NAME, expression);
    data_ = batch_.begin_nest(NFTA_EXPR_DATA);
  }
  void end() {
    batch_.end_nest(data_);
    batch_.end_nest(element_);
  }
  void compare(std::uint32_t operation, std::span<const std::byte> value) {
    begin("cmp");
    batch_.attribute(NFTA_CMP_SREG, htonl(NFT_REG_1));
    batch_.attribute(NFTA_CMP_OP, htonl(operation));
    data(NFTA_CMP_DATA, value);
    end();
  }
  void data(std::uint16_t type, std::span<const std::byte> value) {
    const std::size_t nest = batch_.begin_nest(type);
    batch_.attribute(NFTA_DATA_VALUE, value);
    batch_.end_nest(nest);
  }

  NetlinkBatch& batch_;
  std::size_t expressions_ = 0;
  std::size_t element_ = 0;
  std::size_t data_ = 0;
};

// Where addresses stand in the network header, and how loopback ones begin.
constexpr std::uint32_t kSource4 = 12;
constexpr std::uint32_t kDestination4 = 16;
constexpr std::uint32_t kDestination6 = 24;
constexpr std::array kLoopback4 = {std::byte{127}};
constexpr std::array<std::byte, 16> kLoopback6 = [] {
  std::array<std::byte, 16> bytes = {};
  bytes.back() = std::byte{1};
  return bytes;
}();

void add_notrack(NetlinkBatch& batch) {
  Rule rule(batch, kUntracked);
  rule.meta_is(NFT_META_NFPROTO, NFPROTO_IPV4);
  rule.header_is(kSource4, NFT_CMP_EQ, kLoopback4);
  rule.header_is(kDestination4, NFT_CMP_EQ, kLoopback4);
  rule.notrack();
}

void add_redirects(NetlinkBatch& batch, std::uint16_t port) {
  {
    const std::uint32_t own = htonl(kSandboxAddress);
    Rule rule(batch, kRedirected);
    rule.meta_is(NFT_META_NFPROTO, NFPROTO_IPV4);
    rule.meta_is(NFT_META_L4PROTO, IPPROTO_TCP);
    rule.header_is(kSource4, NFT_CMP_NEQ, kLoopback4);
    rule.header_is(kDestination4, NFT_CMP_NEQ, kLoopback4);
    rule.header_is(kDestination4, NFT_CMP_NEQ, std::as_bytes(std::span(&own, 1)));
    rule.redirect(port);
  }
  Rule rule(batch, kRedirected, NLM_F_ACK);
  rule.meta_is(NFT_META_NFPROTO, NFPROTO_IPV6);
  rule.meta_is(NFT_META_L4PROTO, IPPROTO_TCP);
  rule.header_is(kDestination6, NFT_CMP_NEQ, kLoopback6);
  rule.redirect(port);
}

void fill(NetlinkBatch& batch, std::uint16_t port, bool untrack) {
  const nfgenmsg frame = {
      .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};
  batch.begin(NFNL_MSG_BATCH_BEGIN, 0, frame);
  batch.begin(type_of(NFT_MSG_NEWTABLE), NLM_F_CREATE, kInet);
  batch.attribute(NFTA_TABLE_NAME, kTable);
  if (untrack) {
    add_chain(batch, kUntracked, "filter", kRawPriority);
    add_notrack(batch);
  }
  add_chain(batch, kRedirected, "nat", kDnatPriority);
  add_redirects(batch, port);
  batch.begin(NFNL_MSG_BATCH_END, 0, frame);
}

/// Sends `batch`, all or nothing to the kernel, and reads what it says, which is there when the
/// sending is done (nfnetlink_rcv_batch() of net/netfilter/nfnetlink.c).
int transact(int socket, const NetlinkBatch& batch) {
  if (!batch.complete()) return EMSGSIZE;
  if (send(socket, batch.bytes().data(), batch.bytes().size(), MSG_NOSIGNAL) < 0) return errno;
  int result = ENOMSG;
  for (;;) {
    alignas(nlmsghdr) std::byte answers[4096];
    const ssize_t size = recv(socket, answers, sizeof(answers), MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN ? result : errno;
    auto rest = static_cast<unsigned>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(answers); NLMSG_OK(header, rest);
         header = NLMSG_NEXT(header, rest)) {
      if (header->nlmsg_type != NLMSG_ERROR) continue;
      const int error = -static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
      if (error != 0) return error;
      result = 0;
    }
  }
}

}  // namespace

int redirect_connections(int socket, std::uint16_t port) {
  // A kernel may have the one and not the other: what is lost without `notrack` is speed.
  NetlinkBatch batch;
  fill(batch, port, true);
  if (transact(socket, batch) == 0) return 0;
  // What is left of the answers to the first must not be taken for those to the second.
  std::byte discarded[256];
  while (recv(socket, discarded, sizeof(discarded), MSG_DONTWAIT) >= 0) {
  }
  NetlinkBatch plain;
  fill(plain, port, false);
  return transact(socket, plain);
}

bool can_redirect() {
  constexpr std::uint16_t kSomePort = 1;
  const pid_t pid = fork();
  if (pid == 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) _exit(1);
    const int netfilter = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    _exit(netfilter >= 0 && redirect_connections(netfilter, kSomePort) == 0 ? 0 : 1);
  }
  int status = 1;
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace srt
