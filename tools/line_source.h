// SPDX-License-Identifier: Apache-2.0
//
// LineSource: the lines of an event log, one after another, from a file or from
// standard input, gzipped or not. Its memory does not grow with the log, nor
// with a line of it.
#ifndef LOYALTY_TOOLS_LINE_SOURCE_H_
#define LOYALTY_TOOLS_LINE_SOURCE_H_

#include <absl/status/statusor.h>
#include <zlib.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::command {

// Not thread-safe.
class LineSource {
 public:
  static constexpr size_t kMostLineBytes = size_t{1} << 20;

  struct Line {
    int64_t number = 0;        // from 1
    std::string_view text;     // without its end; valid until the next Next()
    bool is_too_long = false;  // over kMostLineBytes; `text` is empty
  };

  // Opens `path`, or standard input for "-". Gzip is known by its first bytes,
  // not by the file's name.
  //
  // ERRORS: kUnavailable  there is no such file, it cannot be read, or it is
  //                       empty: a log without a line is a mistake more often
  //                       than not.
  static absl::StatusOr<std::unique_ptr<LineSource>> Open(
      const std::string& path);

  ~LineSource();
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  // The next line that is not blank, or nullopt after the last. A last line
  // needs no newline.
  //
  // ERRORS: kUnavailable, naming the line after which it failed: an I/O error,
  //         or damaged or truncated gzip.
  absl::StatusOr<std::optional<Line>> Next();

  // For people: the path, or "standard input".
  const std::string& name() const { return name_; }

  // Bytes of the file, and how many of them were read; 0 where unknown.
  int64_t size() const { return size_; }
  int64_t offset() const { return gzoffset(file_); }

 private:
  LineSource(std::string name, gzFile file, int64_t size);

  // Reads on behind what is left; false at the end.
  absl::StatusOr<bool> Fill();
  absl::Status Failure() const;
  absl::StatusOr<std::optional<Line>> NextOfAnyKind();

  std::string name_;
  gzFile file_;
  int64_t size_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // of what was read and not yet returned
  size_t end_ = 0;
  bool at_end_ = false;
  int64_t lines_ = 0;
};

// Opens all of `paths`, so that a mistake in the last one shows before the
// first one is read.
//
// ERRORS: as LineSource::Open; kInvalidArgument  "-" comes twice.
absl::StatusOr<std::vector<std::unique_ptr<LineSource>>> OpenAll(
    const std::vector<std::string>& paths);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_LINE_SOURCE_H_
