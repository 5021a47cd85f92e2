// SPDX-License-Identifier: Apache-2.0
//
// See line_source.h. zlib's gz functions read plain files as they are.
#include "line_source.h"

#include <absl/status/status.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace loyalty::command {
namespace {

constexpr unsigned kReadBytes = 65536;
// The longest line and what is read behind it. Most logs never need as much.
constexpr size_t kMostBufferBytes = LineSource::kMostLineBytes + kReadBytes;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LineSource>> LineSource::Open(
    const std::string& path) {
  const bool is_stdin = path == "-";
  const std::string name = is_stdin ? "standard input" : path;
  const int fd =
      is_stdin ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return absl::UnavailableError(name + ": " + std::strerror(errno));
  }
  struct stat about = {};
  const bool is_known = fstat(fd, &about) == 0;
  if (is_known && S_ISDIR(about.st_mode)) {
    close(fd);
    return absl::UnavailableError(name + ": is a folder");
  }
  gzFile file = gzdopen(fd, "rb");
  if (file == nullptr) {
    close(fd);
    return absl::UnavailableError(name + ": no memory to read it");
  }
  const int64_t size = is_known && S_ISREG(about.st_mode) ? about.st_size : 0;
  std::unique_ptr<LineSource> source(new LineSource(name, file, size));
  const absl::StatusOr<bool> more = source->Fill();
  if (!more.ok()) return more.status();
  if (!*more) return absl::UnavailableError(name + ": is empty");
  return source;
}

LineSource::LineSource(std::string name, gzFile file, int64_t size)
    : name_(std::move(name)), file_(file), size_(size) {
  gzbuffer(file_, kReadBytes);
  buffer_.resize(2 * kReadBytes);
}

LineSource::~LineSource() { gzclose(file_); }

absl::Status LineSource::Failure() const {
  int code = Z_OK;
  const std::string text = gzerror(file_, &code);
  std::string why = code == Z_ERRNO ? std::strerror(errno) : text;
  if (code == Z_BUF_ERROR) why = "the gzip data ends too early";
  if (code == Z_DATA_ERROR) why = "the gzip data is damaged";
  return absl::UnavailableError(name_ + ":" + std::to_string(lines_ + 1) +
                                ": cannot be read on: " + why);
}

absl::StatusOr<bool> LineSource::Fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kReadBytes) {
    buffer_.resize(std::min(2 * buffer_.size(), kMostBufferBytes));
  }
  const auto room = static_cast<unsigned>(buffer_.size() - end_);
  const int read =
      gzread(file_, buffer_.data() + end_, std::min(room, kReadBytes));
  if (read < 0) return Failure();
  if (read == 0) {
    // A gzip file that ends too early is told only now.
    int code = Z_OK;
    gzerror(file_, &code);
    if (code != Z_OK && code != Z_STREAM_END) return Failure();
    at_end_ = true;
    return false;
  }
  end_ += static_cast<size_t>(read);
  return true;
}

absl::StatusOr<std::optional<LineSource::Line>> LineSource::NextOfAnyKind() {
  bool is_too_long = false;
  size_t searched = 0;
  while (true) {
    const char* const start = buffer_.data() + begin_;
    const size_t held = end_ - begin_;
    const void* found = std::memchr(start + searched, '\n', held - searched);
    if (found != nullptr) {
      const auto length =
          static_cast<size_t>(static_cast<const char*>(found) - start);
      begin_ += length + 1;
      is_too_long |= length > kMostLineBytes;
      return Line{++lines_, {start, is_too_long ? 0 : length}, is_too_long};
    }
    searched = held;
    if (held > kMostLineBytes) {
      // Forget it, and look for its end only.
      is_too_long = true;
      begin_ = end_;
      searched = 0;
    }
    const absl::StatusOr<bool> more = Fill();
    if (!more.ok()) return more.status();
    if (*more) continue;
    if (begin_ == end_ && !is_too_long) return std::nullopt;
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    begin_ = end_;
    return Line{++lines_, is_too_long ? std::string_view() : rest, is_too_long};
  }
}

absl::StatusOr<std::optional<LineSource::Line>> LineSource::Next() {
  while (true) {
    absl::StatusOr<std::optional<Line>> line = NextOfAnyKind();
    if (!line.ok() || !line->has_value()) return line;
    Line& next = **line;
    if (next.number == 1 && next.text.starts_with(kByteOrderMark)) {
      next.text.remove_prefix(kByteOrderMark.size());
    }
    if (next.is_too_long || !IsBlank(next.text)) return line;
  }
}

absl::StatusOr<std::vector<std::unique_ptr<LineSource>>> OpenAll(
    const std::vector<std::string>& paths) {
  if (std::count(paths.begin(), paths.end(), "-") > 1) {
    return absl::InvalidArgumentError("standard input is named twice");
  }
  std::vector<std::unique_ptr<LineSource>> sources;
  for (const std::string& path : paths) {
    absl::StatusOr<std::unique_ptr<LineSource>> source = LineSource::Open(path);
    if (!source.ok()) return source.status();
    sources.push_back(*std::move(source));
  }
  return sources;
}

}  // namespace loyalty::command
