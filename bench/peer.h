// SPDX-License-Identifier: Apache-2.0
//
// Peer: plain SQLite, by its C interface, writing the fixed rows of rows.h. It
// decides nothing and answers nothing; what it takes is what SQLite takes.
#ifndef LOYALTY_BENCH_PEER_H_
#define LOYALTY_BENCH_PEER_H_

#include <memory>
#include <span>
#include <string>

#include "rows.h"

namespace loyalty::bench {

enum class PeerSchema {
  kRows,     // the limit: two tables, keys in order, no index
  kIndexed,  // what one would write first: an id is looked up and has a unique
             // index, each account's balance is kept up to date, and postings
             // are found by account
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

  // Writes `rows` in one transaction.
  void Write(std::span<const EventRow> rows);

 private:
  struct Connection;
  const std::unique_ptr<Connection> connection_;
};

// Reads a file that an indexed Peer wrote: one row by an index of texts.
class RowReader {
 public:
  explicit RowReader(const std::string& path);
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // The time of the event of that id, in microseconds.
  int64_t TimeOf(const std::string& event_id);

 private:
  struct Connection;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_PEER_H_
