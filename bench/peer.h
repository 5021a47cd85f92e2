// SPDX-License-Identifier: Apache-2.0
//
// Peer: plain SQLite, by its C interface, writing the very rows that the engine
// wrote: read back from its file, written again to another. It decides nothing,
// loads nothing and answers nothing; what it takes is what SQLite takes.
#ifndef LOYALTY_BENCH_PEER_H_
#define LOYALTY_BENCH_PEER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace loyalty::bench {

struct PostingRow {
  int64_t n = 0;
  int64_t currency = 0;
  int64_t from = 0;
  int64_t to = 0;
  int64_t units = 0;
};

struct EventRow {
  int64_t seq = 0;
  std::string id = {};
  int64_t type = 0;
  int64_t time = 0;
  int64_t recorded_at = 0;
  int64_t program = 0;
  int64_t rejected = 0;
  std::string body = {};
  std::string outcome = {};
  std::vector<PostingRow> postings = {};
};

// All events of a file that an engine made, with their postings, in order.
std::vector<EventRow> ReadJournal(const std::string& path);

enum class PeerSchema {
  kAppend,   // the limit: two tables, keys in order, no other index
  kIndexed,  // what one would write first: unique ids, a balance for each
             // account kept up to date, postings found by account
};

// A new file, with the engine's settings: a write-ahead log, synchronous=FULL,
// 64 MiB of cache, a checkpoint whenever the log has grown by 16 MiB, and one
// at the end.
class Peer {
 public:
  Peer(const std::string& path, PeerSchema schema);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Writes rows `begin` to `end` of `journal` in one transaction.
  void Write(const std::vector<EventRow>& journal, size_t begin, size_t end);

 private:
  struct Connection;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_PEER_H_
